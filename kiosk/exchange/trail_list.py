"""The audit trail as a sheet, for those who check what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.clock import moment
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import AuditEntry

_HEADERS: Final = {"序号": 8, "时间": 18, "操作人": 14, "操作": 22, "对象": 36, "详情": 70}


def write_trail(entries: Sequence[AuditEntry], out: Path, name_of: Callable[[str], str]) -> None:
    """One line an entry, in the order given. `name_of` says an action in words."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet("操作记录")
        write_head(page, _HEADERS.items(), style, landscape=True)
        for line, entry in enumerate(entries, start=1):
            page.write_number(line, 0, entry.number, style.text)
            cells = (moment(entry.at), entry.actor, name_of(entry.action), entry.subject, detail_text(entry))
            for column, cell in enumerate(cells, start=1):
                page.write_string(line, column, cell, style.wrapped)
        page.autofilter(0, 0, max(len(entries), 1), len(_HEADERS) - 1)


def detail_text(entry: AuditEntry) -> str:
    """What belongs to an entry, as it was kept."""
    return "；".join(f"{name}: {value}" for name, value in entry.detail.items())
