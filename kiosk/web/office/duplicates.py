"""疑似重复: who may be one person under two numbers, pictures of both side by side, until two people have said what is so."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import Searched, SuspectSides
from kiosk.records import BiometricKind, CaptureRecord, SuspicionState
from kiosk.store.account_areas import within
from kiosk.web.areas import areas
from kiosk.web.asking import asked, why
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.console import office_s_district
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import page
from kiosk.web.office.sides import came_from, note_looks, picture_of
from kiosk.words import say

views = Blueprint("duplicates", __name__)

_KIND: Final = "dedupe"
_PER_PAGE: Final = 20
_SHOWN: Final = (BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB, BiometricKind.CHIP_PHOTO)
_CHOICES: Final = tuple(state for state in SuspicionState if state is not SuspicionState.OPEN)


@views.get("/records/duplicates")
def screen() -> ResponseReturnValue:
    """The open ones first. Of a pair of which one is of another area, whoever is kept to theirs sees their own side, and that
    somebody above them decides."""
    duplicates = office_s_district().duplicates
    shown = paged([one for one in duplicates.all() if any(_ours(one))], _PER_PAGE)
    return page(
        "duplicates.html",
        "duplicates",
        found=[(one, _ours(one), _portraits(one)) for one in shown.rows],
        number=shown.number,
        pages=shown.pages,
        waiting=duplicates.waiting() if not areas() else 0,
        searching=not areas(),
    )


@views.post("/office/duplicates")
def search() -> ResponseReturnValue:
    """Hold whoever is new against everybody, as a job."""
    return job_views.answered(_KIND, office_s_district().duplicates.search)


@views.get("/records/duplicates/<int:number>")
def one(number: int) -> ResponseReturnValue:
    """Both sides, large. That it was looked at is kept in the audit trail."""
    found = _found(number)
    note_looks(found.records)
    return page(
        "duplicate.html",
        "duplicates",
        found=found,
        sides=[_side(found, place, record) for place, record in enumerate(found.records)],
        choices=_CHOICES,
    )


@views.get("/records/duplicates/<int:number>/<int:place>/<kind>")
def picture(number: int, place: int, kind: str) -> ResponseReturnValue:
    """One of the pictures of one of the sides."""
    return picture_of(_found(number).records, place, kind, _SHOWN)


@views.post("/office/duplicates/<int:number>")
def decide(number: int) -> ResponseReturnValue:
    """A form with the `state`, the `reason`, and who confirms it: another person than the one at work."""
    found = _found(number)
    confirming, chosen = who_decides(), asked().get("state", "")
    if not all(_ours(found, office_s_district().areas_of(confirming.account))):
        raise KioskError("account.other_area", name=confirming.name)
    if chosen not in _CHOICES:
        raise KioskError("suspect.choice")
    duplicates, asking = office_s_district().duplicates, at_work().person
    duplicates.decide(number, SuspicionState(chosen), reason=why(), asked_by=asking, decided_by=confirming)
    return {"message": say(language(), "ui.conflicts.decided"), "next": url_for("duplicates.screen")}


def _found(number: int) -> SuspectSides:
    """One both of whose sides are open to whoever asks."""
    found = office_s_district().duplicates.find(number)
    return found if found is not None and all(_ours(found)) else abort(404)


def _ours(found: SuspectSides, kept_to: frozenset[str] | None = None) -> tuple[bool, ...]:
    """Whether each side is of a school that somebody is kept to, whoever asks where nobody is named."""
    these = areas() if kept_to is None else kept_to
    return tuple(within(record.student.school_code, these) for record in found.records)


def _portraits(found: SuspectSides) -> list[int]:
    """Which sides have one."""
    kinds = (context().office.looks.kinds(record.id) for record in found.records)
    return [place for place, kept in enumerate(kinds) if BiometricKind.PORTRAIT in kept]


def _side(found: SuspectSides, place: int, record: CaptureRecord) -> dict[str, Any]:
    kept = context().office.looks.kinds(record.id)
    return {
        "record": record,
        "station": came_from(record, found.stations),
        "pictures": [(kind, say(language(), f"conflictpicture.{kind}")) for kind in _SHOWN if kind in kept],
        "place": place,
    }


def _told(done: Searched) -> dict[str, Any]:
    return {"message": say(language(), "ui.duplicates.searched", **vars(done))}


job_views.TELLERS[_KIND] = _told
