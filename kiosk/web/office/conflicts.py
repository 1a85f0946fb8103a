"""冲突: what contradicts each other, side by side, until two people have decided which record counts."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import ConflictSides
from kiosk.records import BiometricKind, CaptureRecord, Right
from kiosk.store.account_areas import within
from kiosk.web.areas import areas
from kiosk.web.asking import asked, why
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door, who_decides
from kiosk.web.office.console import office_s_district
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import page
from kiosk.web.office.sides import came_from, note_looks, picture_of
from kiosk.words import say

views = Blueprint("conflicts", __name__)

_PER_PAGE: Final = 20
_SHOWN: Final = (BiometricKind.CHIP_PHOTO, BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB)


@views.get("/records/conflicts")
def screen() -> ResponseReturnValue:
    """The open ones first."""
    shown = paged(office_s_district().conflicts(areas()), _PER_PAGE)
    return page("conflicts.html", "conflicts", found=shown.rows, number=shown.number, pages=shown.pages)


@views.get("/records/conflicts/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Both sides, large. That it was looked at is kept in the audit trail."""
    found = _found(number)
    note_looks(found.records)
    return page(
        "conflict.html",
        "conflicts",
        found=found,
        sides=[_side(found, place, record) for place, record in enumerate(found.records)],
        reopening=found.conflict.is_for_neither and at_work().may(Right.DECIDE),
    )


@views.get("/records/conflicts/<int:number>/<int:place>/<kind>")
def picture(number: int, place: int, kind: str) -> ResponseReturnValue:
    """One of the pictures of one of the sides."""
    return picture_of(_found(number).records, place, kind, _SHOWN)


@views.post("/office/conflicts/<int:number>")
def decide(number: int) -> ResponseReturnValue:
    """A form with `chosen`, the record that counts (`none`: neither), the `reason`, and who confirms it: another person than
    the one at work."""
    found, district = _found(number), office_s_district()
    confirming = who_decides()
    if not within(found.school_code, district.areas_of(confirming.account)):
        raise KioskError("account.other_area", name=confirming.name)
    chosen = asked().get("chosen", "")
    if not chosen:
        raise KioskError("conflict.choice")
    asking = at_work().person
    district.decide(number, "" if chosen == "none" else chosen, reason=why(), asked_by=asking, decided_by=confirming)
    return {"message": say(language(), "ui.conflicts.decided"), "next": url_for("conflicts.screen")}


@views.post("/office/conflicts/<int:number>/again")
@door(Right.DECIDE)
def reopen(number: int) -> ResponseReturnValue:
    """Ask anew what was decided for neither, with the `reason`."""
    _found(number)
    again = office_s_district().reopen(number, reason=why(), by=at_work().person)
    return {"message": say(language(), "ui.conflicts.reopened"), "next": url_for("conflicts.one", number=again.number)}


def _found(number: int) -> ConflictSides:
    return office_s_district().conflict(number, areas()) or abort(404)


def _side(found: ConflictSides, place: int, record: CaptureRecord) -> dict[str, Any]:
    kept = context().office.looks.kinds(record.id)
    filed = record.filed or record.student
    return {
        "record": record,
        "station": came_from(record, found.stations),
        "filed": filed,
        "counts": record.version > 0,
        "chosen": found.conflict.chosen == record.id,
        "pictures": [(kind, kind in kept, say(language(), f"conflictpicture.{kind}")) for kind in _SHOWN],
        "place": place,
    }
