"""What leads from where to where at a door. Pure: an event carries all that was found out, a move all that has to be kept.

A candidate who was sent away, let in or suspected is on the disk before the next one is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from kiosk.checkin.admitting import already_there, objection, session_of, sessions_on
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
    """A face, or a `thumb`, was held against the candidate's. `verdict` None: it was no good for comparing, `problem` says why.
    `like`: others of the site whose it is, `elsewhere` of the district. `found`: what the candidate's events say by now."""

    verdict: Verdict | None
    scores: tuple[Score, ...] = ()
    picture: bytes = b""
    like: tuple[int, ...] = ()
    elsewhere: tuple[str, ...] = ()
    problem: Message | None = None
    thumb: bool = False
    found: Attendance = NOBODY_YET


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
    """An order, by whom. `found`: what the candidate's events say by now."""

    order: Order
    by: str = ""
    found: Attendance = NOBODY_YET


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
            case Looking(), Compared(thumb=False):
                return self._looked(state, event)
            case ((Pressing() | Looking(thumb=True)), Compared(thumb=True)):
                return self._pressed(state, event)
            case _, Asked() if event.order in state.orders:
                return self._obey(state, event)
        return Move(state)

    # -- coming

    def _come(self, event: Came, post: Post) -> Move:
        who = event.candidate
        session = session_of(self._day, who, post, event.at) if who is not None else None
        reason = objection(self._day, post, who, session, event.found, event.at, event.card_name)
        seat = who.seat_in(self._day.sessions[session]) if who is not None and session is not None else None
        if reason is not None:
            of = session if session is not None else _on(self._day, post, event.at)
            note = _turned(reason, of, who, event.found_by)
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
        return self._next(visit, event.found)

    # -- comparing

    def _looking(self, visit: Visit, again: Message | None = None) -> Looking:
        """Look at the face; for the thumb as well, where nothing that the face may show spares it."""
        return Looking(visit, again, self._wants_both(visit) and visit.candidate.thumbed and visit.thumb is not Verdict.PASS)

    def _looked(self, state: Looking, event: Compared) -> Move:
        seen = _with(state.visit, event)
        if event.verdict is None:
            return Move(self._looking(seen, event.problem))
        seen = replace(seen, face=event.verdict)
        no_thumb = not seen.candidate.thumbed
        if event.verdict is Verdict.FAIL or (event.verdict is Verdict.REVIEW and no_thumb):
            return self._failed(seen, self._looking(seen, _FAILED_FACE))
        return self._next(seen, event.found)

    def _pressed(self, state: Looking | Pressing, event: Compared) -> Move:
        seen, problem = _with(state.visit, event), event.problem
        if event.verdict is None:
            seen = replace(seen, poor=seen.poor + 1)
        else:
            seen, problem = replace(seen, thumb=event.verdict), _FAILED_THUMB
        still_looked_at = isinstance(state, Looking)
        if event.verdict is Verdict.PASS:  # the face has its own say, also where the last look at it failed
            return Move(self._looking(seen, state.again)) if still_looked_at else self._next(seen, event.found)
        again = self._looking(seen, problem) if still_looked_at else Pressing(seen, problem)
        if event.verdict is None and seen.poor % self._policy.poor_presses:
            return Move(again)
        return self._failed(seen, again)

    def _failed(self, visit: Visit, again: Looking | Pressing) -> Move:
        visit = replace(visit, failures=visit.failures + 1)
        if visit.failures >= self._policy.failures:
            return self._suspect(visit, "checkin.suspicion.unlike")
        return Move(replace(again, visit=visit))

    def _wants_both(self, visit: Visit) -> bool:
        """Whether a face is not enough, however sure."""
        return visit.candidate.alike or self._policy.thumb_always

    def _next(self, visit: Visit, found: Attendance) -> Move:
        """What is still wanted of a candidate, or the seat."""
        who = visit.candidate
        if not who.faced and not who.thumbed:
            return Move(Watched(visit))
        if visit.face is None and who.faced and visit.found_by is not FoundBy.ROUND:
            return Move(self._looking(visit))
        face_sure = visit.face is Verdict.PASS
        if (not face_sure or self._wants_both(visit)) and visit.thumb is not Verdict.PASS:
            if who.thumbed:
                return Move(Pressing(visit, _BOTH if face_sure else _UNSURE))
            if who.alike or not face_sure:  # twins whose thumbs nobody took
                return Move(Watched(visit))
        return self._seat(visit, found)

    # -- ends

    def _seat(self, visit: Visit, found: Attendance, by: tuple[str, ...] = ()) -> Move:
        who, seat = visit.candidate, visit.seat
        if (taken := already_there(found, seat)) is not None:  # at another door, while this one looked
            note = _turned(taken, visit.session, who, visit.found_by)
            return Move(Turned(taken, who, seat, visit.found_by is FoundBy.CARD), (note,))
        act = DoorAct.RETURNED if visit.returning else DoorAct.ARRIVED
        code = "checkin.seen" if by else ""
        return Move(Seated(visit), (_note(visit, act, code=code, by=by),))

    def _suspect(self, visit: Visit, code: str, by: tuple[str, ...] = ()) -> Move:
        return Move(Suspected(visit), (_note(visit, DoorAct.SUSPECTED, code=code, by=by),))

    def _obey(self, state: State, asked: Asked) -> Move:  # noqa: PLR0911 - a line for each order
        who = (asked.by,) if asked.by else ()
        match asked.order, state:
            case Order.NEXT, _:
                return Move(Waiting())
            case Order.SEARCH_FACE, _:
                return Move(Searching(FoundBy.FACE))
            case Order.SEARCH_THUMB, _:
                return Move(Searching(FoundBy.THUMB))
            case Order.THUMB, Looking(visit):
                return Move(Pressing(replace(visit, face=Verdict.REVIEW)))  # a face that nobody compared is an unsure one
            case Order.RETRY, Pressing(visit):
                return Move(self._looking(visit) if visit.candidate.faced else state)
            case Order.LET_IN, Watched(visit) if who:
                return self._seat(visit, asked.found, who)
            case Order.SUSPECT, _ if isinstance(state, AtTheDoor):
                return self._suspect(state.visit, "checkin.suspicion.told", who)
        return Move(state)


def _on(day: ExamDay, post: Post, at: datetime) -> int:
    """The session that somebody is sent away from who is of none."""
    return post.session if post.session is not None else next(iter(sessions_on(day, at)), 0)


def _turned(reason: Message, session: int, who: Candidate | None, found_by: FoundBy) -> Note:
    told = tuple((name, str(value)) for name, value in reason.data.items())
    return Note(DoorAct.TURNED, session, who.number if who is not None else None, found_by, code=reason.code, told=told)


def _with(visit: Visit, event: Compared) -> Visit:
    like = tuple(dict.fromkeys((*visit.like, *event.like)))
    elsewhere = tuple(dict.fromkeys((*visit.elsewhere, *event.elsewhere)))
    scores, picture = (*visit.scores, *event.scores), event.picture or visit.picture
    return replace(visit, scores=scores, picture=picture, like=like, elsewhere=elsewhere)


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
        elsewhere=visit.elsewhere if keeps_picture else (),
        picture=visit.picture if keeps_picture else b"",
    )
