"""A card slot in this process: the same APDUs as over PC/SC, without a daemon."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from drivers_sim.card.card import CardLeft, VirtualCard
from kiosk.devices.card.slot import SlotChange
from kiosk.errors import TemporaryFault

NAME: Final = "Simulated ID card reader"


class InProcessSlot:
    """A reader and its field. The hand that lays cards and the device that reads them may be in different threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._card: VirtualCard | None = None
        self._events = 0  # comings and goings so far, like the event counter of PC/SC
        self._plugged = True
        self._interrupted = False

    def lay(self, card: VirtualCard) -> None:
        """Lay a card down, taking away what lay there."""
        with self._changed:
            self._events += 1 if self._card is None else 2
            self._card = card
            self._changed.notify_all()

    def take(self) -> None:
        """Take the card away. Does nothing when there is none."""
        with self._changed:
            if self._card is not None:
                self._card = None
                self._events += 1
                self._changed.notify_all()

    def unplug(self) -> None:
        """Pull the reader's cable."""
        self._set_plugged(False)

    def plug(self) -> None:
        """Put the cable back."""
        self._set_plugged(True)

    @property
    def plugged(self) -> bool:
        """Whether the reader can be found."""
        return self._plugged

    def open(self) -> str:
        """The reader's name. Raises TemporaryFault("card.pcsc.no_reader") while it is unplugged."""
        with self._changed:
            if not self._plugged:
                raise TemporaryFault("card.pcsc.no_reader")
        return NAME

    def changes(self) -> Iterator[SlotChange]:
        """The state now, then every change; ends after `interrupt`."""
        known = -1
        was_present = False
        while True:
            with self._changed:
                while not self._interrupted and self._plugged and self._events == known:
                    self._changed.wait()
                if self._interrupted:
                    self._interrupted = False
                    return
                if not self._plugged:
                    raise TemporaryFault("card.pcsc.reader_lost")
                card, events = self._card, self._events
            present = card is not None
            yield SlotChange(present, card.atr if card else b"", swapped=known >= 0 and present and was_present)
            known, was_present = events, present

    @contextmanager
    def connect(self) -> "Iterator[InProcessChannel]":
        """Connect to the card in the field. Raises TemporaryFault("card.gone") when there is none."""
        with self._changed:
            card = self._card
        if card is None or not self._plugged:
            raise TemporaryFault("card.gone")
        yield InProcessChannel(self, card)

    def holds(self, card: VirtualCard) -> bool:
        """Whether this very card lies in the field of a reader that is plugged in."""
        with self._changed:
            return self._plugged and self._card is card

    def interrupt(self) -> None:
        """End a blocked `changes` at once."""
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing is held open."""

    def _set_plugged(self, plugged: bool) -> None:
        with self._changed:
            self._plugged = plugged
            self._changed.notify_all()


class InProcessChannel:
    """An open connection to one card."""

    def __init__(self, slot: InProcessSlot, card: VirtualCard) -> None:
        self._slot = slot
        self._card = card

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Answer data and SW1 SW2. Raises TemporaryFault("card.gone") when the card has left."""
        try:
            answer = self._card.answer(apdu)
        except CardLeft:
            self._slot.take()
            raise TemporaryFault("card.gone") from None
        if not self._slot.holds(self._card):
            raise TemporaryFault("card.gone")
        return answer[:-2], int.from_bytes(answer[-2:], "big")
