"""数据包: what goes to the office as a file, and what comes from there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, stream_with_context
from flask.typing import ResponseReturnValue

from kiosk.ciphers.age import Sealing
from kiosk.errors import KioskError
from kiosk.office.files import OUR_OFFICE
from kiosk.office.jobs import Telling
from kiosk.office.parcels import ParcelResult, Which, bytes_of
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work
from kiosk.web.office import job_views
from kiosk.web.office.shell import attachment, page
from kiosk.words import say, say_size

views = Blueprint("parcels", __name__)

_CAPTURES: Final = "captures"
_SIZES: Final = ("2GB", "4GB", "650MB", "100MB")
_MOST_SHOWN: Final = 30
_PIECE: Final = 1 << 18


@views.get("/records/packages")
def screen() -> ResponseReturnValue:
    """What waits for the office, what was written for it, and the form for what it sends."""
    office = context().office
    written = office.parcels.written(_MOST_SHOWN)
    return page(
        "parcels.html",
        "parcels",
        to_office=bool(office.files.recipient()),
        choices=tuple(Which),
        sizes=_SIZES,
        written=[
            {"one": one, "size": say_size(language(), one.size), "there": office.parcels.path_of(one.name)} for one in written
        ],
        today=office.schedule.now().astimezone().date(),
        job=job_views.under_way(_CAPTURES),
    )


@views.post("/office/packages/captures")
def captures() -> ResponseReturnValue:
    """Write what the office has not had yet, as a job."""
    office, told, actor = context().office, asked(), at_work().name
    try:
        which, day = Which(told.get("which", Which.NEW)), date.fromisoformat(told["day"]) if told.get("day") else None
    except ValueError:
        raise KioskError("web.time_missing") from None
    to, part_size = Sealing(recipients=office.files.recipients([OUR_OFFICE])), bytes_of(told.get("part_size") or _SIZES[0])

    def work(progress: Telling) -> ParcelResult:
        plan = office.parcels.plan(which, day=day, part_size=part_size)
        return office.parcels.write(plan, to, actor=actor, progress=progress)

    return job_views.answered(_CAPTURES, work)


@views.get("/records/packages/<name>")
def download(name: str) -> ResponseReturnValue:
    """One that was written, as it is: sealed."""
    path = context().office.parcels.path_of(name) or abort(404)
    context().office.files.note_download(path.name, by=at_work().name)
    response = attachment(b"", path.name, "application/octet-stream")
    response.response = stream_with_context(_pieces(path))
    response.content_length = path.stat().st_size
    return response


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _told(done: ParcelResult) -> dict[str, Any]:
    tongue = language()
    words = say(tongue, "ui.parcels.written", files=len(done.written), records=done.records)
    return {"message": words + (say(tongue, "parcel.hurt", count=len(done.hurt)) if done.hurt else "")}


job_views.TELLERS[_CAPTURES] = _told
