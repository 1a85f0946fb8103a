"""Reads the roster (花名册) that a school filed. Rows read = students taken + rows refused; nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError
from kiosk.exchange import cells
from kiosk.exchange.cells import Unreadable
from kiosk.exchange.headers import Header, column_letters, find_header
from kiosk.exchange.sheets import Cell, Sheet, read_sheets
from kiosk.records import Message, Student

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("姓名", "学生姓名", "考生姓名"),
    "id_number": ("身份证号", "身份证号码", "身份证件号", "公民身份号码", "证件号码"),
    "grade": ("年级",),
    "class_name": ("班级", "班级名称", "班"),
    "registration_number": ("考籍号", "学籍号"),
}
_REQUIRED: Final = ("name", "id_number")
_MENDERS: Final[Mapping[str, Callable[[Cell], str]]] = {
    "name": cells.name,
    "id_number": cells.id_number,
    "grade": cells.plain,
    "class_name": cells.plain,
    "registration_number": cells.code,
}


@dataclass(frozen=True)
class RowProblem:
    """A cell that kept its row from being taken. Row and column as the program that wrote the file shows them."""

    sheet: str
    row: int
    column: str
    value: str
    message: Message


@dataclass(frozen=True)
class RosterReading:
    """What a file gave."""

    students: tuple[Student, ...]
    problems: tuple[RowProblem, ...]

    @property
    def rows_refused(self) -> int:
        return len({(problem.sheet, problem.row) for problem in self.problems})


def read_roster(path: Path) -> RosterReading:
    """Students of all sheets that have a header; raises ExchangeError when no sheet has one, or the file is no table."""
    students: list[Student] = []
    problems: list[RowProblem] = []
    first_seen: dict[str, int] = {}
    understood = 0
    for sheet in read_sheets(path):
        header = find_header(sheet.rows, _NAMES, _REQUIRED)
        if header is None:
            continue
        understood += 1
        for index in range(header.row + 1, len(sheet.rows)):
            if not any(cell != "" for cell in sheet.rows[index]):
                continue
            student = _read_row(sheet, header, index, problems)
            if student is None:
                continue
            if student.id_number in first_seen:
                other = Message("roster.duplicate_number", {"row": first_seen[student.id_number]})
                problems.append(_problem(sheet, header, index, "id_number", other))
            else:
                first_seen[student.id_number] = index + 1
                students.append(student)
    if not understood:
        raise ExchangeError("roster.no_header", file=path.name, wanted="、".join(_NAMES[field][0] for field in _REQUIRED))
    return RosterReading(tuple(students), tuple(problems))


def _read_row(sheet: Sheet, header: Header, index: int, problems: list[RowProblem]) -> Student | None:
    values: dict[str, str] = {}
    sound = True
    for field, column in header.columns.items():
        try:
            cell = sheet.rows[index][column]
            if field in _REQUIRED and not cells.plain(cell):
                raise Unreadable("roster.cell_empty")
            values[field] = _MENDERS[field](cell)
        except Unreadable as fault:
            problems.append(_problem(sheet, header, index, field, fault.message))
            sound = False
    return Student(**values) if sound else None


def _problem(sheet: Sheet, header: Header, index: int, field: str, message: Message) -> RowProblem:
    column = header.columns[field]
    return RowProblem(sheet.name, index + 1, column_letters(column), cells.shown(sheet.rows[index][column]), message)
