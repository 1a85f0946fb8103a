"""操作记录: the audit trail, and whether anybody meddled with it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.trail_list import detail_text
from kiosk.records import AuditEntry, Right
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.shell import XLSX, attachment, page, said
from kiosk.words import action_name, say

views = Blueprint("trail", __name__)

_PER_PAGE: Final = 100


@views.get("/records/trail")
@door(Right.AUDIT)
def screen() -> ResponseReturnValue:
    """Who did what, the newest first; filters come in the address."""
    everything, wanted = context().office.trail.entries(), _wanted()
    found = _filtered(everything, wanted)
    pages = max(1, -(-len(found) // _PER_PAGE))
    number = min(max(request.args.get("page", 1, int), 1), pages)
    return page(
        "trail.html",
        "trail",
        entries=found[(number - 1) * _PER_PAGE : number * _PER_PAGE],
        found=len(found),
        total=len(everything),
        number=number,
        pages=pages,
        wanted=wanted,
        days=list(dict.fromkeys(_day(entry) for entry in everything)),
        actors=sorted({entry.actor for entry in everything if entry.actor}),
        actions=sorted({entry.action for entry in everything}),
        action_name=_name_of,
        detail=detail_text,
    )


@views.post("/office/trail/verify")
@door(Right.AUDIT)
def verify() -> ResponseReturnValue:
    """Hold every entry against its seal."""
    broken = context().office.trail.first_broken()
    if broken is not None:
        raise KioskError("trail.broken", number=broken)
    return said("ui.trail.whole", count=len(context().office.trail.entries()))


@views.get("/records/trail.xlsx")
@door(Right.AUDIT)
def table() -> ResponseReturnValue:
    """The trail as it is filtered, as a sheet."""
    trail = context().office.trail
    entries = _filtered(trail.entries(), _wanted())
    with tempfile.TemporaryDirectory(prefix="kiosk-trail-") as folder:
        path = Path(folder) / "trail.xlsx"
        trail.write(entries, path, _name_of, by=at_work().name)
        return attachment(path.read_bytes(), say(language(), "ui.trail.sheet_name"), XLSX)


def _wanted() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in ("day", "actor", "action")}


def _filtered(entries: Sequence[AuditEntry], wanted: dict[str, str]) -> list[AuditEntry]:
    return [
        entry
        for entry in entries
        if wanted["day"] in ("", _day(entry))
        and wanted["actor"] in ("", entry.actor)
        and wanted["action"] in ("", entry.action)
    ]


def _day(entry: AuditEntry) -> str:
    return entry.at.astimezone().date().isoformat()


def _name_of(action: str) -> str:
    return action_name(language(), action)
