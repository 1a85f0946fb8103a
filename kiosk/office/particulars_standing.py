"""学生信息: how it stands with each student — what nobody answered, and where chip or roster contradict who filled it in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kiosk.exchange import ExportRow
from kiosk.exchange.particulars import Difference, differences, missing
from kiosk.records import CaptureRecord, Student
from kiosk.store import Store

Of = Callable[[Student], bool]


@dataclass(frozen=True)
class Standing:
    """How it stands with one student: starred items that nobody answers, and where who filled it in is contradicted."""

    student: Student
    filled: bool
    missing: tuple[str, ...]
    differing: tuple[Difference, ...]


class Standings:
    """Everybody's. What was found of a student is kept until something about them changes: the roster, card or what was filled
    in, the station's school, or the day (the school year goes into 班号)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, tuple[Any, Standing]] = {}

    def of(self, students: Iterable[Student]) -> list[Standing]:
        """How it stands with these, in their order."""
        wanted = list(students)
        cards, told = self._store.captures.latest(), self._store.particulars.marks()
        own = self._store.school.get(), date.today()
        marks = {one.id_number: (one, cards.get(one.id_number), told.get(one.id_number), own) for one in wanted}
        kept = self._kept
        changed = [one for one in wanted if kept.get(one.id_number, (None,))[0] != marks[one.id_number]]
        for row in self.rows(changed, cards):
            assert row.student is not None
            number = row.student.id_number
            kept[number] = marks[number], stand(row)
        return [kept[one.id_number][1] for one in wanted]

    def rows(self, students: list[Student], cards: Mapping[str, tuple[str, int]] | None = None) -> Iterator[ExportRow]:
        """What is known of these, in their order: the student, the latest complete capture without its steps, and what was
        filled in."""
        cards, numbers = self._store.captures.latest() if cards is None else cards, [one.id_number for one in students]
        known, school = self._store.particulars.all(numbers), self._store.school.get()
        records: dict[str, CaptureRecord] = {}
        for record in self._store.captures.without_steps([cards[one][0] for one in numbers if one in cards]):
            records[record.student.id_number] = record
        for one in students:
            number = one.id_number
            yield ExportRow(records.get(number), student=one, school=school, particulars=known.get(number, {}))


def stand(row: ExportRow) -> Standing:
    """How it stands with whom a row is about."""
    assert row.student is not None
    return Standing(row.student, bool(row.particulars), missing(row), tuple(differences(row)))
