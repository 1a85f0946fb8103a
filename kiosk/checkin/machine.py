"""What leads from where to where at a door. Pure: an event carries all that was found out, a move all that has to be kept.

A candidate who was sent away, let in or suspected is on the disk before the next one is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from kiosk.checkin.admitting import objection, session_of, sessions_on
from kiosk.checkin.state import (
    FREE,
    AtTheDoor,
    Looking,
    Note,
    Order,
    Policy,
    Post,
    Pressing,
    Searching,
    Seated,
    State,
    Suspected,
    Turned,
    Unsaved,
    Visit,
    Waiting,
    Watched,
)
from kiosk.records import (
    NOBODY_YET,
    Attendance,
    Candidate,
    DoorAct,
    ExamDay,
    FoundBy,
    Message,
    Presence,
    Score,
    Verdict,
)

_FAILED_FACE: Final = Message("checkin.face_failed")
_FAILED_THUMB: Final = Message("checkin.thumb_failed")
_UNSURE: Final = Message("checkin.face_unsure")
_BOTH: Final = Message("checkin.thumb_too")


@dataclass(frozen=True)
class Came:
    """Somebody is before the door: by a card, or chosen. `candidate` None: nobody of the package. `found` is what their
    events say."""

    candidate: Candidate | None
    at: datetime
    found_by: FoundBy = FoundBy.CARD
    card_name: str = ""
    found: Attendance = NOBODY_YET
    face: Verdict | None = None  # what the search has shown already
    thumb: Verdict | None = None
    scores: tuple[Score, ...] = ()
    picture: bytes = b""


@dataclass(frozen=True)
class Compared:
    """A face or a thumb was held against the candidate's. `verdict` None: it was no good for comparing, `problem` says why.
    `like`: others of the site whose it is."""

    verdict: Verdict | None
    scores: tuple[Score, ...] = ()
    picture: bytes = b""
    like: tuple[int, ...] = ()
    problem: Message | None = None


@dataclass(frozen=True)
class NotFound:
    """A search found nobody, or several who can't be told apart."""


@dataclass(frozen=True)
class CardUnread:
    """A card lies there and can't be read."""

    problem: Message


@dataclass(frozen=True)
class CardGone:
    """The card was taken away."""


@dataclass(frozen=True)
class TimeOver:
    """The state has lasted for as long as it may."""


@dataclass(frozen=True)
class Asked:
    """An order, by whom."""

    order: Order
    by: str = ""


Event = Came | Compared | NotFound | CardUnread | CardGone | TimeOver | Asked


@dataclass(frozen=True)
class Move:
    """The state that follows, and what has to be kept first."""

    state: State
    notes: tuple[Note, ...] = field(default=())


