"""考号 or 考籍号 come back from the platform after the deadline: matched to the roster by ID number, nothing else changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from kiosk.exchange import RosterReading
from kiosk.records import Student, name_key


@dataclass(frozen=True)
class ExamNumbers:
    """What a list of numbers says about the roster. `field` is which they are: exam_number, or registration_number where the
    list has no exam numbers."""

    field: str
    assigned: dict[str, str]  # ID number → the number
    refused: int  # rows that could not be read
    unknown: tuple[Student, ...]  # listed, and not on the roster
    differing: tuple[Student, ...]  # listed under another name than the roster's
    twice: tuple[Student, ...]  # a number that another student has, too
    missing: tuple[Student, ...]  # on the roster, and left without a number

    @property
    def sound(self) -> bool:
        """Whether it can be taken: a number too few can be mended later, a wrong one stays on printed papers."""
        return bool(self.assigned) and not (self.twice or self.differing)


def match(reading: RosterReading, roster: Sequence[Student]) -> ExamNumbers:
    """Hold a list against the roster."""
    field = "exam_number" if any(one.exam_number for one in reading.students) else "registration_number"
    given = attrgetter(field)
    by_number = {student.id_number: student for student in roster}
    listed = [student for student in reading.students if given(student)]
    known = [student for student in listed if student.id_number in by_number]
    assigned = {student.id_number: given(student) for student in known}
    left = {student.id_number: given(student) for student in roster} | assigned
    counts = Counter(left.values())
    return ExamNumbers(
        field,
        assigned,
        refused=reading.rows_refused,
        unknown=tuple(student for student in listed if student.id_number not in by_number),
        differing=tuple(s for s in known if name_key(s.name) != name_key(by_number[s.id_number].name)),
        twice=tuple(student for student in known if counts[given(student)] > 1),
        missing=tuple(student for student in roster if not left[student.id_number]),
    )
