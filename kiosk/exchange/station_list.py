"""All stations of an office as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange.file_names import marked
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head

_HEADERS: Final = {
    "学校": 24,
    "学校标识码": 14,
    "采集站": 16,
    "最后一个包": 18,
    "收到": 18,
    "名单人数": 10,
    "已采集": 10,
    "期间采集": 10,
    "每人秒数": 10,
    "指纹质量": 10,
    "扫描仪": 18,
    "拒绝": 8,
    "期间拒绝": 10,
    "缺包": 8,
    "未采用": 8,
    "时钟偏差（秒）": 14,
    "剩余磁盘（GB）": 14,
    "检测不合格项": 12,
    "程序版本": 12,
}


def write_stations(rows: Sequence[Sequence[str | float | None]], out: Path, *, simulated: bool = False) -> None:
    """One line a station, in the order of the headers; numbers as numbers, None where nobody knows."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(marked("各采集点", simulated=simulated))
        write_head(page, _HEADERS.items(), style, landscape=True)
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(line, column, cell, style.text)
                elif cell is not None:
                    page.write_number(line, column, cell, style.text)
        page.autofilter(0, 0, max(len(rows), 1), len(_HEADERS) - 1)
