"""Pictures of ID documents: shot with the station's camera or taken from a file, and kept once a person has read the number."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.exchange import profiles
from kiosk.pipeline.document import Corners, find_card
from kiosk.records import BiometricKind, Image
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door, who_decides
from kiosk.web.drafts import Draft
from kiosk.web.office.groups import classes_of, looked_for
from kiosk.web.office.shell import handle, page
from kiosk.web.office.uploads import uploaded
from kiosk.words import say

views = Blueprint("documents", __name__)

_FRAME_WAIT_S: Final = 2.0


@views.get("/records/documents")
def screen() -> ResponseReturnValue:
    """Whose document is still to be pictured, and the camera."""
    here = context()
    wanting = [profile for profile in profiles() if profile.document is not None]
    own = next((profile for profile in wanting if profile.name == here.settings.station.profile), None)
    chosen = next((profile for profile in wanting if profile.name == request.args.get("profile")), own or wanting[0])
    captured = [entry for entry in here.office.looks.students() if entry.captured]
    kept = here.office.looks.having(BiometricKind.DOCUMENT)
    group, query = request.args.get("class", ""), request.args.get("q", "")
    listed = [entry for entry in captured if looked_for(entry.student, group, query)]
    return page(
        "documents.html",
        "documents",
        profiles=wanting,
        chosen=chosen,
        wanted_by_station=own is not None,
        classes=classes_of([entry.student for entry in captured]),
        group=group,
        query=query,
        students=[(entry, entry.record_id in kept) for entry in listed],
        done=sum(entry.record_id in kept for entry in captured),
        total=len(captured),
        handle=handle,
    )


@views.get("/office/document/find")
@door(news=True)
def find() -> ResponseReturnValue:
    """Where in the newest camera picture the card lies: its corners as shares of width and height, none where there is none."""
    pixels = _frame(request.args.get("after", 0, int))
    corners = None if pixels is None else find_card(pixels)
    return jsonify(corners=[] if pixels is None or corners is None else _shares(corners, pixels))


@views.post("/office/document/shoot")
def shoot() -> ResponseReturnValue:
    """Make the picture out of what the camera sees now; refused in words when it would not do."""
    pixels = _frame(0)
    if pixels is None:
        raise KioskError("web.no_camera")
    return _make(pixels)


@views.post("/office/document/file")
def from_file() -> ResponseReturnValue:
    """Make the picture out of a scan or photo."""
    with uploaded("picture", "web.picture_missing") as path:
        pixels = context().office.documents(asked().get("profile", "")).read(path)
    return _make(pixels)


@views.get("/office/document/draft/<key>.jpg")
def draft(key: str) -> ResponseReturnValue:
    """A picture that is not yet kept, to be looked at."""
    found = context().drafts.get(key)
    if found is None:
        abort(404)
    return Response(found.made.jpeg, mimetype="image/jpeg")


@views.post("/office/document/keep")
def keep() -> ResponseReturnValue:
    """Keep a picture with the record whose number a person read off it."""
    office, values, by = context().office, asked(), who_decides().name
    found = context().drafts.get(values.get("draft", ""))
    record = office.looks.record(values.get("record", ""), by=by)
    if found is None or record is None:
        raise KioskError("web.draft_gone")
    office.documents(found.profile).keep(record, found.made, values.get("number", ""), by=by)
    context().drafts.drop(values["draft"])
    return jsonify(message=say(language(), "ui.document.kept", name=record.student.name))


def _make(pixels: Image) -> ResponseReturnValue:
    profile = asked().get("profile", "")
    made = context().office.documents(profile).make(pixels, upside_down=bool(asked().get("upside_down")))
    key = context().drafts.add(Draft(profile, made))
    words = say(language(), "ui.document.made", kb=round(len(made.jpeg) / 1024, 1), sharpness=round(made.sharpness))
    return jsonify(draft=key, address=f"/office/document/draft/{key}.jpg", words=words)


def _shares(corners: Corners, pixels: Image) -> list[list[float]]:
    height, width = pixels.shape[:2]
    return [[float(x) / width, float(y) / height] for x, y in corners]


def _frame(after: int) -> Image | None:
    found = context().station.preview(after, _FRAME_WAIT_S)
    return None if found is None else found.pixels
