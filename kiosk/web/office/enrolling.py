"""登记: an officer enrols somebody of the staff at the desk, who proves with their PIN that it is they."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import Account, Enrolment, Right
from kiosk.station import Enrolling, Part, PartSeen
from kiosk.web.asking import asked, why
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.shell import page, said
from kiosk.web.ports import EnrollerPort
from kiosk.words import say, say_message

views = Blueprint("enrolling", __name__)


@views.get("/records/accounts/<account_id>")
@door(Right.ACCOUNTS)
def screen(account_id: str) -> ResponseReturnValue:
    """What somebody has given, and the way to give it."""
    here = context()
    account = here.office.accounts.find(account_id) or abort(404)
    known = here.office.staff.enrolled().get(account.id, Enrolment())
    return page(
        "enrolling.html",
        "accounts",
        account=account,
        known=known,
        parts=tuple(Part),
        has_desk=here.enroller is not None,
        goes_on=here.settings.accounts.likenesses_to_office,
    )


@views.post("/office/staff/begin")
@door(Right.ACCOUNTS)
def begin() -> ResponseReturnValue:
    """Somebody sits down: `account` and their own `pin`. Students wait meanwhile."""
    values = asked()
    account = context().office.accounts.prove(values.get("account", ""), values.get("pin", ""))
    if account.issued:
        raise KioskError("staff.change_pin_first", name=account.name)
    _enroller().begin(account)
    return "", 204


@views.get("/office/staff/state")
@door(Right.ACCOUNTS, news=True)
def state() -> ResponseReturnValue:
    """How far it is, in words."""
    return jsonify(_in_words(_enroller().status()))


@views.post("/office/staff/give")
@door(Right.ACCOUNTS)
def give() -> ResponseReturnValue:
    """Begin with a `part`: a thumb from its first press, or the face that is before the camera now."""
    try:
        part = Part(asked().get("part", ""))
    except ValueError:
        raise KioskError("web.command_unknown") from None
    if part is Part.FACE:
        _enroller().shoot()
    else:
        _enroller().press(part)
    return "", 204


@views.post("/office/staff/keep")
@door(Right.ACCOUNTS)
def keep() -> ResponseReturnValue:
    """Keep what was given."""
    account = _enroller().keep(at_work().person)
    return said("ui.staff.kept", name=account.name)


@views.post("/office/staff/stop")
@door(Right.ACCOUNTS)
def stop() -> ResponseReturnValue:
    """End it; nothing is kept."""
    _enroller().stop()
    return "", 204


@views.post("/office/staff/erase")
@door(Right.ACCOUNTS)
def erase() -> ResponseReturnValue:
    """Forget what the `account` has given, with a `reason`."""
    account = _asked_account()
    context().office.staff.erase(account.id, by=at_work().person, reason=why())
    return said("ui.staff.erased", name=account.name)


def _asked_account() -> Account:
    found = context().office.accounts.find(asked().get("account", ""))
    if found is None:
        raise KioskError("account.unknown")
    return found


def _enroller() -> EnrollerPort:
    return context().enroller or abort(404)


def _in_words(found: Enrolling | None) -> dict[str, Any]:
    if found is None:
        return {"running": False}
    tongue = language()
    return {
        "running": True,
        "done": found.any_done,
        "card": say(tongue, "ui.staff.card_differs", card=found.card_name, name=found.account.name)
        if found.card_differs
        else "",
        "parts": [
            {
                "part": part,
                "tone": "pass" if seen.done else "review" if seen.problem else "todo",
                "asked": part == found.wanted,
                "words": _words_of(found, part, seen),
            }
            for part, seen in found.parts.items()
        ],
    }


def _words_of(found: Enrolling, part: Part, seen: PartSeen) -> str:
    """What is to be done for a part, or what was wrong with it."""
    tongue = language()
    if seen.done:
        return say(tongue, "ui.staff.done")
    if part == found.wanted and found.finger_on:
        return say(tongue, "ui.staff.lift")
    if seen.problem is not None:
        return say_message(tongue, seen.problem)
    if part in (Part.RIGHT_THUMB, Part.LEFT_THUMB):
        return say(tongue, f"enrolpress.{part}" if part == found.wanted else "ui.staff.not_yet", presses=seen.presses + 1)
    return say(tongue, f"enrolgive.{part}")
