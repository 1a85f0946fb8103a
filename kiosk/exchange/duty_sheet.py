"""联系人与值班表: whom to call and who is there on which day, as a page to hang up and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from kiosk.exchange import paper
from kiosk.exchange.file_names import marked
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import Contact, Duty, Gap, HelpLine, School, Subject, Task, Whose

SUBJECT_NAMES: Final = {
    Subject.CARD: "身份证读卡器",
    Subject.CAMERA: "摄像头",
    Subject.FINGER: "指纹仪",
    Subject.COMPUTER: "电脑与打印机",
    Subject.SOFTWARE: "采集程序",
    Subject.OFFICE: "考务办公室",
    Subject.HOTLINE: "24 小时值班电话",
    Subject.GROUP: "工作群",
}
TASK_NAMES: Final = {
    Task.SUPERVISOR: "负责人",
    Task.OPERATOR: "采集员",
    Task.TECHNICIAN: "技术保障",
    Task.GUIDE: "秩序引导",
}
_SCHOOL: Final = {"姓名": 26, "职务": 34, "手机": 34, "办公电话": 0}
_LINES: Final = {"事项": 34, "单位": 48, "联系人": 24, "电话（群号）": 36, "说明": 0}
_DUTIES: Final = {"日期": 36, "任务": 26, "姓名": 34, "电话": 40, "签到": 0}
_WEEKDAYS: Final = "一二三四五六日"


@dataclass(frozen=True)
class CallSheet:
    """What there is to be told."""

    school: School
    lines: Sequence[HelpLine]
    duties: Sequence[Duty]
    gaps: Sequence[Gap]

    def parts(self) -> list[dict[str, Any]]:
        """Each list with its title, headers and rows."""
        named = [one for one in self.school.contacts if one.name]
        return [
            _part("学校考试联系人", _SCHOOL, [_of_contact(one) for one in named], "尚未填写（学校页）"),
            *(
                _part(title, _LINES, [_of_line(one) for one in self.lines if one.whose is whose], "尚未填写")
                for whose, title in ((Whose.VENDOR, "设备厂家"), (Whose.DISTRICT, "上级考务部门"))
            ),
            _part("值班表", _DUTIES, [_of_duty(one) for one in self.duties], "尚未安排", [gap_words(one) for one in self.gaps]),
        ]


def print_calls(sheet: CallSheet, *, made: str, simulated: bool = False) -> bytes:
    """A PDF to hang up beside the station. `made`: when it was printed. Raises ExchangeError."""
    told = {
        "title": "联系人与值班表",
        "under": sheet.school.name or "（学校名称未填写）",
        "note": f"打印于 {made}",
        "footer": sheet.school.name,
        "parts": sheet.parts(),
    }
    return paper.typeset("sections", told, simulated=simulated)


def write_calls(sheet: CallSheet, out: Path, *, simulated: bool = False) -> None:
    """An .xlsx with a sheet for each list; every cell is text."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style = Style(book)
        for part in sheet.parts():
            page = book.add_worksheet(marked(part["title"], simulated=simulated))
            widths = (max(width / 2, 10) if width else 30 for width in part["widths"])
            write_head(page, zip(part["headers"], widths, strict=True), style, landscape=True)
            rows = [*part["rows"], *([alarm] for alarm in part["alarms"])]
            for line, cells in enumerate(rows, start=1):
                look = style.text if len(cells) > 1 else style.alarming
                for column, cell in enumerate(cells):
                    page.write_string(line, column, cell, look)


def gap_words(gap: Gap) -> str:
    """`2026-10-12（周一）是采集日，还没有安排：负责人。`"""
    return f"{_day(gap.day)}是采集日，还没有安排：{'、'.join(TASK_NAMES[task] for task in gap.tasks)}。"


def _part(title: str, columns: dict[str, int], rows: list[list[str]], none: str, alarms: Sequence[str] = ()) -> dict[str, Any]:
    told = {"title": title, "headers": list(columns), "widths": list(columns.values())}
    return {**told, "rows": rows, "none": none, "alarms": list(alarms)}


def _of_contact(one: Contact) -> list[str]:
    return [one.name, one.duty, one.mobile, one.phone]


def _of_line(one: HelpLine) -> list[str]:
    return [SUBJECT_NAMES[one.subject], one.name, one.person, one.phone, one.note]


def _of_duty(one: Duty) -> list[str]:
    return [_day(one.day), TASK_NAMES[one.task], one.name, one.phone, ""]


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}（周{_WEEKDAYS[day.weekday()]}）"
