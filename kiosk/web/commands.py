"""What the operator asks for."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.snapshot import NEEDS_REASON, Command
from kiosk.web.context import context

views = Blueprint("commands", __name__)


@views.post("/command")
def command() -> ResponseReturnValue:
    """Give the station a command: JSON with `command` and, where one is needed, `reason` and `by`."""
    asked = request.get_json()
    try:
        wanted = Command(str(asked["command"]))
    except (KeyError, TypeError, ValueError):
        raise KioskError("web.command_unknown") from None
    reason, by = (str(asked.get(name) or "").strip() for name in ("reason", "by"))
    if wanted in NEEDS_REASON and not reason:
        raise KioskError("web.reason_missing")
    if wanted in NEEDS_REASON and not by:
        raise KioskError("web.name_missing")
    context().station.command(wanted, reason=reason, by=by)
    return Response(status=204)
