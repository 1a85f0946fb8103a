"""Windows cut into slots, notices to students, and the register's window: the lower half of the page 采集安排."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import SlotRule
from kiosk.office.plan_words import slots_in_words
from kiosk.records import EVERYBODY, RegistrationWindow
from kiosk.web.asking import asked, flag, local_time, number, why
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office.groups import group_of, group_words, of_group
from kiosk.web.office.printing import in_folder
from kiosk.web.office.shell import said
from kiosk.words import say

views = Blueprint("slots", __name__)

_PAPER: Final = "zh-CN"  # papers are Chinese whatever language the screen speaks


def shown() -> dict[str, Any]:
    """What the page says of slots and of the register's window."""
    office = context().office
    return {
        "counts": office.queue.counts(),
        "registrations": registrations(),
        "title": say(_PAPER, "ui.slots.notice_title"),
        "place": office.school.current().address,
        "bring": say(_PAPER, "ui.slots.notice_bring"),
        "contact": office.school.current().reachable,
    }


def registrations() -> list[dict[str, str]]:
    """How it stands with the register's windows: whose each is in words (empty: everybody's, where no group has its own), and
    from when to when."""
    found, now = context().office.queue.registrations(), context().office.schedule.now()
    alone = all(one.group == EVERYBODY for one in found)
    return [
        {
            "number": str(one.number),
            "whose": "" if alone else group_words(one.group) or say(language(), "ui.schedule.everybody"),
            "words": _registration_words(one, now),
        }
        for one in found
    ]


def _registration_words(one: RegistrationWindow, now: datetime) -> str:
    over, coming = now >= one.closes_at, now < one.opens_at
    code = "ui.registration.over" if over else "ui.registration.coming" if coming else "ui.registration.open"
    return say(language(), code, opens=moment(one.opens_at), closes=moment(one.closes_at))


@views.post("/office/slots")
def plan() -> ResponseReturnValue:
    """Cut a window into slots; what would come of it is confirmed first."""
    queue, window, rule = context().office.queue, number("window"), _rule()
    words = slots_in_words(language(), queue.plan(window, rule))
    if (question := to_confirm("ui.slots.confirm", words, window, rule, *words.lines)) is not None:
        return question
    return said("ui.slots.kept", count=len(queue.keep(window, rule, by=at_work().name).slots))


@views.post("/office/slots/print")
def print_notices() -> ResponseReturnValue:
    """A slip for each student, and a list for each class."""
    values, actor = asked(), at_work().name
    queue, of = context().office.queue, of_group(values.get("class", ""))
    told = {name: values.get(name, "") for name in ("title", "place", "bring", "contact")}
    return in_folder(
        say(_PAPER, "ui.slots.notice_title"),
        lambda folder, _: queue.print(folder, **told, actor=actor, of=of),
        of=of,
    )


@views.post("/office/registration")
def set_registration() -> ResponseReturnValue:
    """When the register takes registrations, of everybody or of a group."""
    by, group = who_decides().name, group_of(asked().get("group", ""))
    context().office.queue.set_registration(local_time("opens"), local_time("closes"), by=by, group=group)
    return said("ui.registration.set")


@views.post("/office/registration/withdraw")
def withdraw_registration() -> ResponseReturnValue:
    """Take that back."""
    queue, by, which = context().office.queue, who_decides().name, asked().get("which", "")
    found = queue.registrations()
    meant = next((one for one in found if str(one.number) == which or len(found) == 1), None)
    queue.withdraw_registration(reason=why(), by=by, group=meant.group if meant is not None else EVERYBODY)
    return said("ui.registration.withdrawn")


def _rule() -> SlotRule:
    values = asked()
    pause = (_time("pause_from"), _time("pause_to")) if values.get("pause_from") and values.get("pause_to") else None
    return SlotRule(
        minutes=number("minutes"),
        stations=number("stations"),
        seconds=float(number("seconds")) if values.get("seconds") else 0.0,
        opens=_time("day_from"),
        closes=_time("day_to"),
        breaks=(pause,) if pause is not None else (),
        weekends=flag("weekends"),
    )


def _time(name: str) -> time:
    try:
        return time.fromisoformat(asked().get(name, ""))
    except ValueError:
        raise KioskError("web.time_missing") from None
