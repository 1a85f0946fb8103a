"""Reads a class's list of consents, at arm's length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.exchange.reading import ColumnReading, Gathered, RowProblem, gather
from kiosk.records import Basis, Consent

_BASES: Final = {
    "own": (Basis.OWN, True),
    "guardian": (Basis.GUARDIAN, True),
    "statutory": (Basis.STATUTORY, True),
    "no": (Basis.OWN, False),
    "guardian_no": (Basis.GUARDIAN, False),
}


@dataclass(frozen=True)
class ConsentRow:
    """One row as it stands in the list."""

    name: str
    id_number: str
    basis: str
    guardian: str
    relation: str
    phone: str

    @property
    def consent(self) -> Consent:
        """What it says."""
        basis, agreed = _BASES[self.basis]
        return Consent(basis, agreed, self.guardian, self.relation, self.phone)


@dataclass(frozen=True)
class ConsentReading:
    """What a file gave."""

    rows: tuple[ConsentRow, ...]
    problems: tuple[RowProblem, ...]
    columns: tuple[ColumnReading, ...] = ()


def read_consents(path: Path, columns: Mapping[str, str] | None = None) -> ConsentReading:
    """Consents of all sheets that have a header. Raises ExchangeError as `read_roster` does."""
    task = "kiosk.tables.consents:read_consents"
    found: Gathered[ConsentRow] = gather(task, path, "consents", ConsentRow, columns=dict(columns or {}))
    return ConsentReading(tuple(found.records), tuple(found.problems), tuple(found.columns))
