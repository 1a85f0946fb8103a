"""材料与存档: which papers are asked of everybody, who has handed in what, and in which box each is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import SIGNED_FORM, USUAL, Leaving, Material, Person, RecordState
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_KINDS, _MATERIALS, _LEAVINGS, _RECORDS = tables.material_kinds, tables.materials, tables.leavings, tables.records
_BATCH: Final = 400


class Materials:
    """Papers by student. The signed form counts as handed in when it is entered as signed."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def kinds(self) -> tuple[str, ...]:
        """What is asked of everybody, in its order; the usual papers before anybody said anything."""
        with self._database.read() as connection:
            return tuple(connection.scalars(select(_KINDS.c.name).order_by(_KINDS.c.position))) or USUAL

    def set_kinds(self, names: Sequence[str], *, by: Person) -> None:
        """Ask for these from now on; what was handed in stays. Raises StoreError("store.material_kinds") for none."""
        clean = list(dict.fromkeys(name.strip() for name in names if name.strip()))
        if not clean:
            raise StoreError("store.material_kinds")
        with self._database.write() as connection:
            connection.execute(delete(_KINDS))
            connection.execute(insert(_KINDS), [{"position": at, "name": name} for at, name in enumerate(clean)])
            self._audit.append(connection, "material.kinds", actor=by.name, papers=clean)

    def all(self) -> Mapping[str, Mapping[str, Material]]:
        """What everybody has handed in, by ID number and kind."""
        signed = select(_RECORDS.c.id_number, _RECORDS.c.signed_at).where(
            _RECORDS.c.signed_at.is_not(None), _RECORDS.c.state == RecordState.COMPLETE
        )
        found: dict[str, dict[str, Material]] = defaultdict(dict)
        with self._database.read() as connection:
            for row in connection.execute(signed.order_by(_RECORDS.c.version)):
                found[row.id_number][SIGNED_FORM] = Material(SIGNED_FORM, "", "", row.signed_at)
            for row in connection.execute(select(_MATERIALS)):
                found[row.id_number][row.kind] = Material(row.kind, row.handed_by, row.by, row.at, row.box)
        return found

    def hand_in(self, id_numbers: Iterable[str], kinds: Sequence[str], *, handed_by: str, by: Person) -> int:
        """Enter papers of these students as handed in; those that are there already stay as they are. How many are new."""
        at, numbers = self._audit.now(), list(dict.fromkeys(id_numbers))
        with self._database.write() as connection:
            there = {(row.id_number, row.kind) for row in connection.execute(select(_MATERIALS.c.id_number, _MATERIALS.c.kind))}
            told = {"handed_by": handed_by, "by": by.name, "account": by.account, "at": at, "box": ""}
            new = [
                {"id_number": number, "kind": kind, **told}
                for number in numbers
                for kind in kinds
                if (number, kind) not in there
            ]
            if new:
                connection.execute(insert(_MATERIALS), new)
                subject = self._audit.pseudonym(numbers[0]) if len(numbers) == 1 else ""
                count = {"students": len(numbers), "pieces": len(new)}
                self._audit.append(connection, "material.in", actor=by.name, subject=subject, papers=list(kinds), **count)
        return len(new)

    def give_back(self, id_number: str, kind: str, *, by: Person) -> None:
        """A paper went back to the student, or was entered by mistake. Raises StoreError("store.nothing_there")."""
        one = (_MATERIALS.c.id_number == id_number) & (_MATERIALS.c.kind == kind)
        with self._database.write() as connection:
            if connection.scalar(delete(_MATERIALS).where(one).returning(_MATERIALS.c.kind)) is None:
                raise StoreError("store.nothing_there")
            self._audit.append(
                connection, "material.back", actor=by.name, subject=self._audit.pseudonym(id_number), papers=[kind]
            )

    def put_in_box(self, id_numbers: Iterable[str], kinds: Sequence[str], box: str, *, by: Person) -> int:
        """These students' papers of these kinds lie in a box from now on: those that are there, signed forms too. How many.

        Raises StoreError("store.box_missing") without a box, ("store.nothing_there") when there is none of them.
        """
        if not box:
            raise StoreError("store.box_missing")
        wanted, known = list(dict.fromkeys(id_numbers)), self.all()
        boxed = [(number, kind) for number in wanted for kind in kinds if kind in known.get(number, {})]
        if not boxed:
            raise StoreError("store.nothing_there")
        with self._database.write() as connection:
            there = {(row.id_number, row.kind) for row in connection.execute(select(_MATERIALS.c.id_number, _MATERIALS.c.kind))}
            at = self._audit.now()
            new = [
                {"id_number": number, "kind": kind, "handed_by": "", "by": by.name, "account": by.account, "at": at, "box": box}
                for number, kind in boxed
                if (number, kind) not in there
            ]
            if new:
                connection.execute(insert(_MATERIALS), new)
            for kind in kinds:
                of_kind = [number for number, one in boxed if one == kind]
                for start in range(0, len(of_kind), _BATCH):
                    these = (_MATERIALS.c.kind == kind) & _MATERIALS.c.id_number.in_(of_kind[start : start + _BATCH])
                    connection.execute(update(_MATERIALS).where(these).values(box=box))
            self._audit.append(connection, "material.box", actor=by.name, box=box, papers=list(kinds), pieces=len(boxed))
        return len(boxed)

    def take_list(self, papers: Sequence[tuple[str, Material]], *, by: Person) -> tuple[int, int]:
        """Enter what a list says, (ID number, paper): what is there already stays, but for another box; nothing is taken back.
        How many are new, and how many lie in another box now."""
        counts, known, new, boxed = Counter[str](), self.all(), [], []
        with self._database.read() as connection:
            rows = {(row.id_number, row.kind) for row in connection.execute(select(_MATERIALS.c.id_number, _MATERIALS.c.kind))}
        for number, paper in papers:
            there = known.get(number, {}).get(paper.kind)
            if there is not None and paper.box in ("", there.box):
                continue
            counts["new" if there is None else "boxed"] += 1
            if (number, paper.kind) in rows:
                boxed.append({"of": number, "of_kind": paper.kind, "to": paper.box})
            else:  # a signed form that gets a box is a row from then on
                told = {"handed_by": paper.handed_by, "by": by.name, "account": by.account, "at": paper.at, "box": paper.box}
                new.append({"id_number": number, "kind": paper.kind, **told})
        with self._database.write() as connection:
            if new:
                connection.execute(insert(_MATERIALS), new)
            if boxed:
                one = (_MATERIALS.c.id_number == bindparam("of")) & (_MATERIALS.c.kind == bindparam("of_kind"))
                connection.execute(update(_MATERIALS).where(one).values(box=bindparam("to")), boxed)
            self._audit.append(connection, "material.list", actor=by.name, pieces=counts["new"], boxed=counts["boxed"])
        return counts["new"], counts["boxed"]

    def leavings(self) -> Mapping[str, tuple[Leaving, str]]:
        """Why those who are no longer on the roster left, as somebody said: cause and note."""
        with self._database.read() as connection:
            rows = connection.execute(select(_LEAVINGS)).all()
        return {row.id_number: (Leaving(row.cause), row.note) for row in rows}

    def say_why_left(self, id_number: str, cause: Leaving, note: str, *, by: Person) -> None:
        """Enter why somebody left the roster; what was said before is replaced, and stays in the trail."""
        with self._database.write() as connection:
            connection.execute(delete(_LEAVINGS).where(_LEAVINGS.c.id_number == id_number))
            values = {"id_number": id_number, "cause": cause, "note": note, "by": by.name, "account": by.account}
            connection.execute(insert(_LEAVINGS).values(**values, at=self._audit.now()))
            subject = self._audit.pseudonym(id_number)
            self._audit.append(connection, "roster.left", actor=by.name, subject=subject, cause=cause, reason=note)
