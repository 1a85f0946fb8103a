"""复核: what people decided at the desk, side by side for somebody who had no part in it; closed one by one or for a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import resemblances
from kiosk.records import BiometricKind, CaptureRecord, ProgressState, ReviewCause, Step, StudentProgress
from kiosk.snapshot import StepState, StepView
from kiosk.web import figures, wording
from kiosk.web.asking import asked, why
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, who_decides
from kiosk.web.office.groups import classes_of, looked_for
from kiosk.web.office.paging import paged
from kiosk.web.office.shell import page, said
from kiosk.words import say

views = Blueprint("review", __name__)

_PER_PAGE: Final = 20
_CLOSED_SHOWN: Final = 20
_READY_REASONS: Final = 5
_THUMBS: Final = {Step.RIGHT_THUMB: BiometricKind.RIGHT_THUMB, Step.LEFT_THUMB: BiometricKind.LEFT_THUMB}


@views.get("/records/review")
def screen() -> ResponseReturnValue:
    """Who waits, with both faces beside each other; and what was closed last."""
    reviews, group = context().office.reviews, request.args.get("class", "")
    waiting, closed = reviews.queue()
    found = [entry for entry in waiting if looked_for(entry.student, group)]
    shown = paged(found, _PER_PAGE)
    return page(
        "review.html",
        "review",
        classes=classes_of([entry.student for entry in waiting]),
        group=group,
        found=len(found),
        items=[_item(entry, record) for entry, record in zip(shown.rows, reviews.records(shown.rows), strict=True)],
        number=shown.number,
        pages=shown.pages,
        closed=closed[:_CLOSED_SHOWN],
    )


@views.get("/records/review/<record_id>")
def one(record_id: str) -> ResponseReturnValue:
    """One capture, large, with what has to be decided. That it was looked at is kept in the audit trail."""
    here = context()
    waiting = here.office.reviews.waiting()
    places = {entry.record_id: place for place, entry in enumerate(waiting)}
    record = here.office.looks.record(record_id, by=at_work().name, why="review")
    if record is None:
        abort(404)
    place = places.get(record_id)
    return page(
        "review_one.html",
        "review",
        item=None if place is None else _item(waiting[place], record),
        record=record,
        student=record.student,
        kept=here.office.looks.kinds(record_id),
        others=[other for other in resemblances(record) if other.record_id != record_id],
        score=lambda found: figures.score(language(), found),
        place=0 if place is None else place + 1,
        waiting=len(waiting),
        next_one=_next_of(waiting, record_id),
        reasons=[say(language(), f"reason.send_back.{number}") for number in range(1, _READY_REASONS + 1)],
    )


@views.post("/office/review/approve")
def approve() -> ResponseReturnValue:
    """What people decided about these captures is right."""
    records = request.form.getlist("record") or [asked().get("record", "")]
    if not any(records):
        raise KioskError("web.nobody_ticked")
    following = _next_of(context().office.reviews.waiting(), records[0]) if len(records) == 1 else ""
    context().office.reviews.approve(records, by=who_decides(), reason=asked().get("reason", ""))
    if "one" in asked():
        return _on_to(following, "ui.review.approved", count=1)
    return said("ui.review.approved", count=len(records))


@views.post("/office/review/back")
def send_back() -> ResponseReturnValue:
    """Have a student captured again."""
    record_id = asked().get("record", "")
    following = _next_of(context().office.reviews.waiting(), record_id)
    context().office.reviews.send_back([record_id], by=who_decides(), reason=why())
    return _on_to(following, "ui.review.sent_back")


def _on_to(record_id: str, code: str, **data: Any) -> ResponseReturnValue:
    """Says what was done, and leads to the next one that waits, or back to the list."""
    address = url_for("review.one", record_id=record_id) if record_id else url_for("review.screen")
    return jsonify(message=say(language(), code, **data), next=address)


def _next_of(waiting: Sequence[StudentProgress], record_id: str) -> str:
    """Who waits after this one; the first again after the last, nobody where nobody else waits."""
    ids = [entry.record_id for entry in waiting]
    place = ids.index(record_id) if record_id in ids else -1
    others = ids[place + 1 :] + ids[: max(place, 0)]
    return others[0] if others else ""


def _item(entry: StudentProgress, record: CaptureRecord) -> dict[str, Any]:
    """What is to be reviewed of a capture, step by step, with the finger that a picture of helps."""
    tongue = language()
    assert entry.state is ProgressState.REVIEW
    found = []
    for step, cause in entry.causes:
        result = record.result(step)
        if result is None:
            continue
        told = wording.step_in_words(tongue, StepView.of(result, StepState.DONE))
        found.append(told | {"cause": cause, "why": say(tongue, f"reviewcause.{cause}"), "by": result.decided_by})
    fingers = [_THUMBS[step] for step, cause in entry.causes if step in _THUMBS and cause is not ReviewCause.LEFT_OUT]
    kept = context().office.looks.kinds(record.id)
    return {"entry": entry, "record": record, "steps": found, "fingers": fingers, "kept": kept}
