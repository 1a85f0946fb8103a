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


def write_trail(entries: Sequence[AuditEntry], out: Path, told: Callable[[AuditEntry], tuple[str, str]]) -> None:
    """One line an entry, in the order given. `told` says in words what was done, and its details."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet("操作日志")
        write_head(page, _HEADERS.items(), style, landscape=True)
        for line, entry in enumerate(entries, start=1):
            action, detail = told(entry)
            page.write_number(line, 0, entry.number, style.text)
            for column, cell in enumerate((moment(entry.at), entry.actor, action, entry.subject, detail), start=1):
                page.write_string(line, column, cell, style.wrapped)
        page.autofilter(0, 0, max(len(entries), 1), len(_HEADERS) - 1)
