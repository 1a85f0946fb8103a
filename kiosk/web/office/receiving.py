"""接收采集包: files by the browser, what came of each, and receipts for the stations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange.file_names import plain
from kiosk.listening import reachable
from kiosk.office.invitation import Invitation
from kiosk.records import Message, ReceivedParcel, ReceivedState, Right
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.console import office_s_district
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import page, said, streamed
from kiosk.words import say, say_message, say_size

views = Blueprint("receiving", __name__)

_PER_PAGE: Final = 50
_MOST: Final = 2000


@views.get("/records/receiving")
def screen() -> ResponseReturnValue:
    """What came in, the newest first; `only` for one state."""
    district, only = office_s_district(), request.args.get("only", "")
    parcels = district.parcels(_MOST)
    shown = paged([one for one in parcels if only in ("", one.state)], _PER_PAGE)
    return page(
        "receiving.html",
        "receiving",
        rows=[_row(one) for one in shown.rows],
        number=shown.number,
        pages=shown.pages,
        only=only,
        counts={state: sum(one.state is state for one in parcels) for state in ReceivedState},
        answers=[one.name for one in district.answers()[:_PER_PAGE]],
        answering=at_work().may(Right.ACCOUNTS),
        **_invitation(),
    )


def _invitation() -> dict[str, Any]:
    """The code by which stations find the way, where they may come over the network."""
    from kiosk.exchange.paper import qr_code  # takes longer than the page

    deliveries = context().settings.office.deliveries
    if not deliveries:
        return {"invitation": None}
    address = reachable(deliveries)
    invitation = Invitation(address, office_s_district().key.signing.public)
    return {"invitation": invitation, "code": qr_code(invitation.text, on_screen=True) if address else ""}


@views.post("/office/receiving")
def receive() -> ResponseReturnValue:
    """A form with one or more `file`: each is safe when this answers, and is worked off behind."""
    reception, files = office_s_district().reception, [one for one in request.files.getlist("file") if one.filename]
    if not files:
        raise KioskError("web.package_missing")
    for upload in files:
        name = str(upload.filename)
        with context().uploads.held(name, upload.save) as path:
            reception.lay(path, by=at_work().name, name=plain(Path(name).name)[:200])
    return said("ui.receiving.laid", count=len(files))


@views.get("/office/receiving/progress")
@door(news=True)
def progress() -> ResponseReturnValue:
    """How many wait, and how far the one is that is being worked off."""
    district = office_s_district()
    at = district.reception.progress()
    done, total = (sum(values) for values in zip(*at.values(), strict=True)) if at else (0, 0)
    waiting = len(district.reception.intake.waiting())
    return jsonify(waiting=waiting, done=done, total=total, words=say(language(), "ui.receiving.waiting", count=waiting))


@views.post("/office/receiving/answers")
@door(Right.ACCOUNTS)
def answer() -> ResponseReturnValue:
    """Receipts for all stations: a form with `may_delete` where they may delete what is confirmed."""
    written = office_s_district().answer(may_delete=bool(asked().get("may_delete")), language=language())
    return said("ui.receiving.answered", count=len(written))


@views.get("/records/receiving/answers/<name>")
@door(Right.ACCOUNTS)
def download(name: str) -> ResponseReturnValue:
    """A receipt, as it is: sealed to its station."""
    path = next((one for one in office_s_district().answers() if one.name == name), None) or abort(404)
    context().office.files.note_download(path.name, by=at_work().name)
    return streamed(path)


def _row(parcel: ReceivedParcel) -> dict[str, Any]:
    tongue = language()
    notes = []
    if parcel.reason:
        notes.append(say_message(tongue, Message(f"error.{parcel.reason}", parcel.reason_data)))
    if parcel.missing:
        notes.append(say(tongue, "ui.receiving.missing", before=parcel.before[:8]))
    return {"parcel": parcel, "size": say_size(tongue, parcel.size), "notes": notes}
