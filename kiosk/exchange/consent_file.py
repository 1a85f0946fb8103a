"""A class's list of consents: read at arm's length, and written to be filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange.reading import ColumnReading, Gathered, RowProblem, gather
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import Basis, Consent, Student
from kiosk.tables.rules import load_rules

_WIDTH: Final = 18
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


def write_consent_list(rows: Sequence[tuple[Student, Consent | None]], path: Path) -> None:
    """The same list as .xlsx, to be filled in: everybody with their class, and what is known already."""
    rules = load_rules("consents")
    known = {meant: rules.column("basis").name_of(meant) for meant in _BASES}
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(rules.title)
        headers = ("年级", "班级", *(column.header for column in rules.columns))
        write_head(page, ((header, _WIDTH) for header in headers), style)
        page.set_column(0, len(headers) - 1, _WIDTH, style.text)
        for line, (student, one) in enumerate(rows, start=1):
            told = known.get(_key(one), "") if one is not None else ""
            who = (one.guardian, one.relation, one.phone) if one is not None else ("", "", "")
            cells = (student.grade, student.class_name, student.name, student.id_number, told, *who)
            for column, cell in enumerate(cells):
                page.write_string(line, column, cell, style.text)
        at = headers.index(rules.column("basis").header)
        page.data_validation(1, at, max(len(rows), 1), at, {"validate": "list", "source": list(known.values())})


def _key(one: Consent) -> str:
    return next((key for key, meant in _BASES.items() if meant == (one.basis, one.agreed)), "")
