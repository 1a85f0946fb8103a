"""保存与删除: what is due when, and deletion by two people. Nothing is deleted by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kiosk.config import RetentionSettings, TermSettings
from kiosk.errors import KioskError, StoreError
from kiosk.exchange.deletion_list import write_deletion_list
from kiosk.office.stamps import stamp_of
from kiosk.records import (
    BODILY,
    ClassKey,
    Deletion,
    Erased,
    FileState,
    Holding,
    Part,
    Person,
    Receipt,
    Why,
    WrittenFile,
)
from kiosk.store import Quarantined, Store
from kiosk.store.erasing import Progress
from kiosk.store.written import state_of

Group = ClassKey  # of nothing: no longer on the roster, or never was


@dataclass(frozen=True)
class PartPlan:
    """A part of what is kept of a group: how many pieces, how many of them are due, of the others when the first will be (None:
    the term of nobody has begun)."""

    pieces: int = 0
    due: int = 0
    next_on: date | None = None


@dataclass(frozen=True)
class GroupPlan:
    """What is kept of one class."""

    group: Group
    people: int
    parts: Mapping[Part, PartPlan]


class Retention:
    """The terms of the settings held against what is kept."""

    def __init__(self, store: Store, folder: Path, terms: RetentionSettings, station: str = "") -> None:
        """`folder` is where deletion lists go, signed by the `station`."""
        self._station = station
        self._store = store
        self._folder = folder
        self.terms = terms

    def plan(self, today: date | None = None) -> list[GroupPlan]:
        """Class by class in the roster's order."""
        today = today or self._today()
        groups: dict[Group, list[Holding]] = defaultdict(list)
        for one in self._store.retention.holdings():
            groups[one.group].append(one)
        return [
            GroupPlan(group, len(members), {part: self._part(members, part, today) for part in Part})
            for group, members in groups.items()
        ]

    def due(self, groups: Collection[Group], parts: Collection[Part], today: date | None = None) -> dict[str, frozenset[Part]]:
        """Whose which parts are due, by ID number."""
        today = today or self._today()
        wanted = {}
        for one in self._store.retention.holdings():
            if one.group in groups and not one.under_way:
                over = frozenset(part for part in parts if one.counts.get(part) and self._is_due(one, part, today))
                if over:
                    wanted[one.id_number] = over
        return wanted

    def delete_due(
        self,
        groups: Collection[Group],
        parts: Collection[Part],
        *,
        asked_by: Person,
        decided_by: Person,
        reason: str,
        progress: Progress | None = None,
    ) -> tuple[Deletion, Path]:
        """Delete what is due of these groups; what was done, and the list of it. Raises StoreError as `Erasing.erase` does."""
        wanted = self.due(groups, parts)
        return self._delete(wanted, Why.TERM, asked_by, decided_by, reason, progress)

    def delete_of(
        self, id_number: str, parts: Collection[Part], *, asked_by: Person, decided_by: Person, reason: str
    ) -> tuple[Deletion, Path]:
        """Delete these parts of one student, who asked for it, whatever their terms are."""
        return self._delete({id_number: frozenset(parts)}, Why.REQUEST, asked_by, decided_by, reason, None)

    def withdraw(self, id_number: str, *, asked_by: Person, decided_by: Person, reason: str) -> tuple[Deletion, Path] | None:
        """A consent is taken back: everything of the body is deleted, the record keeps the fact. None: nothing was there to
        delete. Raises StoreError while the student is being captured, and as `Erasing.erase` does."""
        held = next((one for one in self._store.retention.holdings() if one.id_number == id_number), None)
        if held is not None and held.under_way:
            raise StoreError("retention.under_way", count=1)
        self._store.consents.withdraw(id_number, reason=reason, asked_by=asked_by, by=decided_by)
        self._store.elsewhere.forget(id_number)
        if held is None or not any(held.counts.get(part) for part in BODILY):
            return None
        return self._delete({id_number: BODILY}, Why.WITHDRAWN, asked_by, decided_by, reason, None)

    def clean(self) -> bool:
        """Rewrite the files where that is still owed; whether they hold nothing of what was deleted any more."""
        return self._store.erasing.clean()

    def deletions(self) -> list[Deletion]:
        """Every act of deleting, the newest first."""
        return self._store.retention.deletions()

    def write_list(self, number: int) -> Path:
        """The list of one deletion anew. Raises KioskError("retention.unknown")."""
        found = [one for one in self.deletions() if one.number == number]
        if not found:
            raise KioskError("retention.unknown", number=number)
        return self._write(found)

    def of_record(self, record_id: str) -> Sequence[Erased]:
        """What of a record was deleted; of one that is gone altogether, too."""
        return self._store.retention.erased_of(record_id)

    def note_receipt(self, on: date, group: Group, *, note: str, by: Person) -> None:
        """The receiver confirmed that a group's data arrived. Raises KioskError("retention.future")."""
        if on > self._today():
            raise KioskError("retention.future")
        self._store.retention.note_receipt(on, group, note=note, by=by)

    def receipts(self) -> Sequence[Receipt]:
        """The newest first."""
        return self._store.retention.receipts()

    def files(self) -> list[tuple[WrittenFile, FileState, Path]]:
        """Exports and papers that were written, the newest first, and where they are now."""
        return [(file, *state_of(file)) for file in self._store.written.all()]

    def delete_files(self, numbers: Collection[int], *, asked_by: Person, decided_by: Person) -> tuple[int, list[WrittenFile]]:
        """Delete these files wherever they are; how many, and which could not be found. Raises KioskError when both people are
        one, or nothing is chosen."""
        if asked_by.same_as(decided_by):
            raise KioskError("retention.same_person", name=decided_by.name)
        files = [one for one in self._store.written.all() if one.number in numbers and one.deleted_at is None]
        if not files:
            raise KioskError("retention.no_files")
        return self._store.written.delete(files, asked_by=asked_by.name, by=decided_by.name)

    def quarantined(self) -> list[Quarantined]:
        """Blobs that no record names, which have a term of their own."""
        return self._store.quarantined()

    def faces(self) -> int:
        """Of how many students something of the face is kept."""
        return self._store.retention.faces()

    def _delete(
        self,
        wanted: Mapping[str, frozenset[Part]],
        why: Why,
        asked_by: Person,
        decided_by: Person,
        reason: str,
        progress: Progress | None,
    ) -> tuple[Deletion, Path]:
        who = {"asked_by": asked_by, "decided_by": decided_by}
        done = self._store.erasing.erase(wanted, why=why, reason=reason, at=self._store.audit.now(), progress=progress, **who)
        return done, self._write([done])

    def _write(self, deletions: Sequence[Deletion]) -> Path:
        stamp = stamp_of(self._store, self._station)
        path, digest = write_deletion_list(self._folder, deletions, stamp, simulated=self._store.simulated)
        self._store.audit.record("deletion_list", manifest=digest)
        return path

    def _part(self, members: Sequence[Holding], part: Part, today: date) -> PartPlan:
        held = [one for one in members if one.counts.get(part)]
        ends = [end for one in held if (end := self._ends(one, part)) is not None and end > today]
        due = sum(one.counts[part] for one in held if not one.under_way and self._is_due(one, part, today))
        return PartPlan(sum(one.counts[part] for one in held), due, min(ends, default=None))

    def _is_due(self, one: Holding, part: Part, today: date) -> bool:
        ends = self._ends(one, part)
        return ends is not None and ends <= today

    def _ends(self, one: Holding, part: Part) -> date | None:
        """When the term is over; None before it has begun. An identity outlasts all that belongs to it."""
        term: TermSettings = getattr(self.terms, part)
        begun = {"export": one.exported_at, "receipt": one.receipt_at}.get(str(term.start))
        start = term.start if isinstance(term.start, date) else begun.astimezone().date() if begun else None
        if start is None:
            return None
        # The calendar's last day is as good as any, and nothing can be kept beyond it.
        end = date.fromordinal(min(start.toordinal() + term.days, date.max.toordinal()))
        if part is not Part.IDENTITY:
            return end
        others = [self._ends(one, other) for other in Part if other is not part and one.counts.get(other)]
        return None if None in others else max([end, *(other for other in others if other)])

    def _today(self) -> date:
        return self._store.audit.now().astimezone().date()
