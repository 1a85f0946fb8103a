"""Papers out: forms to sign, class lists, progress, and the papers of an exam. Big ones come as several files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path

from kiosk.errors import ExchangeError
from kiosk.exchange import ExportRow, exam_papers, load_profile
from kiosk.exchange.device_test_sheet import devices_line
from kiosk.exchange.fields import no_pictures
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.forms import BATCH, FORM_PICTURES, FormEntry, class_lists, class_title, form_doubts, registration_forms
from kiosk.exchange.printable import Doubt, list_doubts
from kiosk.exchange.progress_list import print_progress
from kiosk.exchange.seating import Seat
from kiosk.exchange.setting import set_ahead
from kiosk.office.consents import Consents
from kiosk.office.rows import batched
from kiosk.records import BiometricKind, CaptureRecord, ClassKey, Exam, SchoolName, Student, StudentProgress, school_words
from kiosk.store import Pictures, Store

Progress = Callable[[int], None]
Wanted = Callable[[CaptureRecord], bool]
Of = Callable[[Student], bool]
_FORMS, _LISTS, _EXAM = "forms", "lists", "exam"
_TOGETHER = 60  # admission tickets in one file


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
        records = ((record, no_pictures) for record in self._store.captures.records() if wanted(record))
        return form_doubts(FormEntry(row) for row in self._rows(records))

    def list_doubts(self, of: Of = bool) -> list[Doubt]:
        """The same for lists."""
        return list_doubts([student for student in self._store.roster.students() if of(student)])

    @staticmethod
    def seat_doubts(seats: Sequence[Seat]) -> list[Doubt]:
        """The same for the papers of an exam."""
        return list_doubts([seat.student for seat in seats])

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
        states = {entry.student.id_number: entry for entry in self._store.progress.students()}

        def stands(record: CaptureRecord) -> bool:
            entry = states.get(record.student.id_number)
            whole = record.card is not None or self._profile.photos_only
            return whole and wanted(record) and (entry is None or not entry.sent_back)

        written: list[Path] = []
        done = 0
        forms = self._forms(self._classes(stands), states, title=title, school=school)
        with closing(set_ahead(forms)) as papers:
            for (name, records), content in papers:
                students = [record.student for record in records]
                written.append(self._write(self._free(folder, name), content, students, _FORMS, actor))
                # What could not be written was not printed.
                self._store.aftercare.note_prints([record.id for record in records], by=actor)
                done += len(records)
                if progress:
                    progress(done)
        return written

    def _forms(
        self,
        classes: Mapping[ClassKey, Sequence[CaptureRecord]],
        states: Mapping[str, StudentProgress],
        *,
        title: str,
        school: str,
    ) -> Iterator[tuple[tuple[str, Sequence[CaptureRecord]], Callable[[], bytes]]]:
        """Each file's name, whose forms are in it, and what sets them."""
        schools = self._store.roster.schools()
        made = partial(
            registration_forms,
            title=title,
            footer=self._footer(),
            notice=self._consents.notice,
            simulated=self._store.simulated,
        )
        ordered = chain.from_iterable(classes.values())
        rows = self._rows(self._store.captures.with_pictures(ordered, FORM_PICTURES), states)
        for group, records in classes.items():
            for number, batch in enumerate(batched(records, BATCH), start=1):
                copies = self._store.aftercare.printed([record.id for record in batch])
                bases = self._consents.bases(batch)
                entries = [
                    FormEntry(row, copies[record.id], bases[record.id])
                    for record, row in zip(batch, islice(rows, len(batch)), strict=True)
                ]
                part = f"-{number}" if len(records) > BATCH else ""
                note = school_words(batch[0].student.school_name, schools) or school
                yield (
                    (f"登记表-{class_title(group, schools)}{part}", batch),
                    partial(made, entries, note=note),
                )

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

    def exam(
        self,
        folder: Path,
        exam: Exam,
        seats: Sequence[Seat],
        progress: Progress | None = None,
        *,
        school: str = "",
        actor: str = "",
        of: Of | None = None,
    ) -> list[Path]:
        """The papers of an exam; raises ExchangeError for nobody.

        What is handed out to students comes by class, what is for a room by rooms. Of some students (`of`) there is only the
        former: a room is checked with everybody who sits in it.
        """
        chosen = [seat for seat in seats if of is None or of(seat.student)]
        if not chosen:
            raise ExchangeError("seating.no_seats", exam=exam.title)
        at = exam_papers.Occasion(exam, school, self._store.roster.schools(), self._store.simulated)
        written: list[Path] = []
        done = 0
        with closing(set_ahead(self._of_exam(chosen, seats if of is None else (), at))) as papers:
            for (name, whose, counts), content in papers:
                path = self._free(folder, name)
                written.append(self._write(path, content, [seat.student for seat in whose], _EXAM, actor))
                done += counts
                if progress and counts:
                    progress(done)
        return written

    def _of_exam(
        self, chosen: Sequence[Seat], in_rooms: Sequence[Seat], at: exam_papers.Occasion
    ) -> Iterator[tuple[tuple[str, Sequence[Seat], int], Callable[[], bytes]]]:
        """Each file's name, whose it is, how many seats it counts for, and what sets it; of `in_rooms` what rooms need."""
        for name, members in _by_classes(chosen, at.schools):
            tickets = partial(exam_papers.admission_tickets, members, self._portraits(members), at)
            yield (f"准考证-{name}", members, len(members)), tickets
        for rooms in _by_rooms(in_rooms):
            part = _part(rooms)
            yield (f"考场核对表-{part}", rooms, 0), partial(exam_papers.check_sheets, rooms, self._portraits(rooms), at)
            yield (f"桌贴-{part}", rooms, len(rooms)), partial(exam_papers.desk_labels, rooms, at)
        if in_rooms:
            yield ("考场座次表", in_rooms, 0), partial(exam_papers.seating_plans, in_rooms, at)
        yield ("考生信息汇总表", chosen, 0), partial(exam_papers.summary_list, chosen, at)

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

    def _rows(
        self, records: Iterable[tuple[CaptureRecord, Pictures]], states: Mapping[str, StudentProgress] | None = None
    ) -> Iterator[ExportRow]:
        """A form shows the student as captured and corrected, with the pictures as they were taken."""
        school = self._store.school.get()
        for few in batched(records, BATCH):
            erased = self._store.retention.erased([record.id for record, _ in few])
            for record, pictures in few:
                gone, progress = tuple(erased.get(record.id, ())), (states or {}).get(record.student.id_number)
                yield ExportRow(record, pictures, progress=progress, school=school, erased=gone)

    def _footer(self) -> str:
        """Whom student and guardian can ask about what they sign."""
        reachable = self._store.school.get().reachable
        return "　".join(filter(None, (self._profile.title, f"咨询：{reachable}" if reachable else "")))

    def _portraits(self, seats: Sequence[Seat]) -> exam_papers.Portraits:
        """Of those who sit there, each opened when it is asked for."""
        captured = self._store.captures.counting(of={seat.student.id_number for seat in seats})
        pictures = self._store.captures.pictures_of(list(captured.values()), (BiometricKind.PORTRAIT,))

        def portrait(student: Student) -> bytes | None:
            record_id = captured.get(student.id_number)
            return None if record_id is None else pictures(record_id, BiometricKind.PORTRAIT)

        return portrait


