"""Cards in a PC/SC reader: the protocol is found by the card's reset answer, or by asking."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from kiosk.devices.card import known
from kiosk.devices.card.protocols import SLOW, CardProtocol
from kiosk.devices.card.slot import CardChannel, Slot, SlotChange
from kiosk.devices.card.source import Reading
from kiosk.devices.facts import Way
from kiosk.errors import DeviceError

log = logging.getLogger(__name__)


class SlotSource:
    """Reads what lies in a slot with whichever of `protocols` is spoken; one alone is used without asking."""

    unverified = True

    def __init__(self, slot: Slot, protocols: Sequence[CardProtocol]) -> None:
        self._slot = slot
        self._protocols = {protocol.name: protocol for protocol in protocols}
        self.way = Way.TUNNEL if list(self._protocols) == ["tunnel"] else Way.PCSC

    def open(self) -> str:
        """Find the reader."""
        return self._slot.open()

    def changes(self) -> Iterator[SlotChange]:
        """The state now, then every change."""
        return self._slot.changes()

    def read(self, change: SlotChange, deadline: float) -> Reading:
        """Read the card with the protocol that fits."""
        with self._slot.connect() as channel:
            timed = Deadline(channel, deadline)
            protocol = self.recognise(change.atr, timed)
            log.info("card speaks %s", protocol.name)
            return protocol.read(timed)

    def recognise(self, atr: bytes, channel: CardChannel) -> CardProtocol:
        """The protocol for the card in the field. Raises DeviceError("card.unsupported") when it speaks none."""
        if len(self._protocols) == 1:
            return next(iter(self._protocols.values()))
        card = known.card_of(atr)
        if card is not None and card.protocol in self._protocols:
            return self._protocols[card.protocol]
        for name in known.table().probe.protocols:
            protocol = self._protocols.get(name)
            if protocol is not None and protocol.is_spoken(channel):
                return protocol
        raise DeviceError("card.unsupported", atr=atr.hex())

    def interrupt(self) -> None:
        """End a blocked `changes` at once."""
        self._slot.interrupt()

    def close(self) -> None:
        """Let the reader go."""
        self._slot.close()


class Deadline:
    """A channel that gives up between two commands when the card takes too long."""

    def __init__(self, channel: CardChannel, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """As the channel does. Raises DeviceError("card.slow") when the time is over."""
        if time.monotonic() > self._deadline:
            raise DeviceError(SLOW)
        return self._channel.transmit(apdu)
