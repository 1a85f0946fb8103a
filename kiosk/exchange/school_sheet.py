"""学校信息表: the school and its contacts, as exam offices collect them before a registration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange.file_names import marked
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import School

_SCHOOL: Final = {
    "学校标识码": ("code", 16),
    "学校名称": ("name", 32),
    "所在县（市、区）": ("district", 16),
    "校长": ("principal", 12),
    "学校地址": ("address", 36),
    "邮政编码": ("postcode", 10),
    "学校电话": ("phone", 18),
}
_CONTACTS: Final = {"序号": 6, "考试联系人": 14, "职务": 14, "手机": 16, "办公电话": 18, "学校标识码": 16, "学校名称": 32}


def write_school(school: School, out: Path, *, simulated: bool = False) -> None:
    """A sheet with the school on one line, and one with a line for each contact. Every cell is text."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(marked("学校信息", simulated=simulated))
        write_head(page, ((header, width) for header, (_, width) in _SCHOOL.items()), style, landscape=True)
        for column, (field, _) in enumerate(_SCHOOL.values()):
            page.write_string(1, column, getattr(school, field), style.text)
        page = book.add_worksheet(marked("考试联系人", simulated=simulated))
        write_head(page, _CONTACTS.items(), style, landscape=True)
        for line, one in enumerate((one for one in school.contacts if one.name), start=1):
            cells = (str(line), one.name, one.duty, one.mobile, one.phone, school.code, school.name)
            for column, cell in enumerate(cells):
                page.write_string(line, column, cell, style.text)
