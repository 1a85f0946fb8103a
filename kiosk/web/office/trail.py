"""The audit trail: who did what, and whether it is as it was written."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.web.context import context
from kiosk.web.office.dossier import trail_rows
from kiosk.web.office.shell import page, said

views = Blueprint("trail", __name__)

_PER_PAGE: Final = 100


@views.get("/records/trail")
def screen() -> ResponseReturnValue:
    """The newest entries, or those before a number."""
    before = request.args.get("before", None, int)
    entries = context().office.trail.latest(_PER_PAGE, before)
    older = entries[-1].number if len(entries) == _PER_PAGE and entries[-1].number > 1 else None
    return page("trail.html", "trail", entries=trail_rows(entries), older=older, before=before)


@views.post("/office/trail/verify")
def verify() -> ResponseReturnValue:
    """Hold every entry against its seal."""
    here = context()
    broken = here.office.trail.first_broken(by=here.settings.station.operator)
    return said("ui.trail.whole") if broken is None else said("ui.trail.broken", number=broken)
