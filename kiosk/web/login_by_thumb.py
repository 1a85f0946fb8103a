"""Known by a thumb, or chosen by a card: beside the log-in's form, and beside every form that asks who answers for a decision.

A screen says that it waits, and then asks for news for as long as it does. Only one screen is waited for at a time.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, jsonify, session
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import Account, Right
from kiosk.station import Scanner, Seen
from kiosk.web.asking import asked, number
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import TOKEN, door
from kiosk.web.login import let_in
from kiosk.words import say, say_message

views = Blueprint("thumb", __name__)

_WAIT_S: Final = 15.0
_SLICE_S: Final = 0.5  # how soon a waiting request notices that the server is closing


@views.post("/thumb/begin")
@door(open_to_all=True)
def begin() -> ResponseReturnValue:
    """A screen begins to wait: its number, 0 where there is no desk with devices."""
    desk = context().staff_desk
    return jsonify(claim=desk.begin() if desk is not None else 0)


@views.post("/thumb/leave")
@door(open_to_all=True)
def leave() -> ResponseReturnValue:
    """A screen waits no more: JSON with `claim`."""
    desk = context().staff_desk
    if desk is not None:
        desk.leave(number("claim"))
    return "", 204


@views.post("/thumb/login")
@door(open_to_all=True)
def log_in() -> ResponseReturnValue:
    """News for the log-in: JSON with `claim`, `after` and `next`. Whoever's thumb came is let in, and `go` says where to."""
    seen = _news()
    if seen.thumb is None:
        return jsonify(_in_words(seen, seen.card))
    return jsonify(_in_words(seen, seen.thumb) | {"go": let_in(seen.thumb, "log_in_thumb")})


@views.post("/thumb/decide")
@door(news=True)
def decide() -> ResponseReturnValue:
    """News for a form: JSON with `claim`, `after` and `purpose`. A thumb brings a `grant`, good for that purpose only."""
    seen, here = _news(), context()
    who = seen.thumb or seen.card
    if who is not None and not who.may(Right.DECIDE):
        told = say(language(), "staff.may_not_decide", name=who.name)
        return jsonify(_in_words(seen, None) | {"message": told, "tone": "stop"})
    if seen.thumb is None:
        return jsonify(_in_words(seen, seen.card))
    here.office.accounts.note("thumb", seen.thumb)
    grant = here.grants.give(seen.thumb.id, browser=session.get(TOKEN, ""), purpose=asked().get("purpose", ""))
    told = say(language(), "staff.has_pressed", name=seen.thumb.name)
    return jsonify(_in_words(seen, seen.thumb) | {"message": told, "tone": "good", "grant": grant})


def _news() -> Seen:
    here, claim, after = context(), number("claim"), number("after")
    if here.staff_desk is None:
        raise KioskError("web.command_unknown")
    with here.turnstile.passing() as may_wait:
        left = round(_WAIT_S / _SLICE_S) if may_wait else 1
        seen = here.staff_desk.wait(claim, after, _SLICE_S if may_wait else 0.0)
        while seen.number <= after and seen.scanner is not Scanner.ELSEWHERE and left > 1 and not here.closing.is_set():
            left -= 1
            seen = here.staff_desk.wait(claim, after, _SLICE_S)
    return seen


def _in_words(seen: Seen, who: Account | None) -> dict[str, Any]:
    tongue = language()
    if seen.problem is not None:
        message, tone = say_message(tongue, seen.problem), "mend"
    elif seen.card is not None and seen.thumb is None:
        message, tone = say(tongue, "staff.card_lies", name=seen.card.name), "good"
    else:
        message, tone = say(tongue, f"staff.scanner.{seen.scanner}"), "neutral"
    return {
        "number": seen.number,
        "scanner": seen.scanner,
        "message": message,
        "tone": tone,
        "person": {"id": who.id, "name": who.name} if who is not None else None,
    }
