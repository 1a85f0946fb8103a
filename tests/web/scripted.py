"""A station, an office and a simulator that play what a test has written for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2

from kiosk import manual
from kiosk.devices.card import AccessKey
from kiosk.errors import KioskError
from kiosk.exchange import RosterReading
from kiosk.manual import TypedIn
from kiosk.office import Correctable, Dossier, Elsewhere, ImportMode, Jobs, Kept, Light
from kiosk.office.consents import Standing
from kiosk.records import (
    NO_POINT,
    Account,
    Basis,
    BiometricKind,
    CaptureRecord,
    ClassKey,
    DeviceKind,
    Erased,
    Exam,
    FingerPosition,
    Frame,
    GroupCount,
    HelpLine,
    Image,
    KeptBiometric,
    Leaving,
    Message,
    Person,
    Point,
    Role,
    School,
    SchoolName,
    Seating,
    Student,
    StudentProgress,
)
from kiosk.simulation import Intent, Scene, SimulatedHardware, SimulatedPerson
from kiosk.snapshot import Command, Order, Phase, Snapshot
from kiosk.store import Backup, ClockState, DeadlineState, Departure, Given, Health, RosterChange
from tests.staff import PIN, operator_of
from tests.web.drawings import face_drawing, picture_book
from tests.web.script import STUDENT, capture


class ScriptedStation:
    """Shows the snapshots that it is told to, numbered; remembers the commands that it was given."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._snapshot = Snapshot(1, Phase.WAITING, Message("station.lay_card"))
        self._frame: Frame | None = None
        self.orders: list[Order] = []
        self.commands: list[tuple[Command, str, str]] = []  # of the orders: what, why, by whom
        self.pictures: dict[str, bytes] = {}
        self.typed: list[tuple[TypedIn, str, str]] = []
        self.keys: list[AccessKey] = []
        self.handed_in: list[object] = []
        self.groups: list[GroupCount] = []
        self.called: list[object] = []  # classes, and children by their number

    def show(self, snapshot: Snapshot) -> Snapshot:
        with self._changed:
            number = self._snapshot.number + 1
            self._snapshot = replace(snapshot, number=number, turn=number)
            self._changed.notify_all()
            return self._snapshot

    def film(self, pixels: Image, at_s: float = 0.0) -> None:
        with self._changed:
            self._frame = Frame(pixels, (self._frame.number if self._frame else 0) + 1, at_s)
            self._changed.notify_all()

    def snapshot(self) -> Snapshot:
        with self._changed:
            return self._snapshot

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot.number > after, timeout_s)
            return self._snapshot

    def give(self, order: Order) -> None:
        self._require(order)
        self.orders.append(order)
        self.commands.append((order.command, order.reason, order.by.name if order.by else ""))

    def type_in(self, typed: TypedIn, order: Order) -> None:
        manual.check(typed)
        self._require(order)
        self.typed.append((typed, order.reason, order.by.name if order.by else ""))

    def open_document(self, key: AccessKey, order: Order) -> None:
        key.information()
        self._require(order)
        self.keys.append(key)

    def hand_in(self, given: object, about: int) -> None:
        self._require(Order(Command.HAND_IN, about))
        self.handed_in.append(given)

    def classes(self) -> list[GroupCount]:
        return self.groups

    def begin_run(self, group: ClassKey, about: int) -> None:
        self._require(Order(Command.BEGIN_RUN, about))
        self.called.append(group)

    def call_child(self, id_number: str, about: int) -> None:
        self._require(Order(Command.FIND_CHILD, about))
        self.called.append(id_number)

    def _require(self, order: Order) -> None:
        shown = self.snapshot()
        if order.about != shown.turn:
            raise KioskError("station.order_late")
        if order.command not in shown.commands:
            raise KioskError("station.command_unavailable", command=order.command.value)

    def go_on_duty(self, person: Person, awake: Callable[[], bool]) -> None:
        self.on_duty = person, awake

    def set_voice(self, *, on: bool) -> None:
        self.show(replace(self.snapshot(), voice=on))

    def picture(self, key: str) -> bytes | None:
        return self.pictures.get(key)

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None and self._frame.number > after, timeout_s)
            return self._frame if self._frame is not None and self._frame.number > after else None


def orders_of(station: ScriptedStation) -> list[Order]:
    """What was asked for, whoever asked."""
    return [replace(order, by=None) for order in station.orders]


@dataclass(frozen=True)
class Preview:
    reading: RosterReading
    change: RosterChange
    kept: tuple[Student, ...] = ()
    corrected: tuple[Student, ...] = ()
    gone_by: Mapping[ImportMode, int] = field(default_factory=lambda: dict.fromkeys(ImportMode, 0))
    elsewhere: Sequence[Elsewhere] = ()


