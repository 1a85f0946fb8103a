"""A list of what students handed in, as a class keeps it in Excel: read at arm's length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.exchange.left_out import overlooked
from kiosk.exchange.reading import Gathered, RowProblem, gather
from kiosk.records import Message


@dataclass(frozen=True)
class MaterialRow:
    """One row as it stands in the list: who, by what the row says of them, and which `papers` (a line each) are there."""

    name: str
    number: str  # of a document, or a substitute one; 无 where there is none
    registration_number: str
    school: str
    grade: str
    class_name: str
    papers: str
    handed_by: str
    box: str

    @property
    def kinds(self) -> Sequence[str]:
        """The papers that are there."""
        return self.papers.splitlines()


@dataclass(frozen=True)
class MaterialReading:
    """What a file gave."""

    rows: tuple[MaterialRow, ...]
    problems: tuple[RowProblem, ...]
    overlooked: tuple[Message, ...] = ()  # sheets that were not read, rows that nobody sees, columns that are no paper


def read_materials(path: Path, kinds: Sequence[str]) -> MaterialReading:
    """All sheets with a header. Raises ExchangeError as `read_roster` does."""
    task = "kiosk.tables.materials:read_materials"
    found: Gathered[MaterialRow] = gather(task, path, "materials", MaterialRow, columns={}, kinds=list(kinds))
    return MaterialReading(tuple(found.records), tuple(found.problems), overlooked(found.sheets, found.columns))
