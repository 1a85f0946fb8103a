"""The list of those turned away and of captures broken off, as a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.clock import moment
from kiosk.exchange.file_names import marked
from kiosk.exchange.forms import class_title
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.exchange.state_names import REASON_NAMES
from kiosk.records import Refusal, RefusalKind, RefusalReason, Student
from kiosk.surrogate import number_of

KIND_NAMES: Final[Mapping[RefusalKind, str]] = {RefusalKind.TURNED_AWAY: "拒绝采集", RefusalKind.ABORTED: "终止采集"}
_STRANGER: Final = "不在花名册"
_HEADERS: Final = {
    "时间": 18,
    "类别": 10,
    "原因": 22,
    "姓名": 12,
    "身份证号": 22,
    "班级": 14,
    "经办人": 12,
    "说明": 40,
}


def write_refusals(entries: Sequence[tuple[Refusal, Student | None]], out: Path, *, simulated: bool = False) -> None:
    """One line an entry, in the order given; attempts at impersonation stand out."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(marked("拒绝与终止", simulated=simulated))
        write_head(page, _HEADERS.items(), style, landscape=True)
        schools = tuple(dict.fromkeys(student.school_name for _, student in entries if student))
        for line, (refusal, student) in enumerate(entries, start=1):
            look = style.alarming if refusal.reason is RefusalReason.IMPERSONATION else style.text
            cells = (
                moment(refusal.at),
                KIND_NAMES[refusal.kind],
                REASON_NAMES[refusal.reason],
                refusal.name,
                number_of(refusal.id_number),
                class_title(student.group, schools) if student else _STRANGER,
                refusal.by.name,
                refusal.note,
            )
            for column, cell in enumerate(cells):
                page.write_string(line, column, cell, look)
        page.autofilter(0, 0, max(len(entries), 1), len(_HEADERS) - 1)
