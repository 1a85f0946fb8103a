"""Papers out: forms to sign, class lists, progress, and the papers of an exam. Big ones come as several files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, exam_papers, load_profile
from kiosk.exchange.device_test_sheet import devices_line
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.forms import BATCH, FormEntry, class_lists, class_title, form_doubts, registration_forms
from kiosk.exchange.printable import Doubt, list_doubts
from kiosk.exchange.progress_list import print_progress
from kiosk.exchange.seating import Order, Seat, arrange
from kiosk.office.consents import Consents
from kiosk.records import BiometricKind, CaptureRecord, ClassKey, Student, StudentProgress, school_words
from kiosk.store import Store

Progress = Callable[[int], None]
Wanted = Callable[[CaptureRecord], bool]
Of = Callable[[Student], bool]
_FORMS, _LISTS, _EXAM = "forms", "lists", "exam"


def everybody(_: CaptureRecord) -> bool:
    """For forms of all that are captured and not yet signed."""
    return True


@dataclass(frozen=True)
class Selection:
    """Whose papers: students of any of these schools, grades, streams and classes; nothing named means everybody."""

    grades: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()
    classes: frozenset[tuple[str, str]] = frozenset()  # grade, class: of any of the schools
    schools: frozenset[str] = frozenset()  # by their keys

    def __call__(self, student: Student) -> bool:
        return (
            (not self.grades or student.grade in self.grades)
            and (not self.streams or student.stream in self.streams)
            and (not self.classes or student.group[1:] in self.classes)
            and (not self.schools or student.group.school in self.schools)
        )


class Papers:
    """PDF files in a folder. What a simulated store gives is marked on every page."""

    def __init__(self, store: Store, profile: str, consents: Consents) -> None:
        self._store = store
        self._profile = load_profile(profile)
        self._consents = consents

    def form_doubts(self, wanted: Wanted = everybody) -> list[Doubt]:
        """Forms that would lack something: look at them before printing."""
        return form_doubts([FormEntry(self._row(record)) for record in self._store.captures.records() if wanted(record)])

    def list_doubts(self, of: Of = bool) -> list[Doubt]:
        """The same for lists and the papers of an exam."""
        return list_doubts([student for student in self._store.roster.students() if of(student)])

    def forms(
        self,
        folder: Path,
        progress: Progress | None = None,
        *,
        title: str,
        school: str = "",
        actor: str = "",
        wanted: Wanted = everybody,
    ) -> list[Path]:
        """登记表 of those captured and not yet signed, one file a class; a form that was printed before says so. Nobody signs
        for a capture that a review sent back, or for a photo by the class list where more is wanted."""
        written: list[Path] = []
        done = 0
        states = {entry.student.id_number: entry for entry in self._store.progress.students()}
        schools = self._store.roster.schools()

        def stands(record: CaptureRecord) -> bool:
            entry = states.get(record.student.id_number)
            whole = record.card is not None or self._profile.photos_only
            return whole and wanted(record) and (entry is None or not entry.sent_back)

        for group, records in self._classes(stands).items():
            for start in range(0, len(records), BATCH):
                batch = records[start : start + BATCH]
                ids = [record.id for record in batch]
                copies = self._store.aftercare.printed(ids)
                entries = [
                    FormEntry(
                        self._row(record, states.get(record.student.id_number)),
                        copies[record.id],
                        self._consents.basis_words(record),
                    )
                    for record in batch
                ]
                part = f"-{start // BATCH + 1}" if len(records) > BATCH else ""
                path = self._free(folder, f"登记表-{class_title(group, schools)}{part}")
                content = registration_forms(
                    entries,
                    title=title,
                    note=school_words(batch[0].student.school_name, schools) or school,
                    footer=self._footer(),
                    notice=self._consents.notice,
                    simulated=self._store.simulated,
                )
                written.append(self._write(path, content, [record.student for record in batch], _FORMS, actor))
                self._store.aftercare.note_prints(ids, by=actor)  # what could not be written was not printed
                done += len(batch)
                if progress:
                    progress(done)
        return written

    def class_lists(self, path: Path, *, title: str, school: str = "", actor: str = "", of: Of = bool) -> Path:
        """Those on the roster with a place to sign, each class on pages of its own; raises ExchangeError for nobody."""
        listed = self._listed(of)
        content = class_lists(
            listed, title=title, footer=school, schools=self._store.roster.schools(), simulated=self._store.simulated
        )
        return self._write(self._marked(path), content, [entry.student for entry in listed], _LISTS, actor)

    def progress(self, path: Path, *, title: str, school: str = "", actor: str = "", of: Of = bool) -> Path:
        """Progress by class, to be hung up: numbers are masked. Raises ExchangeError for nobody."""
        tested, made_up = devices_line(self._store.device_tests.latest()), self._store.simulated
        listed = self._listed(of)
        content = print_progress(
            listed, title=title, footer=school, tested=tested, schools=self._store.roster.schools(), simulated=made_up
        )
        return self._write(self._marked(path), content, [entry.student for entry in listed], _LISTS, actor)

    def seats(self, *, per_room: int, order: Order, of: Of = bool) -> list[Seat]:
        """Who would sit where; raises ExchangeError as `arrange` does."""
        return arrange([one for one in self._store.roster.students() if of(one)], per_room=per_room, order=order)

    def exam(
        self,
        folder: Path,
        progress: Progress | None = None,
        *,
        title: str,
        per_room: int,
        order: Order,
        school: str = "",
        actor: str = "",
        of: Of = bool,
    ) -> list[Path]:
        """The papers of an exam for those on the roster who take it; raises ExchangeError as `arrange` does."""
        seats, made_up = self.seats(per_room=per_room, order=order, of=of), self._store.simulated
        written: list[Path] = []
        done = 0
        for rooms in _by_rooms(seats):
            part = f"{rooms[0].room:02d}-{rooms[-1].room:02d}"
            faces = {seat.student.id_number: self._portrait(seat.student) for seat in rooms}  # each is on two papers

            def portrait(student: Student, faces: dict[str, bytes | None] = faces) -> bytes | None:
                return faces[student.id_number]

            tickets = exam_papers.admission_tickets(rooms, portrait, title=title, simulated=made_up)
            checks = exam_papers.check_sheets(rooms, portrait, title=title, footer=school, simulated=made_up)
            labels = exam_papers.desk_labels(rooms, title=title, simulated=made_up)
            for name, content in (("准考证", tickets), ("考场核对表", checks), ("桌贴", labels)):
                path, whose = self._free(folder, f"{name}-{part}"), [seat.student for seat in rooms]
                written.append(self._write(path, content, whose, _EXAM, actor))
            done += len(rooms)
            if progress:
                progress(done)
        plans = exam_papers.seating_plans(seats, title=title, footer=school, simulated=made_up)
        summary = exam_papers.summary_list(seats, title=title, footer=school, simulated=made_up)
        for name, content in (("考场座次表", plans), ("考生信息汇总表", summary)):
            whose = [seat.student for seat in seats]
            written.append(self._write(self._free(folder, name), content, whose, _EXAM, actor))
        return written

    def _write(self, path: Path, content: bytes, whose: Sequence[Student], kind: str, actor: str) -> Path:
        """What is written is known from then on: it is deleted with the rest."""
        write_file(path, content)
        self._store.written.note(kind, path, [student.id_number for student in whose], by=actor)
        return path

    def _listed(self, of: Of) -> list[StudentProgress]:
        students = [entry for entry in self._store.progress.students() if of(entry.student)]
        if not students:
            raise ExchangeError("paper.nobody")
        return students

    def _free(self, folder: Path, name: str) -> Path:
        return free_name(folder, file_name(marked(name, simulated=self._store.simulated), ".pdf"))

    def _marked(self, path: Path) -> Path:
        return path.with_name(marked(path.name, simulated=self._store.simulated))

    def _classes(self, wanted: Wanted) -> dict[ClassKey, list[CaptureRecord]]:
        classes: dict[ClassKey, list[CaptureRecord]] = defaultdict(list)
        for record in self._store.captures.records():
            if record.signed_at is None and wanted(record):
                classes[record.student.group].append(record)
        return classes

    def _row(self, record: CaptureRecord, progress: StudentProgress | None = None) -> ExportRow:
        """A form shows the student as captured and corrected, with the pictures as they were taken."""
        pictures = self._store.captures.pictures(record.id)
        erased = tuple(self._store.retention.erased_of(record.id))
        return ExportRow(record, pictures, progress=progress, school=self._store.school.get(), erased=erased)

    def _footer(self) -> str:
        """Whom student and guardian can ask about what they sign."""
        reachable = self._store.school.get().reachable
        return "　".join(filter(None, (self._profile.title, f"咨询：{reachable}" if reachable else "")))

    def _portrait(self, student: Student) -> bytes | None:
        record = self._store.captures.latest_complete(student.id_number)
        return self._store.captures.biometric(record.id, BiometricKind.PORTRAIT) if record else None


def _by_rooms(seats: Sequence[Seat]) -> Iterator[list[Seat]]:
    """Whole rooms together, some sixty students at a time."""
    part: list[Seat] = []
    for seat in seats:
        if len(part) >= BATCH and seat.room != part[-1].room:
            yield part
            part = []
        part.append(seat)
    if part:
        yield part
