"""Exam numbers come back from the platform after the deadline: matched to the roster by ID number, nothing else is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.exchange import RosterReading
from kiosk.records import Student
from kiosk.tables.cells import name_key


@dataclass(frozen=True)
class ExamNumbers:
    """What a list of exam numbers says about the roster."""

    assigned: dict[str, str]  # ID number → exam number
    refused: int  # rows that could not be read
    unknown: tuple[Student, ...]  # listed, and not on the roster
    differing: tuple[Student, ...]  # listed under another name than the roster's
    twice: tuple[Student, ...]  # an exam number that another student has, too
    missing: tuple[Student, ...]  # on the roster, and left without a number

    @property
    def sound(self) -> bool:
        """Whether it can be taken: a number too few can be mended later, a wrong one stays on printed papers."""
        return bool(self.assigned) and not (self.twice or self.differing)


def match(reading: RosterReading, roster: Sequence[Student]) -> ExamNumbers:
    """Hold a list against the roster."""
    by_number = {student.id_number: student for student in roster}
    listed = [student for student in reading.students if student.exam_number]
    known = [student for student in listed if student.id_number in by_number]
    assigned = {student.id_number: student.exam_number for student in known}
    left = {student.id_number: student.exam_number for student in roster} | assigned
    counts = Counter(left.values())
    return ExamNumbers(
        assigned,
        refused=reading.rows_refused,
        unknown=tuple(student for student in listed if student.id_number not in by_number),
        differing=tuple(s for s in known if name_key(s.name) != name_key(by_number[s.id_number].name)),
        twice=tuple(student for student in known if counts[student.exam_number] > 1),
        missing=tuple(student for student in roster if not left[student.id_number]),
    )
