"""操作日志: who did what, and whether it is as it was written."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import MAXYEAR, date
from pathlib import Path
from typing import Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.records import AuditEntry, Right
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office import job_views
from kiosk.web.office.dossier import trail_rows
from kiosk.web.office.shell import XLSX, attachment, page
from kiosk.words import say, say_parts

views = Blueprint("trail", __name__)

_KIND: Final = "trail"
_PER_PAGE: Final = 100
_FIRST_YEAR: Final = 2000


@views.get("/records/trail")
@door(Right.AUDIT)
def screen() -> ResponseReturnValue:
    """The newest entries, or those before a number; filters come in the address."""
    before, trail = request.args.get("before", None, int), context().office.trail
    entries = _entries(_PER_PAGE, before)
    older = entries[-1].number if len(entries) == _PER_PAGE and entries[-1].number > 1 else None
    actors, actions = trail.known()
    return page(
        "trail.html",
        "trail",
        entries=trail_rows(entries),
        older=older,
        before=before,
        wanted=_wanted(),
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


@views.get("/records/trail.xlsx")
@door(Right.AUDIT)
def table() -> ResponseReturnValue:
    """The trail as it is filtered, as a sheet."""
    trail = context().office.trail
    with tempfile.TemporaryDirectory(prefix="kiosk-trail-") as folder:
        path = Path(folder) / "trail.xlsx"
        trail.write(_entries(None), path, _told, by=at_work().name)
        return attachment(path.read_bytes(), say(language(), "ui.trail.sheet_name"), XLSX)


@views.get("/records/trail/<int:year>.xlsx")
@door(Right.AUDIT)
def year(year: int) -> ResponseReturnValue:
    """The yearly report for the audit of minors' data."""
    if not _FIRST_YEAR <= year < MAXYEAR:
        abort(404)
    with tempfile.TemporaryDirectory(prefix="kiosk-year-") as folder:
        path = Path(folder) / "year.xlsx"
        context().office.trail.write_year(year, path, by=at_work().name)
        return attachment(path.read_bytes(), say(language(), "ui.trail.year_name", year=year), XLSX)


def _entries(most: int | None, before: int | None = None) -> Sequence[AuditEntry]:
    wanted = _wanted()
    return context().office.trail.latest(most, before, actor=wanted["actor"], action=wanted["action"], day=wanted["day"])


def _wanted() -> dict[str, str]:
    wanted = {name: request.args.get(name, "") for name in ("actor", "action", "day")}
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


job_views.TELLERS[_KIND] = _checked
