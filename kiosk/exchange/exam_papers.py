"""The papers of an exam: 准考证, 考生信息汇总表, 考场座次表, 考场核对表, 桌贴."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk import idnumber
from kiosk.exchange import paper
from kiosk.exchange.fields import FIELDS, ExportRow
from kiosk.exchange.forms import class_title
from kiosk.exchange.seating import Seat
from kiosk.records import ClassKey, Exam, ExamSession, SchoolName, Student
from kiosk.surrogate import number_of

Portraits = Callable[[Student], bytes | None]
_COLUMNS: Final = 6  # desks side by side
_ROOM_MM: Final = 152  # of the page's height that the desks share
_LINES: Final = 10  # of desks on a page: more would leave no place for a name
_GAP_MM: Final = 2
_WEEK: Final = "一二三四五六日"
_FEW: Final = 2  # sessions that a ticket of the small size has room for
_TALLEST_MM: Final = 24


@dataclass(frozen=True)
class Occasion:
    """What all the papers of an exam have in common. `schools`: all of the roster, by which classes are told apart."""

    exam: Exam
    footer: str = ""
    schools: Sequence[SchoolName] = ()
    simulated: bool = False


def admission_tickets(seats: Sequence[Seat], portraits: Portraits, at: Occasion) -> bytes:
    """准考证, eight to a page, six where there are several sessions; by classes, so that teachers can hand them out.

    Who sits elsewhere in another subject is told so beside each of them.
    """
    people = []
    ordered = sorted(_people(seats), key=lambda own: (own[0].student.group.order, own[0].student.exam_number))
    for own in ordered:
        moving = len({_where(seat) for seat in own}) > 1
        sessions = [_session(one, seat if moving else None) for seat in own for one in at.exam.sessions_of(seat.subject)]
        told = {**_seat(own[0], portraits, at), "moving": moving, "sessions": sorted(sessions, key=lambda one: one["at"])}
        people.append(told)
    most = max((len(one["sessions"]) for one in people), default=0)
    few = most <= _FEW and not any(one["moving"] for one in people)
    told = {"title": at.exam.title, "site": at.exam.site, "rows": 4 if few else 3, "most": most}
    return paper.typeset("tickets", {**told, "people": people}, simulated=at.simulated)


def summary_list(seats: Sequence[Seat], at: Occasion) -> bytes:
    """考生信息汇总表 by class; where seats are of subjects, a row for each."""
    groups: dict[ClassKey, list[Seat]] = defaultdict(list)
    for own in sorted(_people(seats), key=lambda own: own[0].student.exam_number):
        groups[own[0].student.group] += own
    streams, subjects = any(seat.student.stream for seat in seats), any(seat.subject for seat in seats)
    columns = {"序号": 12, "考号": 28, "姓名": 0, "性别": 11, "身份证号": 42}
    columns |= {"科类": 13} if streams else {}
    columns |= {"科目": 16} if subjects else {}
    columns |= {"考场": 20 if subjects else 14, "座号": 12}
    return paper.typeset(
        "class_list",
        {
            "title": f"{at.exam.title}　考生信息汇总表",
            "when": _times(at.exam),
            "footer": at.footer,
            "headers": list(columns),
            "widths": list(columns.values()),
            "inset": 4,
            "long": False,
            "groups": [
                {
                    "name": class_title(key, at.schools),
                    "note": f"共 {len({seat.student.id_number for seat in groups[key]})} 人",
                    "rows": [_summary(number, seat, columns) for number, seat in enumerate(groups[key], start=1)],
                }
                for key in sorted(groups, key=lambda key: key.order)
            ],
        },
        simulated=at.simulated,
    )


def seating_plans(seats: Sequence[Seat], at: Occasion) -> bytes:
    """考场座次表: one page a room and subject, desks in columns that snake, seat 1 at the front left."""
    rooms = [{**_room(members, at), **_plan(members, at)} for members in _rooms(seats)]
    return paper.typeset("seats", {"title": at.exam.title, "footer": at.footer, "rooms": rooms}, simulated=at.simulated)


def check_sheets(seats: Sequence[Seat], portraits: Portraits, at: Occasion) -> bytes:
    """考场核对表: the faces of each room, to be ticked by the invigilator."""
    rooms = [{**_room(members, at), "seats": [_seat(seat, portraits, at) for seat in members]} for members in _rooms(seats)]
    told = {"title": at.exam.title, "footer": at.footer, "rooms": rooms}
    return paper.typeset("check_sheet", told, simulated=at.simulated)


def desk_labels(seats: Sequence[Seat], at: Occasion) -> bytes:
    """桌贴, twelve to a page."""
    people = [
        _seat(seat, lambda _: None, at) | {"when": "　".join(filter(None, (at.exam.title, _times(at.exam, seat.subject))))}
        for seat in seats
    ]
    return paper.typeset("labels", {"title": at.exam.title, "people": people}, simulated=at.simulated)


def _people(seats: Sequence[Seat]) -> list[list[Seat]]:
    """Each student's seats, in the order of `seats`."""
    people: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        people[seat.student.id_number].append(seat)
    return list(people.values())


