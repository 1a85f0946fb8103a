"""What was kept for records, and which of it stands; opened for several records at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, select

from kiosk.errors import StoreError
from kiosk.records import OWN_FINGER, BiometricKind, FingerPosition, Step, StoredBiometric
from kiosk.store import codec, tables
from kiosk.store.database import Database
from kiosk.store.vault import SealedBlob, Vault

_BIOMETRICS: Final = tables.biometrics
_STEPS: Final = tables.steps

Standing = Mapping[str, Row[Any]]  # by kind


def standing(connection: Connection, record_ids: Sequence[str]) -> Mapping[str, Standing]:
    """By record and kind, the newest pieces that stand: of the last try of their step that brought any, where nobody ordered
    the step to be done again since, and nobody decided to go without this finger. Pictures of one try never mix with those of
    another."""
    pieces: dict[str, list[Row[Any]]] = defaultdict(list)
    tries: dict[str, dict[int, _Try]] = defaultdict(dict)
    of_these = _BIOMETRICS.c.record_id.in_(record_ids)
    for row in connection.execute(select(_BIOMETRICS).where(of_these).order_by(_BIOMETRICS.c.number)).all():
        pieces[row.record_id].append(row)
    if pieces:
        query = select(_STEPS.c.record_id, _STEPS.c.number, _STEPS.c.step, _STEPS.c.decided_by, _STEPS.c.detail)
        for row in connection.execute(query.where(_STEPS.c.record_id.in_(record_ids)).order_by(_STEPS.c.number)).all():
            position, redo = codec.load_place(row.detail, step := Step(row.step))
            tries[row.record_id][row.number] = _Try(step, bool(row.decided_by), position, redo)
    return {record_id: _standing(pieces[record_id], tries[record_id]) for record_id in record_ids}


class _Try(NamedTuple):
    step: Step
    decided: bool
    position: FingerPosition | None
    redo: bool


def _standing(pieces: Sequence[Row[Any]], tries: Mapping[int, _Try]) -> Standing:
    brought = {tries[piece.step].step: piece.step for piece in pieces if piece.step is not None}  # the last of each step

    def stands(piece: Row[Any]) -> bool:
        if piece.step is None:
            return True
        step = tries[piece.step].step
        since = [one for number, one in tries.items() if number >= piece.step and one.step is step]
        if brought[step] != piece.step or any(one.redo for one in since):
            return False
        return step not in OWN_FINGER or since[-1].position is not None or not since[-1].decided

    return {kind: piece for kind, piece in {piece.kind: piece for piece in pieces}.items() if stands(piece)}


def named_by(row: Row[Any]) -> StoredBiometric:
    """What a row of the identities says of a blob."""
    return StoredBiometric(row.record_id, BiometricKind(row.kind), row.blob_id, row.size, row.digest)


class Pieces:
    """The standing pieces of a few records, each fetched at its first use: what stands is looked up for all of them at once,
    and the `expected` kinds come out of the vault together, still sealed. A piece is opened each time that it is asked for."""

    def __init__(
        self, database: Database, vault: Vault, record_ids: Sequence[str], expected: Collection[BiometricKind] = ()
    ) -> None:
        self._database = database
        self._vault = vault
        self._record_ids = record_ids
        self._expected = frozenset(map(str, expected))
        self._turn = Lock()

    def fetch(self) -> None:
        """Look up and fetch what will be asked for, in a thread that nobody waits for: what goes wrong, who asks will learn."""
        with suppress(StoreError), self._turn:
            _ = self._sealed

    def get(self, record_id: str, kind: BiometricKind) -> bytes | None:
        """The piece of this kind, or None. Raises StoreError when it is gone or was tampered with."""
        with self._turn:
            row = self._standing[record_id].get(kind)
            sealed = None if row is None else self._sealed.get(row.blob_id)
        return None if row is None else self._vault.open(named_by(row), sealed)

    @cached_property
    def _standing(self) -> Mapping[str, Standing]:
        with self._database.read() as connection:
            return standing(connection, self._record_ids)

    @cached_property
    def _sealed(self) -> Mapping[str, SealedBlob]:
        wanted = [row.blob_id for of in self._standing.values() for kind, row in of.items() if kind in self._expected]
        try:
            return self._vault.fetch(wanted)
        except StoreError:  # a damaged page costs only the pieces that lie on it: each is asked for by itself
            return {}
