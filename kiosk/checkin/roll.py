"""Who is where at an exam site, by all doors that are known here: attendance, counts, who is missing, suspected, let in twice,
and who may be meant."""

from __future__ import annotations

from typing import Final

from kiosk.checkin.register import Register
from kiosk.records import (
    Attendance,
    Candidate,
    DoorAct,
    DoorEvent,
    FoundBy,
    Presence,
    RoomCount,
    Seating,
    Twice,
    attendances,
    counting,
    name_key,
    room_counts,
    room_order,
)

_LEAST_DIGITS: Final = 3


class Roll:
    """What the events of a register come to. May be asked from any thread."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._verified: set[tuple[int, int, int]] = set()  # session, candidate, arrivals: somebody has gone to look

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
        missing = [(seat, one) for seat, one in found if seat is not None and there[one.number].presence is Presence.ABSENT]
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

    def slips(self, session: int) -> dict[int, DoorEvent]:
        """By candidate, what an invigilator entered last of somebody and may take back: the finger may have hit the wrong seat.
        Nobody of whom something else has followed, or whom a device decided."""
        newest: dict[int, DoorEvent] = {}
        own = [one for one in counting(self.register.events()) if one.session == session and one.act is not DoorAct.TURNED]
        for one in sorted(own, key=lambda one: (one.at, one.door, one.sequence)):
            if one.candidate is not None:
                newest[one.candidate] = one
        return {number: one for number, one in newest.items() if one.may_be_taken_back}

    def suspicions(self, session: int) -> list[tuple[Candidate, DoorEvent, Attendance]]:
        """Everybody who is or was under suspicion in a session, the undecided first."""
        there = self.attendance(session)
        found = [
            (self.register.candidate(one.candidate), one, there[one.candidate])
            for one in counting(self.register.events())
            if one.act is DoorAct.SUSPECTED and one.session == session and one.candidate in there
        ]
        return sorted(found, key=lambda one: one[2].presence is not Presence.SUSPECTED)

    def look_up(self, text: str, session: int, here: str = "") -> list[tuple[Candidate, FoundBy]]:
        """Who may be meant: `12` a seat of the room `here`, `3-12` of room 3, the last digits of 考号 or ID number, a name."""
        text, of = text.strip(), self.register.day.sessions[session]
        found: dict[int, FoundBy] = {}
        room, _, seat = text.rpartition("-")
        for one in self.register.candidates:
            own = one.seat_in(of)
            if own is not None and seat.isdigit() and (own.room, own.seat) == (room or here, int(seat)):
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


def _place(seat: Seating) -> tuple[tuple[int, str], int]:
    """For lists by room and seat."""
    return room_order(seat.room), seat.seat


def _alarm(session: int, one: Twice) -> tuple[int, int, int]:
    return session, one.candidate.number, len(one.arrivals)
