"""One door: what devices and people tell is held against the package, and kept before the next state is shown.

Not thread-safe: whoever runs it calls it from one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from kiosk.checkin.admitting import session_of, sessions_on
from kiosk.checkin.machine import (
    Asked,
    Came,
    CardGone,
    CardUnread,
    Compared,
    Event,
    Machine,
    NotFound,
    TimeOver,
)
from kiosk.checkin.matching import Matcher, sure
from kiosk.checkin.register import Register
from kiosk.checkin.roll import Roll
from kiosk.checkin.state import (
    Looking,
    Note,
    Order,
    Policy,
    Post,
    Pressing,
    Searching,
    State,
    Unsaved,
    Visit,
    Waiting,
    Watched,
)
from kiosk.errors import KioskError, StoreError
from kiosk.pipeline.face import Embedding
from kiosk.pipeline.finger import Template
from kiosk.records import (
    NOBODY_YET,
    Attendance,
    Candidate,
    Decided,
    DoorAct,
    DoorEvent,
    FoundBy,
    Message,
    Person,
    Presence,
    Verdict,
)

_FACE_MARGIN: Final = 0.08  # between the best and the next of a room: nearer, and they can't be told apart
_THUMB_MARGIN: Final = 0.05


class Door:
    """Everything between a package and what the screens show."""

    def __init__(
        self,
        register: Register,
        matcher: Matcher,
        policy: Policy,
        post: Post = Post(),  # noqa: B008
        *,
        trail: Callable[[DoorEvent], None] = lambda _: None,
    ) -> None:
        """`trail` hears of every event that a person answers for, once it is kept."""
        self.register = register
        self.roll = Roll(register)
        self.post = post
        self.policy = policy
        self.state: State = Waiting()
        self.turn = 1  # which state, for orders
        self._trail = trail
        self._matcher = matcher
        self._machine = Machine(register.day, policy)

    def learn(self) -> None:
        """Make ready for searching everybody's thumbs; may be done beside everything else."""
        self._matcher.learn()

    # -- what is told

    def card(self, id_number: str, name: str, at: datetime) -> State:
        """A card was read."""
        who = self.register.of_number(id_number)
        return self._go(Came(who, at, FoundBy.CARD, name, self._found(who, at)), at)

    def card_unread(self, problem: Message, at: datetime) -> State:
        return self._go(CardUnread(problem), at)

    def card_gone(self, at: datetime) -> State:
        return self._go(CardGone(), at)

    def chosen(self, number: int, found_by: FoundBy, at: datetime) -> State:
        """Somebody said who it is, by seat, number or name."""
        who = self.register.candidate(number)
        return self._go(Came(who, at, found_by, found=self._found(who, at)), at)

    def face(self, live: Embedding, picture: bytes, at: datetime) -> State:
        """The face before the door: compared with the candidate's, or looked for in the room."""
        match self.state:
            case Searching(FoundBy.FACE):
                found = self._matcher.whose_face(live, self._of_room(at))
                number = sure(found, _FACE_MARGIN)
                if number is None:
                    return self._go(NotFound(), at)
                who = self.register.candidate(number)
                came = Came(who, at, FoundBy.FACE, found=self._found(who, at), scores=(found[0][1],))
                return self._go(replace(came, face=Verdict.PASS, picture=picture), at)
            case Looking(visit):
                number = visit.candidate.number
                score, verdict = self._matcher.face(number, live)
                like: tuple[int, ...] = ()
                elsewhere: tuple[str, ...] = ()
                if verdict is not Verdict.PASS:
                    like = self._others(number, self._matcher.whose_face(live))
                    elsewhere = self.register.elsewhere(self._matcher.whose_elsewhere(live))
                found_out = Compared(verdict, (score,), picture, like, elsewhere, found=self._found_of(visit))
                return self._go(found_out, at)
        return self.state

    def no_face(self, problem: Message, at: datetime) -> State:
        """The camera saw nothing that can be compared."""
        return self._go(Compared(None, problem=problem), at)

    def not_alive(self, problem: Message, picture: bytes, at: datetime) -> State:
        """The proof of life failed: as a face that is somebody else's."""
        return self._go(Compared(Verdict.FAIL, picture=picture, problem=problem), at)

    @property
    def wants_face(self) -> bool:
        """Whether somebody is to look into the camera now."""
        match self.state:
            case Looking() | Searching(FoundBy.FACE):
                return True
        return False

    @property
    def wants_thumb(self) -> bool:
        """Whether a thumb may be pressed now."""
        match self.state:
            case Pressing() | Looking(thumb=True) | Searching(FoundBy.THUMB):
                return True
        return False

    def press(self, template: Template, at: datetime) -> State:
        """A thumb that is good enough to compare."""
        match self.state:
            case Searching(FoundBy.THUMB):
                found = self._matcher.whose_thumb(template)
                number = sure(found, _THUMB_MARGIN)
                if number is None:
                    return self._go(NotFound(), at)
                who = self.register.candidate(number)
                came = Came(who, at, FoundBy.THUMB, found=self._found(who, at), scores=(found[0][1],))
                return self._go(replace(came, thumb=Verdict.PASS), at)
            case Pressing(visit) | Looking(visit, thumb=True):
                number = visit.candidate.number
                score, verdict = self._matcher.thumb(number, template)
                like = () if verdict is Verdict.PASS else self._others(number, self._matcher.whose_thumb(template))
                return self._go(Compared(verdict, (score,), like=like, thumb=True, found=self._found_of(visit)), at)
        return self.state

    def press_begun(self, template: Template, at: datetime) -> State:
        """The upper part of a press whose picture is still coming: enough where it is the candidate's beyond doubt, and
        nothing otherwise."""
        match self.state:
            case Pressing(visit) | Looking(visit, thumb=True):
                score, verdict = self._matcher.thumb(visit.candidate.number, template, whole=False)
                if verdict is Verdict.PASS:
                    return self._go(Compared(verdict, (score,), thumb=True, found=self._found_of(visit)), at)
        return self.state

    def poor_press(self, problem: Message, at: datetime) -> State:
        """A thumb that is too wet, too dry, beside the glass."""
        return self._go(Compared(None, problem=problem, thumb=True), at)

    def time_over(self, turn: int, at: datetime) -> State:
        """The state of this turn has lasted for as long as it may."""
        return self._go(TimeOver(), at) if turn == self.turn else self.state

    def ask(self, order: Order, at: datetime, *, by: str = "") -> State:
        """An order. Raises KioskError("checkin.not_now") where the state does not offer it."""
        if isinstance(self.state, Unsaved) and order is Order.RETRY:
            return self._save(self.state.then, self.state.notes, at)
        if order not in self.state.orders:
            raise KioskError("checkin.not_now")
        found = self._found_of(self.state.visit) if isinstance(self.state, Watched) else NOBODY_YET
        return self._go(Asked(order, by, found), at)

    # -- what people enter beside the door

    def decide(self, event: tuple[str, int], decided: Decided, reason: str, by: Sequence[Person], at: datetime) -> DoorEvent:
        """Two people say what a suspicion is worth. Raises KioskError("checkin.two_people"), ("checkin.reason"),
        ("checkin.no_suspicion")."""
        if len(by) != 2 or by[0].same_as(by[1]):
            raise KioskError("checkin.two_people")
        if not reason.strip():
            raise KioskError("checkin.reason")
        suspicion = self._event(event)
        if suspicion is None or suspicion.candidate is None or suspicion.act is not DoorAct.SUSPECTED:
            raise KioskError("checkin.no_suspicion")
        if self.roll.attendance(suspicion.session)[suspicion.candidate].event != event:
            raise KioskError("checkin.no_suspicion")  # decided already
        names = tuple(one.name for one in by)
        about = (("door", event[0]), ("event", str(event[1])))
        note = Note(
            DoorAct.DECIDED, suspicion.session, suspicion.candidate, code=str(decided), told=about, by=names, reason=reason
        )
        return self._keep([note], at)[0]

    def confirm(self, number: int, session: int, at: datetime, *, by: str, here: bool = True) -> DoorEvent:
        """An invigilator who walks through the room knows a candidate by the portrait (巡场), or suspects somebody else there,
        whom a door may have let in. Raises KioskError("checkin.already_there"), ("checkin.no_seat")."""
        found = self.roll.attendance(session).get(number)
        if found is None:
            raise KioskError("checkin.no_seat")
        if found.presence not in (Presence.EXPECTED, Presence.ABSENT) and (here or found.presence is not Presence.IN):
            raise KioskError("checkin.already_there")
        seat = self.register.candidate(number).seat_in(self.register.day.sessions[session])
        assert seat is not None
        act = DoorAct.ARRIVED if here else DoorAct.SUSPECTED
        told = (("room", seat.room), ("seat", str(seat.seat)))
        code = "checkin.seen" if here else "checkin.suspicion.told"
        return self._keep([Note(act, session, number, FoundBy.ROUND, code, told, (by,))], at)[0]

    def leave(self, number: int, session: int, at: datetime, *, by: str, reason: str = "") -> DoorEvent:
        """Somebody goes before the end. Raises KioskError("checkin.not_in")."""
        found = self.roll.attendance(session).get(number)
        if found is None or found.presence is not Presence.IN:
            raise KioskError("checkin.not_in")
        return self._keep([Note(DoorAct.LEFT, session, number, by=(by,), reason=reason)], at)[0]

    def take_back(self, number: int, session: int, at: datetime, *, by: str) -> DoorEvent:
        """What was entered last of somebody is as if it had not been; both stay in the record. Raises
        KioskError("checkin.nothing_to_take_back")."""
        if (slip := self.roll.slips(session).get(number)) is None:
            raise KioskError("checkin.nothing_to_take_back")
        about = (("door", slip.door), ("event", str(slip.sequence)))
        return self._keep([Note(DoorAct.TAKEN_BACK, session, number, told=about, by=(by,))], at)[0]

    def close(self, session: int, at: datetime, *, by: str) -> list[Candidate]:
        """Whoever has not come is absent. Raises KioskError("checkin.not_yet") before the latest entry."""
        when = self.register.day.sessions[session]
        if at < when.latest_entry:
            raise KioskError("checkin.not_yet", subject=when.subject)
        if not self.roll.is_closed(session):
            self._keep([Note(DoorAct.CLOSED, session, None, by=(by,))], at)
        return self.roll.absent(session)

    def take_post(self, post: Post) -> None:
        """Stand elsewhere. Raises KioskError("checkin.no_room"), ("checkin.no_such_session")."""
        if post.room and post.room not in self.roll.rooms():
            raise KioskError("checkin.no_room", room=post.room)
        if post.session is not None and not 0 <= post.session < len(self.register.day.sessions):
            raise KioskError("checkin.no_such_session")
        self.post = post

    def session_at(self, at: datetime) -> int:
        """The session that is shown: the door's, or the one that is on, or the last."""
        if self.post.session is not None:
            return self.post.session
        return next(iter(sessions_on(self.register.day, at)), len(self.register.day.sessions) - 1)

    # -- inside

    def _go(self, event: Event, at: datetime) -> State:
        move = self._machine.follow(self.state, event, self.post)
        return self._save(move.state, move.notes, at) if move.state is not self.state else self.state

    def _save(self, state: State, notes: Sequence[Note], at: datetime) -> State:
        """What happened is on the disk before the state counts; what it would not take is kept here until it does."""
        try:
            self._keep(notes, at)
        except StoreError as error:
            state = Unsaved(state, tuple(notes), error.message)
        self.state = state
        self.turn += 1
        return state

    def _keep(self, notes: Sequence[Note], at: datetime) -> list[DoorEvent]:
        """On the disk when this returns; raises StoreError."""
        kept = self.register.note(notes, at)
        for one in kept:
            if one.by:
                self._trail(one)
        return kept

    def _found(self, who: Candidate | None, at: datetime) -> Attendance:
        session = session_of(self.register.day, who, self.post, at) if who is not None else None
        return NOBODY_YET if who is None or session is None else self.roll.attendance(session)[who.number]

    def _found_of(self, visit: Visit) -> Attendance:
        """What is known by now of who stands there: another door may have told of it meanwhile."""
        return self.roll.attendance(visit.session)[visit.candidate.number]

    def _of_room(self, at: datetime) -> Collection[int] | None:
        """Whom a face is looked for among: the candidates of the room, or None for the whole site at its stricter limit."""
        if not self.post.room:
            return None
        on = sessions_on(self.register.day, at) if self.post.session is None else (self.post.session,)
        sessions = [self.register.day.sessions[number] for number in on]
        seats = ((one, one.seat_in(session)) for one in self.register.candidates for session in sessions)
        return {one.number for one, seat in seats if seat is not None and seat.room == self.post.room}

    @staticmethod
    def _others(number: int, found: Sequence[tuple[int, object]]) -> tuple[int, ...]:
        return tuple(other for other, _ in found if other != number)

    def _event(self, event: tuple[str, int]) -> DoorEvent | None:
        return next((one for one in self.register.events() if one.id == event), None)
