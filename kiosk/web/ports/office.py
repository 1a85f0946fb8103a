"""What the web needs of the office. The real one satisfies it, and so does a test's script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any, Protocol

from kiosk.ciphers.age import Opening, Sealing
from kiosk.exchange import ExportResult, ReportEntry
from kiosk.exchange.manifest import Stamp
from kiosk.office import (
    AccountLists,
    Cases,
    Certificates,
    Configuration,
    Consents,
    Corrections,
    Days,
    Delivery,
    Documents,
    Dossiers,
    Duties,
    ExamParcels,
    Exams,
    Facts,
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
from kiosk.office.invitation import Invitations
from kiosk.records import (
    BiometricKind,
    CaptureRecord,
    Person,
    Point,
    School,
    StudentProgress,
    Teacher,
)
from kiosk.store import Backup, Health
from kiosk.web.ports.people import AccountsPort, SlotsPort, StaffPort
from kiosk.web.ports.rosters import RostersPort


class FilesPort(Protocol):
    """Files out."""

    @property
    def simulated(self) -> bool:
        """Whether nothing here came from a person."""

    def size(self, profile: str, school: str = "") -> int:
        """How many rows an export has at most."""

    def missing(self, profile: str, *, school: str = "") -> int:
        """How many of the roster an export lacks because they were never captured."""

    def write_progress(self, path: Path) -> Path:
        """Progress by class as .xlsx; where it lies."""

    def report(self, profile: str, *, school: str = "") -> Iterator[ReportEntry]:
        """Each row, and what of it is missing or breaks the profile."""

    def export_each(
        self, profile: str, schools: Sequence[str], out: Path | None, progress: Callable[[int], None], **how: Any
    ) -> list[ExportResult]:
        """Write the files of a profile, of each school its own; raises ExchangeError or StoreError."""

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
    def delivery(self) -> Delivery: ...

    @property
    def exam_parcels(self) -> ExamParcels: ...

    def stamp(self) -> Stamp: ...
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
    def invitations(self) -> Invitations | None: ...
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
