from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from drivers_sim.card import pcscd
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader, PcscReader
from drivers_sim.card.sam_line import PtyCable, SamReader, SocketCable
from kiosk.config import CardSettings, TunnelSettings
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.setup import card_device
from tests.devices.card.tunnel import TunnelReader
from tests.devices.card.watcher import Watcher

Reader = InProcessReader | PcscReader | SamReader | TunnelReader
TUNNEL = "FF FE 00 00 {size} {frame} 00"


@dataclass
class Way:
    """One way from a card to the station: a simulated reader, and how the station reaches it."""

    reader: Reader
    device: Callable[[], CardDevice]


def _in_process() -> Way:
    reader = InProcessReader()
    return Way(reader, lambda: card_device(CardSettings(), SimulatedPhotoDecoder(), slot=reader.start()))


def _pcscd() -> Way:
    if lack := pcscd.missing():
        pytest.skip(f"needs {lack}")
    reader = PcscReader()
    reader.start()
    return Way(reader, lambda: card_device(CardSettings(), SimulatedPhotoDecoder()))


def _tunnel() -> Way:
    reader = TunnelReader()
    settings = CardSettings(tunnel=TunnelSettings(apdu=TUNNEL))
    return Way(reader, lambda: card_device(settings, SimulatedPhotoDecoder(), slot=reader.start()))


def _serial(cable: SocketCable | PtyCable) -> Way:
    reader = SamReader(cable)
    settings = CardSettings(transport="serial", port=reader.start(), baud=115200)
    return Way(reader, lambda: card_device(settings, SimulatedPhotoDecoder()))


WAYS: dict[str, Callable[[], Way]] = {
    "in-process": _in_process,
    "pcscd": _pcscd,
    "tunnel": _tunnel,
    "sam-socket": lambda: _serial(SocketCable()),
    "sam-pty": lambda: _serial(PtyCable()),
}
SEE_REMOVAL = ("in-process", "pcscd", "tunnel")


def ways(names: tuple[str, ...]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.xdist_group("pcscd")) if name == "pcscd" else name for name in names]


@pytest.fixture(params=ways(tuple(WAYS)))
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    """Every way there is. Tests that need to see a card go ask for some of them only."""
    way = WAYS[request.param]()
    yield way
    way.reader.stop()


@pytest.fixture
def reader(way: Way) -> Reader:
    return way.reader


@pytest.fixture
def station(way: Way) -> Iterator[Watcher]:
    """The adapter on that reader, in its worker."""
    with Watcher(way.device()) as watcher:
        yield watcher
