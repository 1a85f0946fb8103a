"""Papers out: forms to sign, class lists, progress, and the papers of an exam. Big ones come as several files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from kiosk.exchange import ExportRow, exam_papers, load_profile
from kiosk.exchange.device_test_sheet import devices_line
from kiosk.exchange.file_names import file_name, free_name
from kiosk.exchange.folder import write_file
from kiosk.exchange.forms import FormEntry, class_lists, class_title, registration_forms, unprintable_names
from kiosk.exchange.progress_list import print_progress
from kiosk.exchange.seating import Order, Seat, arrange
from kiosk.records import BiometricKind, CaptureRecord, Student, StudentProgress
from kiosk.store import Store

Progress = Callable[[int], None]
Wanted = Callable[[CaptureRecord], bool]
_BATCH: Final = 60  # forms in one file: a class, and a file that any viewer opens


def everybody(_: CaptureRecord) -> bool:
    """For forms of all that are captured and not yet signed."""
    return True


class Papers:
    """PDF files in a folder."""

    def __init__(self, store: Store, profile: str) -> None:
        self._store = store
        self._profile = load_profile(profile)

    def unprintable(self, wanted: Wanted = everybody) -> list[tuple[CaptureRecord, str]]:
        """Records with characters that the forms' font lacks: look at them before printing."""
        entries = [FormEntry(self._row(record)) for record in self._store.captures.records() if wanted(record)]
        return [(entry.row.record, missing) for entry, missing in unprintable_names(entries) if entry.row.record]

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
        for a capture that a review sent back."""
        written: list[Path] = []
        done = 0
        states = {entry.student.id_number: entry for entry in self._store.progress.students()}

        def stands(record: CaptureRecord) -> bool:
            entry = states.get(record.student.id_number)
            return wanted(record) and (entry is None or not entry.sent_back)

        for group, records in self._classes(stands).items():
            for start in range(0, len(records), _BATCH):
                batch = records[start : start + _BATCH]
                ids = [record.id for record in batch]
                copies = self._store.aftercare.printed(ids)
                entries = [
                    FormEntry(self._row(record, states.get(record.student.id_number)), copies[record.id]) for record in batch
                ]
                part = f"-{start // _BATCH + 1}" if len(records) > _BATCH else ""
                path = free_name(folder, file_name(f"登记表-{class_title(*group)}{part}", ".pdf"))
                content = registration_forms(entries, title=title, note=school, footer=self._footer())
                written.append(write_file(path, content))
                self._store.aftercare.note_prints(ids, by=actor)  # what could not be written was not printed
                done += len(batch)
                if progress:
                    progress(done)
        return written

    def class_lists(self, path: Path, *, title: str, school: str = "", of: Callable[[Student], bool] = bool) -> Path:
        """Those on the roster with a place to sign, each class on pages of its own."""
        students = [entry for entry in self._store.progress.students() if of(entry.student)]
        return write_file(path, class_lists(students, title=title, footer=school))

    def progress(self, path: Path, *, title: str, school: str = "") -> Path:
        """Progress by class, to be hung up: numbers are masked."""
        tested = devices_line(self._store.device_tests.latest())
        return write_file(path, print_progress(self._store.progress.students(), title=title, footer=school, tested=tested))

    def seats(self, *, per_room: int, order: Order) -> list[Seat]:
        """Who would sit where; raises ExchangeError while exam numbers are missing."""
        return arrange(self._store.roster.students(), per_room=per_room, order=order)

    def exam(
        self, folder: Path, progress: Progress | None = None, *, title: str, per_room: int, order: Order, school: str = ""
    ) -> list[Path]:
        """The papers of an exam for everybody on the roster; raises ExchangeError while exam numbers are missing."""
        seats = self.seats(per_room=per_room, order=order)
        written: list[Path] = []
        done = 0
        for rooms in _by_rooms(seats):
            part = f"{rooms[0].room:02d}-{rooms[-1].room:02d}"
            tickets = exam_papers.admission_tickets(rooms, self._portrait, title=title)
            checks = exam_papers.check_sheets(rooms, self._portrait, title=title, footer=school)
            labels = exam_papers.desk_labels(rooms, title=title)
            for name, content in (("准考证", tickets), ("考场核对表", checks), ("桌贴", labels)):
                written.append(write_file(free_name(folder, f"{name}-{part}.pdf"), content))
            done += len(rooms)
            if progress:
                progress(done)
        return [
            *written,
            write_file(free_name(folder, "考场座次表.pdf"), exam_papers.seating_plans(seats, title=title, footer=school)),
            write_file(free_name(folder, "考生信息汇总表.pdf"), exam_papers.summary_list(seats, title=title, footer=school)),
        ]

    def _classes(self, wanted: Wanted) -> dict[tuple[str, str], list[CaptureRecord]]:
        classes: dict[tuple[str, str], list[CaptureRecord]] = defaultdict(list)
        for record in self._store.captures.records():
            if record.signed_at is None and wanted(record):
                classes[record.student.grade, record.student.class_name].append(record)
        return classes

    def _row(self, record: CaptureRecord, progress: StudentProgress | None = None) -> ExportRow:
        """A form shows the student as captured and corrected, with the pictures as they were taken."""
        pictures = partial(self._store.captures.biometric, record.id)
        return ExportRow(record, pictures, progress=progress, school=self._store.school.get())

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
        if len(part) >= _BATCH and seat.room != part[-1].room:
            yield part
            part = []
        part.append(seat)
    if part:
        yield part
