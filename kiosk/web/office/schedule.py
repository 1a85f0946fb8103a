"""Rounds with a window of time per group, who was let in outside them, and the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.records import Student
from kiosk.store import Window
from kiosk.web.asking import asked, who_decides, why
from kiosk.web.context import context, language
from kiosk.web.office.groups import class_key, classes_of, grade_and_class
from kiosk.web.office.shell import local_time, page, said
from kiosk.words import say

views = Blueprint("schedule", __name__)


@views.get("/records/schedule")
def screen() -> ResponseReturnValue:
    """The windows, the exceptions and the deadline."""
    office = context().office
    students = office.rosters.students()
    known = {student.id_number: student for student in students}
    admitted = [
        {"student": known.get(one.id_number), "until": moment(one.until), "at": moment(one.at), "one": one}
        for one in office.schedule.admissions()
    ]
    return page(
        "schedule.html",
        "schedule",
        windows=[_window(window, students) for window in office.schedule.windows()],
        admitted=admitted,
        classes=classes_of([student for student in students if student.class_name]),
        grades=[(class_key(grade, ""), grade) for grade in dict.fromkeys(student.grade for student in students) if grade],
    )


@views.post("/office/window")
def add() -> ResponseReturnValue:
    """Open a window for a group."""
    values = asked()
    grade, class_name = grade_and_class(values.get("group", ""))
    opens, closes = (local_time(values.get(name, "")) for name in ("opens", "closes"))
    round_name = values.get("round") or say(language(), "ui.schedule.round.first")
    context().office.schedule.add(Window(round_name, opens, closes, grade, class_name), by=who_decides())
    return said("ui.schedule.added", round=round_name)


@views.post("/office/window/withdraw")
def withdraw() -> ResponseReturnValue:
    """Take a window back."""
    number = asked().get("number", "")
    if not number.isdigit():
        raise KioskError("web.command_unknown")
    context().office.schedule.withdraw(int(number), reason=why(), by=who_decides())
    return said("ui.schedule.withdrawn")


@views.post("/office/deadline")
def set_deadline() -> ResponseReturnValue:
    """Set the deadline, with the key of the office that may unlock."""
    values = asked()
    at = local_time(values.get("at", ""))
    school, key = values.get("school", ""), values.get("key", "")
    if not school:
        raise KioskError("web.school_missing")
    context().office.schedule.set_deadline(at, school_code=school, office_key=key, by=who_decides())
    return said("ui.deadline.set", at=moment(at))


@views.post("/office/deadline/unlock")
def unlock() -> ResponseReturnValue:
    """Take the district's code."""
    until = context().office.schedule.unlock(asked().get("code", ""), by=who_decides())
    return said("ui.deadline.opened", until=moment(until))


def _window(window: Window, students: Sequence[Student]) -> dict[str, Any]:
    now = datetime.now(UTC)
    state = "coming" if now < window.opens_at else "open" if now < window.closes_at else "over"
    return {
        "number": window.number,
        "round": window.round,
        "student": Student("", "", window.grade, window.class_name),
        "opens": moment(window.opens_at),
        "closes": moment(window.closes_at),
        "state": state,
        "count": sum(window.is_for(student) for student in students),
    }
