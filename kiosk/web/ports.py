"""What the web needs of the station and of the office. The real objects satisfy these, and so does a test's script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Protocol

from kiosk.ciphers.age import Opening, Sealing
from kiosk.devices.card import AccessKey
from kiosk.exchange import ExportResult, ReportEntry, RosterReading, TeacherReading
from kiosk.manual import TypedIn
from kiosk.office import (
    AccountLists,
    Cases,
    Certificates,
    Configuration,
    Consents,
    Corrections,
    Days,
    Documents,
    Dossiers,
    Duties,
    Elsewhere,
    ExamNumbers,
    ExamParcels,
    Exams,
    Facts,
    ImportMode,
    Jobs,
    Kept,
    Lists,
    Materials,
    Papers,
    Parcels,
    ParticularsDesk,
    Profiles,
    Queue,
    Receipts,
    Refusals,
    Retention,
    Reviews,
    Schedule,
    SchoolParcels,
    Span,
    Trail,
    Updates,
    Upkeep,
    Verifying,
)
from kiosk.records import (
    Account,
    BiometricKind,
    CaptureRecord,
    ClassKey,
    Enrolment,
    Frame,
    GroupCount,
    Message,
    Person,
    Point,
    Role,
    School,
    SchoolName,
    Student,
    StudentProgress,
    Teacher,
)
from kiosk.snapshot import Order, Snapshot
from kiosk.station import Enrolling, Part, Seen
from kiosk.store import Backup, Departure, Given, Health, RosterChange


class StationPort(Protocol):
    """The conductor, seen from a screen. Every method may be called from any thread."""

    def snapshot(self) -> Snapshot:
        """The newest snapshot, at once."""

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        """The newest snapshot as soon as its number is above `after`, at the latest after `timeout_s`."""

    def give(self, order: Order) -> None:
        """Have an order carried out; raises KioskError when it was not."""

    def type_in(self, typed: TypedIn, order: Order) -> None:
        """Take a student without a readable card; raises as `give` does, or when the data can't be."""

    def open_document(self, key: AccessKey, order: Order) -> None:
        """Read the passport on the reader with what is printed on it; raises as `give` does."""

    def hand_in(self, given: object, about: int) -> None:
        """Give the step what was done on its panel; raises as `give` does."""

    def classes(self) -> Sequence[GroupCount]:
        """The classes of the roster, in its order, for a photo run."""

    def begin_run(self, group: ClassKey, about: int) -> None:
        """Have a class stand before the camera, at the place where it was left; raises as `give` does, and StoreError."""

    def call_child(self, id_number: str, about: int) -> None:
        """Call one of the class that stands there; raises as `give` does."""

    def go_on_duty(self, person: Person, awake: Callable[[], bool]) -> None:
        """Somebody sits down at the station. While `awake` says no, nobody else is admitted."""

    def set_voice(self, *, on: bool) -> None:
        """Let the student's screen speak, or be silent."""

    def picture(self, key: str) -> bytes | None:
        """A picture that a snapshot names, PNG or JPEG; None when it is gone."""

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        """The newest camera frame as soon as its number is above `after`; None when none came in `timeout_s`."""


class RosterPreview(Protocol):
    """What a roster file says, and what taking it would do."""

    @property
    def reading(self) -> RosterReading: ...
    @property
    def change(self) -> RosterChange: ...
    @property
    def kept(self) -> Sequence[Student]: ...
    @property
    def corrected(self) -> Sequence[Student]: ...
    @property
    def gone_by(self) -> Mapping[ImportMode, int]: ...
    @property
    def elsewhere(self) -> Sequence[Elsewhere]: ...


class RostersPort(Protocol):
    """Rosters in. `columns` corrects what headers were understood as: header to field, or to nothing. `school`: of rows that
    name none."""

    def schools(self) -> Sequence[SchoolName]:
        """Those of the roster, in its order."""

    def preview(
        self,
        path: Path,
        columns: Mapping[str, str] | None = None,
        *,
        mode: ImportMode,
        school: str = "",
        transfer: bool = False,
    ) -> RosterPreview:
        """Read a file and compare it with the roster; raises ExchangeError when the file as a whole can't be read."""

    def take(
        self,
        path: Path,
        columns: Mapping[str, str] | None = None,
        *,
        mode: ImportMode,
        school: str = "",
        transfer: bool = False,
        actor: str = "",
    ) -> object:
        """Take a file's good rows onto the roster; raises ExchangeError, or StoreError after the deadline."""

    def undoable(self) -> RosterChange:
        """What `undo` would take back of the last import."""

    def undo(self, *, actor: str) -> RosterChange:
        """Take the last import back; raises StoreError when there is nothing to take back."""

    def substitutes(self, students: Sequence[Student] | None = None) -> Sequence[Given]:
        """Who of these (on the roster) has no resident's number, each with the exam office's number, where one was given."""

    def substitutes_school(self) -> str:
        """The four digits that the last of these numbers began with."""

    def give_substitutes(self, school_code: str, *, actor: str, school: str = "") -> Sequence[Given]:
        """Give one to everybody of a school who needs it; raises KioskError for a code of not four digits, or no school."""

    def preview_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None) -> ExamNumbers:
        """Hold a list of exam numbers against the roster; nothing changes."""

    def take_exam_numbers(self, path: Path, columns: Mapping[str, str] | None = None, *, actor: str = "") -> ExamNumbers:
        """Enter a list's exam numbers; raises ExchangeError when it is not sound."""

    def read_teachers(self, path: Path, columns: Mapping[str, str] | None = None) -> TeacherReading:
        """Read the teachers' sheet."""

    def count(self) -> int:
        """How many students the roster has."""

    def students(self) -> Sequence[Student]:
        """Everybody on the roster, in its order."""

    def departures(self) -> Sequence[Departure]:
        """Who left the roster, the latest first."""

    def search(self, text: str) -> Sequence[Student]:
        """Students by a part of their name, or by how their number begins or ends."""

    def mark_up(self, path: Path, out: Path, say: Callable[[Message], str], columns: Mapping[str, str] | None = None) -> None:
        """Write the file again with its bad cells marked and commented."""


