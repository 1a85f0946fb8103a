"""`kiosk rehearse --stations`: stations of several schools send their captures to one office, and everything goes wrong on the
way that does: what came of it is held against what was planted.

Stores, certificates, packages, receipts and the search for duplicates are the real ones; every station, and the office that is
killed in the middle, is a process of its own. The people are made of numbers (`kiosk.exam_rehearsal.Body`).
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from kiosk import idnumber
from kiosk.ciphers import INTERNATIONAL, OfficeKey, new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.ciphers.certificates import CertificateRequest, issue, revoke
from kiosk.ciphers.office_key import read_office_key
from kiosk.config import SIMULATED, RetentionSettings, TermSettings
from kiosk.district import SerialEngine, find_duplicates, partitioned
from kiosk.exam_rehearsal import Body
from kiosk.exchange.parcel import SUFFIX, Kind, piece, reading, write_parcel
from kiosk.office.answers import write_answers
from kiosk.office.duplicates import Duplicates
from kiosk.office.intake import Intake
from kiosk.office.likenesses import subjects
from kiosk.office.parcels import Parcels, Which
from kiosk.office.receipts import Receipts
from kiosk.office.retention import Retention
from kiosk.pipeline.deduplication import limits_for
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.records import (
    Biometric,
    BiometricKind,
    CardData,
    CardKind,
    Part,
    Person,
    ReceivedState,
    School,
    Step,
    StepResult,
    Student,
    SuspicionState,
    Verdict,
)
from kiosk.store import Store

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

FEWEST: Final = 3  # stations: two that work, and one that was stolen
_PARTS: Final = 3  # packages of each station's day
_AT: Final = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_TERM: Final = timedelta(days=800)  # after which everything that was confirmed is due
_TERMS: Final = RetentionSettings(
    **{str(part): TermSettings(days=getattr(RetentionSettings(), part).days, start="receipt") for part in Part}
)
_PICTURE: Final = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
_OPERATOR, _OTHER = Person("采集员", "0" * 32), Person("负责人", "1" * 32)
_KEY: Final = "office.key"


class Fate(StrEnum):
    """What becomes of a package on its way. `EARLY`: before those that were written before it."""

    EARLY = "early"
    LOST = "lost"
    TWICE = "twice"
    TRUNCATED = "truncated"
    OLD_VERSION = "old_version"
    LATE = "late"
    NEWER_VERSION = "newer_version"
    REVOKED = "revoked"


_ON_THE_WAY: Final = tuple(fate for fate in Fate if fate is not Fate.REVOKED)
_REFUSED: Final = {
    Fate.TRUNCATED: "parcel.damaged",
    Fate.NEWER_VERSION: "intake.newer",
    Fate.REVOKED: "intake.revoked",
}
_NEVER_CAME: Final = frozenset({Fate.LOST, Fate.TRUNCATED, Fate.NEWER_VERSION})  # its records did, in another one


@dataclass(frozen=True)
class Sitting:
    """Somebody is captured. `body`: who it really is; `part` of the station's day."""

    student: Student
    body: int
    take: int
    part: int
    like: int = -1  # whose twin it is


@dataclass(frozen=True)
class Post:
    """A station: its name, its school, whom it captures, what becomes of its packages."""

    number: int
    school: School
    sittings: tuple[Sitting, ...]
    fates: tuple[Fate, ...]
    skew: timedelta = timedelta(0)

    @property
    def name(self) -> str:
        return f"采集点-{self.number:02d}"

    @property
    def is_revoked(self) -> bool:
        return Fate.REVOKED in self.fates


@dataclass(frozen=True)
class Plot:
    """Everything that is planted. `doubles` and `twins` are pairs of ID numbers; `contested` were captured at two stations."""

    roster: tuple[Student, ...]
    posts: tuple[Post, ...]
    doubles: frozenset[frozenset[str]]
    twins: tuple[frozenset[str], ...]
    contested: frozenset[str]
    seed: int


@dataclass(frozen=True)
class Finding:
    """Something that was planted, how often, and how often it came out as it must."""

    what: str
    planted: int
    right: int

    @property
    def as_planted(self) -> bool:
        return self.planted == self.right


@dataclass(frozen=True)
class DistrictReport:
    """What a rehearsed district came to. `faults`: what was not as it must be; `seconds` by stage."""

    students: int
    packages: int
    findings: tuple[Finding, ...]
    faults: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def as_planted(self) -> bool:
        return not self.faults and bool(self.students) and all(one.as_planted for one in self.findings)


