"""The end of the day, where the windows are the station's own: a page that asks, and ends the program cleanly."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import Light
from kiosk.web.context import context
from kiosk.web.doorkeeper import AT_DESK, door
from kiosk.web.office.job_views import GIVES_WAY
from kiosk.web.office.shell import backup_in_words
from kiosk.web.ports import OfficePort, StationPort

views = Blueprint("ending", __name__)


@views.get("/end")
@door(open_to_all=True)
def ask() -> ResponseReturnValue:
    """Whether to end, and how it stands with the backup. Whoever sits here could close the window as well, so nobody has to log
    in for it."""
    return render_template("end.html", backup=backup_in_words(), obstacle=_obstacle(), over=False)


@views.post("/end")
@door(open_to_all=True)
def end() -> ResponseReturnValue:
    """End; not while a student is at the desk, nor half-way through a backup or a job of the office's."""
    if obstacle := _obstacle():
        raise KioskError(obstacle)
    tell = context().end
    assert tell is not None  # the view is there only where the program can be ended
    tell()
    return render_template("end.html", over=True)


def obstacle(station: StationPort, office: OfficePort) -> str:
    """Why the station should not end now: the code of an error, or nothing."""
    if station.snapshot().phase in AT_DESK:
        return "web.end_at_desk"
    if office.safekeeping.look().light is Light.WORKING:
        return "web.end_backup"
    job = office.jobs.running()
    return "web.end_job" if job is not None and job.kind != GIVES_WAY else ""


def _obstacle() -> str:
    return obstacle(context().station, context().office)
