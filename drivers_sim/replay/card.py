"""Recorded cards, to be laid on a simulated reader: in this process, or behind pcscd."""

from __future__ import annotations

from typing import Final

from drivers_sim.card.card import UNKNOWN_INSTRUCTION, CardLeft
from drivers_sim.replay.script import Exchange, NotRecorded, exchanges
from kiosk.devices.card.sam.frames import PREAMBLE
from kiosk.devices.recording.file import Entry, Recording, Wire

_VERBATIM: Final = (bytes.fromhex("FFB0"), bytes.fromhex("00A4"), bytes.fromhex("0036"))
_HEAD: Final = 4  # class, instruction and parameters


class ReplayedCard:
    """A card that answers as the recorded one did, from one laying down to the next. It leaves where that one left.

    Reading may begin anew at any time, as drivers do after a fault. What was never asked of the recorded card is refused as an
    unknown instruction; `check` then says so.
    """

    def __init__(self, atr: bytes, recorded: list[Exchange]) -> None:
        self.atr = atr
        self._recorded = recorded
        self._problems: list[str] = []
        self._asked = 0

    def answer(self, apdu: bytes) -> bytes:
        """The answer with its status word. Raises CardLeft."""
        found = self._following(apdu)
        if found is None:
            self._problems.append(f"the recording has no answer to {apdu[:24].hex(' ').upper()} of this card")
            return UNKNOWN_INSTRUCTION
        self._asked = found + 1
        answer = b"".join(data for _, data in self._recorded[found].answers)
        if len(answer) < 2:
            raise CardLeft
        return answer

    def check(self) -> None:
        """Raises NotRecorded when something was asked that the recording has no answer to."""
        if self._problems:
            raise NotRecorded("\n".join(self._problems))

    def _following(self, apdu: bytes) -> int | None:
        """The next exchange with this command; else the last one: asked anew, a card says the same."""
        fitting = [number for number, exchange in enumerate(self._recorded) if _key(exchange.asked) == _key(apdu)]
        return next((number for number in fitting if number >= self._asked), fitting[-1] if fitting else None)


def replayed_cards(recording: Recording) -> list[ReplayedCard]:
    """The cards of an `apdu` recording in the order in which they were laid down. Raises ValueError for another wire."""
    if recording.wire is not Wire.APDU:
        raise ValueError(f"a recording of {recording.wire} has no cards")
    cards: list[ReplayedCard] = []
    atr: bytes | None = None
    lying: list[Entry] = []
    for entry in [*recording.entries, Entry(0.0, "field", told={"present": False})]:
        if entry.what != "field" or entry.told.get("again"):
            lying.append(entry)
            continue
        if atr is not None:
            cards.append(ReplayedCard(atr, exchanges(lying)))
        atr = bytes.fromhex(entry.told["atr"]) if entry.told["present"] else None
        lying = []
    return cards


def _key(apdu: bytes) -> bytes:
    """What of a command comes again: all of it, or its head where it holds keys or random numbers."""
    return apdu if apdu[:2] in _VERBATIM or PREAMBLE in apdu else apdu[:_HEAD]