def _rooms(seats: Sequence[Seat]) -> list[list[Seat]]:
    """Who sits in one room at one time, in the order of `seats`."""
    rooms: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for seat in seats:
        rooms[seat.subject, seat.room].append(seat)
    return list(rooms.values())


def _room(members: Sequence[Seat], at: Occasion) -> dict[str, str]:
    first = members[0]
    name = "　".join(filter(None, (first.subject, _room_words(first.room))))
    return {"name": name, "note": _note(members), "when": _times(at.exam, first.subject)}


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


def _session(session: ExamSession, seat: Seat | None) -> dict[str, Any]:
    """The same on a ticket, with its own seat where the student moves: `第 3 考场 07 号　实验楼 201`."""
    where = f"{_room_words(seat.room)} {seat.number:02d} 号　{seat.place}".strip() if seat is not None else ""
    return {**_when(session), "where": where, "at": session.starts_at.isoformat()}


def _room_words(room: str) -> str:
    """`第 03 考场`; a room that has a name of its own is called by it: `物理实验室 1`."""
    return f"第 {room} 考场" if room.isascii() else room


def _where(seat: Seat) -> tuple[str, int, str]:
    return seat.room, seat.number, seat.place


def _times(exam: Exam, subject: str = "") -> str:
    """Where and when, in one line: `考点：第一中学　2027-06-07（周一）语文 09:00—11:30、数学 15:00—17:00；…`."""
    days: dict[str, list[str]] = defaultdict(list)
    for one in map(_when, exam.sessions_of(subject)):
        days[one["year"] + one["day"]].append("{subject} {time}".format(**one))
    told = "；".join(day + "、".join(subjects) for day, subjects in days.items())
    return "　".join(filter(None, (f"考点：{exam.site}" if exam.site else "", told)))


def _seat(seat: Seat, portraits: Portraits, at: Occasion) -> dict[str, Any]:
    student = seat.student
    return {
        "name": student.name,
        "sex": sex_of(student),
        "class": class_title(student.group, at.schools),
        "exam_number": student.exam_number,
        "id_number": idnumber.masked(student.id_number),
        "room": _room_words(seat.room),
        "place": seat.place,
        "seat": f"{seat.number:02d}",
        "portrait": paper.picture(portraits(student)),
    }


def _summary(number: int, seat: Seat, columns: Collection[str]) -> dict[str, Any]:
    student = seat.student
    cells = {
        "序号": str(number),
        "考号": student.exam_number,
        "姓名": student.name,
        "性别": sex_of(student),
        "身份证号": number_of(student.id_number),
        "科类": student.stream,
        "科目": seat.subject,
        "考场": seat.room,
        "座号": f"{seat.number:02d}",
    }
    return {"marked": False, "cells": [cells[name] for name in columns]}


def sex_of(student: Student) -> str:
    """As the roster has it, or else the ID number."""
    return str(FIELDS["sex"](ExportRow(student=student)) or "")


def _note(members: Sequence[Seat]) -> str:
    """Who sits in a room: `高一　文科　26001 — 26030　共 30 人`. Mixed seats have no range."""
    first, numbers = members[0].student, [seat.student.exam_number for seat in members]
    span = f"{numbers[0]} — {numbers[-1]}" if numbers == sorted(numbers) else ""
    return "　".join(filter(None, (members[0].place, first.grade, first.stream, span, f"共 {len(members)} 人")))


def _plan(members: Sequence[Seat], at: Occasion) -> dict[str, Any]:
    """A room's desks, on as many pages as they need; the snake goes through all of them."""
    last = max(seat.number for seat in members)
    gaps = last <= 2 * len(members)  # an empty desk keeps its place; numbers that only count on and on have none
    lines = math.ceil((last if gaps else len(members)) / _COLUMNS)
    grid: list[list[dict[str, Any] | None]] = [[None] * _COLUMNS for _ in range(lines)]
    for index, seat in enumerate(members):
        column, line = divmod(seat.number - 1 if gaps else index, lines)
        grid[line if column % 2 == 0 else lines - 1 - line][column] = _seat(seat, lambda _: None, at)
    parts = [grid[start : start + _LINES] for start in range(0, lines, _LINES)]
    return {
        "columns": _COLUMNS,
        "parts": [
            {
                "height": min(_ROOM_MM / len(parts[0]) - _GAP_MM, _TALLEST_MM),
                "cells": [cell for line in part for cell in line],
            }
            for part in parts
        ],
    }