class ScriptedRosters:
    """What the office was told about rosters."""

    def __init__(self, office: ScriptedOffice) -> None:
        self._office = office

    def preview(self, path: Path, columns: Mapping[str, str] | None = None, *, mode: ImportMode, **_: object) -> Preview:
        self._office.looked.append(dict(columns or {}))
        self._office.modes.append(mode)
        if isinstance(self._office.preview_answer, KioskError):
            raise self._office.preview_answer
        return self._office.preview_answer

    def substitutes(self, students: Sequence[Student] | None = None) -> list[Given]:
        return []

    def schools(self) -> list[SchoolName]:
        return [SchoolName()]

    def substitutes_school(self) -> str:
        return ""

    def undoable(self) -> RosterChange:
        return RosterChange()

    def take(
        self, path: Path, columns: Mapping[str, str] | None = None, *, mode: ImportMode, actor: str = "", **_: object
    ) -> None:
        self._office.modes.append(mode)
        self._office.taken.append((path.read_bytes(), dict(columns or {})))

    def search(self, text: str) -> list[Student]:
        return [STUDENT] if text in STUDENT.name or STUDENT.id_number.startswith(text) else []

    def mark_up(self, path: Path, out: Path, say: Callable[[Message], str], columns: Mapping[str, str] | None = None) -> None:
        out.write_bytes(b"PK marked: " + say(Message("roster.cell_empty")).encode())

    def count(self) -> int:
        return len(self._office.progress)

    def students(self) -> list[Student]:
        return [entry.student for entry in self._office.progress]

    def departures(self) -> list[Departure]:
        return []


