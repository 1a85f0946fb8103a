"""The card reader as the station's worker sees it: cards come, are read, and go."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from datetime import date
from typing import Final

from kiosk.config import CardSettings
from kiosk.devices.card import blocks, textblock
from kiosk.devices.card.payload import Payload
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.slot import CardChannel, Slot
from kiosk.devices.events import CardPresented, CardRemoved, CardUnreadable
from kiosk.devices.worker import Emit
from kiosk.errors import DeviceError, KioskError
from kiosk.records import CardData, DeviceKind, Message

_SLOW: Final = "card.slow"

log = logging.getLogger(__name__)


class CardDevice:
    """Reads every card that is laid into a slot. Nothing that stands on a card is ever logged."""

    kind = DeviceKind.CARD
    unverified = True

    def __init__(self, slot: Slot, decoder: PhotoDecoder, settings: CardSettings) -> None:
        self._slot = slot
        self._decoder = decoder
        self._settings = settings
        self._occupied = False  # outlives a lost reader, so that a card taken away meanwhile is told

    def open(self) -> str:
        """Find the reader; returns its name."""
        return self._slot.open()

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        """Emit CardPresented or CardUnreadable for each card that comes, CardRemoved when it goes."""
        fresh = True
        for change in self._slot.changes():
            if stop.is_set():
                return
            if self._occupied and (not change.present or change.swapped):
                self._occupied = False
                emit(CardRemoved())
            if change.present and (fresh or not self._occupied):
                self._occupied = True
                emit(self._present())
            fresh = False

    def close(self) -> None:
        """Let the reader go."""
        self._slot.close()

    def interrupt(self) -> None:
        """End a blocked wait for cards."""
        self._slot.interrupt()

    def _present(self) -> CardPresented | CardUnreadable:
        arrived = time.monotonic()
        try:
            payload = self._read(arrived + self._settings.read_timeout_s)
            card = self._understand(payload)
        except KioskError as error:
            log.info("card not read: %s", error)
            return CardUnreadable(error)
        seconds = time.monotonic() - arrived
        log.info("card read in %.3f s", seconds)
        return CardPresented(card, seconds)

    def _read(self, deadline: float) -> Payload:
        """One reading, and one silent retry: a card that was still moving reads well the second time."""
        try:
            return self._read_once(deadline)
        except DeviceError as error:
            if error.code == _SLOW:
                raise
            log.info("card not read at first: %s", error)
        return self._read_once(deadline)

    def _read_once(self, deadline: float) -> Payload:
        with self._slot.connect() as channel:
            return blocks.read(_Deadline(channel, deadline))

    def _understand(self, payload: Payload) -> CardData:
        card = textblock.parse(payload.text, date.today())
        try:
            return replace(card, photo=self._decoder.decode(payload.photo))
        except KioskError as error:
            log.info("chip photo not decoded: %s", error)
            return replace(card, photo_problem=Message(f"error.{error.code}", error.data))


class _Deadline:
    """A channel that gives up between two commands when the card takes too long."""

    def __init__(self, channel: CardChannel, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        if time.monotonic() > self._deadline:
            raise DeviceError(_SLOW)
        return self._channel.transmit(apdu)
