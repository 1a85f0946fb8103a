"""May this candidate sit down here and now? Each no has its own words."""

from __future__ import annotations

from datetime import datetime

from kiosk.checkin.state import Post
from kiosk.clock import moment
from kiosk.records import Attendance, Candidate, ExamDay, Message, Presence, Seating
from kiosk.variants import Likeness, likeness


def sessions_on(day: ExamDay, at: datetime) -> tuple[int, ...]:
    """Those that are checked in at a time, by their place: the next to end, and those that are written beside it."""
    ahead = [number for number, one in enumerate(day.sessions) if one.ends_at > at]
    if not ahead:
        return ()
    first = min((day.sessions[number] for number in ahead), key=lambda one: (one.starts_at, one.ends_at))
    return tuple(number for number in ahead if day.sessions[number].starts_at < first.ends_at)


def session_of(day: ExamDay, candidate: Candidate, post: Post, at: datetime) -> int | None:
    """The session that a candidate comes for; None where none is on."""
    on = sessions_on(day, at) if post.session is None else (post.session,)
    return next((number for number in on if candidate.seat_in(day.sessions[number]) is not None), None)


def objection(  # noqa: PLR0911 - a line for each no
    day: ExamDay, post: Post, candidate: Candidate | None, session: int | None, found: Attendance, at: datetime, card_name: str
) -> Message | None:
    """Why somebody may not sit down, None where they may. `session`: as `session_of` has it; `card_name`: of the card, empty
    without one."""
    if candidate is None:
        return Message("checkin.not_registered")
    if card_name and likeness(card_name, candidate.name) is Likeness.OTHER:
        return Message("checkin.other_name", {"card": card_name, "name": candidate.name})
    if at >= day.expires_at:
        return Message("checkin.expired", {"at": moment(day.expires_at)})
    if session is None:
        return _wrong_session(day, candidate, at)
    when, seat = day.sessions[session], candidate.seat_in(day.sessions[session])
    assert seat is not None
    place = {"room": seat.room, "seat": seat.seat}
    if (there := already_there(found, seat)) is not None:
        return there
    match found.presence:
        case Presence.OUT if not day.reentry:
            return Message("checkin.left_already", {"at": moment(found.at)})
        case Presence.ABSENT:
            return Message("checkin.too_late", {"subject": when.subject, "latest": moment(when.latest_entry)})
    if at > when.latest_entry and found.presence is not Presence.OUT:
        return Message("checkin.too_late", {"subject": when.subject, "latest": moment(when.latest_entry)})
    if post.room and seat.room != post.room:
        return Message("checkin.wrong_room", {**place, "here": post.room})
    return None


def already_there(found: Attendance, seat: Seating) -> Message | None:
    """What is said where somebody sits on the seat by this name, or was taken for somebody else there."""
    place = {"room": seat.room, "seat": seat.seat}
    match found.presence:
        case Presence.IN | Presence.SUSPECTED:
            return Message("checkin.already_in", {**place, "at": moment(found.at), "door": door_name(found.door)})
        case Presence.SUBSTITUTE:
            return Message("checkin.decided_substitute", place)
    return None


def door_name(door: str) -> str:
    """A door as people call it, without what makes it unique."""
    return door.rpartition(" ")[0] or door


def _wrong_session(day: ExamDay, candidate: Candidate, at: datetime) -> Message:
    own = [one for one in day.sessions if candidate.seat_in(one) is not None]
    following = min((one for one in own if one.ends_at > at), key=lambda one: one.starts_at, default=None)
    if following is None:
        return Message("checkin.no_session")
    seat = candidate.seat_in(following)
    assert seat is not None
    told = {"subject": following.subject, "at": moment(following.starts_at), "room": seat.room, "seat": seat.seat}
    return Message("checkin.wrong_session", told)
