"""备份: how it stands with the data's second copy, and one more by a click."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from kiosk.office import Light
from kiosk.web.context import context
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.shell import page, said

views = Blueprint("backup", __name__)


@views.get("/records/backup")
def screen() -> ResponseReturnValue:
    """The light, and the backups that are there."""
    return page("backup.html", "backup", backups=context().office.safekeeping.all(), rules=context().settings.backup)


@views.get("/office/backup")
@door(news=True)
def state() -> ResponseReturnValue:
    """How far the one is that is being made."""
    kept = context().office.safekeeping.look()
    return jsonify(working=kept.light is Light.WORKING, done=kept.done, total=kept.total)


@views.post("/office/backup")
def make() -> ResponseReturnValue:
    """Make one now."""
    context().office.safekeeping.ask(by=at_work().name)
    return said("ui.backup.begun")
