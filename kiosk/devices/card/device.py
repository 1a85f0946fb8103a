"""The card reader as the station's worker sees it: cards come, are read, and go."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from dataclasses import replace
from datetime import date
from typing import Final

from kiosk.config import CardSettings
from kiosk.devices.card import textblock
from kiosk.devices.card.icao import document
from kiosk.devices.card.over_slot import SLOW
from kiosk.devices.card.payload import Payload
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.slot import SlotChange
from kiosk.devices.card.source import CardSource, Reading, TravelDocument
from kiosk.devices.events import CardPresented, CardRemoved, CardSeen, CardUnreadable
from kiosk.devices.worker import Emit
from kiosk.errors import DeviceError, KioskError, PermanentFault
from kiosk.records import CardData, DeviceKind

# A second attempt would end in the same way, and chips slow down after wrong keys.
_FINAL: Final = frozenset(
    (
        SLOW,
        "card.no_security_module",
        "card.passport.mrz",
        "card.passport.mrz_needed",
        "card.passport.pace_only",
        "card.passport.wrong_mrz",
    )
)

log = logging.getLogger(__name__)


class CardDevice:
    """Reads every card that is laid on a reader. Nothing that stands on a card is ever logged."""

    kind = DeviceKind.CARD

    def __init__(self, source: CardSource, decoder: PhotoDecoder, settings: CardSettings) -> None:
        self.unverified = source.unverified
        self._source = source
        self._decoder = decoder
        self._settings = settings
        # Both outlive a lost reader: a card taken away meanwhile is told, and one that still lies there is known again.
        self._occupied = False
        self._last = b""
        self._salt = secrets.token_bytes(16)

    def open(self) -> str:
        """Find the reader; returns its name."""
        return self._source.open()

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        """Emit CardPresented or CardUnreadable for each card that comes, CardRemoved when it goes."""
        fresh = True
        for change in self._source.changes():
            if stop.is_set():
                return
            if self._occupied and (not change.present or change.swapped):
                self._leave(emit)
            if change.present and (fresh or not self._occupied):
                self._arrive(emit, change)
            fresh = False

    def close(self) -> None:
        """Let the reader go."""
        self._source.close()

    def interrupt(self) -> None:
        """End a blocked wait for cards. A card that lies there is read again when the worker goes on."""
        self._source.interrupt()

    def _leave(self, emit: Emit) -> None:
        self._occupied = False
        self._last = b""
        emit(CardRemoved())

    def _arrive(self, emit: Emit, change: SlotChange) -> None:
        if not self._occupied:
            emit(CardSeen())
        event = self.read(change)
        if isinstance(event, CardPresented):
            digest = self._digest(event.card)
            if self._occupied and self._last == digest:
                event = replace(event, again=True)
            elif self._occupied and self._last:
                self._leave(emit)  # swapped while the reader was away
            self._last = digest
        self._occupied = True
        emit(event)

    def read(self, change: SlotChange) -> CardPresented | CardUnreadable:
        """Read the card that `change` told of. Raises PermanentFault when the reader is ill, not the card."""
        arrived = time.monotonic()
        try:
            reading = self._read(change, arrived + self._settings.read_timeout_s)
            card = self._understand(reading)
        except PermanentFault:
            raise
        except KioskError as error:
            log.info("card not read: %s", error)
            return CardUnreadable(error)
        seconds = time.monotonic() - arrived
        log.info("card read in %.3f s", seconds)
        return CardPresented(card, seconds, fingerprints=reading.fingerprints if isinstance(reading, Payload) else b"")

    def _read(self, change: SlotChange, deadline: float) -> Reading:
        """One reading, and one silent retry: a card that was still moving reads well the second time."""
        try:
            return self._source.read(change, deadline)
        except PermanentFault:
            raise
        except DeviceError as error:
            if error.code in _FINAL or time.monotonic() > deadline:
                raise
            log.info("card not read at first: %s", error)
        return self._source.read(change, deadline)

    def _understand(self, reading: Reading) -> CardData:
        today = date.today()
        if isinstance(reading, TravelDocument):
            return document.to_card(reading.mrz, reading.picture, today)
        card = textblock.parse(reading.text, today)
        if reading.address:
            card = replace(card, additional_address=textblock.address(reading.address))
        try:
            return replace(card, photo=self._decoder.decode(reading.photo))
        except KioskError as error:
            log.info("chip photo not decoded: %s", error)
            return replace(card, photo_problem=error.message)

    def _digest(self, card: CardData) -> bytes:
        """Tells two cards apart without keeping what stands on them."""
        told_apart_by = (card.kind, card.id_number, card.name, card.birth_text, card.valid_until_text)
        return hashlib.sha256(self._salt + "\n".join(told_apart_by).encode()).digest()
