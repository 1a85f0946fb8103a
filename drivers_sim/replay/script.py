"""What a recorded device says to what it is asked: in the order in which it did, and tolerant where anybody may ask anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from kiosk.devices.recording.file import FROM, TO, Entry


class NotRecorded(Exception):
    """A driver asked what the recording has no answer to."""


class Manner(Enum):
    """What a question is to a device."""

    STEADY = "steady"  # always answered alike: who are you, are you there
    LOOK = "look"  # asked again and again until something changes
    DEED = "deed"  # done once, or again at once


@dataclass(frozen=True)
class Exchange:
    """A question, and when after it which bytes came; none where the device was silent. `baud`: the line's speed, 0 unknown."""

    at_s: float
    asked: bytes
    answers: tuple[tuple[float, bytes], ...]
    baud: int = 0
    ends_line: bool = False  # the line went with the answer


@dataclass(frozen=True)
class Tongue:
    """How questions of one wire are compared, by what of them can't be the same again (passwords, random numbers)."""

    key: Callable[[bytes], bytes]
    manner: Callable[[bytes], Manner]


class Script:
    """The exchanges of a recording. `answer` moves forward through them; `problems` collects what it had no answer to."""

    def __init__(self, exchanges: Sequence[Exchange], tongue: Tongue) -> None:
        self._exchanges = exchanges
        self._tongue = tongue
        self._next = 0
        self.problems: list[str] = []

    @property
    def is_over(self) -> bool:
        """Whether everything was asked that the recording has."""
        return self._next >= len(self._exchanges)

    def answer(self, asked: bytes, baud: int | None = None) -> Exchange | None:
        """What comes back; None, and a line in `problems`, where the recording doesn't say.

        A steady question is answered as it was at this speed, out of turn too. A look moves on to the next recorded one;
        where there is none, the last that led to nothing holds. A deed that was just done is answered as it was; else the
        recording is followed past questions that were not asked this time, but never past another deed.
        """
        key, manner = self._tongue.key(asked), self._tongue.manner(asked)
        found = self._ahead(key, manner, baud)
        if found is not None:
            self._next = found + 1
            return self._exchanges[found]
        before = self._before(key, manner, baud)
        if before is None and manner is Manner.STEADY:
            before = next((exchange for exchange in self._exchanges if self._fits(exchange, key, baud)), None)
        if before is None:
            self.problems.append(self._complaint(asked))
        return before

    def check(self) -> None:
        """Raises NotRecorded with everything that the recording had no answer to."""
        if self.problems:
            raise NotRecorded("\n".join(self.problems))

    def _ahead(self, key: bytes, manner: Manner, baud: int | None) -> int | None:
        """The exchange to go on with: right here, or further on where nothing that counts lies between."""
        passed = {Manner.STEADY: (), Manner.LOOK: (Manner.STEADY,), Manner.DEED: (Manner.STEADY, Manner.LOOK)}[manner]
        for number in range(self._next, len(self._exchanges)):
            exchange = self._exchanges[number]
            if self._fits(exchange, key, baud):
                is_repeat = manner is Manner.DEED and number > self._next and self._is_last_deed(key)
                return None if is_repeat else number
            if self._tongue.manner(exchange.asked) not in passed or exchange.ends_line:
                return None
        return None

    def _is_last_deed(self, key: bytes) -> bool:
        """Whether the last thing that was answered is what is asked now."""
        return self._next > 0 and self._tongue.key(self._exchanges[self._next - 1].asked) == key

    def _before(self, key: bytes, manner: Manner, baud: int | None) -> Exchange | None:
        for number in range(self._next - 1, -1, -1):
            exchange = self._exchanges[number]
            if self._fits(exchange, key, baud) and not (manner is Manner.LOOK and self._led_to_deed(number)):
                return exchange
            if manner is Manner.DEED and self._tongue.manner(exchange.asked) is Manner.DEED:
                return None
        return None

    def _led_to_deed(self, number: int) -> bool:
        manners = (self._tongue.manner(exchange.asked) for exchange in self._exchanges[number + 1 :])
        return next((manner for manner in manners if manner is not Manner.STEADY), Manner.LOOK) is Manner.DEED

    def _fits(self, exchange: Exchange, key: bytes, baud: int | None) -> bool:
        is_speed = not baud or not exchange.baud or exchange.baud == baud
        return is_speed and self._tongue.key(exchange.asked) == key

    def _complaint(self, asked: bytes) -> str:
        where = "its end"
        if not self.is_over:
            exchange = self._exchanges[self._next]
            where = f"{exchange.at_s:.3f} s, where {_shown(exchange.asked)} follows"
        return f"the recording has no answer to {_shown(asked)} at {where}"


def exchanges(entries: Sequence[Entry]) -> list[Exchange]:
    """The questions of a recorded line with their answers. What came unasked at the opening belongs to no question."""
    made: list[Exchange] = []
    baud, answers, asked = 0, [], None
    for entry in [*entries, Entry(0.0, "end")]:
        if entry.what == FROM:
            answers.append((entry.at_s, entry.data))
            continue
        if asked is not None:
            came = tuple((max(0.0, at_s - asked.at_s), data) for at_s, data in answers)
            made.append(Exchange(asked.at_s, asked.data, came, baud, ends_line=entry.what == "gone"))
        answers, asked = [], entry if entry.what == TO else None
        baud = int(entry.told.get("baud", baud))
    return made


def unasked(entries: Sequence[Entry]) -> bytes:
    """What the device said by itself when its port was opened first."""
    said = b""
    for entry in entries:
        if entry.what == TO:
            break
        said += entry.data
    return said


def _shown(asked: bytes) -> str:
    shown = asked[:24].hex(" ").upper()
    return shown + (" …" if len(asked) > 24 else "")
