"""An empty roster for a registration system: the columns that its profile is filled from, as text, with what may be written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange.profile import Profile, Source
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import Student
from kiosk.tables.rules import ColumnRule, Kind, load_rules

_ROWS: Final = 3000  # cells that are text beforehand: numbers typed into them keep all their digits
_WIDTH: Final = 20
_MOST_LISTED: Final = 20
_LONGEST_LIST: Final = 255  # characters: Excel's limit
_ONLY_THE_ROSTER: Final = ("student_number", "registration_number", "school_code", "grade", "class_name")  # no card has them
# Fields of a profile that are made out of others of the roster.
_MADE_OF: Final = {
    "class_code": ("grade", "class_name"),
    "sex_code": ("sex",),
    "ethnicity_code": ("ethnicity",),
    "birth": ("birth_text",),
    "document_number": ("document_type",),
    "exam_id_number": ("document_type", "sex", "birth_text"),  # by the last two the student is known again at the next exam
    "nationality": ("document_type",),
    "compatriot_or_foreigner": ("document_type",),
}
_ALWAYS: Final = ("name", "id_number", "grade", "class_name")


def write_template(profile: Profile, path: Path) -> None:
    """Write the .xlsx: a header, required columns with an asterisk, drop-down lists where only some values are taken."""
    rules = load_rules("teachers" if profile.source is Source.TEACHERS else "students")
    wanted = _fields(profile)
    columns = [rule for rule in rules.columns if rule.required or rule.field in wanted]
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet("名单")
        write_head(page, ((f"*{rule.header}" if rule.required else rule.header, _WIDTH) for rule in columns), style)
        page.set_column(0, len(columns) - 1, _WIDTH, style.text)
        for at, rule in enumerate(columns):
            choices = _choices(rule)
            if choices:
                page.data_validation(1, at, _ROWS, at, {"validate": "list", "source": choices})


def unnamed_columns(profile: Profile, fields: Collection[str]) -> tuple[str, ...]:
    """The headers of what a profile may not lack and a roster with these fields does not tell; a card may tell it later."""
    required = {column.field for column in profile.columns if column.field and column.required}
    wanted = {"class_name", *required, *(part for name in required for part in _MADE_OF.get(name, ()))}
    rules = load_rules("students").columns
    return tuple(rule.header for rule in rules if rule.field in wanted and rule.field not in fields)


def lacking_values(profile: Profile, students: Iterable[Student]) -> dict[str, list[Student]]:
    """Who has nothing in a field that a profile may not lack and that only the roster can tell, by the column's header."""
    rules, found = load_rules("students"), dict[str, list[Student]]()
    wanted = [(rules.column(name).header, name) for name in _ONLY_THE_ROSTER if name in profile.required_fields]
    for student in students:
        for header, name in wanted:
            if not getattr(student, name):
                found.setdefault(header, []).append(student)
    return found


def _fields(profile: Profile) -> set[str]:
    if profile.source is Source.TEACHERS:
        return set()
    named = {column.field for column in profile.columns if column.field}
    named |= {split.value for split in profile.sheet.split}
    named |= {name for picture in profile.pictures for name in picture.named_by}
    return {*_ALWAYS, *named, *(part for name in named for part in _MADE_OF.get(name, ()))}


def _choices(rule: ColumnRule) -> list[str]:
    if rule.kind is Kind.SEX:
        return ["男", "女"]
    listed = [name for name in rule.choices if len(name) > 1 or not name.isascii()]
    fits = len(listed) <= _MOST_LISTED and sum(map(len, listed)) + len(listed) <= _LONGEST_LIST
    return listed if rule.kind is Kind.CHOICE and fits else []
