from collections.abc import Iterator

import pytest

from drivers_sim.card import pcscd
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import SimulatedCardReader
from kiosk.config import CardSettings
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.pcsc import PcscSlot
from tests.devices.card.watcher import Watcher


@pytest.fixture(params=["in-process", pytest.param("pcscd", marks=pytest.mark.xdist_group("pcscd"))])
def reader(request: pytest.FixtureRequest) -> Iterator[SimulatedCardReader]:
    """A simulated reader, once in this process and once behind a real pcscd."""
    if request.param == "pcscd" and (lack := pcscd.missing()):
        pytest.skip(f"needs {lack}")
    reader = SimulatedCardReader(pcsc=request.param == "pcscd")
    reader.slot = reader.start() or PcscSlot()
    yield reader
    reader.stop()


@pytest.fixture
def station(reader: SimulatedCardReader) -> Iterator[Watcher]:
    """The adapter on that reader, in its worker."""
    with Watcher(CardDevice(reader.slot, SimulatedPhotoDecoder(), CardSettings())) as watcher:
        yield watcher
