"""The seam between the card adapter and whatever moves its APDUs: PC/SC, or a simulation in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class SlotChange:
    """What happened in the field.

    `present` is the state now; `swapped`: another card came without an empty field seen; `again`: nothing happened, but another
    program kept us from the card that lies there, and it is worth another try.
    """

    present: bool
    atr: bytes = b""
    swapped: bool = False
    again: bool = False
    reader: str = field(default="", compare=False)  # on which of several it happened, where that is known


class CardChannel(Protocol):
    """An open connection to one card."""

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Answer data and SW1 SW2 as one number (0x9000). Raises TemporaryFault("card.gone") when the card has left."""


class Slot(Protocol):
    """One reader's card field."""

    def open(self) -> str:
        """Find the reader; returns its name. Raises TemporaryFault when there is none."""

    def changes(self) -> Iterator[SlotChange]:
        """The state now, then every change; ends after `interrupt`. Raises TemporaryFault when reader or service are gone."""

    def connect(self) -> AbstractContextManager[CardChannel]:
        """Connect to the card in the field. Raises TemporaryFault("card.gone") when there is none."""

    def interrupt(self) -> None:
        """End a blocked `changes` at once; called from another thread."""

    def close(self) -> None:
        """Let the reader go; never raises."""
