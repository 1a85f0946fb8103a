"""The seam between the station's card device and any way to a card: PC/SC, a serial line, a USB pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.devices.card.payload import Payload
from kiosk.devices.card.slot import SlotChange
from kiosk.records import Message


@dataclass(frozen=True, eq=False)
class TravelDocument:
    """What a passport's chip holds: the machine-readable zone (DG1) and the face picture's file (DG2, JPEG 2000 or JPEG).

    `problem` says why there is no picture; the zone alone is a reading.
    """

    mrz: str = field(repr=False)
    picture: bytes = field(repr=False)
    problem: Message | None = None


Reading = Payload | TravelDocument


class CardSource(Protocol):
    """One reader's field, and the reading of what lies in it."""

    unverified: bool  # nobody tried this way on the real thing

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
