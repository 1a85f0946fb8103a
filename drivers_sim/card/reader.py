"""The simulated card reader of a classroom: in this process, or as a real virtual reader behind pcscd."""

from __future__ import annotations

import os

from drivers_sim.card import pcscd
from drivers_sim.card.card import SOUND, CardFaults, SimulatedCard, VirtualCard
from drivers_sim.card.pcscd import PrivatePcscd
from drivers_sim.card.slot import InProcessSlot
from drivers_sim.card.vpcd import CardOnWire
from kiosk.devices.card.slot import Slot
from kiosk.errors import KioskError


class InProcessReader:
    """A reader without a daemon."""

    def __init__(self) -> None:
        self._slot = InProcessSlot()

    def start(self) -> Slot:
        """The slot that the station reads from."""
        return self._slot

    def lay(self, payload: bytes, faults: CardFaults = SOUND) -> None:
        """Lay a card with this payload down, taking away what lay there."""
        self.lay_card(SimulatedCard(payload, faults))

    def lay_card(self, card: VirtualCard) -> None:
        """Lay any other card down."""
        self._slot.lay(card)

    def take(self) -> None:
        """Take the card away. Does nothing when there is none."""
        self._slot.take()

    def unplug(self) -> None:
        """Pull the reader's cable."""
        self._slot.unplug()

    def plug(self) -> None:
        """Put the cable back."""
        self._slot.plug()

    @property
    def plugged(self) -> bool:
        """Whether the reader can be found."""
        return self._slot.plugged

    def stop(self) -> None:
        """Nothing runs here."""


class PcscReader:
    """A virtual reader behind a pcscd of its own. The virtual driver can't be unplugged: the service comes back without it."""

    def __init__(self) -> None:
        self._daemon = PrivatePcscd()
        self._card: VirtualCard | None = None
        self._on_wire: CardOnWire | None = None
        self.plugged = False

    def start(self) -> None:
        """Start the daemon; the station reaches it over PC/SC. Raises KioskError("simulator.pcscd") when it can't start."""
        if lack := pcscd.missing():
            raise KioskError("simulator.pcscd", missing=lack)
        # Before the first PC/SC call of this process.
        os.environ[pcscd.SOCKET_SETTING] = str(self._daemon.socket_path)
        self._daemon.start()
        self.plugged = True

    def lay(self, payload: bytes, faults: CardFaults = SOUND) -> None:
        """Lay a card with this payload down, taking away what lay there."""
        self.lay_card(SimulatedCard(payload, faults))

    def lay_on_second_slot(self, card: VirtualCard) -> CardOnWire:
        """Lay a card on the reader's other slot; it lies there until it is taken there."""
        return CardOnWire(card, self._daemon.port + 1)

    def hang(self) -> None:
        """Let the service hang until `go_on`."""
        self._daemon.pause()

    def go_on(self) -> None:
        """Let it answer again."""
        self._daemon.resume()

    def lay_card(self, card: VirtualCard) -> None:
        """Lay any other card down."""
        self.take()
        self._card = card
        if self.plugged:
            self._on_wire = CardOnWire(self._card, self._daemon.port)

    def take(self) -> None:
        """Take the card away. Does nothing when there is none."""
        self._card = None
        self._lift()

    def unplug(self) -> None:
        """Pull the reader's cable. A card goes on lying on the reader."""
        if self.plugged:
            self.plugged = False
            self._restart(with_reader=False)

    def plug(self) -> None:
        """Put the cable back."""
        if not self.plugged:
            self._restart(with_reader=True)
            self.plugged = True
            if self._card is not None:
                self._on_wire = CardOnWire(self._card, self._daemon.port)

    def restart_service(self) -> None:
        """Stop pcscd and start it again. The card stays where it is."""
        self._restart(with_reader=self.plugged)
        if self._card is not None and self.plugged:
            self._on_wire = CardOnWire(self._card, self._daemon.port)

    def stop(self) -> None:
        """End the daemon."""
        self.take()
        self._daemon.remove()
        self.plugged = False

    def _restart(self, *, with_reader: bool) -> None:
        self._daemon.stop()
        self._lift()
        self._daemon.start(with_reader=with_reader)

    def _lift(self) -> None:
        on_wire, self._on_wire = self._on_wire, None
        if on_wire is not None:
            on_wire.take()


class SimulatedCardReader:
    """The one front of both: `pcsc` chooses the real PC/SC stack."""

    def __init__(self, pcsc: bool = False) -> None:
        self._reader: InProcessReader | PcscReader = PcscReader() if pcsc else InProcessReader()

    def start(self) -> Slot | None:
        """The slot for the station, or None when it finds the reader over PC/SC."""
        return self._reader.start()

    def lay(self, payload: bytes, faults: CardFaults = SOUND) -> None:
        """Lay a card with this payload down, taking away what lay there."""
        self._reader.lay(payload, faults)

    def lay_card(self, card: VirtualCard) -> None:
        """Lay any other card down."""
        self._reader.lay_card(card)

    def take(self) -> None:
        """Take the card away. Does nothing when there is none."""
        self._reader.take()

    def unplug(self) -> None:
        """Pull the reader's cable."""
        self._reader.unplug()

    def plug(self) -> None:
        """Put the cable back."""
        self._reader.plug()

    @property
    def plugged(self) -> bool:
        """Whether the reader can be found."""
        return self._reader.plugged

    def stop(self) -> None:
        """End what runs."""
        self._reader.stop()
