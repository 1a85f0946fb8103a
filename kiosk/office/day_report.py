"""The day on paper: station, school, devices, tests of the morning, people, counts and plots, with who prints it and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Final

from kiosk.clock import moment
from kiosk.config import StationSettings
from kiosk.exchange import load_profile
from kiosk.exchange.day_paper import DayPaper, DayPlot, DayTable, print_day
from kiosk.exchange.forms import class_title
from kiosk.office.day import Day, Days, Span
from kiosk.office.day_words import DayWords
from kiosk.records import DeviceKind, DeviceTest
from kiosk.store import Store
from kiosk.words import say

_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks
_TITLE: Final = "采集日报"
# What is told in full: the numbers behind the other plots are on the page.
_IN_FULL: Final = frozenset({"decisions", "refusals", "faults", "scanners", "classes", "operators", "stations"})
_DEVICE_HEADERS: Final = ("设备", "型号", "适配程序")
_TEST_HEADERS: Final = ("时间", "检测人", "结果")
_REMARK: Final = (
    "人数按每名考生最后一次完成的采集计，与采集进度一致；用时为从放证到保存。本表不含考生姓名和证件号。"
    "打印后又有采集、复核或删除的，以重新打印的为准。"
)
_OF_A_CLASS: Final = "本表只统计一个班；设备、检测、设备故障和在岗人员不按班级筛选，在岗人员的人数是各人当天采集的总数。"


def day_report(store: Store, days: Days, station: StationSettings, span: Span, *, by: str, now: datetime) -> bytes:
    """The PDF. That it was printed is entered in the audit trail. Raises ExchangeError when it can't be set."""
    day, school = days.look(span), store.school.get()
    schools = store.roster.schools()
    words = DayWords(_PAPER, lambda group: class_title(group, schools))
    charts = words.charts(day)
    told = DayPaper(
        under="　".join(filter(None, (school.name, station.exam))) or station.name,
        note=words.span(day),
        facts=_facts(day, station, school.code, by, now),
        figures=[(name, count) for _, name, count in words.figures(day)],
        devices=DayTable("", _DEVICE_HEADERS, _devices(day)),
        tests=DayTable("", _TEST_HEADERS, [(moment(one.at), one.by, words.test(one)) for one in day.tests]),
        people=DayTable("", say(_PAPER, "ui.day.people_headers").split("|"), _people(day)),
        plots=[DayPlot(one.title, one.svg, one.summary) for one in charts if one.svg],
        tables=[DayTable(one.title, one.headers, one.rows) for one in charts if one.name in _IN_FULL],
        remark=_REMARK if span.group is None else _REMARK + _OF_A_CLASS,
        footer="　".join(filter(None, (school.name, station.name, f"打印：{by} {moment(now)}"))),
        no_tests=say(_PAPER, "ui.day.tests_none"),
    )
    content = print_day(told, title=_TITLE, simulated=store.simulated)
    store.audit.record("day.report", actor=by, first=span.first.isoformat(), last=span.last.isoformat())
    return content


def _facts(day: Day, station: StationSettings, code: str, by: str, now: datetime) -> list[tuple[str, str]]:
    names = [share.name[0] for share in day.stations] or [station.name]
    return [
        ("学校代码", code or "—"),
        ("考试", station.exam or "—"),
        ("采集站", "、".join(names)),
        ("导出方案", load_profile(station.profile).title),
        ("程序版本", version("exam-capture-kiosk")),
        ("打印", f"{by}　{moment(now)}"),
    ]


def _devices(day: Day) -> list[tuple[str, str, str]]:
    """Every device that stood there by the tests of the span, the last word on each first."""
    found: dict[tuple[DeviceKind, str], str] = {}
    for test in day.tests:
        for kind, model in test.devices.items():
            if model:
                found[kind, model] = _verified(test, kind)
    for one in day.scanners:
        if one.model:
            found.setdefault((DeviceKind.FINGER, one.model), "未记录")
    return [(say(_PAPER, f"device.{kind}"), model, told) for (kind, model), told in found.items()]


def _verified(test: DeviceTest, kind: DeviceKind) -> str:
    if test.unverified is None:
        return "未记录"
    return "未经实机验证" if kind in test.unverified else "已实机验证"


def _people(day: Day) -> Sequence[Sequence[str]]:
    return [
        (one.name, f"{one.first:%Y-%m-%d}", f"{one.first:%H:%M}", f"{one.last:%H:%M}", str(one.captured)) for one in day.duties
    ]