class Machine:
    """The rules of one door. Holds nothing but the package's day and how the door judges."""

    def __init__(self, day: ExamDay, policy: Policy) -> None:
        self._day = day
        self._policy = policy

    def follow(self, state: State, event: Event, post: Post) -> Move:  # noqa: PLR0911 - the whole machine, on one page
        """The move that an event leads to; the same state where nothing follows."""
        match state, event:
            case Unsaved(), _:
                return Move(state)
            case _, Came() if isinstance(state, FREE):
                return self._come(event, post)
            case ((Waiting() | Searching()), CardUnread(problem)):
                return Move(Turned(problem))
            case Searching(), NotFound():
                return Move(Waiting(Message("checkin.nobody_found")))
            case Turned(), (CardGone() | TimeOver()):
                return Move(Waiting())
            case ((Seated() | Suspected() | Looking() | Pressing() | Searching()), TimeOver()):
                return Move(Waiting())
            case Looking(visit), Compared():
                return self._looked(visit, event)
            case Pressing(visit), Compared():
                return self._pressed(visit, event)
            case _, Asked(order, by) if order in state.orders:
                return self._obey(state, order, by)
        return Move(state)

    # -- coming

    def _come(self, event: Came, post: Post) -> Move:
        who = event.candidate
        session = session_of(self._day, who, post, event.at) if who is not None else None
        reason = objection(self._day, post, who, session, event.found, event.at, event.card_name)
        seat = who.seat_in(self._day.sessions[session]) if who is not None and session is not None else None
        if reason is not None:
            note = Note(
                DoorAct.TURNED,
                session if session is not None else _on(self._day, post, event.at),
                who.number if who is not None else None,
                event.found_by,
                code=reason.code,
                told=tuple((name, str(value)) for name, value in reason.data.items()),
            )
            return Move(Turned(reason, who, seat, event.found_by is FoundBy.CARD), (note,))
        assert who is not None
        assert seat is not None
        assert session is not None
        visit = Visit(
            who,
            seat,
            session,
            event.found_by,
            returning=event.found.presence is Presence.OUT,
            face=event.face,
            thumb=event.thumb,
            scores=event.scores,
            picture=event.picture,
        )
        return self._next(visit)

    # -- comparing

    def _looked(self, visit: Visit, event: Compared) -> Move:
        seen = _with(visit, event)
        if event.verdict is None:
            return Move(Looking(seen, event.problem))
        seen = replace(seen, face=event.verdict)
        no_thumb = not seen.candidate.thumbed
        if event.verdict is Verdict.FAIL or (event.verdict is Verdict.REVIEW and no_thumb):
            return self._failed(seen, Looking(seen, _FAILED_FACE))
        return self._next(seen)

    def _pressed(self, visit: Visit, event: Compared) -> Move:
        seen = _with(visit, event)
        if event.verdict is None:
            seen = replace(seen, poor=seen.poor + 1)
            if seen.poor % self._policy.poor_presses == 0:
                return self._failed(seen, Pressing(seen, event.problem))
            return Move(Pressing(seen, event.problem))
        seen = replace(seen, thumb=event.verdict)
        if event.verdict is not Verdict.PASS:
            return self._failed(seen, Pressing(seen, _FAILED_THUMB))
        return self._next(seen)

    def _failed(self, visit: Visit, again: Looking | Pressing) -> Move:
        visit = replace(visit, failures=visit.failures + 1)
        if visit.failures >= self._policy.failures:
            return self._suspect(visit, "checkin.suspicion.unlike")
        return Move(replace(again, visit=visit))

    def _next(self, visit: Visit) -> Move:
        """What is still wanted of a candidate, or the seat."""
        who = visit.candidate
        if not who.faced and not who.thumbed:
            return Move(Watched(visit))
        if visit.face is None and who.faced and visit.found_by is not FoundBy.ROUND:
            return Move(Looking(visit))
        face_sure = visit.face is Verdict.PASS
        wants_thumb = not face_sure or who.alike or self._policy.thumb_always
        if wants_thumb and visit.thumb is not Verdict.PASS:
            if who.thumbed:
                return Move(Pressing(visit, _BOTH if face_sure else _UNSURE))
            if who.alike or not face_sure:  # twins whose thumbs nobody took
                return Move(Watched(visit))
        return self._seat(visit)

    # -- ends

    def _seat(self, visit: Visit, by: tuple[str, ...] = ()) -> Move:
        act = DoorAct.RETURNED if visit.returning else DoorAct.ARRIVED
        code = "checkin.seen" if by else ""
        return Move(Seated(visit), (_note(visit, act, code=code, by=by),))

    def _suspect(self, visit: Visit, code: str, by: tuple[str, ...] = ()) -> Move:
        return Move(Suspected(visit), (_note(visit, DoorAct.SUSPECTED, code=code, by=by),))

    def _obey(self, state: State, order: Order, by: str) -> Move:  # noqa: PLR0911 - a line for each order
        who = (by,) if by else ()
        match order, state:
            case Order.NEXT, _:
                return Move(Waiting())
            case Order.SEARCH_FACE, _:
                return Move(Searching(FoundBy.FACE))
            case Order.SEARCH_THUMB, _:
                return Move(Searching(FoundBy.THUMB))
            case Order.THUMB, Looking(visit):
                return Move(Pressing(replace(visit, face=Verdict.REVIEW)))  # a face that nobody compared is an unsure one
            case Order.RETRY, Pressing(visit):
                return Move(Looking(visit) if visit.candidate.faced else state)
            case Order.LET_IN, Watched(visit) if by:
                return self._seat(visit, who)
            case Order.SUSPECT, _ if isinstance(state, AtTheDoor):
                return self._suspect(state.visit, "checkin.suspicion.told", who)
        return Move(state)


def _on(day: ExamDay, post: Post, at: datetime) -> int:
    """The session that somebody is sent away from who is of none."""
    return post.session if post.session is not None else next(iter(sessions_on(day, at)), 0)


def _with(visit: Visit, event: Compared) -> Visit:
    like = tuple(dict.fromkeys((*visit.like, *event.like)))
    return replace(visit, scores=(*visit.scores, *event.scores), picture=event.picture or visit.picture, like=like)


def _note(visit: Visit, act: DoorAct, *, code: str = "", by: tuple[str, ...] = ()) -> Note:
    told = (("room", visit.seat.room), ("seat", str(visit.seat.seat)))
    keeps_picture = act is DoorAct.SUSPECTED
    return Note(
        act,
        visit.session,
        visit.candidate.number,
        visit.found_by,
        code,
        told,
        by,
        scores=visit.scores,
        like=visit.like if keeps_picture else (),
        picture=visit.picture if keeps_picture else b"",
    )
