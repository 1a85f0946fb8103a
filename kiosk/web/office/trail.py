"""操作日志: who did what, and whether it is as it was written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from pathlib import Path
from typing import Final

from flask import Blueprint, abort, copy_current_request_context, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.office.jobs import Telling
from kiosk.records import AuditEntry, Right
from kiosk.web.asking import asked, number
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office import job_views
from kiosk.web.office.dossier import trail_rows
from kiosk.web.office.shell import XLSX, attachment, page
from kiosk.words import say, say_parts

views = Blueprint("trail", __name__)

_KIND, _SHEET = "trail", "sheet"
_PER_PAGE: Final = 100
_FIRST_YEAR: Final = 2000


@views.get("/records/trail")
@door(Right.AUDIT)
def screen() -> ResponseReturnValue:
    """The newest entries, or those before a number; filters come in the address."""
    before, trail = request.args.get("before", None, int), context().office.trail
    wanted = _wanted(request.args)
    entries = trail.latest(_PER_PAGE, before, **wanted)
    older = entries[-1].number if len(entries) == _PER_PAGE and entries[-1].number > 1 else None
    actors, actions = trail.known()
    return page(
        "trail.html",
        "trail",
        entries=trail_rows(entries),
        older=older,
        before=before,
        wanted=wanted,
        actors=actors,
        actions=actions,
        year=context().office.schedule.now().astimezone().year,
    )


@views.post("/office/trail/verify")
@door(Right.AUDIT)
def verify() -> ResponseReturnValue:
    """Hold every entry against its seal."""
    trail, by = context().office.trail, at_work().name
    return job_views.answered(_KIND, lambda progress: trail.first_broken(by=by, progress=progress))


@views.post("/office/trail/sheet")
@door(Right.AUDIT)
def table() -> ResponseReturnValue:
    """The trail as it is filtered, as a sheet: a job, with the same filters in the form."""
    trail, wanted, by = context().office.trail, _wanted(asked()), at_work().name
    return _made(
        say(language(), "ui.trail.sheet_name"),
        lambda path, _: trail.write(trail.latest(None, None, **wanted), path, _told, by=by),
    )


@views.post("/office/trail/year")
@door(Right.AUDIT)
def year() -> ResponseReturnValue:
    """The report of a `year` for the audit of minors' data, as a job."""
    trail, wanted, by = context().office.trail, number("year"), at_work().name
    if not _FIRST_YEAR <= wanted < MAXYEAR:
        abort(404)
    return _made(
        say(language(), "ui.trail.year_name", year=wanted),
        lambda path, told: trail.write_year(wanted, path, by=by, progress=told),
    )


@views.get("/records/trail/made/<int:number>.xlsx")
@door(Right.AUDIT)
def made(number: int) -> ResponseReturnValue:
    """What a job has made, for whoever had it made."""
    found = context().office.jobs.job(number)
    if found is None or not isinstance(found.result, _Made) or found.result.by != at_work().id:
        abort(404)
    return attachment(found.result.content, found.result.name, XLSX)


@dataclass(frozen=True)
class _Made:
    """A sheet that a job has made, kept until others are."""

    job: int
    name: str
    content: bytes
    by: str


def _made(name: str, write: Callable[[Path, Telling], None]) -> ResponseReturnValue:
    jobs, by, there = context().office.jobs, at_work().id, copy_current_request_context(write)

    def work(progress: Telling) -> _Made:
        running = jobs.running()
        with tempfile.TemporaryDirectory(prefix="kiosk-trail-") as folder:
            path = Path(folder) / "made.xlsx"
            there(path, progress)
            return _Made(running.number if running is not None else 0, name, path.read_bytes(), by)

    return job_views.answered(_SHEET, work)


def _wanted(told: Mapping[str, str]) -> dict[str, str]:
    wanted = {name: told.get(name, "") for name in ("actor", "action", "day")}
    try:
        date.fromisoformat(wanted["day"])
    except ValueError:
        wanted["day"] = ""
    return wanted


def _told(entry: AuditEntry) -> tuple[str, str]:
    (row,) = trail_rows([entry])
    return row["action"], say_parts(language(), row["detail"])


def _checked(broken: int | None) -> dict[str, str]:
    words = say(language(), "ui.trail.whole") if broken is None else say(language(), "ui.trail.broken", number=broken)
    return {"message": words}


def _ready(done: _Made) -> dict[str, str]:
    return {"message": say(language(), "ui.trail.ready", name=done.name), "file": url_for("trail.made", number=done.job)}


job_views.TELLERS[_KIND] = _checked
job_views.TELLERS[_SHEET] = _ready
