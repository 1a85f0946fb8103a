"""The student's own window, which can't be left: whatever its browser asks for, it gets the student's screen and nothing else.

The station opens it with a ticket in its address, which is good for one visit and is turned into a cookie there; with it the
screen is shown without anybody's log-in. The operator's window has a browser profile of its own, so it never has that cookie.
"""

from __future__ import annotations

import secrets
import threading
from typing import Final

from flask import Blueprint, Flask, Response, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.web.context import STUDENT_SCREEN, language
from kiosk.web.doorkeeper import door
from kiosk.words import say

views = Blueprint("student_window", __name__)

COOKIE: Final = "student_window"
_PATH: Final = "/student/window"
_WITHIN: Final = frozenset({STUDENT_SCREEN, "streams.state", "streams.frame", "streams.picture", "commands.hand_in"})
_KEY: Final = "kiosk.student_windows"


class StudentWindows:
    """Which window is the student's: the newest. May be used from any thread."""

    def __init__(self) -> None:
        self._ticket = self._pass = ""
        self._changing = threading.Lock()

    def ticket(self) -> str:
        """For the next window; the ticket before it is worth nothing any more."""
        with self._changing:
            self._ticket = secrets.token_urlsafe(24)
            return self._ticket

    def redeem(self, ticket: str) -> str:
        """What the window's cookie says from now on; empty for a ticket that was used, or is none."""
        with self._changing:
            if not self._ticket or not secrets.compare_digest(ticket.encode(), self._ticket.encode()):
                return ""
            self._ticket, self._pass = "", secrets.token_urlsafe(24)
            return self._pass

    def holds(self, cookie: str) -> bool:
        """Whether it is the newest window's."""
        with self._changing:
            return bool(self._pass) and secrets.compare_digest(cookie.encode(), self._pass.encode())


def keep_student_windows_in(app: Flask) -> None:
    """Put the lock before every view of an app."""
    app.extensions[_KEY] = StudentWindows()
    app.before_request(_stay)


def address_of_window(app: Flask) -> str:
    """Where the next window of the student's is led to, with its ticket: the path after the station's address."""
    return f"{_PATH}?ticket={_windows(app).ticket()}"


@views.get(_PATH)
@door(open_to_all=True)
def enter() -> ResponseReturnValue:
    """Turn the `ticket` into the window's cookie."""
    told = _windows(current_app).redeem(request.args.get("ticket", ""))
    if not told:
        raise KioskError("web.student_window")
    answer = redirect(url_for(STUDENT_SCREEN))
    answer.set_cookie(COOKIE, told, samesite="Strict", httponly=True)
    return answer


def _stay() -> ResponseReturnValue | None:
    cookie = request.cookies.get(COOKIE)
    if cookie is None or request.endpoint == "static":
        return None
    reader = request.method == "GET" and request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"
    message = say(language(), "error.web.student_window")
    g.student_window = _windows(current_app).holds(cookie)
    if not g.student_window and reader:  # a window that outlived its station: nobody logs in there
        return Response(message, 403, mimetype="text/plain")
    if g.student_window and request.endpoint in _WITHIN:
        return None
    if g.student_window and reader:
        return redirect(url_for(STUDENT_SCREEN))
    return jsonify(code="web.student_window", message=message), 403


def _windows(app: Flask) -> StudentWindows:
    found: StudentWindows = app.extensions[_KEY]
    return found
