from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.exchange import read_teachers
from tests.exchange.conftest import number

HEADER = (
    "姓名 性别 身份证号 出生年月 任教班级 任教学科 曾任教学科 教龄 职称 第一学历 第一学历专业 最高学历 最高学历专业".split()
)


def teacher(order: int, **changes: object) -> list[object]:
    values: dict[str, object] = dict(
        zip(
            HEADER,
            [
                f"教师{order}",
                "男" if order % 2 else "女",
                number(order, "19690101"),
                "196901",
                "1，2",
                "语文",
                "无",
                30,
                "高级",
                "本科",
                "汉语言文学",
                "硕士",
                "教育学",
            ],
            strict=True,
        )
    )
    return list({**values, **changes}.values())


def test_a_teachers_sheet_is_read(workbook: Callable[..., Path]) -> None:
    reading = read_teachers(workbook(教师=[HEADER, teacher(1, 出生年月="1969.1"), teacher(2, 任教班级=2)]), {"1", "2"})
    assert reading.problems == ()
    first, second = reading.teachers
    assert (first.classes, first.birth_month, first.years, first.title) == ("1,2", "196901", "30", "高级")
    assert second.classes == "2"


def test_each_rule_of_the_notice_names_its_cell(workbook: Callable[..., Path]) -> None:
    path = workbook(
        教师=[
            HEADER,
            teacher(1, 任教班级="1,9"),
            teacher(2, 任教班级="七五"),
            teacher(3, 任教学科="美术"),
            teacher(4, 曾任教学科="语文，无"),
            teacher(5, 教龄="三十年"),
            teacher(6, 职称=""),
            teacher(7, 出生年月="197001"),
            teacher(8, 最高学历="高中"),
            teacher(8),
            teacher(9),
            teacher(9),
        ]
    )
    reading = read_teachers(path, {"1", "2"})
    assert [
        (problem.row, problem.column, problem.message.code) for problem in sorted(reading.problems, key=lambda p: p.row)
    ] == [
        (2, "E", "roster.class_unknown"),
        (3, "E", "roster.class_number"),
        (4, "F", "roster.choice"),
        (5, "G", "roster.none_and_some"),
        (5, "G", "roster.former_is_current"),
        (6, "H", "roster.digits_only"),
        (7, "I", "roster.cell_empty"),
        (8, "D", "roster.birth_against_number"),
        (9, "L", "roster.choice"),
        (12, "C", "roster.duplicate_number"),
    ]
    assert [found.name for found in reading.teachers] == ["教师8", "教师9"]
    assert reading.rows_refused == 9
