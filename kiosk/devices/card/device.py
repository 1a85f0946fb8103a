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
from kiosk.devices.card import known
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.protocols import SLOW
from kiosk.devices.card.slot import SlotChange
from kiosk.devices.card.source import CardSource, Reading
from kiosk.devices.events import CardPresented, CardRemoved, CardSeen, CardUnreadable
from kiosk.devices.facts import ReaderFacts
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

# The same card that is found again so soon has not been away.
_SAME_S: Final = 2.0

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
        self._refusal = ""  # why the card that lies there could not be read
        self._seen_s = 0.0
        self._salt = secrets.token_bytes(16)
        self._facts = ReaderFacts(source.way)

    @property
    def facts(self) -> ReaderFacts:
        """The reader and what its card says at waking, and nothing that stands on it. For any thread."""
        return self._facts

    def open(self) -> str:
        """Find the reader; returns its name."""
        return self._source.open()

    def serve(self, emit: Emit, stop: threading.Event) -> None:
        """Emit CardSeen at once and then CardPresented or CardUnreadable for each card that comes, CardRemoved when it goes."""
        fresh = True
        for change in self._source.changes():
            if stop.is_set():
                return
            if self._occupied and not change.present:
                self._leave(emit)
            elif change.present and (fresh or change.again or change.swapped or not self._occupied):
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
        self._last, self._refusal = b"", ""
        self._facts = replace(self._facts, atr=b"", protocol="")
        emit(CardRemoved())

    def _arrive(self, emit: Emit, change: SlotChange) -> None:
        """Read what came and tell it; nothing is told when it is what lay there a moment ago."""
        found_s = time.monotonic()
        if not self._occupied:
            emit(CardSeen())
        event = self.read(change)
        is_same = self._occupied and self._is_same(event)
        is_soon = found_s - self._seen_s < _SAME_S
        if is_same and (change.again or (change.swapped and is_soon)):
            log.info("the same card again")  # some modules find a card for as long as it lies there
        else:
            if self._occupied and (change.swapped or (self._last and not is_same and isinstance(event, CardPresented))):
                self._leave(emit)  # another one, or one that was swapped while the reader was away
                is_same = False
            self._learn(change, event)
            emit(replace(event, again=True) if is_same and isinstance(event, CardPresented) else event)
        self._occupied = True
        self._seen_s = time.monotonic()
        if isinstance(event, CardPresented):
            self._last, self._refusal = self._digest(event.card), ""
        else:
            self._refusal = event.error.code

    def _learn(self, change: SlotChange, event: CardPresented | CardUnreadable) -> None:
        card, facts = known.card_of(change.atr), self._facts
        is_read = isinstance(event, CardPresented)
        self._facts = replace(
            facts,
            reader=change.reader or facts.reader,
            atr=change.atr,
            protocol=card.protocol if card else "",
            cards=facts.cards + is_read,
            unreadable=facts.unreadable + (not is_read),
        )

    def _is_same(self, event: CardPresented | CardUnreadable) -> bool:
        """Whether it is the card that was read last, or refused for the same reason."""
        if isinstance(event, CardPresented):
            return self._last == self._digest(event.card)
        return self._refusal == event.error.code

    def read(self, change: SlotChange) -> CardPresented | CardUnreadable:
        """Read the card that `change` told of. Raises PermanentFault when the reader is ill, not the card."""
        arrived = time.monotonic()
        try:
            reading = self._read(change, arrived + self._settings.read_timeout_s)
            card = reading.understand(date.today(), self._decoder)
        except PermanentFault:
            raise
        except KioskError as error:
            log.info("card not read: %s", error)
            return CardUnreadable(error)
        seconds = time.monotonic() - arrived
        log.info("card read in %.3f s", seconds)
        return CardPresented(card, seconds, fingerprints=reading.fingerprints)

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

    def _digest(self, card: CardData) -> bytes:
        """Tells two cards apart without keeping what stands on them."""
        told_apart_by = (card.kind, card.id_number, card.name, card.birth_text, card.valid_until_text)
        return hashlib.sha256(self._salt + "\n".join(told_apart_by).encode()).digest()
