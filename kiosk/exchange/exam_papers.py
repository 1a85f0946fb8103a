"""The papers of an exam: 准考证, 考生信息汇总表, 考场座次表, 考场核对表, 桌贴."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

from kiosk import idnumber
from kiosk.exchange import paper
from kiosk.exchange.fields import FIELDS, ExportRow
from kiosk.exchange.forms import class_title
from kiosk.exchange.seating import Seat
from kiosk.records import ClassKey, Exam, ExamSession, Student, room_order
from kiosk.surrogate import number_of

Portraits = Callable[[Student], bytes | None]
_COLUMNS: Final = 6  # desks side by side
_ROOM_MM: Final = 152  # of the page's height that the desks share
_LINES: Final = 10  # of desks on a page: more would leave no place for a name
_GAP_MM: Final = 2
_WEEK: Final = "一二三四五六日"
_FEW: Final = 2  # sessions that a ticket of the small size has room for
_TALLEST_MM: Final = 24


def admission_tickets(seats: Sequence[Seat], portraits: Portraits, *, exam: Exam, simulated: bool = False) -> bytes:
    """准考证, eight to a page, six where there are several sessions; by classes, so that teachers can hand them out."""
    ordered = sorted(seats, key=lambda seat: (seat.student.group.order, seat.student.exam_number))
    people = [_seat(seat, portraits) for seat in ordered]
    sessions = [_when(one) for one in exam.sessions]
    told = {"title": exam.title, "site": exam.site, "sessions": sessions, "rows": 4 if len(sessions) <= _FEW else 3}
    return paper.typeset("tickets", {**told, "people": people}, simulated=simulated)


def summary_list(seats: Sequence[Seat], *, exam: Exam, footer: str = "", simulated: bool = False) -> bytes:
    """考生信息汇总表 by class."""
    groups: dict[ClassKey, list[Seat]] = defaultdict(list)
    for seat in sorted(seats, key=lambda seat: seat.student.exam_number):
        groups[seat.student.group].append(seat)
    schools = tuple(dict.fromkeys(seat.student.school_name for seat in seats))
    return paper.typeset(
        "class_list",
        {
            "title": f"{exam.title}　考生信息汇总表",
            "when": _times(exam),
            "footer": footer,
            "headers": ["序号", "考号", "姓名", "性别", "身份证号", "科类", "考场", "座号"],
            "widths": [12, 30, 0, 12, 42, 16, 14, 14],
            "inset": 4,
            "long": False,
            "groups": [
                {
                    "name": class_title(key, schools),
                    "note": f"共 {len(groups[key])} 人",
                    "rows": [_summary(number, seat) for number, seat in enumerate(groups[key], start=1)],
                }
                for key in sorted(groups, key=lambda key: key.order)
            ],
        },
        simulated=simulated,
    )


def seating_plans(seats: Sequence[Seat], *, exam: Exam, footer: str = "", simulated: bool = False) -> bytes:
    """考场座次表: one page a room, desks in columns that snake, seat 1 at the front left."""
    rooms = [_plan(number, members) for number, members in _rooms(seats)]
    return paper.typeset("seats", {**_head(exam), "footer": footer, "rooms": rooms}, simulated=simulated)


def check_sheets(
    seats: Sequence[Seat], portraits: Portraits, *, exam: Exam, footer: str = "", simulated: bool = False
) -> bytes:
    """考场核对表: the faces of each room, to be ticked by the invigilator."""
    rooms = [
        {"number": number, "note": _note(members), "seats": [_seat(seat, portraits) for seat in members]}
        for number, members in _rooms(seats)
    ]
    return paper.typeset("check_sheet", {**_head(exam), "footer": footer, "rooms": rooms}, simulated=simulated)


def desk_labels(seats: Sequence[Seat], *, exam: Exam, simulated: bool = False) -> bytes:
    """桌贴, twelve to a page."""
    people = [_seat(seat, lambda _: None) for seat in seats]
    head = {"title": exam.title, "when": "　".join(filter(None, (exam.title, _times(exam))))}
    return paper.typeset("labels", {**head, "people": people}, simulated=simulated)


def _rooms(seats: Sequence[Seat]) -> list[tuple[str, list[Seat]]]:
    rooms: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        rooms[seat.room].append(seat)
    return sorted(rooms.items(), key=lambda one: room_order(one[0]))


def _when(session: ExamSession) -> dict[str, str]:
    """A session as a ticket has it: `2027-06-07（周一）`, `09:00—11:30`, `09:15`."""
    start, end, latest = (at.astimezone() for at in (session.starts_at, session.ends_at, session.latest_entry))
    end_day = "" if end.date() == start.date() else f"{end:%m-%d} "
    day = f"{start:%m-%d}（周{_WEEK[start.weekday()]}）"
    return {
        "subject": session.subject,
        "year": f"{start:%Y-}",
        "day": day,
        "time": f"{start:%H:%M}—{end_day}{end:%H:%M}",
        "entry": f"{latest:%H:%M}",
    }


def _head(exam: Exam) -> dict[str, str]:
    return {"title": exam.title, "when": _times(exam)}


def _times(exam: Exam) -> str:
    """Where and when, in one line: `考点：第一中学　2027-06-07（周一）语文 09:00—11:30、数学 15:00—17:00；…`."""
    days: dict[str, list[str]] = defaultdict(list)
    for one in map(_when, exam.sessions):
        days[one["year"] + one["day"]].append("{subject} {time}".format(**one))
    told = "；".join(day + "、".join(subjects) for day, subjects in days.items())
    return "　".join(filter(None, (f"考点：{exam.site}" if exam.site else "", told)))


def _seat(seat: Seat, portraits: Portraits) -> dict[str, Any]:
    student = seat.student
    return {
        "name": student.name,
        "sex": sex_of(student),
        "class": class_title(student.group),
        "exam_number": student.exam_number,
        "id_number": idnumber.masked(student.id_number),
        "room": seat.room,
        "place": seat.place,
        "seat": f"{seat.number:02d}",
        "portrait": paper.picture(portraits(student)),
    }


def _summary(number: int, seat: Seat) -> dict[str, Any]:
    student = seat.student
    who = [str(number), student.exam_number, student.name, sex_of(student), number_of(student.id_number), student.stream]
    return {"marked": False, "cells": [*who, seat.room, f"{seat.number:02d}"]}


def sex_of(student: Student) -> str:
    """As the roster has it, or else the ID number."""
    return str(FIELDS["sex"](ExportRow(student=student)) or "")


def _note(members: Sequence[Seat]) -> str:
    """Who sits in a room: `高一　文科　26001 — 26030　共 30 人`. Mixed seats have no range."""
    first, numbers = members[0].student, [seat.student.exam_number for seat in members]
    span = f"{numbers[0]} — {numbers[-1]}" if numbers == sorted(numbers) else ""
    return "　".join(filter(None, (members[0].place, first.grade, first.stream, span, f"共 {len(members)} 人")))


def _plan(number: str, members: Sequence[Seat]) -> dict[str, Any]:
    """A room's desks, on as many pages as they need; the snake goes through all of them."""
    last = max(seat.number for seat in members)
    gaps = last <= 2 * len(members)  # an empty desk keeps its place; numbers that only count on and on have none
    lines = math.ceil((last if gaps else len(members)) / _COLUMNS)
    grid: list[list[dict[str, Any] | None]] = [[None] * _COLUMNS for _ in range(lines)]
    for index, seat in enumerate(members):
        column, line = divmod(seat.number - 1 if gaps else index, lines)
        grid[line if column % 2 == 0 else lines - 1 - line][column] = _seat(seat, lambda _: None)
    parts = [grid[start : start + _LINES] for start in range(0, lines, _LINES)]
    return {
        "number": number,
        "note": _note(members),
        "columns": _COLUMNS,
        "parts": [
            {
                "height": min(_ROOM_MM / len(parts[0]) - _GAP_MM, _TALLEST_MM),
                "cells": [cell for line in part for cell in line],
            }
            for part in parts
        ],
    }