class FilesPort(Protocol):
    """Files out."""

    @property
    def simulated(self) -> bool:
        """Whether nothing here came from a person."""

    def missing(self, profile: str, *, school: str = "") -> int:
        """How many of the roster an export lacks because they were never captured."""

    def write_progress(self, path: Path) -> Path:
        """Progress by class as .xlsx; where it lies."""

    def report(self, profile: str, *, school: str = "") -> Iterator[ReportEntry]:
        """Each row, and what of it is missing or breaks the profile."""

    def export(
        self,
        profile: str,
        out: Path | None = None,
        progress: Callable[[int], None] | None = None,
        *,
        school: str = "",
        only_good: bool = False,
        seal: Sealing | None = None,
        actor: str = "",
    ) -> ExportResult:
        """Write the files of a profile; raises ExchangeError or StoreError when nothing was written."""

    def export_teachers(
        self, profile: str, teachers: Sequence[Teacher], *, seal: Sealing | None = None, actor: str = ""
    ) -> ExportResult:
        """Write the teachers' sheet of a profile."""

    def recipient(self) -> str:
        """The office's age recipient; empty without a certificate."""

    def recipients(self, names: Sequence[str]) -> tuple[str, ...]:
        """Recipients as somebody named them; raises ExchangeError for one that is none."""

    def open_package(
        self, package: Path, by: Opening, *, actor: str = "", progress: Callable[[int], None] = lambda _: None
    ) -> Path:
        """Open a sealed export: the folder that it becomes."""

    def size(self, profile: str) -> int:
        """How many rows an export has."""

    @property
    def folder(self) -> Path:
        """Where exports and papers go."""

    def note_download(self, name: str, *, by: str) -> None:
        """Enter into the audit trail that an export left through the browser."""


class LooksPort(Protocol):
    """Looks at what was captured. Looks at one student's data are kept in the audit trail."""

    def students(self) -> Sequence[StudentProgress]:
        """Everybody on the roster, in its order."""

    def progress_of(self, id_number: str) -> StudentProgress | None:
        """One of them; None for nobody of the roster's."""

    def record(self, record_id: str, *, by: str, why: str = "record") -> CaptureRecord | None:
        """One capture."""

    def kinds(self, record_id: str) -> Set[BiometricKind]:
        """What was kept for a record."""

    def having(self, kind: BiometricKind) -> Set[str]:
        """The ids of the records that a kind of data was kept for."""

    def student(self, id_number: str, *, by: str) -> None:
        """Somebody looks at a student of the roster."""

    def piece(self, record_id: str, number: int, *, by: str) -> tuple[BiometricKind, bytes] | None:
        """One of the pieces that are kept for a record."""

    def picture(self, record_id: str, kind: BiometricKind, *, by: str) -> bytes | None:
        """One of its pictures; raises StoreError when it was tampered with."""


class SchoolPort(Protocol):
    """The school's own data."""

    def current(self) -> School:
        """Empty where nobody has entered anything."""

    def change(self, school: School, *, by: Person) -> School:
        """Enter it anew; raises KioskError naming what can't be."""

    def write(self, path: Path) -> None:
        """学校信息表 as .xlsx."""

    def point(self) -> Point:
        """What the station takes as a 报名点."""

    def change_point(self, point: Point, *, by: Person) -> Point:
        """Enter it anew; raises KioskError naming what can't be."""

    def write_point(self, path: Path) -> None:
        """报名点信息表 as .xlsx or .pdf."""


class WatchPort(Protocol):
    """Whether the data are sound."""

    @property
    def latest(self) -> Health | None:
        """What the last check found; None before the first one is done."""


