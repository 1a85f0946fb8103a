"""Who may be one person under two numbers, until two people have said what is so; and who was compared already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import BiometricKind, Likeness, Person, Suspicion, SuspicionState
from kiosk.store import rows, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.roster_rows import batches, packed
from kiosk.store.two_people import decision, people_of

_SUSPECTS, _COMPARED = tables.suspects, tables.compared
_BATCH: Final = 400


class Suspects:
    """Keeps them by record; what of both is gone is forgotten with the record."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def waiting(self) -> int:
        """How many records that count were not held against everybody yet."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(_counting(compared=False).subquery())) or 0

    def fresh(self) -> list[str]:
        """Their ids, `packed`."""
        return self._ids(compared=False)

    def compared(self) -> list[str]:
        """Records that count and were held against everybody who was there, `packed`."""
        return self._ids(compared=True)

    def bare(self, templates: Collection[BiometricKind]) -> int:
        """How many that count have none of these pieces."""
        pieces = tables.biometrics
        having = select(pieces.c.record_id).where(pieces.c.kind.in_(templates))
        query = rows.latest_query(None).where(tables.records.c.id.not_in(having))
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(query.subquery())) or 0

    def _ids(self, *, compared: bool) -> list[str]:
        query = _counting(compared=compared).order_by(tables.records.c.id).execution_options(yield_per=rows.BATCH)
        with self._database.read() as connection:
            return packed(connection.scalars(query))

    def settled(self) -> frozenset[frozenset[str]]:
        """Pairs of records of which two people have said what is so."""
        decided = select(_SUSPECTS.c.first, _SUSPECTS.c.second).where(_SUSPECTS.c.state != SuspicionState.OPEN)
        with self._database.read() as connection:
            return frozenset(frozenset((row.first, row.second)) for row in connection.execute(decided))

    def enter(self, found: Iterable[tuple[str, str, Likeness]], compared: Sequence[str]) -> int:
        """What a search found, which held `compared` (`packed`) against everybody; how many pairs nobody has known of."""
        at, new = self._audit.now(), set()
        with self._database.write() as connection:
            columns = _SUSPECTS.c.first, _SUSPECTS.c.second, _SUSPECTS.c.modality
            known = {tuple(row) for row in connection.execute(select(*columns))}
            for first, second, like in found:
                if (first, second, like.modality) not in known:
                    values = {"first": first, "second": second, **vars(like), "found_at": at}
                    connection.execute(insert(_SUSPECTS).values(values))
                    new.add((first, second))
            count = 0
            for some in batches(compared):
                before = set(connection.scalars(select(_COMPARED.c.record_id).where(_COMPARED.c.record_id.in_(some))))
                if new_ones := [{"record_id": one} for one in some if one not in before]:
                    connection.execute(insert(_COMPARED), new_ones)
                    count += len(new_ones)
            self._audit.append(connection, "suspects.search", compared=count, pairs=len(new))
        return len(new)

    def all(self) -> list[Suspicion]:
        """The open ones first, the most alike of them first."""
        found = self._read(select(_SUSPECTS))
        return sorted(found, key=lambda one: (not one.is_open, -max(like.score - like.limit for like in one.likenesses)))

    def find(self, number: int) -> Suspicion | None:
        """The pair that a row belongs to."""
        with self._database.read() as connection:
            row = connection.execute(select(_SUSPECTS).where(_SUSPECTS.c.number == number)).one_or_none()
        return next(iter(self._read(_of_pair(row))), None) if row is not None else None

    def decide(self, number: int, state: SuspicionState, *, reason: str, asked_by: Person, decided_by: Person) -> Suspicion:
        """What two people say. Raises StoreError ("suspect.unknown", "suspect.decided", "suspect.choice",
        "suspect.same_person"); without a reason."""
        require_reason(reason)
        if asked_by.same_as(decided_by):
            raise StoreError("suspect.same_person")
        if state is SuspicionState.OPEN:
            raise StoreError("suspect.choice")
        with self._database.write() as connection:
            row = connection.execute(select(_SUSPECTS).where(_SUSPECTS.c.number == number)).one_or_none()
            if row is None:
                raise StoreError("suspect.unknown")
            if row.state != SuspicionState.OPEN:
                raise StoreError("suspect.decided")
            said = {"state": state, **decision(reason, asked_by, decided_by, self._audit.now())}
            pair = (_SUSPECTS.c.first == row.first) & (_SUSPECTS.c.second == row.second)
            connection.execute(update(_SUSPECTS).where(pair).values(said))
            told = {"other": row.second, "state": state, "reason": reason}
            self._audit.append(
                connection, "suspects.decide", actor=decided_by.name, subject=row.first, asked_by=asked_by.name, **told
            )
        found = self.find(number)
        assert found is not None
        return found

    def _read(self, query: Select[Any]) -> list[Suspicion]:
        order = _SUSPECTS.c.first, _SUSPECTS.c.second, _SUSPECTS.c.number
        with self._database.read() as connection:
            found = connection.execute(query.order_by(*order)).all()
        return [_load(list(some)) for _, some in groupby(found, key=lambda row: (row.first, row.second))]


def _counting(*, compared: bool) -> Select[tuple[str]]:
    of_these = tables.records.c.id.in_(select(_COMPARED.c.record_id))
    return rows.latest_query(None).where(of_these if compared else ~of_these)


def forget(connection: Connection, gone: Collection[str]) -> None:
    """Records that are deleted."""
    left = sorted(gone)
    for start in range(0, len(left), _BATCH):
        batch = left[start : start + _BATCH]
        connection.execute(delete(_SUSPECTS).where(_SUSPECTS.c.first.in_(batch) | _SUSPECTS.c.second.in_(batch)))


def _of_pair(row: Row[Any]) -> Select[Any]:
    return select(_SUSPECTS).where(_SUSPECTS.c.first == row.first, _SUSPECTS.c.second == row.second)


def _load(of_pair: list[Row[Any]]) -> Suspicion:
    """The rows of a pair: what was found after the decision stands with it."""
    row = next((one for one in of_pair if one.state != SuspicionState.OPEN), of_pair[0])
    found_at: datetime = of_pair[0].found_at
    return Suspicion(
        row.number,
        row.first,
        row.second,
        tuple(Likeness(one.modality, one.score, one.limit) for one in of_pair),
        found_at,
        SuspicionState(row.state),
        row.decided_at,
        row.reason,
        *people_of(row),
    )