def _by_classes(seats: Sequence[Seat], schools: Sequence[SchoolName]) -> Iterator[tuple[str, list[Seat]]]:
    """Each class with what its papers are called; a large one in parts of whole students."""
    classes: dict[ClassKey, dict[str, list[Seat]]] = defaultdict(lambda: defaultdict(list))
    for seat in sorted(seats, key=lambda seat: seat.student.exam_number):
        classes[seat.student.group][seat.student.id_number].append(seat)
    for group in sorted(classes, key=lambda group: group.order):
        people, name = list(classes[group].values()), class_title(group, schools)
        for start in range(0, len(people), _TOGETHER):
            part = f"-{start // _TOGETHER + 1}" if len(people) > _TOGETHER else ""
            yield f"{name}{part}", [seat for own in people[start : start + _TOGETHER] for seat in own]


def _by_rooms(seats: Sequence[Seat]) -> Iterator[list[Seat]]:
    """Whole rooms of one subject together, some sixty students at a time."""
    part: list[Seat] = []
    for seat in seats:
        if part and (seat.subject != part[-1].subject or (len(part) >= BATCH and seat.room != part[-1].room)):
            yield part
            part = []
        part.append(seat)
    if part:
        yield part


def _part(rooms: Sequence[Seat]) -> str:
    """`01-02`: from which room to which; before it the subject, where seats are of one."""
    ends = "-".join(dict.fromkeys(seat.room.zfill(2) for seat in (rooms[0], rooms[-1])))
    return "-".join(filter(None, (rooms[0].subject, ends)))
