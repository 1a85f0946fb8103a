"""Files that are made to hurt, and slips that would: each is read, or refused in words, within its limits."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bench.hostile_tables import (
    HOSTILE,
    STUDENTS,
    far,
    huge_text_in_place,
    many_cells,
    many_lines,
    many_rows,
    many_strings,
    quotes,
    workbook,
)
from kiosk.errors import ExchangeError
from kiosk.exchange import left_out, read_roster
from kiosk.words import LANGUAGES, say_error, say_message
from tests import reading as split_off

# How each ends: None: its students are taken.
ENDS: dict[str, str | None] = {
    "a blank in XFD1048576": None,
    "a blank in XFD20000": None,
    "a word in AZ1048576": None,
    "a blank in E1048576": None,
    "a cell that can't be": "table.bad_cell",
    "a cell of 500 MB": "table.part_too_large",
    "a cell of 200 MB in place": None,
    "500 MB of blanks": "table.part_too_large",
    "20 MB of cells": None,
    "rows beyond the limit": "table.too_many_rows",
    "260 columns": "table.too_many_columns",
    "100,000 elements deep": None,
    "entities of entities": "table.unreadable",
    "lines beyond the limit": "table.too_many_rows",
    "20 MB of commas": "table.too_many_columns",
    "fewer open quotation marks": None,
    "texts beyond the limit": "table.too_many_texts",
}


# What takes `bench.reading` longest: a tenth as large, or with a hundredth of the limit; read to the same end by the same way.
SHORTER: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "20 MB of cells": ("i.xlsx", partial(many_cells, rows=6_000)),
    "rows beyond the limit": ("j.xlsx", partial(many_rows, rows=1_300)),
    "texts beyond the limit": ("l.xlsx", partial(many_strings, texts=20_001)),
    "lines beyond the limit": ("o.csv", partial(many_lines, lines=1_300)),
    "fewer open quotation marks": ("q.csv", partial(quotes, lines=10_000)),
}
LOWERED = {"kiosk.tables.sheet:MOST_ROWS": 1_200, "kiosk.tables.xlsx:_MOST_TEXTS": 20_000}
FILES = {what: HOSTILE.get(what) or SHORTER[what] for what in ENDS}


def test_all_files_made_to_hurt_are_read() -> None:
    assert {name for name, _ in FILES.values()} == {name for name, _ in HOSTILE.values()}


@pytest.mark.parametrize("what", FILES)
def test_a_file_made_to_hurt_costs_the_station_nothing(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if what in SHORTER and ENDS[what] is not None:
        monkeypatch.setattr(split_off, "lowered", LOWERED)
    else:
        request.getfixturevalue("reading_processes_start_by_themselves")
    name, make = FILES[what]
    path = make(tmp_path / name)
    before = os.times()
    expected = ENDS[what]
    if expected is None:
        assert len(read_roster(path).students) == (0 if path.suffix == ".csv" else len(STUDENTS))
    else:
        with pytest.raises(ExchangeError) as caught:
            read_roster(path)
        said = [say_error(language, caught.value) for language in LANGUAGES]
        assert caught.value.code == expected
        assert all(name in words and "{" not in words for words in said)
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 15


@pytest.mark.parametrize("reference", ["XFD1048576", "E1048576", "XFD2"])
def test_a_stray_cell_is_told_with_its_place(reference: str, tmp_path: Path) -> None:
    reading = read_roster(far(reference, "制表")(tmp_path / "花名册.xlsx"))
    letters, number = reference.rstrip("0123456789"), reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    told = [say_message("zh-CN", line) for line in left_out(reading)]
    assert f"工作表“名单”{letters} 列没有表头，1 个单元格未使用（首个在第 {number} 行）" in told
    assert (len(reading.students), reading.problems) == (2, ())


@pytest.mark.usefixtures("reading_processes_start_by_themselves")
def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "花名册.xlsx", [" " * 100_000, "</sheetData></worksheet>"])
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    assert data.count(real.to_bytes(8, "little")) + data.count(real.to_bytes(4, "little")) > 0
    for width in (8, 4):
        data = bytearray(data.replace(real.to_bytes(width, "little"), (1000).to_bytes(width, "little")))
    path.write_bytes(data)
    with pytest.raises(ExchangeError, match=r"reading\.broken|table\.unreadable"):
        read_roster(path)


@pytest.mark.usefixtures("reading_processes_start_by_themselves")
def test_memory_that_runs_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as with a real bomb, with less to unpack."""
    from kiosk.arms_length.door import Limits
    from kiosk.exchange import reading

    monkeypatch.setattr(reading, "LIMITS", Limits(memory_mb=128))
    with pytest.raises(ExchangeError, match=r"reading\.too_large"):
        read_roster(huge_text_in_place(tmp_path / "花名册.xlsx"))
