"""设备检测记录: the result of a test as a page to sign and file, and as the line that other papers carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kiosk.exchange import paper
from kiosk.records import CheckPoint, DeviceTest, Measure, Message, PointFinding, Verdict

_TITLE: Final = "设备检测记录"
_NAMES: Final = {Verdict.PASS: "合格", Verdict.REVIEW: "需注意", Verdict.FAIL: "不合格"}
_NOT_DONE: Final = "未检测"


def devices_line(test: DeviceTest | None) -> str:
    """What papers of the day say of the devices: `设备检测：2026-10-28 07:40 全部合格（王老师）`."""
    if test is None:
        return "设备检测：无记录"
    count = len(test.failed) + len(test.missing)
    result = "全部合格" if test.good else f"{count} 项不合格或未检测"
    return f"设备检测：{test.at.astimezone():%Y-%m-%d %H:%M} {result}（{test.by}）"


def print_device_test(
    test: DeviceTest,
    *,
    station: str,
    school: str,
    point: Callable[[CheckPoint], str],
    measured: Callable[[Measure], str],
    hint: Callable[[Message], str],
    simulated: bool = False,
) -> bytes:
    """A PDF: each point with its result, what was measured, and what was to be done; a place to sign. `point`, `measured` and
    `hint` say things in words.
    """
    findings = {finding.point: finding for finding in test.findings}
    devices = "　".join(name for name in test.devices.values() if name)
    rows = [_row(str(number), point(one), findings.get(one), measured, hint) for number, one in enumerate(test.wanted, start=1)]
    signature = {"marked": False, "cells": ["", "检测人签字", "", "", ""]}
    note = "　".join(part for part in (station, devices_line(test), devices) if part)
    return paper.typeset(
        "class_list",
        {
            "title": _TITLE,
            "footer": school,
            "headers": ["序号", "项目", "结果", "测得值（要求）", "说明"],
            "widths": [12, 26, 18, 52, 0],
            "inset": 6,
            "long": True,
            "groups": [{"name": school or station, "note": note, "rows": [*rows, signature]}],
        },
        simulated=simulated,
    )


def _row(
    number: str,
    name: str,
    finding: PointFinding | None,
    measured: Callable[[Measure], str],
    hint: Callable[[Message], str],
) -> dict[str, Any]:
    if finding is None:
        return {"marked": True, "cells": [number, name, _NOT_DONE, "", ""]}
    measures = "；".join(measured(one) for one in finding.measures if one.verdict is not Verdict.PASS)
    hints = "；".join(hint(message) for message in finding.hints)
    return {
        "marked": finding.verdict is not Verdict.PASS,
        "cells": [number, name, _NAMES[finding.verdict], measures, hints],
    }