class ScriptedCare:
    """No deadline, and nothing printed."""

    def deadline(self) -> DeadlineState:
        return DeadlineState(None, "", None)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def clock(self) -> ClockState:
        return ClockState(self.now(), self.now())

    def printed(self, record_ids: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(record_ids, 0)


class ScriptedAccounts:
    """Everybody has the same PIN, and nobody is ever locked."""

    def __init__(self) -> None:
        self._accounts: list[Account] = []

    def all(self) -> list[Account]:
        return self._accounts

    def open(self) -> list[Account]:
        return self._accounts

    def find(self, account_id: str) -> Account | None:
        return next((one for one in self._accounts if one.id == account_id), None)

    def issue(self, name: str, role: Role, pin: str, *, by: Person | None) -> Account:
        self._accounts.append(Account(f"a{len(self._accounts)}", name, role, issued=by is not None))
        return self._accounts[-1]

    def prove(self, account_id: str, pin: str) -> Account:
        if pin != PIN:
            raise KioskError("account.wrong_pin", left=4)
        return next(one for one in self._accounts if one.id == account_id)

    def change_pin(self, account_id: str, old: str, new: str) -> Account:
        raise NotImplementedError

    def give_pin(self, account_id: str, pin: str, *, by: Person) -> None:
        raise NotImplementedError

    def end(self, account_id: str, *, by: Person, reason: str) -> None:
        raise NotImplementedError

    def note(self, action: str, account: Account) -> None:
        pass


class ScriptedSchool:
    """Has the name that it is told."""

    name = ""

    def current(self) -> School:
        return School(self.name)

    def point(self) -> Point:
        return NO_POINT


class ScriptedDossiers:
    """Nothing but the record itself, and nothing to correct."""

    kept: tuple[KeptBiometric, ...] = ()

    def of(self, id_number: str, record_id: str = "") -> Dossier:
        return replace(Dossier(*[()] * 6), kept=self.kept)

    def offered(self, student: Student, record: CaptureRecord | None) -> list[Correctable]:
        return []


class ScriptedSafekeeping:
    """Backups that nobody set up, unless a test says how they stand."""

    light = Light.OFF

    def look(self) -> Kept:
        return Kept(self.light, None, None, None)

    def all(self) -> list[Backup]:
        return []

    def ask(self, *, by: str) -> None:
        raise KioskError("backup.nowhere")


class ScriptedWatch:
    """Has found what it is told to."""

    latest: Health | None = None


class ScriptedLaw:
    """Everybody is captured by duty, and nothing was ever deleted."""

    def of(self, student: Student) -> Standing:
        return Standing(student, Basis.STATUTORY, None, child=False, papers=0, lacking=False)

    def papers_of(self, id_number: str) -> list[tuple[str, datetime]]:
        return []

    def of_record(self, record_id: str) -> list[Erased]:
        return []


class ScriptedDuties:
    """Nobody to call but whom a test enters."""

    def __init__(self) -> None:
        self.known: list[HelpLine] = []

    def lines(self) -> list[HelpLine]:
        return self.known

    def for_device(self, kind: DeviceKind) -> list[HelpLine]:
        return [one for one in self.known if one.subject == kind]


class ScriptedMaterials:
    """Nobody said why somebody left."""

    def leavings(self) -> dict[str, tuple[Leaving, str]]:
        return {}


class ScriptedExams:
    """Everybody sits in one exam."""

    def of(self, id_number: str) -> list[tuple[Exam, Seating]]:
        return [(Exam("期末考试", "第一中学考点"), Seating(id_number, "20271", "01", 1, "教学楼301"))]


class ScriptedOffice:
    """Answers what it is told to. It is its own files and looks."""

    def __init__(self) -> None:
        self.preview_answer: Preview | KioskError = Preview(RosterReading((STUDENT,), ()), RosterChange(added=(STUDENT,)))
        self.taken: list[tuple[bytes, dict[str, str]]] = []
        self.looked: list[dict[str, str]] = []
        self.modes: list[ImportMode] = []
        self.progress: list[StudentProgress] = []
        self.captures: dict[str, CaptureRecord] = {record: replace(capture(), id=record) for record in ("r1", "r2")}
        self.viewings: list[tuple[str, str, str]] = []
        self.files = self.looks = self
        self.rosters = ScriptedRosters(self)
        self.schedule = self.upkeep = ScriptedCare()
        self.watch = ScriptedWatch()
        self.safekeeping = ScriptedSafekeeping()
        self.accounts = ScriptedAccounts()
        self.operator = operator_of(self.accounts)
        self.school = ScriptedSchool()
        self.duties = ScriptedDuties()
        self.materials = ScriptedMaterials()
        self.exams = ScriptedExams()
        self.dossiers = self.corrections = ScriptedDossiers()
        self.consents = self.retention = ScriptedLaw()
        self.configuration = self.profiles = None
        self.jobs = Jobs()

    def write_progress(self, path: Path) -> Path:
        path.write_bytes(b"PK progress")
        return path

    def kinds(self, record_id: str) -> frozenset[BiometricKind]:
        return frozenset(BiometricKind)

    def having(self, kind: BiometricKind) -> frozenset[str]:
        return frozenset()

    def students(self) -> list[StudentProgress]:
        return self.progress

    def progress_of(self, id_number: str) -> StudentProgress | None:
        return next((entry for entry in self.progress if entry.student.id_number == id_number), None)

    def record(self, record_id: str, *, by: str, why: str = "record") -> CaptureRecord | None:
        if record_id in self.captures:
            self.viewings.append((record_id, by, why))
        return self.captures.get(record_id)

    def student(self, id_number: str, *, by: str) -> None:
        self.viewings.append((id_number, by, "student"))

    def picture(self, record_id: str, kind: BiometricKind, *, by: str) -> bytes | None:
        name = {BiometricKind.CHIP_PHOTO: "chip", BiometricKind.RIGHT_THUMB: "right"}.get(kind, "portrait")
        return picture_book()[name] if record_id in self.captures else None


class ScriptedSimulator:
    """Remembers what the players do."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self._plugged = dict.fromkeys(DeviceKind, True)
        jpeg = cv2.imencode(".jpg", face_drawing(120, 150))[1].tobytes()
        names = ("李晓晨", "王雨桐", "马文静", "才让多杰", "赵子涵", "韩雪", "周可欣", "陈梓轩")
        intents = [Intent.GENUINE, Intent.GENUINE, Intent.IMPOSTOR, Intent.GENUINE, Intent.OFF_ROSTER, Intent.SAME_THUMB]
        self.people = [
            SimulatedPerson(number, replace(STUDENT, name=name), (intents + intents)[number], lambda: jpeg)
            for number, name in enumerate(names)
        ]

    def start(self) -> SimulatedHardware:
        raise NotImplementedError

    def roster(self) -> list[Student]:
        return [person.student for person in self.people]

    def lookalikes(self) -> list[tuple[str, ...]]:
        return []

    def lay_card(self, person: int) -> None:
        self.done.append(("lay", person))

    scene = Scene.ANSWERS

    def set_scene(self, scene: Scene) -> None:
        self.scene = scene

    def perform(self, challenge: str) -> None:
        raise NotImplementedError

    def take_card(self) -> None:
        self.done.append(("take",))

    def sit_down(self, person: int) -> None:
        self.done.append(("sit", person))

    def stand_up(self) -> None:
        self.done.append(("stand",))

    def press(self, person: int, position: FingerPosition) -> None:
        self.done.append(("press", person, position))

    def lift(self) -> None:
        self.done.append(("lift",))

    def unplug(self, kind: DeviceKind) -> None:
        self._plugged[kind] = False

    def plug(self, kind: DeviceKind) -> None:
        self._plugged[kind] = True

    def plugged(self, kind: DeviceKind) -> bool:
        return self._plugged[kind]

    def stop(self) -> None:
        pass
