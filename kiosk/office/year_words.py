"""The yearly report in words, which are Chinese like every sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kiosk.clock import moment
from kiosk.exchange.erased_names import PART_NAMES, WHY_NAMES
from kiosk.exchange.year_sheet import Table, write_year_report
from kiosk.office.year_report import YearReport
from kiosk.records import Part
from kiosk.words import say

_TONGUE: Final = "zh-CN"
_WHO: Final = {"人员": 16, "操作": 26, "次数": 10, "涉及考生或记录": 16}


def write_report(report: YearReport, out: Path, *, school: str) -> None:
    """概况, 查看, 操作与决定, 例外, 删除."""
    trail = "完整" if report.first_broken is None else f"第{report.first_broken}条起不完整"
    facts = [("学校", school), ("年度", str(report.year)), ("本年采集", str(report.captured))]
    facts += [("现保存人脸人数", str(report.faces)), ("操作日志", trail), ("删除次数", str(len(report.deletions)))]
    sheets: dict[str, Table] = {
        "概况": ({"项目": 24, "内容": 48}, facts),
        "查看": (_WHO, [(one.actor, _action(one.action), one.times, one.subjects) for one in report.looks]),
        "操作与决定": (_WHO, [(one.actor, _action(one.action), one.times, one.subjects) for one in report.deeds]),
        "例外": (
            {"环节": 20, "决定人": 16, "次数": 10},
            [(say(_TONGUE, f"step.{step}"), actor, times) for step, actor, times in report.exceptions],
        ),
        "删除": (
            {"时间": 18, "原因": 18, "考生数": 10, "件数": 10, "内容": 40, "提出人": 14, "决定人": 14},
            [
                (
                    moment(one.at),
                    WHY_NAMES[one.why],
                    one.students,
                    one.pieces,
                    "、".join(PART_NAMES[part] for part in Part if any(part in parts for _, parts in one.entries)),
                    one.asked_by.name,
                    one.decided_by.name,
                )
                for one in report.deletions
            ],
        ),
    }
    write_year_report(sheets, out)


def _action(action: str) -> str:
    return say(_TONGUE, f"auditaction.{action}")
