"""The door itself: state by long-poll, the live picture, orders, and finding somebody without a card."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.checkin import Door, DoorSnapshot, Order, Post
from kiosk.errors import KioskError
from kiosk.records import Candidate, FoundBy, Right
from kiosk.web.asking import asked, number
from kiosk.web.checkin.context import exam_door, way_back
from kiosk.web.checkin.words import for_student, in_words
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.pictures import picture_response

views = Blueprint("door", __name__)

_STATE_WAIT_S: Final = 20.0
_FRAME_WAIT_S: Final = 2.0
_SLICE_S: Final = 0.5
_MOST_SHOWN: Final = 12  # of those who may be meant
_RESTART_S: Final = 6  # after which the station's own starting page answers


@views.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("door.screen"))


@views.get("/records/<path:_page>")
@door(open_to_all=True)
def of_the_station(_page: str) -> ResponseReturnValue:
    """A page of the station's that was open when this became a door."""
    return redirect(url_for("door.screen"))


@views.post("/door/end")
@door(Right.DECIDE)
def end() -> ResponseReturnValue:
    """Have the station again: the page waits until it is there."""
    begin = way_back()
    if begin is None:
        raise KioskError("settings.no_restart")
    context().office.accounts.note("restart", at_work())
    begin()
    answer = Response(render_template("checkin/ended.html"))
    answer.headers["Refresh"] = f"{_RESTART_S}; url=/operator"
    return answer


@views.get("/door")
@door(Right.CAPTURE)
def screen() -> ResponseReturnValue:
    """The door, for a tablet or the desk."""
    at = exam_door()
    rooms = at.desk.door.roll.rooms()
    return render_template("checkin/door.html", rooms=rooms, sessions=at.register.day.sessions)


@views.get("/door/student")
@door(students=True)
def student() -> ResponseReturnValue:
    """What the student sees alone, for a second screen."""
    return render_template("checkin/student.html")


@views.get("/state")
@door(news=True, students=True)
def state() -> ResponseReturnValue:
    """The newest snapshot in words, as soon as its number is above `after`; for `screen` door or student."""
    here, at, after = context(), exam_door(), request.args.get("after", 0, int)
    with here.turnstile.passing() as may_wait:
        snapshot = _newest(after, _STATE_WAIT_S if may_wait else 0.0)
    if request.args.get("screen") == "student":
        words = for_student(here.settings.station.student_languages, snapshot)
    else:
        words = in_words(language(), snapshot, at.desk.door, here.settings.station.student_languages, at.neighbours.all)
    return jsonify(words | {"run": here.run, "crowded": not may_wait})


@views.get("/frame")
@door(news=True, students=True)
def frame() -> ResponseReturnValue:
    """The newest camera picture as JPEG; 204 when none came, 503 when too many wait."""
    here, at, after = context(), exam_door(), request.args.get("after", 0, int)
    with here.turnstile.passing() as may_wait:
        if not may_wait:
            return Response(status=503, headers={"Retry-After": "1"})
        found = at.desk.preview(after, _FRAME_WAIT_S)
    if found is None:
        return Response(status=204)
    number_of, jpeg = here.encoder.jpeg(found, here.settings.web)
    return Response(jpeg, mimetype="image/jpeg", headers={"X-Frame": str(number_of)})


@views.get("/door/portrait/<int:candidate>")
def portrait(candidate: int) -> ResponseReturnValue:
    """The captured portrait of a candidate."""
    found = exam_door().register.portrait(candidate)
    return picture_response(found) if found else Response(status=404)


@views.post("/door/order")
@door(Right.CAPTURE)
def order() -> ResponseReturnValue:
    """An order about the state of a `turn`; whoever is logged in answers for it."""
    values = asked()
    try:
        wanted = Order(values.get("order", ""))
    except ValueError:
        raise KioskError("checkin.not_now") from None
    exam_door().desk.ask(wanted, number("turn"), by=at_work().name)
    return Response(status=204)


@views.post("/door/find")
@door(Right.CAPTURE)
def find() -> ResponseReturnValue:
    """Who may be meant by a seat, the last digits of a number, or a name: the first of them, and how many `more`. `following`:
    the characters that names go on with, so that a name needs no keyboard."""
    text = asked().get("text", "")
    desk = exam_door().desk
    at, roll = desk.now(), desk.door.roll
    found = roll.look_up(text, desk.door.session_at(at), desk.door.post.room)
    shown = [
        {"number": who.number, "by": by, "name": who.name, "examNumber": who.exam_number, "seat": _seat(desk.door, at, who)}
        for who, by in found[:_MOST_SHOWN]
    ]
    return jsonify({"found": shown, "more": len(found) - len(shown), "following": roll.following(text)})


@views.post("/door/choose")
@door(Right.CAPTURE)
def choose() -> ResponseReturnValue:
    """Fields `number`, `by` as `find` answered, and `turn`."""
    wanted, turn = number("number"), number("turn")
    at = exam_door()
    if all(one.number != wanted for one in at.register.candidates):
        raise KioskError("checkin.no_seat")
    try:
        by = FoundBy(asked().get("by", ""))
    except ValueError:
        raise KioskError("checkin.not_now") from None
    at.desk.choose(wanted, by, turn)
    return Response(status=204)


@views.post("/door/verified")
@door(Right.CAPTURE)
def verified() -> ResponseReturnValue:
    """Somebody has gone to the seat of a `candidate` who was let in twice in a `session`."""
    session, who = number("session"), number("candidate")
    if not 0 <= session < len(exam_door().register.day.sessions):
        raise KioskError("checkin.no_such_session")
    exam_door().desk.call(lambda one, _: one.roll.verified(session, who))
    return Response(status=204)


@views.post("/door/post")
@door(Right.CAPTURE)
def post() -> ResponseReturnValue:
    """Stand elsewhere: fields `room` (empty: any candidate of the site) and `session` (empty: whichever is on)."""
    values = asked()
    session = int(values["session"]) if values.get("session", "").isdigit() else None
    wanted = Post(values.get("room", ""), session)
    exam_door().desk.call(lambda one, _: one.take_post(wanted))
    return redirect(url_for("door.screen"), 303)


def _seat(one: Door, at: datetime, who: Candidate) -> str:
    seat = who.seat_in(one.register.day.sessions[one.session_at(at)])
    return f"{seat.room}-{seat.seat:02d}" if seat is not None else ""


def _newest(after: int, timeout_s: float) -> DoorSnapshot:
    """Waits in slices, so that a server that closes is not held up."""
    here, desk = context(), exam_door().desk
    deadline = time.monotonic() + timeout_s
    while True:
        left_s = max(deadline - time.monotonic(), 0.0)
        found = desk.wait(after, min(left_s, _SLICE_S))
        if found.number > after or left_s == 0 or here.closing.is_set():
            return found
