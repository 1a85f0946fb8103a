"""The seam between the station's card device and any way to a card: PC/SC, a serial line, a USB pipe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from kiosk.devices.card.photo import PhotoDecoder
from kiosk.devices.card.slot import SlotChange
from kiosk.devices.facts import Way
from kiosk.records import CardData


class Reading(Protocol):
    """What a card said, as its reader hands it over: a text block, a passport's files, a maker's fields."""

    @property
    def fingerprints(self) -> bytes:
        """The chip's own templates, 0 or 1024 bytes."""

    def understand(self, today: date, decoder: PhotoDecoder) -> CardData:
        """As the station keeps it; `today` is held against the card's validity. A bad picture is told, and is no failure.

        Raises DeviceError when it makes no sense.
        """


class CardSource(Protocol):
    """One reader's field, and the reading of what lies in it."""

    unverified: bool  # nobody tried this way on the real thing
    way: Way

    def open(self) -> str:
        """Find the reader; returns its name. Raises TemporaryFault or PermanentFault."""

    def changes(self) -> Iterator[SlotChange]:
        """The state now, then every change; ends after `interrupt`. Raises TemporaryFault when the reader is gone."""

    def read(self, change: SlotChange, deadline: float) -> Reading:
        """Read the card that `change` told of, before a time on the monotonic clock.

        Raises DeviceError when that fails and another attempt may do better.
        """

    def interrupt(self) -> None:
        """End a blocked `changes` at once; called from another thread."""

    def close(self) -> None:
        """Let the reader go; never raises."""
