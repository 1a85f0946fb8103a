"""A slot whose reader passes a security module's frames through `FF FE` APDUs: one wrapping of many that vendors may use."""

from collections.abc import Iterator
from contextlib import contextmanager

from drivers_sim.card.card import SOUND, CardFaults, SimulatedCard
from drivers_sim.card.reader import InProcessReader
from drivers_sim.card.sam import SimulatedSam
from drivers_sim.card.slot import InProcessSlot
from kiosk.errors import TemporaryFault


class TunnelSlot(InProcessSlot):
    """The field is the reader's, the reading is the module's."""

    def __init__(self) -> None:
        super().__init__()
        self.sam = SimulatedSam()

    @contextmanager
    def connect(self) -> "Iterator[TunnelChannel]":  # type: ignore[override]
        with super().connect():
            yield TunnelChannel(self)


class TunnelChannel:
    def __init__(self, slot: TunnelSlot) -> None:
        self._slot = slot

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        if apdu[:4] != bytes.fromhex("FFFE0000"):
            return b"", 0x6D00
        answer = self._slot.sam.respond(apdu[5 : 5 + apdu[4]])
        if not self._slot.sam.holds_card:
            self._slot.take()
            raise TemporaryFault("card.gone")
        return answer, 0x9000


class TunnelReader(InProcessReader):
    """Lays every card into the slot and onto the module."""

    def __init__(self) -> None:
        super().__init__()
        self._slot: TunnelSlot = TunnelSlot()

    def lay(self, payload: bytes, faults: CardFaults = SOUND) -> None:
        self._slot.sam.lay(SimulatedCard(payload, faults))
        super().lay(payload)

    def take(self) -> None:
        super().take()
        self._slot.sam.take()
