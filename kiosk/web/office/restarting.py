"""The station assembled anew, from a page."""

from __future__ import annotations

from collections.abc import Callable

from flask import jsonify
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import AT_DESK, at_work
from kiosk.words import say


def started_anew(begin: Callable[[], str] | None, obstacle: str = "") -> ResponseReturnValue:
    """Have `begin` do it, which says where the screens will be; not while a student is at the desk. `obstacle`: the code of
    what else stands against it. Raises KioskError."""
    here = context()
    if here.station.snapshot().phase in AT_DESK:
        raise KioskError("settings.at_desk")
    if begin is None:
        raise KioskError("settings.no_restart")
    if obstacle:
        raise KioskError(obstacle)
    here.office.accounts.note("restart", at_work())
    return jsonify(message=say(language(), "ui.restart.begun"), run=here.run, restarting=begin())
