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
from kiosk.records import ClassKey, Student
from kiosk.surrogate import number_of

Portraits = Callable[[Student], bytes | None]
_COLUMNS: Final = 6  # desks side by side
_ROOM_MM: Final = 152  # of the page's height that the desks share
_LINES: Final = 10  # of desks on a page: more would leave no place for a name
_GAP_MM: Final = 2
_TALLEST_MM: Final = 24


def admission_tickets(seats: Sequence[Seat], portraits: Portraits, *, title: str, simulated: bool = False) -> bytes:
    """准考证, eight to a page, in the order of classes so that teachers can hand them out."""
    ordered = sorted(seats, key=lambda seat: (*_in_order(seat.student.group), seat.student.exam_number))
    people = [_seat(seat, portraits) for seat in ordered]
    return paper.typeset("tickets", {"title": title, "people": people}, simulated=simulated)


def summary_list(seats: Sequence[Seat], *, title: str, footer: str = "", simulated: bool = False) -> bytes:
    """考生信息汇总表 by class."""
    groups: dict[ClassKey, list[Seat]] = defaultdict(list)
    for seat in sorted(seats, key=lambda seat: seat.student.exam_number):
        groups[seat.student.group].append(seat)
    schools = tuple(dict.fromkeys(seat.student.school_name for seat in seats))
    return paper.typeset(
        "class_list",
        {
            "title": f"{title}　考生信息汇总表",
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
                for key in sorted(groups, key=_in_order)
            ],
        },
        simulated=simulated,
    )


def seating_plans(seats: Sequence[Seat], *, title: str, footer: str = "", simulated: bool = False) -> bytes:
    """考场座次表: one page a room, desks in columns that snake, seat 1 at the front left."""
    rooms = [_plan(number, members) for number, members in _rooms(seats)]
    return paper.typeset("seats", {"title": title, "footer": footer, "rooms": rooms}, simulated=simulated)


def check_sheets(
    seats: Sequence[Seat], portraits: Portraits, *, title: str, footer: str = "", simulated: bool = False
) -> bytes:
    """考场核对表: the faces of each room, to be ticked by the invigilator."""
    rooms = [
        {"number": number, "note": _note(members), "seats": [_seat(seat, portraits) for seat in members]}
        for number, members in _rooms(seats)
    ]
    return paper.typeset("check_sheet", {"title": title, "footer": footer, "rooms": rooms}, simulated=simulated)


def desk_labels(seats: Sequence[Seat], *, title: str, simulated: bool = False) -> bytes:
    """桌贴, twelve to a page."""
    people = [_seat(seat, lambda _: None) for seat in seats]
    return paper.typeset("labels", {"title": title, "people": people}, simulated=simulated)


def _in_order(group: ClassKey) -> tuple[str, str, str]:
    """School by school; class 2 before class 10."""
    return group.school, group.grade, group.class_name.zfill(8)


def _rooms(seats: Sequence[Seat]) -> list[tuple[int, list[Seat]]]:
    rooms: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        rooms[seat.room].append(seat)
    return sorted(rooms.items())


def _seat(seat: Seat, portraits: Portraits) -> dict[str, Any]:
    student = seat.student
    return {
        "name": student.name,
        "sex": _sex(student),
        "class": class_title(student.group),
        "exam_number": student.exam_number,
        "id_number": idnumber.masked(student.id_number),
        "room": str(seat.room),
        "seat": f"{seat.number:02d}",
        "portrait": paper.picture(portraits(student)),
    }


def _summary(number: int, seat: Seat) -> dict[str, Any]:
    student = seat.student
    who = [str(number), student.exam_number, student.name, _sex(student), number_of(student.id_number), student.stream]
    return {"marked": False, "cells": [*who, str(seat.room), f"{seat.number:02d}"]}


def _sex(student: Student) -> str:
    """As the roster has it, or else the ID number."""
    return str(FIELDS["sex"](ExportRow(student=student)) or "")


def _note(members: Sequence[Seat]) -> str:
    """Who sits in a room: `高一　文科　26001 — 26030　共 30 人`. Mixed seats have no range."""
    first, numbers = members[0].student, [seat.student.exam_number for seat in members]
    span = f"{numbers[0]} — {numbers[-1]}" if numbers == sorted(numbers) else ""
    return "　".join(filter(None, (first.grade, first.stream, span, f"共 {len(members)} 人")))


def _plan(number: int, members: Sequence[Seat]) -> dict[str, Any]:
    """A room's desks, on as many pages as they need; the snake goes through all of them."""
    lines = math.ceil(len(members) / _COLUMNS)
    grid: list[list[dict[str, Any] | None]] = [[None] * _COLUMNS for _ in range(lines)]
    for index, seat in enumerate(members):
        column, line = divmod(index, lines)
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
