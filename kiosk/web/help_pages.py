"""Help in place: the handbook's passage for a screen with the screen's keys, the whole handbook to be searched and printed, and
a line for whoever opens a screen for the first time.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from kiosk.web.asking import asked
from kiosk.web.calling import Call, calls
from kiosk.web.context import STUDENT_SCREEN, has_station, language
from kiosk.web.doorkeeper import door, for_students_alone
from kiosk.web.handbook import handbook, passage, search
from kiosk.web.keys import EVERYWHERE, keys_of
from kiosk.words import has_words, say

views = Blueprint("help", __name__, url_prefix="/help")

SEEN_COOKIE: Final = "seen"
_YEAR_S: Final = 365 * 24 * 3600
_BETWEEN: Final = "."
# Screens whose help is more than the passage of their own name.
_MORE: Final = {"operator": ("special", "photorun")}


@views.get("")
@door(open_to_all=True)
def whole() -> ResponseReturnValue:
    """The handbook; with `q`, where it says something of that."""
    tongue, wanted = language(), request.args.get("q", "").strip()
    found = search(tongue, wanted)
    return render_template("help.html", passages=handbook(tongue), wanted=wanted, found=found, calls=_calls())


@views.get("/<screen>")
@door(open_to_all=True)
def of_screen(screen: str) -> ResponseReturnValue:
    """What belongs to one screen, to be shown beside it."""
    tongue, names = language(), (screen, *_MORE.get(screen, ()))
    told = [one for name in names for one in passage(tongue, name)]
    if not told:
        abort(404)
    keys = [(key, say(tongue, code)) for key, code in keys_of(screen)]
    return render_template("help_panel.html", passages=told, keys=keys, screen=screen, calls=_calls())


@views.post("/seen")
@door(open_to_all=True)
def seen() -> ResponseReturnValue:
    """Somebody has read the line for newcomers of `screen`, and need not see it again in this browser."""
    screen = asked().get("screen", "")
    if not _is_hint(screen):
        abort(404)
    answer = jsonify()
    told = _BETWEEN.join(sorted({*_seen(), screen}))
    answer.set_cookie(SEEN_COOKIE, told, max_age=_YEAR_S, samesite="Strict", httponly=True)
    return answer


def page_values(tongue: str) -> dict[str, Any]:
    """What every page's frame wants to know."""
    return {
        "page_keys": {} if request.endpoint == STUDENT_SCREEN else dict(EVERYWHERE),
        "newcomers": lambda screen: _newcomers(tongue, screen),
    }


def _calls() -> list[Call]:
    """Whom to call; students are not told by it, and nobody is before the data are open."""
    return calls() if has_station() and not for_students_alone() else []


def _newcomers(tongue: str, screen: str) -> str:
    """What a screen is for, until somebody has read it; empty afterwards."""
    return say(tongue, f"first.{screen}") if _is_hint(screen) and screen not in _seen() else ""


def _is_hint(screen: str) -> bool:
    return has_words(f"first.{screen}")


def _seen() -> set[str]:
    return set(filter(_is_hint, request.cookies.get(SEEN_COOKIE, "").split(_BETWEEN)))