class SafekeepingPort(Protocol):
    """The data's second copy."""

    def look(self) -> Kept:
        """How it stands."""

    def all(self) -> Sequence[Backup]:
        """The backups that are there, the newest first."""

    def ask(self, *, by: str) -> None:
        """Make one now; raises KioskError when nobody said where to."""


class SlotsPort(Protocol):
    """Who opens the store after a start."""

    def seal(self, *, by: Account) -> str:
        """Close the store to whoever has its files; the recovery code, or "" when that was done."""

    def new_code(self, *, by: str) -> str:
        """Another recovery code."""


class AccountsPort(Protocol):
    """Who may work at the station. Everything raises StoreError ("account.…")."""

    def all(self) -> Sequence[Account]:
        """Everybody who was ever given an account."""

    def open(self) -> Sequence[Account]:
        """Those that were not ended."""

    def find(self, account_id: str) -> Account | None:
        """An account that was not ended."""

    def issue(self, name: str, role: Role, pin: str, *, by: Person | None) -> Account:
        """Give somebody an account; `by` nobody: the first of a station."""

    def prove(self, account_id: str, pin: str) -> Account:
        """The account whose PIN this is."""

    def recover(self, pin: str) -> Account:
        """The first officer, with a PIN of their own: for whoever opened the store without one."""

    def change_pin(self, account_id: str, old: str, new: str) -> Account:
        """Its owner chooses another PIN."""

    def give_pin(self, account_id: str, pin: str, *, by: Person) -> None:
        """An officer gives a new one, and opens the lock."""

    def end(self, account_id: str, *, by: Person, reason: str) -> None:
        """Nobody works under it any more."""

    def note(self, action: str, account: Account) -> None:
        """Enter into the trail what somebody did with their account."""


class StaffPort(Protocol):
    """What the staff are known by beside their PIN. Everything raises StoreError ("staff.…")."""

    def enrolled(self) -> Mapping[str, Enrolment]:
        """What is known of whom, by account."""

    def erase(self, account_id: str, *, by: Person, reason: str) -> None:
        """Forget everything that somebody gave."""

    def erase_ended(self) -> None:
        """Forget whatever is kept of accounts that have ended."""


class StaffDeskPort(Protocol):
    """The reader and the scanner in the hands of the staff."""

    def begin(self) -> int:
        """A screen begins to wait for somebody; its number."""

    def wait(self, claim: int, after: int, timeout_s: float) -> Seen:
        """What it sees as soon as its number is above `after`."""

    def leave(self, claim: int) -> None:
        """It waits no more."""


class EnrollerPort(Protocol):
    """Enrolment at the desk."""

    def begin(self, account: Account) -> None:
        """Somebody sits down to be enrolled; raises KioskError while a student is under way."""

    def status(self) -> Enrolling | None:
        """How far it is; None when it is over."""

    def press(self, part: Part) -> None:
        """Begin with a thumb; raises KioskError when it is over."""

    def shoot(self) -> None:
        """Take the face that is before the camera; raises KioskError."""

    def keep(self, by: Person) -> Account:
        """Keep what was given; raises KioskError."""

    def stop(self) -> None:
        """End it without keeping anything."""


class OfficePort(Protocol):
    """The office's side."""

    @property
    def accounts(self) -> AccountsPort: ...
    @property
    def staff(self) -> StaffPort: ...
    @property
    def account_lists(self) -> AccountLists: ...
    @property
    def slots(self) -> SlotsPort: ...

    @property
    def rosters(self) -> RostersPort: ...
    @property
    def files(self) -> FilesPort: ...
    @property
    def days(self) -> Days: ...
    @property
    def looks(self) -> LooksPort: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def upkeep(self) -> Upkeep: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def refusals(self) -> Refusals: ...
    @property
    def corrections(self) -> Corrections: ...
    @property
    def dossiers(self) -> Dossiers: ...
    @property
    def trail(self) -> Trail: ...
    @property
    def school(self) -> SchoolPort: ...
    @property
    def duties(self) -> Duties: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def materials(self) -> Materials: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def parcels(self) -> Parcels: ...
    @property
    def school_parcels(self) -> SchoolParcels: ...
    @property
    def receipts(self) -> Receipts: ...

    @property
    def exam_parcels(self) -> ExamParcels: ...
    @property
    def exams(self) -> Exams: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def verifying(self) -> Verifying: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def particulars(self) -> ParticularsDesk: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def watch(self) -> WatchPort: ...
    @property
    def configuration(self) -> Configuration | None: ...
    @property
    def profiles(self) -> Profiles | None: ...
    @property
    def safekeeping(self) -> SafekeepingPort: ...
    @property
    def updates(self) -> Updates: ...
    def day_report(self, span: Span, *, by: str) -> bytes:
        """The statistics of a span on paper."""

    def papers(self, profile: str) -> Papers:
        """What is printed, as a profile names it."""

    def documents(self, profile: str) -> Documents:
        """Pictures of ID documents; raises ExchangeError when the profile wants none."""