def rehearse_district(
    folder: Path, *, stations: int, schools: int, students: int, seed: int = 1, told: Callable[[int], None] = lambda _: None
) -> DistrictReport:
    """All of it, in an empty folder. `told` hears how many of the `STAGES` are over."""
    return _District(folder, plotted(stations, schools, students, seed), told).report()


def plotted(stations: int, schools: int, students: int, seed: int) -> Plot:
    """Who is captured where, and what goes wrong: the same for the same seed."""
    working = stations - 1  # the last one is stolen
    schools = min(schools, working)
    students = max(students, 4 * stations)
    roster = tuple(_student(number, number % stations % schools) for number in range(students))
    own: dict[int, list[Sitting]] = defaultdict(list)
    for number, student in enumerate(roster):
        own[number % stations].append(Sitting(student, number, 0, number // stations % _PARTS))
    doubles, twins, contested = set(), [], set()
    for one, other in pairwise(range(working)):
        if one % 2:
            continue
        (first, second, third), theirs = own[one][:3], own[other]
        doubles.add(frozenset({first.student.id_number, theirs[0].student.id_number}))
        theirs[0] = Sitting(theirs[0].student, first.body, 1, theirs[0].part)
        twins.append(frozenset({second.student.id_number, theirs[1].student.id_number}))
        theirs[1] = Sitting(theirs[1].student, theirs[1].body, 0, theirs[1].part, like=second.body)
        contested.add(third.student.id_number)
        theirs.append(Sitting(third.student, third.body, 1, _PARTS - 1))
    posts = []
    for number in range(stations):
        fates: tuple[Fate, ...] = tuple(_ON_THE_WAY[(number * _PARTS + part) % len(_ON_THE_WAY)] for part in range(_PARTS))
        skew = _DAY * ((number + 1) % 3 - 1)  # as it should be, a day ahead, a day behind, …
        stolen = number == working
        fates = (Fate.REVOKED,) * _PARTS if stolen else fates
        posts.append(Post(number + 1, _school(number % schools), tuple(own[number]), fates, timedelta(0) if stolen else skew))
    return Plot(roster, tuple(posts), frozenset(doubles), tuple(twins), frozenset(contested), seed)


STAGES: Final = ("captures", "carried", "killed", "taken", "again", "decided", "compared", "deleted")


class _District:
    def __init__(self, folder: Path, plot: Plot, told: Callable[[int], None]) -> None:
        self._folder, self._plot, self._told = folder, plot, told
        self._office = new_office_key(INTERNATIONAL)
        (folder / _KEY).write_bytes(self._office.text().encode())
        with self._opened(_AT - _DAY) as store:
            store.roster.replace_or_update(plot.roster)
        self._faults: list[str] = []
        self._findings: list[Finding] = []
        self._seconds: dict[str, float] = {}
        self._began_s = perf_counter()
        self._states: Counter[str] = Counter()

    def report(self) -> DistrictReport:
        working = [post for post in self._plot.posts if not post.is_revoked]
        stolen = next(post for post in self._plot.posts if post.is_revoked)
        with ProcessPoolExecutor(os.cpu_count(), _context(), max_tasks_per_child=1) as pool:
            run = partial(_each, pool, self._folder, self._plot)
            packages = run(_capture, self._plot.posts)
            self._revoke(stolen)
            self._over("captures")
            now, later = self._carried(packages)
            self._over("carried")
            self._killed_while_taking(now)
            self._over("killed")
            self._answered(may_delete=False)
            self._over("taken")
            again = run(_send_again, working, {working[0].number: stolen.sittings})  # whom the stolen one had come once more
            self._take([*later, *(file for files in again.values() for file in files)])
            self._over("again")
            self._decide()
            self._over("decided")
            self._compare()
            self._over("compared")
            self._answered(may_delete=True)
            left = run(_delete, self._plot.posts)
            self._over("deleted")
        self._look_at_stations(left, stolen)
        with self._opened() as store:
            self._look_at_office(store)
        count = sum(map(len, packages.values())) + sum(map(len, again.values()))
        return DistrictReport(len(self._plot.roster), count, tuple(self._findings), tuple(self._faults), self._seconds)

    def _over(self, stage: str) -> None:
        now_s = perf_counter()
        self._seconds[stage], self._began_s = now_s - self._began_s, now_s
        self._told(STAGES.index(stage) + 1)

    def _revoke(self, stolen: Post) -> None:
        serial = (self._folder / stolen.name / "serial").read_text()
        revoked = revoke(self._office, None, serial, at=_AT - _DAY, reason="电脑被盗")
        (self._folder / "revoked.json").write_bytes(revoked.content)

    def _carried(self, packages: dict[int, list[Path]]) -> tuple[list[Path], list[Path]]:
        """What lies on the office's desk in the order in which it came, and what comes a day late."""
        desk: list[Path] = []
        early: list[Path] = []
        late: list[Path] = []
        for post in self._plot.posts:
            for fate, file in zip(post.fates, packages[post.number], strict=True):
                if fate is Fate.TRUNCATED:
                    file.write_bytes(file.read_bytes()[: -file.stat().st_size // 3])
                if fate is Fate.LATE:
                    late.append(file)
                elif fate is Fate.EARLY:
                    early.insert(0, file)
                elif fate is not Fate.LOST:
                    desk += [file] * (2 if fate is Fate.TWICE else 1)
        return [*early, *desk], late

    def _killed_while_taking(self, files: Sequence[Path]) -> None:
        """The office's program is ended, by whatever ends programs at once, while the pieces of a package go into the vault."""
        for nth in (len(files) // 2, None):
            ours, theirs = multiprocessing.Pipe()
            process = _context().Process(target=_take_in, args=(self._folder, list(files), nth, theirs))
            process.start()
            theirs.close()
            try:
                ours.recv()  # in the middle, or done
                if nth is not None:
                    process.kill()
            except EOFError:
                self._faults.append("the office's program ended by itself")
            process.join()
        with self._opened() as store:
            whole = sum(one.state is ReceivedState.TAKEN for one in store.inbox.all())
            self._found("killed", 1, int(not store.inbox.waiting() and whole > 0 and store.check().sound))
            refused = Counter(one.reason for one in store.inbox.all() if one.state is ReceivedState.REFUSED)
            fates = Counter(fate for post in self._plot.posts for fate in post.fates)
            for fate, code in _REFUSED.items():
                self._found(fate, fates[fate], refused.pop(code, 0))
            self._faults += [f"refused: {code} × {count}" for code, count in refused.items()]
            skewed = [post for post in self._plot.posts if post.skew > timedelta(0)]
            seen = {one.name: one.skew_s for one in store.inbox.stations()}
            self._found("clock", len(skewed), sum(seen.get(post.name, 0) > _DAY.total_seconds() / 2 for post in skewed))

    def _take(self, files: Iterable[Path]) -> None:
        with self._opened(_AT + 2 * _DAY) as store:
            intake = Intake(store, self._office, self._folder / "revoked.json")
            for file in files:
                done = intake.take(intake.lay(file, by=_OPERATOR.name).number)
                if done.state is not ReceivedState.TAKEN:
                    self._faults.append(f"{file.name}: {done.reason}")

    def _answered(self, *, may_delete: bool) -> None:
        """A receipt for each station that the office knows of, laid into its folder."""
        with self._opened(_AT + (3 if may_delete else 1) * _DAY) as store:
            told = {"may_delete": may_delete, "language": "zh-CN"}
            for one in write_answers(store, self._office, self._folder / "answers", **told):  # type: ignore[arg-type]
                shutil.copyfile(one.path, self._folder / one.station.name / f"receipt-{may_delete}{SUFFIX}")

    def _decide(self) -> None:
        """Two people decide about whoever was captured at two stations."""
        with self._opened(_AT + 2 * _DAY) as store:
            found: list[str] = []
            for conflict in store.conflicts.all(only_open=True):
                record = store.captures.find(conflict.first)
                found += [record.student.id_number] if record is not None else []
                who = {"asked_by": _OPERATOR, "decided_by": _OTHER}
                store.conflicts.decide(conflict.number, conflict.first, reason="同一人，以先采为准", **who)
            self._named("contested", self._plot.contested, Counter(found))
            for twins in self._plot.twins:
                store.lookalikes.declare(twins, reason="双胞胎，户口本已核", by=_OTHER.name)

    def _compare(self) -> None:
        """Everybody against everybody, and a second time, when nobody is new; two people say that doubles are one person. That
        twins are left out means something only where they do look alike."""
        with self._opened(_AT + 2 * _DAY) as store:
            duplicates = Duplicates(store)
            searches = [duplicates.search() for _ in range(2)]
            pairs = Counter(frozenset(one.student.id_number for one in found.records) for found in duplicates.all())
            for found in duplicates.all():
                who = {"asked_by": _OPERATOR, "decided_by": _OTHER}
                duplicates.decide(found.suspicion.number, SuspicionState.SAME, reason="同一人", **who)
            numbers = {record.id: record.student.id_number for record in store.captures.records()}
            twins = [one for one in subjects(store) if any(numbers[one.key] in pair for pair in self._plot.twins)]
        if (searches[1].fresh, searches[1].pairs) != (0, 0):
            self._faults.append("the second search found something new")
        self._named("doubles", self._plot.doubles, pairs)
        alike = find_duplicates(partitioned(twins), SerialEngine(), limits=limits_for(len(numbers)))
        undeclared = {frozenset((numbers[one.a], numbers[one.b])) for one in alike}
        self._found("twins", len(self._plot.twins), sum(pair in undeclared and not pairs[pair] for pair in self._plot.twins))

    def _look_at_stations(self, left: dict[int, _Left], stolen: Post) -> None:
        confirmed = [post for post in self._plot.posts if left[post.number].unconfirmed == 0]
        self._found("confirmed", len(self._plot.posts) - 1, len([post for post in confirmed if post is not stolen]))
        emptied = [post for post in self._plot.posts if left[post.number].deleted and not left[post.number].kept]
        self._found("deleted", len(self._plot.posts) - 1, len([post for post in emptied if post is not stolen]))
        decided = len(self._plot.doubles) + len(self._plot.contested)  # each about two records
        self._found("told", 2 * decided, sum(one.told for one in left.values()))
        if stolen in confirmed or left[stolen.number].deleted:
            self._faults.append(f"{stolen.name}: confirmed, or deleted, what nobody received")
        self._faults += [f"{post.name}: {left[post.number].early} due too early" for post in emptied if left[post.number].early]

    def _look_at_office(self, store: Store) -> None:
        """Every student once, as the station captured her: with the picture and all templates."""
        counts = Counter(record.student.id_number for record in store.captures.records())
        whole = sum(
            1
            for record in store.captures.records()
            if {one for one in _KINDS if store.captures.biometric(record.id, one)} == _KINDS
        )
        self._named("students", frozenset(one.id_number for one in self._plot.roster), counts)
        self._found("whole", len(self._plot.roster), whole)
        never = sum(fate in _NEVER_CAME for post in self._plot.posts for fate in post.fates)
        self._found("missed", never, sum(one.missing for one in store.inbox.all()))
        for what, count in (
            ("open conflicts", store.conflicts.count()),
            ("waiting", len(store.inbox.waiting())),
            ("not on the roster", store.inbox.strangers()),
            ("quarantined", len(store.quarantined())),
        ):
            self._faults += [f"{what}: {count}"] if count else []
        if not store.check().sound or store.audit.first_broken() is not None:
            self._faults.append("the office's store is not sound")

    def _found(self, what: str, planted: int, right: int) -> None:
        self._findings.append(Finding(str(what), planted, right))

    def _named(self, what: str, planted: Collection[Any], named: Counter[Any]) -> None:
        """All that were planted, each once, and nobody else."""
        self._found(what, len(planted), sum(named[one] == 1 for one in planted))
        others = set(named) - set(planted)
        self._faults += [f"{what}: {len(others)} others"] if others else []

    def _opened(self, at: datetime = _AT + _DAY) -> Store:
        return _office_store(self._folder, at)


@dataclass(frozen=True)
class _Left:
    """What is left at a station at the end: records that the office has not confirmed, that are kept, that were deleted, that
    were due before the permission or the term; and of how many the office told what was decided."""

    unconfirmed: int
    kept: int
    deleted: int
    early: int
    told: int


def _each(
    pool: ProcessPoolExecutor,
    folder: Path,
    plot: Plot,
    work: Callable[..., Any],
    posts: Sequence[Post],
    more: dict[int, tuple[Sitting, ...]] | None = None,
) -> dict[int, Any]:
    """The stations' work, each in a process of its own."""
    given = {} if more is None else {post.number: (more.get(post.number, ()),) for post in posts}
    futures = {post.number: pool.submit(work, folder, plot.seed, post, *given.get(post.number, ())) for post in posts}
    return {number: future.result() for number, future in futures.items()}


# What runs in a station's process.


def _capture(folder: Path, seed: int, post: Post) -> list[Path]:
    """A day: the office's certificate, then captures, and a package after each part of the day."""
    with _station_store(folder, post, timedelta(0)) as store:
        office = _office_key(folder)
        store.roster.replace_or_update([one.student for one in post.sittings])
        store.school.put(post.school, by=_OPERATOR)
        asked = CertificateRequest.read(store.signing.request(station=post.name, school=post.school))
        found = issue(office, asked, valid_from=_AT - 365 * _DAY, valid_until=_AT + 365 * _DAY)
        store.signing.take_certificate(found.content, office_key=office.signing.public, school_code="", by=_OPERATOR.name)
        (folder / post.name / "serial").write_text(found.serial)
        files = []
        for part, fate in enumerate(post.fates):
            for sitting in post.sittings:
                if sitting.part == part:
                    _sit(store, sitting, seed, post)
            files += _write(store, folder, post, Which.NEW)
            if fate in _FORMS:
                _as_another_version_writes(files[-1], store, office, _FORMS[fate])
        return files


def _send_again(folder: Path, seed: int, post: Post, others: Sequence[Sitting]) -> list[Path]:
    """The day after: what the receipt doesn't confirm goes once more, and somebody comes who was captured in vain."""
    with _station_store(folder, post, _DAY) as store:
        if (receipt := folder / post.name / f"receipt-False{SUFFIX}").exists():  # none where nothing arrived
            Receipts(store).take(receipt, by=_OPERATOR.name)
        store.roster.replace_or_update([one.student for one in (*post.sittings, *others)])
        for sitting in others:
            _sit(store, Sitting(sitting.student, sitting.body, 1, 0), seed, post)
        return _write(store, folder, post, Which.UNCONFIRMED)


def _delete(folder: Path, _: int, post: Post) -> _Left:
    """When the terms are over: what the office permits is deleted by two people."""
    with _station_store(folder, post, 3 * _DAY) as store:
        early = _due(store, folder)
        if (receipt := folder / post.name / f"receipt-True{SUFFIX}").exists():
            Receipts(store).take(receipt, by=_OPERATOR.name)
        early += _due(store, folder)
        standing, told = Parcels(store, folder, post.name).standing(), len(Receipts(store).words())
    with _station_store(folder, post, _TERM) as store:
        retention = Retention(store, folder / post.name, _TERMS, post.name)
        before = store.captures.count()
        groups = {one.group for one in store.retention.holdings()}
        if retention.due(groups, set(Part)):
            who = {"asked_by": _OPERATOR, "decided_by": _OTHER}
            retention.delete_due(groups, set(Part), reason="保存期满", **who)  # type: ignore[arg-type]
        kept = store.captures.count()
        return _Left(standing.waiting + standing.unconfirmed, kept, before - kept, early, told)


def _due(store: Store, folder: Path) -> int:
    groups = {one.group for one in store.retention.holdings()}
    return len(Retention(store, folder, _TERMS).due(groups, set(Part)))


_FORMS: Final = {Fate.OLD_VERSION: -1, Fate.NEWER_VERSION: 1}
_KINDS: Final = frozenset(
    {
        BiometricKind.PORTRAIT,
        BiometricKind.FACE_TEMPLATE,
        BiometricKind.RIGHT_THUMB_TEMPLATE,
        BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE,
        BiometricKind.LEFT_THUMB_TEMPLATE,
        BiometricKind.LEFT_THUMB_SECOND_TEMPLATE,
    }
)


def _sit(store: Store, sitting: Sitting, seed: int, post: Post) -> None:
    who, at = sitting.student, store.audit.now()
    right, left = _hands(sitting, seed)
    record = store.captures.begin(
        who,
        _card(who),
        station=post.name,
        operator=_OPERATOR.name,
        profile="qinghai-xuekao",
        profile_hash="0" * 64,
        at=at,
    )
    kinds = BiometricKind
    pieces = {
        Step.FACE: {kinds.PORTRAIT: _PICTURE, kinds.FACE_TEMPLATE: pack_face(right.face)},
        Step.RIGHT_THUMB: {
            kinds.RIGHT_THUMB_TEMPLATE: right.enrolled_thumb(),
            kinds.RIGHT_THUMB_SECOND_TEMPLATE: right.enrolled_thumb(),
        },
        Step.LEFT_THUMB: {
            kinds.LEFT_THUMB_TEMPLATE: left.enrolled_thumb(),
            kinds.LEFT_THUMB_SECOND_TEMPLATE: left.enrolled_thumb(),
        },
    }
    for step, kept in pieces.items():
        given = [Biometric(kind, content) for kind, content in kept.items()]
        store.captures.save_step(record.id, StepResult(step, Verdict.PASS, at), given)
    store.captures.finish(record.id, at)


def _hands(sitting: Sitting, seed: int) -> tuple[Body, Body]:
    """Face and right thumb, and the left one, as they are at this sitting: the same person's at every one."""

    def body(number: int, hand: int) -> Body:
        twin = Body(_chance(seed, sitting.like, hand)) if sitting.like >= 0 and hand == 0 else None
        return Body(_chance(seed, number, hand), twin)

    now = [body(sitting.body, hand).again(_chance(seed, sitting.body, hand, sitting.take + 1)) for hand in (0, 1)]
    return now[0], now[1]


def _chance(*numbers: int) -> np.random.Generator:
    return np.random.default_rng(numbers)


def _write(store: Store, folder: Path, post: Post, which: Which) -> list[Path]:
    parcels = Parcels(store, folder / post.name / "stick", post.name)
    to = Sealing(recipients=(_office_key(folder).recipient, store.signing.recipient()))  # its own copy, too
    done = parcels.write(parcels.plan(which), to, actor=_OPERATOR.name)
    return [folder / post.name / "stick" / one.name for one in done.written]


def _as_another_version_writes(file: Path, store: Store, office: OfficeKey, step: int) -> None:
    """As the program before this one wrote it, or the one after: the shape of the data is another, and the oldest ones don't
    tell which program they are."""
    to = Sealing(recipients=(office.recipient, store.signing.recipient()))
    with reading(file, store.signing.opening()) as parcel:
        told = dict(parcel.head.told)
        key = store.signing.key()
        pieces = [piece(key, entry.name, content) for entry, content in parcel.pieces]
    told["formats"] = {room: f"{int(form) + step:04d}" for room, form in told["formats"].items()}
    if step < 0:
        del told["program"]
    for name in ("kind", "format", "files", "suite", "signature"):
        told.pop(name, None)
    file.unlink()
    write_parcel(file, to, key, Kind.CAPTURES, told, pieces)


# What runs in the office's process.


def _take_in(folder: Path, files: list[Path], nth: int | None, parent: multiprocessing.connection.Connection) -> None:
    """Lay everything in, and work it off; while the n-th is under way wait to be killed."""
    with _office_store(folder, _AT + _DAY / 2) as store:
        intake = Intake(store, _office_key(folder), folder / "revoked.json")
        for file in files:
            intake.lay(file, by=_OPERATOR.name)
        intake.recover()
        for number, waiting in enumerate(intake.waiting()):

            def tell(done: int, total: int = 0, number: int = number) -> None:  # noqa: ARG001
                if nth is not None and number >= nth and done:
                    parent.send("in the middle")
                    parent.poll(None)

            intake.take(waiting.number, tell)
    parent.send("done")


def _context() -> ForkServerContext | SpawnContext:
    """Never a fork of this process, which would copy whatever locks other threads hold at that moment."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "scipy.special", "scipy.spatial"])
    return context


def _office_key(folder: Path) -> OfficeKey:
    return read_office_key((folder / _KEY).read_bytes(), _KEY)


def _office_store(folder: Path, at: datetime) -> Store:
    return Store.open_station(folder / "office" / SIMULATED, clock=lambda: at)


def _station_store(folder: Path, post: Post, later: timedelta) -> Store:
    """By the station's own clock, which runs, and may be wrong."""
    began_s, at = perf_counter(), _AT + later + post.skew
    return Store.open_station(folder / post.name / SIMULATED, clock=lambda: at + timedelta(seconds=perf_counter() - began_s))


def _school(number: int) -> School:
    return School(f"第{number + 1}中学", f"63010{number + 1:05d}")


def _student(number: int, school: int) -> Student:
    first17 = f"630103{date(2009, 1, 1) + timedelta(days=number // 900):%Y%m%d}{number % 900 + 100}"
    own = _school(school)
    name, id_number = f"考生{number + 1}", first17 + idnumber.check_character(first17)
    return Student(name, id_number, "高一", "1", f"K{number:05d}", school=own.name, school_code=own.code)


def _card(student: Student) -> CardData:
    sex, birth = idnumber.sex_code(student.id_number), idnumber.birth_date(student.id_number)
    told = ("04", "藏", f"{birth:%Y%m%d}", birth, "青海省西宁市城中区", student.id_number, "西宁市公安局")
    return CardData(CardKind.RESIDENT, student.name, sex, "男" if sex == "1" else "女", *told, "20200131", "20300131")
