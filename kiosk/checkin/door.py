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
    RoomCount,
    Seating,
    Twice,
    Verdict,
    attendances,
    counting,
    name_key,
    room_counts,
    room_order,
)

_FACE_MARGIN: Final = 0.08  # between the best and the next of a room: nearer, and they can't be told apart
_THUMB_MARGIN: Final = 0.05
_LEAST_DIGITS: Final = 3


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
        self.post = post
        self.policy = policy
        self.state: State = Waiting()
        self.turn = 1  # which state, for orders
        self._trail = trail
        self._verified: set[tuple[int, int, int]] = set()  # session, candidate, arrivals: somebody has gone to look
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
        if self.attendance(suspicion.session)[suspicion.candidate].event != event:
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
        found = self.attendance(session).get(number)
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
        found = self.attendance(session).get(number)
        if found is None or found.presence is not Presence.IN:
            raise KioskError("checkin.not_in")
        return self._keep([Note(DoorAct.LEFT, session, number, by=(by,), reason=reason)], at)[0]

    def slip(self, number: int, session: int) -> DoorEvent | None:
        """What an invigilator entered last of somebody and may take back: the finger may have hit the wrong seat. None where
        something else has followed, or a device decided."""
        events = counting([one for one in self.register.events() if one.candidate == number and one.session == session])
        own = (one for one in events if one.act is not DoorAct.TURNED)
        newest = max(own, key=lambda one: (one.at, one.door, one.sequence), default=None)
        return newest if newest is not None and newest.may_be_taken_back else None

    def take_back(self, number: int, session: int, at: datetime, *, by: str) -> DoorEvent:
        """What was entered last of somebody is as if it had not been; both stay in the record. Raises
        KioskError("checkin.nothing_to_take_back")."""
        if (slip := self.slip(number, session)) is None:
            raise KioskError("checkin.nothing_to_take_back")
        about = (("door", slip.door), ("event", str(slip.sequence)))
        return self._keep([Note(DoorAct.TAKEN_BACK, session, number, told=about, by=(by,))], at)[0]

    def close(self, session: int, at: datetime, *, by: str) -> list[Candidate]:
        """Whoever has not come is absent. Raises KioskError("checkin.not_yet") before the latest entry."""
        when = self.register.day.sessions[session]
        if at < when.latest_entry:
            raise KioskError("checkin.not_yet", subject=when.subject)
        if not self.is_closed(session):
            self._keep([Note(DoorAct.CLOSED, session, None, by=(by,))], at)
        return self.absent(session)

    def take_post(self, post: Post) -> None:
        """Stand elsewhere. Raises KioskError("checkin.no_room"), ("checkin.no_such_session")."""
        if post.room and post.room not in self.rooms():
            raise KioskError("checkin.no_room", room=post.room)
        if post.session is not None and not 0 <= post.session < len(self.register.day.sessions):
            raise KioskError("checkin.no_such_session")
        self.post = post

    # -- what there is to be shown

    def attendance(self, session: int) -> dict[int, Attendance]:
        """By candidate, of one session, of all doors that are known here."""
        of = self.register.day.sessions[session]
        return attendances(self.register.candidates, self.register.events(), session, of)

    def counts(self, session: int) -> list[RoomCount]:
        """By room."""
        return room_counts(self.register.candidates, self.attendance(session), self.register.day.sessions[session])

    def is_closed(self, session: int) -> bool:
        return any(one.act is DoorAct.CLOSED and one.session == session for one in self.register.events())

    def absent(self, session: int) -> list[Candidate]:
        """Whoever has not come, once a session is closed, by room and seat."""
        of = self.register.day.sessions[session]
        there = self.attendance(session)
        found = ((one.seat_in(of), one) for one in self.register.candidates if one.number in there)
        missing = [(seat, one) for seat, one in found if seat is not None and _is_absent(there[one.number])]
        return [one for _, one in sorted(missing, key=lambda each: _place(each[0]))]

    def twice(self, session: int) -> list[Twice]:
        """Everybody who was let in more than once, by room and seat."""
        of, found = self.register.day.sessions[session], list[Twice]()
        for number, one in self.attendance(session).items():
            who = self.register.candidate(number)
            if one.twice and (seat := who.seat_in(of)) is not None:
                found.append(Twice(who, seat, one.twice))
        return sorted(found, key=lambda one: _place(one.seat))

    def alarms(self, session: int) -> list[Twice]:
        """Those whom this door has let in and another one, too, until somebody here has gone to look."""
        return [
            one
            for one in self.twice(session)
            if any(door == self.register.door for door, _ in one.arrivals) and _alarm(session, one) not in self._verified
        ]

    def verified(self, session: int, number: int) -> None:
        """Somebody has gone to the seat of one who was let in twice: this door's alarm is over; lists go on telling of it."""
        self._verified |= {_alarm(session, one) for one in self.twice(session) if one.candidate.number == number}

    def rooms(self) -> list[str]:
        """Every room of the site, as people count them."""
        return list(dict.fromkeys(one.room for number in range(len(self.register.day.sessions)) for one in self.counts(number)))

    def session_at(self, at: datetime) -> int:
        """The session that is shown: the door's, or the one that is on, or the last."""
        if self.post.session is not None:
            return self.post.session
        return next(iter(sessions_on(self.register.day, at)), len(self.register.day.sessions) - 1)

    def look_up(self, text: str, at: datetime) -> list[tuple[Candidate, FoundBy]]:
        """Who may be meant: `12` a seat of the door's room, `3-12` of room 3, the last digits of 考号 or ID number, a name."""
        text, session = text.strip(), self.register.day.sessions[self.session_at(at)]
        found: dict[int, FoundBy] = {}
        room, _, seat = text.rpartition("-")
        for one in self.register.candidates:
            own = one.seat_in(session)
            if own is not None and seat.isdigit() and (own.room, own.seat) == (room or self.post.room, int(seat)):
                found[one.number] = FoundBy.SEAT
        if len(text) >= _LEAST_DIGITS:
            for one in self.register.candidates:
                if one.exam_number.upper().endswith(text.upper()) or one.id_number.upper().endswith(text.upper()):
                    found.setdefault(one.number, FoundBy.NUMBER)
        if (key := name_key(text)) and not key.isdigit():
            for one in self.register.candidates:
                if key in name_key(one.name):
                    found.setdefault(one.number, FoundBy.NAME)
        return [(self.register.candidate(number), by) for number, by in found.items()]

    def following(self, text: str) -> list[str]:
        """The characters that names go on with after their first ones, `text`; of empty text their first characters. So a name
        is found without a keyboard."""
        key = name_key(text)
        names = (name_key(one.name) for one in self.register.candidates)
        return sorted({name[len(key)] for name in names if name.startswith(key) and len(name) > len(key)})

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
        return NOBODY_YET if who is None or session is None else self.attendance(session)[who.number]

    def _found_of(self, visit: Visit) -> Attendance:
        """What is known by now of who stands there: another door may have told of it meanwhile."""
        return self.attendance(visit.session)[visit.candidate.number]

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


def _place(seat: Seating) -> tuple[tuple[int, str], int]:
    """For lists by room and seat."""
    return room_order(seat.room), seat.seat


def _alarm(session: int, one: Twice) -> tuple[int, int, int]:
    return session, one.candidate.number, len(one.arrivals)


def _is_absent(one: Attendance) -> bool:
    return one.presence is Presence.ABSENT


def suspicions(door: Door, session: int) -> list[tuple[Candidate, DoorEvent, Attendance]]:
    """Everybody who is or was under suspicion in a session, the undecided first."""
    there = door.attendance(session)
    found = [
        (door.register.candidate(one.candidate), one, there[one.candidate])
        for one in counting(door.register.events())
        if one.act is DoorAct.SUSPECTED and one.session == session and one.candidate in there
    ]
    return sorted(found, key=lambda one: one[2].presence is not Presence.SUSPECTED)
