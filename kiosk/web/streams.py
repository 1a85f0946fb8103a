"""What changes: the station's state, the live picture, and the pictures that a snapshot names. All by long-poll."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.records import Cue, Message
from kiosk.snapshot import Phase, Snapshot
from kiosk.web.calling import BROKEN, with_calls
from kiosk.web.context import Context, context, language, moment
from kiosk.web.devices.words import due_in_words
from kiosk.web.doorkeeper import door, for_students_alone
from kiosk.web.office.shell import clock_in_words
from kiosk.web.operator_words import for_operator
from kiosk.web.pictures import picture_response
from kiosk.web.student_words import for_student, student_pictures

views = Blueprint("streams", __name__)

_STATE_WAIT_S: Final = 20.0
_FRAME_WAIT_S: Final = 2.0
_SLICE_S: Final = 0.5  # how soon a waiting request notices that the server is closing

T = TypeVar("T")


@views.get("/state")
@door(news=True, students=True)
def state() -> ResponseReturnValue:
    """The newest snapshot in words, as soon as its number is above `after`; for `screen` operator or student."""
    here, after = context(), request.args.get("after", 0, int)
    with here.turnstile.passing() as may_wait:
        timeout_s = _STATE_WAIT_S if may_wait else 0.0
        snapshot = _sliced(here, timeout_s, lambda s: here.station.wait(after, s), lambda found: found.number > after)
    for_students = for_students_alone() or request.args.get("screen") == "student"
    workflow = here.settings.workflow.steps
    snapshot = _idle(here, snapshot, for_students=for_students)
    if for_students:
        words = for_student(snapshot, workflow, here.settings.station.student_languages)
    else:
        words = for_operator(snapshot, workflow, language())
        with_calls(words["devices"], [one.kind for one in snapshot.devices if one.state in BROKEN])
        words["notice"] = words["notice"] or clock_in_words(here.office.schedule.clock())
        words["untested"] = due_in_words(here.checkup.latest, language()) if here.checkup is not None else ""
        if snapshot.phase is Phase.WAITING:
            words["notice"] = words["notice"] or words["untested"]
    return jsonify(words | {"run": here.run, "crowded": not may_wait})


@views.get("/frame")
@door(news=True, students=True)
def frame() -> ResponseReturnValue:
    """The newest camera picture as JPEG, as soon as its number is above `after`; 204 when none came, 503 when too many wait.

    A client that is slow asks late and gets the newest: nothing queues up for it.
    """
    here, after = context(), request.args.get("after", 0, int)
    with here.turnstile.passing() as may_wait:
        if not may_wait:
            return Response(status=503, headers={"Retry-After": "1"})
        found = _sliced(here, _FRAME_WAIT_S, lambda s: here.station.preview(after, s), lambda frame: frame is not None)
    if found is None:
        return Response(status=204)
    number, jpeg = here.encoder.jpeg(found, here.settings.web)
    return Response(jpeg, mimetype="image/jpeg", headers={"X-Frame": str(number)})


@views.get("/picture/<path:key>")
@door(news=True, students=True)
def picture(key: str) -> ResponseReturnValue:
    """A picture that the newest snapshot names."""
    station = context().station
    if for_students_alone() and key not in student_pictures(station.snapshot()):
        return Response(status=404)
    found = station.picture(key)
    if found is None:
        return Response(status=404)
    return picture_response(found)


def _idle(here: Context, snapshot: Snapshot, *, for_students: bool) -> Snapshot:
    """The same, and while nobody is at the desk, why nobody may come: the deadline that has passed."""
    schedule = here.office.schedule
    deadline = schedule.deadline()
    if snapshot.phase is not Phase.WAITING or not deadline.locked(schedule.now()):
        return snapshot
    if for_students:
        return replace(snapshot, instruction=Message("station.deadline_over"), cue=Cue.CALL)
    return replace(snapshot, notice=snapshot.notice or Message("ui.deadline.over", {"at": moment(deadline.deadline)}))


def _sliced(here: Context, timeout_s: float, wait: Callable[[float], T], enough: Callable[[T], bool]) -> T:
    """Wait in slices, so that a server that closes is not held up by screens that wait."""
    deadline = time.monotonic() + timeout_s
    while True:
        left_s = max(deadline - time.monotonic(), 0.0)
        found = wait(min(left_s, _SLICE_S))
        if enough(found) or left_s == 0 or here.closing.is_set():
            return found
