"""Files out: the report before, the export, the teachers' sheet, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers.age import Opening, Sealing, is_recipient
from kiosk.errors import ExchangeError
from kiosk.exchange import ExportResult, ExportRow, ReportEntry, Source, check_rows, export, load_profile
from kiosk.exchange.device_test_sheet import devices_line
from kiosk.exchange.export import Sealed, Zipped
from kiosk.exchange.file_names import MADE_UP, file_name, free_name, marked
from kiosk.exchange.folder import sweep
from kiosk.exchange.package import unpack
from kiosk.exchange.progress_list import write_progress
from kiosk.office.derived import Derived
from kiosk.office.rows import is_of, rows_for, school_of
from kiosk.office.stamps import stamp_of
from kiosk.records import SchoolName, Teacher, name_key, school_words
from kiosk.store import Store
from kiosk.store.written import EXPORT

Progress = Callable[[int], None]
OUR_OFFICE: Final = "office"
_TEACHERS: Final = "teachers"


class Files:
    """What registration systems and the office get as files."""

    def __init__(self, store: Store, folder: Path, station: str = "") -> None:
        """`folder` is where exports go when nothing else is asked for; `station` is named in manifests."""
        self._store = store
        self._folder = folder
        self._station = station
        sweep(self._drafts)

    @property
    def _drafts(self) -> Path:
        """Where the parts of a sealed export are written: nowhere but among the station's own data."""
        return self._store.folder / "drafts"

    @property
    def folder(self) -> Path:
        """Where exports go when nothing else is asked for."""
        return self._folder

    @property
    def simulated(self) -> bool:
        """Whether nothing here came from a person."""
        return self._store.simulated

    def school_key(self, school: str) -> str:
        """Which school of the roster is meant by a name or code; every one by nothing. Raises ExchangeError."""
        if not school:
            return ""
        known = self._store.roster.schools()
        found = [one for one in known if school in (one.key, one.code) or name_key(school) == name_key(one.name)]
        if len(found) != 1:
            raise ExchangeError("export.school_unknown", school=school, known="、".join(one.name or one.code for one in known))
        return found[0].key

    def size(self, profile: str, school: str = "") -> int:
        """How many rows an export has at most, of the school of this key where one is meant."""
        if load_profile(profile).source is Source.ROSTER or school:
            return self._store.roster.count(school)
        return self._store.captures.count()

    def note_download(self, name: str, *, by: str) -> None:
        """Enter that an export or papers left through the browser."""
        self._store.audit.record("export.download", actor=by, folder=name)

    def missing(self, profile: str, *, day: date | None = None, school: str = "") -> int:
        """How many of the roster an export lacks because they were never captured; none are expected of one day."""
        if load_profile(profile).source is not Source.CAPTURES or day is not None:
            return 0
        # Who was sent back has a faulty row; so has who was shot by the class list, where more than a photo is wanted.
        return sum(not entry.shot and not entry.sent_back for entry in self._store.progress.each(self.school_key(school)))

    def report(self, profile: str, *, day: date | None = None, school: str = "") -> Iterator[ReportEntry]:
        """Each row and what of it is missing or breaks the profile; raises ExchangeError for a profile that there is not, and
        for teachers, whose sheet is checked as it is read."""
        wanted = load_profile(profile)
        if wanted.source is Source.TEACHERS:
            raise ExchangeError("export.needs_teachers", profile=profile)
        rows = rows_for(self._store, wanted, Derived(), day=day, school_key=self.school_key(school))
        return check_rows(wanted, rows)

    def export(
        self,
        profile: str,
        out: Path | None = None,
        progress: Progress | None = None,
        *,
        day: date | None = None,
        school: str = "",
        only_good: bool = False,
        seal: Sealing | None = None,
        zipped: bool = False,
        actor: str = "",
    ) -> ExportResult:
        """Write the files of a profile, signed; sealed into one where `seal` says for whom, or `zipped` into one. Raises
        ExchangeError, StoreError when nothing was written."""
        wanted = load_profile(profile)
        if wanted.source is Source.TEACHERS:
            raise ExchangeError("export.needs_teachers", profile=profile)
        key, schools = self.school_key(school), self._store.roster.schools()
        named = next((one for one in schools if key and one.key == key), SchoolName())
        alike, whose = self._alike(seal, zipped=zipped), self._store.written.people()
        done = export(
            wanted,
            rows_for(self._store, wanted, Derived(), day=day, school_key=key),
            self._place(out),
            progress,
            only_good=only_good,
            of=school_words(named, schools),
            told=lambda row: whose.add(row.who.id_number if row.who else ""),
            **alike | {"school": school_of(named, alike["school"], schools)},
        )
        done = replace(done, missing=self.missing(profile, day=day, school=key))
        self._store.written.note(EXPORT, done.folder, whose, by=actor)
        self._note(profile, done, seal, actor)
        return done

    def export_each(
        self, profile: str, schools: Sequence[str], out: Path | None, progress: Progress, **how: Any
    ) -> list[ExportResult]:
        """The same (`how`) of one school after the other; of everybody together where there are none. What `progress` raises
        ends it: what is written already stays."""
        keys, done = [self.school_key(school) for school in schools] or [""], list[ExportResult]()
        for key in dict.fromkeys(keys):
            before = sum(one.rows for one in done)
            done.append(self.export(profile, out, partial(_on_from, progress, before), school=key, **how))
        return done

    def export_teachers(
        self,
        profile: str,
        teachers: Sequence[Teacher],
        out: Path | None = None,
        *,
        seal: Sealing | None = None,
        actor: str = "",
    ) -> ExportResult:
        """Write the teachers' sheet of a profile."""
        rows = [ExportRow(teacher=teacher, school=self._store.school.get()) for teacher in teachers]
        done = export(load_profile(profile), rows, self._place(out), **self._alike(seal))
        self._store.written.note(_TEACHERS, done.folder, (), by=actor)
        self._note(profile, done, seal, actor)
        return done

    def open_package(
        self,
        package: Path,
        by: Opening,
        out: Path | None = None,
        *,
        actor: str = "",
        progress: Callable[[int], None] = lambda _: None,
    ) -> Path:
        """Open a sealed export; the folder that it becomes, in the clear. Raises ExchangeError when it does not open whole."""
        target = free_name(out or self._folder, file_name(package.stem))
        unpack(package, target, by, progress)
        self._store.audit.record("package.open", actor=actor, folder=target.name)
        return target

    def recipient(self) -> str:
        """The office's age recipient by the station's certificate; empty without one."""
        certificate = self._store.signing.certificate()
        return certificate.recipient if certificate is not None else ""

    def recipients(self, names: Sequence[str]) -> tuple[str, ...]:
        """Recipients as somebody named them: `office` is the station's own. Raises ExchangeError for one that is none."""
        found = tuple(self.recipient() if name == OUR_OFFICE else name.strip() for name in names)
        if not all(found):
            raise ExchangeError("export.no_office_recipient")
        if not all(map(is_recipient, found)):
            raise ExchangeError("export.recipient_wrong")
        return found

    def _alike(self, seal: Sealing | None, *, zipped: bool = False) -> dict[str, Any]:
        """What every export has of the station."""
        packed = Zipped(self._drafts) if zipped else None
        return {
            "school": self._store.school.get(),
            "simulated": self._store.simulated,
            "stamp": stamp_of(self._store, self._station),
            "into": Sealed(seal, self._drafts) if seal is not None else packed,
        }

    def _note(self, profile: str, done: ExportResult, seal: Sealing | None, actor: str) -> None:
        self._store.audit.record(
            "export",
            actor=actor,
            profile=profile,
            rows=done.rows,
            pictures=done.pictures,
            locked=seal is not None,
            manifest=done.digest,
        )

    def _place(self, out: Path | None) -> Path:
        """Simulated exports never lie beside real ones, wherever they are asked for."""
        if out is None or not self._store.simulated:
            return out or self._folder
        return out / MADE_UP

    def write_progress(self, path: Path, *, school: str = "") -> Path:
        """Progress by class, of one school where it is named, as .xlsx; where it lies: simulated data say so in its name."""
        simulated = self._store.simulated
        out = path.with_name(marked(path.name, simulated=simulated))
        tested = devices_line(self._store.device_tests.latest())
        schools = self._store.roster.schools()
        key = self.school_key(school)
        listed = [one for one in self._store.progress.students() if is_of(one.student, key)]
        write_progress(listed, out, tested=tested, schools=schools, simulated=simulated)
        return out


def _on_from(progress: Progress, before: int, done: int) -> None:
    progress(before + done)
