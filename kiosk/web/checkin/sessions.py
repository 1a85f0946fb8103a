"""What goes on beside the door: counts by room, suspicions, the round through a room, results out and in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from kiosk.checkin import Neighbour
from kiosk.checkin.admitting import door_name
from kiosk.checkin.papers import suspicion_paper
from kiosk.ciphers.age import Sealing
from kiosk.clock import moment
from kiosk.errors import KioskError
from kiosk.exchange.file_names import file_name, free_name
from kiosk.exchange.parcel import SUFFIX
from kiosk.records import Account, Decided, Presence, Right, room_totals
from kiosk.web.asking import asked, number, place
from kiosk.web.attendance_words import doors_in_words, twice_in_words
from kiosk.web.checkin.context import exam_door
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.uploads import uploads
from kiosk.web.pictures import picture_response
from kiosk.words import say, say_message

views = Blueprint("doors", __name__)

_READY_REASONS: Final = 4  # that a touch enters
_CLOCKS_APART_S: Final = 30  # events of several doors are put in order by their clocks


@views.get("/counts")
def counts() -> ResponseReturnValue:
    """应到, 已到, 存疑, 缺考 of every room on one screen, who was let in twice and, once closed, who is absent; made anew by
    itself."""
    session, at = _session(), exam_door()
    here, of = at.desk.door.roll, at.register.day.sessions[session]
    rooms = here.counts(session)
    twice = [twice_in_words(language(), one) for one in here.twice(session)]
    absent = [(who.seat_in(of), who) for who in here.absent(session)]
    over = at.desk.now() >= of.latest_entry
    told = {"closed": here.is_closed(session), "over": over, "twice": twice, "absent": absent}
    return _page("counts", session, rooms=rooms, totals=room_totals(rooms), **told)


@views.post("/counts/close")
@door(Right.CAPTURE)
def close() -> ResponseReturnValue:
    """After the latest entry: whoever has not come is absent."""
    session, by = _session(), at_work().name
    exam_door().desk.call(lambda one, at: one.close(session, at, by=by))
    return redirect(url_for("doors.counts", session=session), 303)


@views.get("/suspicions")
@door(Right.CAPTURE)
def suspected() -> ResponseReturnValue:
    """Everybody under suspicion, with the photograph beside the portrait; for invigilators only."""
    session, at, tongue = _session(), exam_door(), language()
    pictured = at.register.pictured()
    found = [
        {
            "candidate": who,
            "seat": who.seat_in(at.register.day.sessions[session]),
            "event": event,
            "at": moment(event.at),
            "why": say(tongue, event.code),
            "pictured": who.number in pictured,
            "photographed": bool(at.register.picture(*event.id)),
            "like": [at.register.candidate(one) for one in event.like],
            "elsewhere": event.elsewhere,
            "scores": [(say(tongue, f"scale.{one.scale}"), f"{one.value:.2f}", one.met) for one in event.scores],
            "presence": there.presence,
            "open": there.presence is Presence.SUSPECTED and there.event == (event.door, event.sequence),
        }
        for who, event, there in at.desk.door.roll.suspicions(session)
    ]
    people = [one for one in context().office.accounts.open() if one.may(Right.CAPTURE)]
    reasons = [say(tongue, f"reason.suspicion.{number}") for number in range(1, _READY_REASONS + 1)]
    return _page("suspicions", session, found=found, people=people, reasons=reasons)


@views.get("/suspicions/photograph")
@door(Right.CAPTURE)
def photograph() -> ResponseReturnValue:
    """What was photographed: `door`, `event`."""
    found = exam_door().register.picture(request.args.get("door", ""), request.args.get("event", 0, int))
    return picture_response(found) if found else Response(status=404)


@views.get("/suspicions/paper")
@door(Right.CAPTURE)
def paper() -> ResponseReturnValue:
    """The sheet of a suspicion, to be signed."""
    at, about = exam_door(), (request.args.get("door", ""), request.args.get("event", 0, int))
    words, scale = partial(say_message, "zh-CN"), lambda name: say("zh-CN", f"scale.{name}")
    made = suspicion_paper(at.register, about, words, scale, at.desk.now())
    return Response(made, mimetype="application/pdf")


@views.post("/suspicions/decide")
@door(Right.CAPTURE)
def decide() -> ResponseReturnValue:
    """Two people by account and PIN (`by`, `pin`, `second`, `second_pin`), one of whom may decide; `decided`, `reason`."""
    values, session = asked(), _session()
    first, second = (
        _proved(values.get("by", ""), values.get("pin", "")),
        _proved(values.get("second", ""), values.get("second_pin", "")),
    )
    if not (first.may(Right.DECIDE) or second.may(Right.DECIDE)):
        raise KioskError("checkin.supervisor_needed")
    try:
        decided = Decided(values.get("decided", ""))
    except ValueError:
        raise KioskError("checkin.no_suspicion") from None
    about, by = (values.get("door", ""), number("event")), (first.person, second.person)
    exam_door().desk.call(lambda one, at: one.decide(about, decided, values.get("reason", ""), by, at))
    return redirect(url_for("doors.suspected", session=session), 303)


@views.get("/round")
@door(Right.CAPTURE)
def walk() -> ResponseReturnValue:
    """A room seat by seat, with the portraits: for sites without devices, and for whoever walks through."""
    session, at = _session(), exam_door()
    of = at.register.day.sessions[session]
    roll = at.desk.door.roll
    rooms = [one.room for one in roll.counts(session)]
    room = request.args.get("room", "") or (rooms[0] if rooms else "")
    there, twice = roll.attendance(session), {one.candidate.number: one for one in roll.twice(session)}
    slips, pictured = roll.slips(session), at.register.pictured()
    seats = sorted(
        ((who.seat_in(of), who, there[who.number]) for who in at.register.candidates if who.number in there),
        key=lambda one: one[0].seat if one[0] is not None else 0,
    )
    shown = [
        {
            "seat": seat,
            "candidate": who,
            "presence": found.presence,
            "twice": doors_in_words(language(), twice[who.number]) if who.number in twice else "",
            "pictured": who.number in pictured,
            "slip": who.number in slips,
        }
        for seat, who, found in seats
        if seat is not None and seat.room == room
    ]
    return _page("round", session, rooms=rooms, room=room, seats=shown)


@views.post("/round/confirm")
@door(Right.CAPTURE)
def confirm() -> ResponseReturnValue:
    """`candidate` sits there: `here` 1 by the portrait, 0 is somebody else; or has `left`; or what was entered last of them is
    taken `back`."""
    session, who, values, by = _session(), number("candidate"), asked(), at_work().name
    desk = exam_door().desk
    if values.get("back"):
        desk.call(lambda one, at: one.take_back(who, session, at, by=by))
    elif values.get("left"):
        desk.call(lambda one, at: one.leave(who, session, at, by=by, reason=values.get("reason", "")))
    else:
        desk.call(lambda one, at: one.confirm(who, session, at, by=by, here=values.get("here") == "1"))
    return redirect(url_for("doors.walk", session=session, room=values.get("room", "")) + f"#seat-{who}", 303)


@views.get("/results")
@door(Right.CAPTURE)
def results() -> ResponseReturnValue:
    """What goes out and comes in."""
    session, at = _session(), exam_door()
    register = at.register
    told = {"owed": register.owed, "whole": register.is_whole(), "merged": request.args.get("merged", "")}
    problem = at.neighbours.problem
    lan = {"lan": [_neighbour(one) for one in at.neighbours.all], "lan_problem": problem and say_message(language(), problem)}
    return _page("results", session, **told, **lan)


def _neighbour(one: Neighbour) -> dict[str, object]:
    """Another door, whether it can be heard, and whether its clock goes as ours."""
    tongue, seconds = language(), round(abs(one.ahead_s))
    problem = say_message(tongue, one.problem) if one.problem is not None else ""
    clock = say(tongue, "ui.door.lan_ahead" if one.ahead_s > 0 else "ui.door.lan_behind", seconds=seconds)
    return {
        "name": door_name(one.door) or one.address,
        "problem": problem,
        "clock": clock if seconds >= _CLOCKS_APART_S else "",
    }


@views.post("/results/sheets")
@door(Right.CAPTURE)
def sheets() -> ResponseReturnValue:
    """考场情况记录表 of the session: written and signed where the exports lie, and answered as PDF."""
    session, at = _session(), exam_door()
    words, stamp, roll = partial(say_message, "zh-CN"), context().office.stamp(), at.desk.door.roll
    out, now, by = at.exports / "checkin", at.desk.now(), at_work().name
    folder = at.shelf.write_sheets(at.shelved, roll, session, out, stamp, words, now, by=by)
    return send_file(next(folder.glob("*.pdf")), mimetype="application/pdf")


@views.post("/results/write")
@door(Right.CAPTURE)
def write() -> ResponseReturnValue:
    """What happened at this door, signed and sealed for the stations' office and for this station, to be taken away."""
    at, office = exam_door(), exam_door().store.signing.certificate()
    recipients = [at.store.signing.recipient(), *filter(None, [office.recipient if office is not None else ""])]
    folder: Path = at.exports / "checkin"
    folder.mkdir(parents=True, exist_ok=True)
    path = free_name(folder, file_name(f"核验结果-{at.settings.station.name}", SUFFIX))
    to, by = Sealing(recipients=tuple(recipients)), at_work().name
    at.shelf.write_results(at.shelved, at.register, path, to, station=at.settings.station.name, by=by)
    return send_file(path, as_attachment=True, download_name=path.name)


@views.post("/results/merge")
@door(Right.CAPTURE)
def merge() -> ResponseReturnValue:
    """Other doors' results: one `file` or more."""
    at, session = exam_door(), _session()
    new = sum(
        at.shelf.merge(at.shelved, at.register, path, by=at_work().name) for path in uploads("file", "web.package_missing")
    )
    at.desk.look_again()  # somebody may have been let in here and there
    return redirect(url_for("doors.results", session=session, merged=new), 303)


def _proved(who: str, pin: str) -> Account:
    """Raises KioskError("checkin.two_people") without an account, and what `Accounts.prove` says."""
    if not who or not pin:
        raise KioskError("checkin.two_people")
    return context().office.accounts.prove(who, pin)


def _session() -> int:
    """The session that is meant; the one that is on where nobody said."""
    at = exam_door()
    meant = place("session", len(at.register.day.sessions))
    return at.desk.snapshot().session if meant is None else meant


def _page(name: str, session: int, **values: object) -> str:
    day = exam_door().register.day
    told = [(place, one.subject, moment(one.starts_at)) for place, one in enumerate(day.sessions)]
    return render_template(
        f"checkin/{name}.html", page=name, session=session, sessions=told, of=day.sessions[session], **values
    )
