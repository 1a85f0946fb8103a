"""Rounds with a window of time per group, who was let in outside them, and the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office.plan_words import deadline_in_words, window_in_words
from kiosk.records import CATEGORIES, Decision, Student
from kiosk.store import Window
from kiosk.web.asking import asked, local_time, number, why
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import who_decides
from kiosk.web.office import job_views
from kiosk.web.office.groups import classes_of, group_of, group_words, groups_of
from kiosk.web.office.printing import PRINT
from kiosk.web.office.shell import page, said
from kiosk.web.office.slots import shown
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
        slots=shown(),
        job=job_views.under_way(PRINT),
        classes=classes_of([student for student in students if student.class_name]),
        categories=CATEGORIES if any(one.category for one in students) or office.school.point().active else (),
        groups=groups_of([replace(student, stream="") for student in students if student.grade or student.class_name]),
    )


@views.post("/office/window")
def add() -> ResponseReturnValue:
    """Open a window for a group."""
    values, schedule, by = asked(), context().office.schedule, who_decides().name
    of = group_of(values.get("group", ""))
    round_name = values.get("round") or say(language(), "ui.schedule.round.first")
    window = Window(
        round_name, local_time("opens"), local_time("closes"), of.grade, of.class_name, of.school, values.get("category", "")
    )
    group = " ".join(filter(None, (group_words(of), window.category))) or say(language(), "ui.schedule.everybody")
    words = window_in_words(language(), schedule.plan_window(window), group)
    if (question := to_confirm("ui.confirm.window", words, window, by)) is not None:
        return question
    schedule.add(window, by=by)
    return said("ui.schedule.added", round=round_name)


@views.post("/office/window/withdraw")
def withdraw() -> ResponseReturnValue:
    """Take a window back."""
    context().office.schedule.withdraw(number("number"), reason=why(), by=who_decides().name)
    return said("ui.schedule.withdrawn")


@views.post("/office/deadline")
def set_deadline() -> ResponseReturnValue:
    """Set the deadline, with the key of the office that may unlock."""
    values, schedule, by, at = asked(), context().office.schedule, who_decides().name, local_time("at")
    school, key = values.get("school", ""), values.get("key", "")
    if not school:
        raise KioskError("web.school_missing")
    words = deadline_in_words(language(), schedule.plan_deadline(at, school_code=school, office_key=key))
    if (question := to_confirm("ui.confirm.deadline", words, at, school, key, by)) is not None:
        return question
    schedule.set_deadline(at, school_code=school, office_key=key, by=by)
    return said("ui.deadline.set", at=moment(at))


@views.post("/office/deadline/withdraw")
def withdraw_deadline() -> ResponseReturnValue:
    """Take the newest deadline back."""
    context().office.schedule.withdraw_deadline(reason=why(), by=who_decides().name)
    return said("ui.deadline.withdrawn")


@views.post("/office/deadline/sign")
def sign_deadline() -> ResponseReturnValue:
    """Take the office's word that the deadline stands."""
    signed = context().office.schedule.sign_deadline(asked().get("code", ""), by=who_decides().name)
    return said("ui.deadline.signed_now", at=moment(signed))


@views.post("/office/clock")
def confirm_clock() -> ResponseReturnValue:
    """Somebody answers for the time that the clock shows."""
    context().office.schedule.confirm_clock(reason=why(), by=who_decides().name)
    return said("ui.clock.confirmed")


@views.post("/office/deadline/unlock")
def unlock() -> ResponseReturnValue:
    """Take the district's code."""
    until = context().office.schedule.unlock(asked().get("code", ""), by=who_decides(Decision.UNLOCK).name)
    return said("ui.deadline.opened", until=moment(until))


def _window(window: Window, students: Sequence[Student]) -> dict[str, Any]:
    now = context().office.schedule.now()
    state = "coming" if now < window.opens_at else "open" if now < window.closes_at else "over"
    return {
        "number": window.number,
        "round": window.round,
        "group": " ".join(filter(None, (group_words(window.group), window.category))),
        "opens": moment(window.opens_at),
        "closes": moment(window.closes_at),
        "state": state,
        "count": sum(window.is_for(student) for student in students),
    }
