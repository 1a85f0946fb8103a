"""Reads what was found of students (点名结果, 身份证验证结果), at arm's length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.exchange.left_out import overlooked
from kiosk.exchange.reading import Gathered, RowProblem, gather
from kiosk.records import Message

FindingKind = Literal["roll_calls", "id_checks"]


@dataclass(frozen=True)
class FindingRow:
    """One row as it stands in the list; `outcome` is of a `RollCall` or an `IdCheck`, `row` as Excel counts it."""

    name: str
    id_number: str
    outcome: str
    note: str
    sheet: str
    row: str


@dataclass(frozen=True)
class FindingReading:
    """What a file gave; `waiting` rows say that nothing is decided yet."""

    rows: tuple[FindingRow, ...]
    problems: tuple[RowProblem, ...]
    waiting: int
    overlooked: tuple[Message, ...]  # sheets that were not read, rows that nobody sees


def read_findings(path: Path, kind: FindingKind, columns: Mapping[str, str] | None = None) -> FindingReading:
    """Findings of all sheets that have a header. Raises ExchangeError as `read_roster` does."""
    task = "kiosk.tables.findings:read_findings"
    found: Gathered[FindingRow] = gather(task, path, "findings", FindingRow, of=kind, columns=dict(columns or {}))
    return FindingReading(tuple(found.records), tuple(found.problems), found.counts["waiting"], overlooked(found.sheets))
