"""Reading back sees what is in the file, not what was meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from kiosk.errors import ExchangeError
from kiosk.exchange.read_back import read_rows


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_string(0, 0, " 李 & <晓晨>\n'")
        page.write_string(0, 27, "最后")
        page.write_number(2, 1, 630103)
        page.write_formula(2, 2, "=1+1")
    return path


def test_rows_come_as_they_stand_with_gaps_and_cells_that_are_no_text(tmp_path: Path) -> None:
    first, second, third = read_rows(workbook(tmp_path / "a.xlsx"))
    assert (first[0], first[27], len(first)) == (" 李 & <晓晨>\n'", "最后", 28)
    assert set(first[1:27]) == {""}
    assert second == []
    assert third == ["", None, None]


def test_a_file_that_was_cut_off_or_damaged_is_not_taken_for_whole(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet2.xml")):
        path.write_bytes(damaged)
        with pytest.raises(ExchangeError, match="not_readable"):
            list(read_rows(path))
