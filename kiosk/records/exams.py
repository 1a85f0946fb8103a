"""An exam: when its subjects are written, and who sits where under which number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ExamSession:
    """One subject, written at one time. After `latest_entry` nobody is let in any more."""

    subject: str
    starts_at: datetime
    ends_at: datetime
    latest_entry: datetime


@dataclass(frozen=True)
class Seating:
    """One candidate's number and place. `room` is what the room is called (`1`, `03`, `A12`), `seat` counts within it; `place`
    says where the room is, where that is known. `subject`: whose sessions the seat is for; empty for all of the exam."""

    id_number: str
    exam_number: str
    room: str
    seat: int
    place: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Exam:
    """`site` is the 考点; `number` is given by the store."""

    title: str
    site: str = ""
    sessions: tuple[ExamSession, ...] = ()
    number: int = 0
    at: datetime | None = None
    by: str = ""
    candidates: int = 0  # how many have a seat
    undoable: bool = False  # the last change of the seats can be taken back

    @property
    def subjects(self) -> tuple[str, ...]:
        """Each once, in the order of writing."""
        return tuple(dict.fromkeys(session.subject for session in self.sessions))

    def sessions_of(self, subject: str) -> tuple[ExamSession, ...]:
        """When a seat's subject is written; all of them for a seat that is for the whole exam."""
        return tuple(session for session in self.sessions if subject in ("", session.subject))


def room_order(room: str) -> tuple[int, str]:
    """Rooms as people count them: 2 before 10, and what is no number after the numbers."""
    return (int(room), room) if room.isascii() and room.isdigit() else (1 << 62, room)
