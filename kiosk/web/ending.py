"""The end of the day, where the windows are the station's own: a page that asks, and ends the program cleanly."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.web.context import context
from kiosk.web.doorkeeper import AT_DESK, door

views = Blueprint("ending", __name__)


@views.get("/end")
@door(open_to_all=True)
def ask() -> ResponseReturnValue:
    """Whether to end. Whoever sits here could close the window as well, so nobody has to log in for it."""
    return render_template("end.html", at_desk=_at_desk(), over=False)


@views.post("/end")
@door(open_to_all=True)
def end() -> ResponseReturnValue:
    """End; not while a student is at the desk."""
    if _at_desk():
        raise KioskError("web.end_at_desk")
    tell = context().end
    assert tell is not None  # the view is there only where the program can be ended
    tell()
    return render_template("end.html", at_desk=False, over=True)


def _at_desk() -> bool:
    return context().station.snapshot().phase in AT_DESK
