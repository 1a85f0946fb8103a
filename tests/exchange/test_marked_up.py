from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl

from kiosk.exchange import read_roster
from kiosk.exchange.marked_up import write_marked_up
from kiosk.words import say_message
from tests.exchange.conftest import number

HEADER = ["姓名", "身份证号", "性别"]


def test_a_refused_roster_comes_back_marked_and_goes_in_once_it_is_mended(
    workbook: Callable[..., Path], tmp_path: Path
) -> None:
    path = workbook(
        名单=[["某校花名册"], HEADER, ["张三", int(number(1)), "男"], ["=李四", number(2), "女"], ["王五", number(4), "男"]],
        问题清单=[["别的"]],
    )
    reading = read_roster(path)
    out = tmp_path / "问题.xlsx"
    write_marked_up(path, out, reading.problems, reading.warnings, say=partial(say_message, "zh-CN"))

    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["问题清单2", "名单", "问题清单"]
    listed = [[cell.value for cell in row] for row in book["问题清单2"].iter_rows()]
    assert listed[0] == ["工作表", "行", "列", "内容", "类别", "问题"]
    assert [*listed[1][:3], listed[1][4]] == ["名单", "3", "B", "错误"]
    assert listed[2][:5] == ["名单", "4", "A", "=李四", "错误"]
    assert listed[3][:5] == ["名单", "5", "C", "男", "警告"]
    page = book["名单"]
    assert "数值格式" in page["B3"].comment.text
    assert page["B3"].fill.fgColor.rgb == "FFFFC7CE"
    assert page["C5"].fill.fgColor.rgb == "FFFFEB9C"
    assert page["A3"].comment is None
    assert page["A4"].value == "=李四"
    assert page["A4"].data_type == "s"

    page["B3"].value, page["A4"].value, page["C5"].value = number(1), "李四", "女"
    book.save(tmp_path / "mended.xlsx")
    mended = read_roster(tmp_path / "mended.xlsx")
    assert (len(mended.students), mended.problems, mended.warnings) == (3, (), ())

    write_marked_up(path, out, reading.problems, (), say=partial(say_message, "zh-CN"), simulated=True)
    book = openpyxl.load_workbook(out)
    assert "模拟" in book.sheetnames[0]
    assert {page.oddHeader.center.text for page in book} == {"模拟数据，不可用于报名"}
