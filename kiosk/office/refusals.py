"""拒绝与终止: who was turned away and what was broken off, to be looked into, filtered and handed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange.refusal_list import write_refusals
from kiosk.records import Refusal, Student
from kiosk.store import Store


@dataclass(frozen=True)
class RefusalEntry:
    """One entry of the list, and whom of the roster its number is; None for a stranger."""

    refusal: Refusal
    student: Student | None


class Refusals:
    """The list. Names and masked numbers are shown to whoever opens it; a whole number is a look, which is kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[RefusalEntry]:
        """The newest first."""
        roster = {student.id_number: student for student in self._store.roster.students()}
        return [RefusalEntry(one, roster.get(one.id_number)) for one in self._store.refusals.all()]

    def look(self, number: int, *, by: str) -> tuple[RefusalEntry, tuple[Student, ...]]:
        """One entry with whoever of the roster may have been meant; that it was looked at is kept. Raises StoreError."""
        refusal = self._store.refusals.find(number)
        self._store.audit.record("refusal.look", actor=by, subject=refusal.record_id, refusal=number)
        student = self._store.roster.find(refusal.id_number)
        near = () if student is not None else self._store.roster.near(refusal.id_number, refusal.name)
        return RefusalEntry(refusal, student), near

    def write(self, entries: Sequence[RefusalEntry], path: Path, *, by: str) -> None:
        """The list as .xlsx, with whole numbers; that it was taken out is kept."""
        write_refusals([(entry.refusal, entry.student) for entry in entries], path, simulated=self._store.simulated)
        self._store.audit.record("refusal.export", actor=by, rows=len(entries))
