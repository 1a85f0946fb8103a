"""考场情况记录表 and 存疑处理单: who came, who did not and what was decided, on paper and as a workbook; every cell is text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from kiosk.clock import moment
from kiosk.exchange import paper
from kiosk.exchange.file_names import marked
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.records import Decided, FoundBy, Presence, RoomCount

PRESENCE_NAMES: Final = {
    Presence.EXPECTED: "未到",
    Presence.IN: "已到",
    Presence.OUT: "提前离场",
    Presence.SUSPECTED: "存疑",
    Presence.SUBSTITUTE: "替考嫌疑",
    Presence.ABSENT: "缺考",
}
FOUND_NAMES: Final = {
    FoundBy.CARD: "身份证",
    FoundBy.SEAT: "座位",
    FoundBy.NUMBER: "号码",
    FoundBy.NAME: "姓名",
    FoundBy.FACE: "人脸",
    FoundBy.THUMB: "指纹",
    FoundBy.ROUND: "巡场核对",
}
DECIDED_NAMES: Final = {Decided.PASSED: "通过", Decided.SUBSTITUTE: "替考嫌疑"}
_COLUMNS: Final = {"座位": 14, "考号": 34, "姓名": 26, "情况": 20, "时间": 16, "核验方式": 20, "备注": 0}
_TOTALS: Final = {"考场": 40, "应到": 26, "已到": 26, "存疑": 26, "缺考": 26, "未到": 0}
_TOLD: Final = frozenset({Presence.ABSENT, Presence.EXPECTED, Presence.SUSPECTED, Presence.SUBSTITUTE, Presence.OUT})


@dataclass(frozen=True)
class AttendanceRow:
    """One candidate in a session; `note` is what was suspected, decided and by whom."""

    room: str
    seat: int
    exam_number: str
    name: str
    presence: Presence
    at: datetime | None
    found_by: FoundBy | None
    note: str = ""

    @property
    def cells(self) -> list[str]:
        by = FOUND_NAMES[self.found_by] if self.found_by is not None else ""
        when = moment(self.at) if self.presence not in (Presence.ABSENT, Presence.EXPECTED) else ""
        return [str(self.seat), self.exam_number, self.name, PRESENCE_NAMES[self.presence], when, by, self.note]

    @property
    def printed(self) -> list[str]:
        """For paper, whose heading has the day: hours alone leave room for the note."""
        seat, number, name, presence, when, by, note = self.cells
        return [seat, number, name, presence, when[-5:], by, note]

    @property
    def stands_out(self) -> bool:
        return self.presence in _TOLD or bool(self.note)


@dataclass(frozen=True)
class AttendanceSheet:
    """A session at a site. `open`: not closed yet, so that whoever is missing may still come."""

    title: str
    site: str
    subject: str
    when: str
    rooms: Sequence[RoomCount]
    rows: Sequence[AttendanceRow]
    made: str
    open: bool = False

    @property
    def under(self) -> str:
        return "　".join(filter(None, (self.site, self.subject, self.when)))

    @property
    def note(self) -> str:
        return f"打印于 {self.made}" + ("，本场尚未截止入场" if self.open else "")


def print_attendance(sheet: AttendanceSheet, *, simulated: bool = False) -> bytes:
    """A PDF: the counts of all rooms, then of each room whoever has to be told of. Raises ExchangeError."""
    totals = [[_room(one), *(str(value) for value in _figures(one))] for one in sheet.rooms]
    parts: list[dict[str, Any]] = [_part("各考场人数", _TOTALS, totals)]
    for room in sheet.rooms:
        told = [row.printed for row in sheet.rows if row.room == room.room and row.stands_out]
        twice = [f"有 {room.twice} 名考生在两个入口都被放行，请核对座位。"] if room.twice else []
        parts.append(_part(f"{_room(room)}　{_counted(room)}", _COLUMNS, told, "全部到齐，无特殊情况", twice))
    parts.append(_part("签字", {"监考员": 60, "巡考": 60, "考点主任": 0}, [["", "", ""]]))
    heading = {"title": f"{sheet.title}　考场情况记录表", "under": sheet.under, "note": sheet.note, "footer": sheet.site}
    return paper.typeset("sections", {**heading, "parts": parts}, simulated=simulated)


def write_attendance_book(sheet: AttendanceSheet, out: Path, *, simulated: bool = False) -> None:
    """An .xlsx: everybody, and the counts by room."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style = Style(book)
        page = book.add_worksheet(marked("考场情况记录", simulated=simulated))
        headers = ["考场", *_COLUMNS]
        write_head(page, [(header, 30.0 if header == "备注" else 16.0) for header in headers], style, landscape=True)
        for line, row in enumerate(sheet.rows, start=1):
            look = style.alarming if row.presence in (Presence.SUSPECTED, Presence.SUBSTITUTE) else style.text
            for column, cell in enumerate([row.room, *row.cells]):
                page.write_string(line, column, cell, look)
        page = book.add_worksheet(marked("人数", simulated=simulated))
        write_head(page, [(header, 12.0) for header in ("考场", "应到", "已到", "存疑", "缺考", "未到", "重复入场")], style)
        for line, one in enumerate(sheet.rooms, start=1):
            for column, cell in enumerate([one.room, *(str(value) for value in _figures(one)), str(one.twice)]):
                page.write_string(line, column, cell, style.text)


@dataclass(frozen=True, eq=False)
class SuspicionSheet:
    """One suspicion as invigilators see it: the photograph beside the captured portrait, and whose face it may be."""

    title: str
    site: str
    subject: str
    name: str
    exam_number: str
    seat: str
    at: datetime
    why: str
    scores: Sequence[tuple[str, str]]
    like: Sequence[str]
    photograph: bytes
    portrait: bytes
    decided: str = ""
    reason: str = ""
    by: Sequence[str] = ()


def print_suspicion(sheet: SuspicionSheet, *, made: str, simulated: bool = False) -> bytes:
    """A page to be signed by two invigilators. Raises ExchangeError."""
    facts = [
        ("考试", f"{sheet.title}　{sheet.subject}"),
        ("考生", f"{sheet.name}　{sheet.exam_number}"),
        ("座位", sheet.seat),
        ("时间", moment(sheet.at)),
        ("存疑原因", sheet.why),
        *sheet.scores,
        ("与谁相像", "、".join(sheet.like) or "本考点没有相像的人"),
        ("处理决定", sheet.decided or "□ 通过　　□ 替考嫌疑"),
        ("理由", sheet.reason),
    ]
    told = {
        "title": "入场核验存疑处理单",
        "site": sheet.site,
        "made": f"打印于 {made}",
        "facts": facts,
        "photograph": paper.picture(sheet.photograph or None),
        "portrait": paper.picture(sheet.portrait or None),
        "by": list(sheet.by),
    }
    return paper.typeset("suspicion", told, simulated=simulated)


def _part(
    title: str, columns: dict[str, int], rows: list[list[str]], none: str = "", alarms: Sequence[str] = ()
) -> dict[str, Any]:
    told = {"title": title, "headers": list(columns), "widths": list(columns.values())}
    return {**told, "rows": rows, "none": none, "alarms": list(alarms)}


def _room(one: RoomCount) -> str:
    return f"第{one.room}考场"


def _figures(one: RoomCount) -> tuple[int, int, int, int, int]:
    return one.expected, one.came, one.suspected, one.absent, one.missing


def _counted(one: RoomCount) -> str:
    return f"应到 {one.expected}　已到 {one.came}　存疑 {one.suspected}　缺考 {one.absent}"
