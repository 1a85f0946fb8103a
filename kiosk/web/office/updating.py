"""更新: the next version from a file or a stick, and the way back; what was chosen is shown before it is taken."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import PlanWords
from kiosk.office.jobs import Progress
from kiosk.records import Right
from kiosk.release import Offer
from kiosk.web.asking import asked
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office import job_views
from kiosk.web.office.shell import page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say

views = Blueprint("updating", __name__)

_KIND: Final = "update"


@views.get("/records/update")
def screen() -> ResponseReturnValue:
    """The version that is there, and what would be taken: a file that was handed in, and with `sticks` what lies on a stick."""
    updates = context().office.updates
    sticks = "sticks" in request.args
    return page(
        "updating.html",
        "update",
        installed=updates.installed,
        offers=updates.offers(sticks=sticks) if updates.installed is not None else [],
        sticks=sticks,
        tongue=language(),
        restarts=context().restart is not None,
        job=job_views.under_way(_KIND),
    )


@views.post("/office/update/file")
@door(Right.SETTINGS)
def hand_in() -> ResponseReturnValue:
    """Take a form's `file` into the installation's own folder, where it is offered; what wouldn't be taken is not kept."""
    with uploaded("file", "release.none_named") as path:
        offer = context().office.updates.hand_in(path)
    return said("ui.update.handed_in", version=offer.after)


@views.post("/office/update/take")
@door(Right.SETTINGS)
def take() -> ResponseReturnValue:
    """Begin with one of the offers, by its `file`; told before."""
    updates, by = context().office.updates, at_work().name
    offer = updates.offered(asked().get("file", ""))
    words = PlanWords(tuple(_told(offer)), ())
    if (question := to_confirm("ui.confirm.update", words, offer.manifest.content)) is not None:
        return question

    def work(progress: Progress) -> Offer:
        return updates.take(offer, progress, by=by)

    return job_views.started(context().office.jobs.start(_KIND, updates.size(offer), work))


@views.post("/office/update/back")
@door(Right.SETTINGS)
def back() -> ResponseReturnValue:
    """Have the version before started from the next time on; told before."""
    updates = context().office.updates
    installed = updates.installed
    if installed is None or not installed.way_back:
        raise KioskError("release.no_way_back")
    lines = (say(language(), "ui.update.back_means", version=installed.way_back),)
    if (question := to_confirm("ui.confirm.update_back", PlanWords(lines, ()), installed.way_back)) is not None:
        return question
    return said("ui.update.back_done", version=updates.go_back(by=at_work().name))


def _told(offer: Offer) -> list[str]:
    tongue = language()
    told = {"before": offer.before, "after": offer.after, "fingerprint": offer.manifest.fingerprint}
    return [say(tongue, code, **told) for code in ("ui.update.from_to", "ui.update.signed", "ui.update.means")]


def _done(offer: Offer) -> dict[str, Any]:
    return {"message": say(language(), "ui.update.done", version=offer.after)}


job_views.TELLERS[_KIND] = _done
