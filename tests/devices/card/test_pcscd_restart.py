"""The PC/SC service goes away and comes back under a station at work."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from drivers_sim.card import pcscd
from drivers_sim.card.card import CardFaults
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import PcscReader
from kiosk.config import CardSettings
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.setup import card_device
from kiosk.records import DeviceState
from tests.devices.card.people import resident_payload
from tests.devices.card.watcher import Watcher

pytestmark = [pytest.mark.xdist_group("pcscd"), pytest.mark.skipif(bool(pcscd.missing()), reason=f"needs {pcscd.missing()}")]


@pytest.fixture
def reader() -> Iterator[PcscReader]:
    reader = PcscReader()
    reader.start()
    yield reader
    reader.stop()


def _device(reader: str = "") -> CardDevice:
    return card_device(CardSettings(reader=reader), SimulatedPhotoDecoder())


def test_restart_of_pcscd_is_survived_within_a_second(reader: PcscReader, capfd: pytest.CaptureFixture[str]) -> None:
    with Watcher(_device()) as station:
        station.wait_for(DeviceState.READY)
        threads = threading.active_count()
        for _ in range(3):
            reader.restart_service()
            back = time.monotonic()
            reader.lay(resident_payload())
            assert station.next_card().name == "张三"
            # At most 0.8 s for the station, 0.4 s for the driver to see the card; the rest is for machines under load.
            assert time.monotonic() - back < 4
            reader.take()
            station.next_removal()
        assert threading.active_count() == threads
    assert capfd.readouterr().err == ""


def test_station_started_before_the_service_waits_for_it(reader: PcscReader) -> None:
    reader.unplug()
    with Watcher(_device()) as station:
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.pcsc.no_reader"
        reader.plug()
        station.wait_for(DeviceState.READY)


def test_missing_service_is_told(reader: PcscReader) -> None:
    reader.stop()
    with Watcher(_device()) as station:
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.pcsc.no_service"


def test_card_that_hangs_the_reader_is_told_and_costs_nothing_more(reader: PcscReader) -> None:
    device = card_device(CardSettings(read_timeout_s=0.3), SimulatedPhotoDecoder())
    with Watcher(device) as station:
        station.wait_for(DeviceState.READY)
        reader.lay(resident_payload(), CardFaults(silent=True))
        station.wait_for(DeviceState.FAULT)
        assert station.problem == "error.card.pcsc.silent"
        reader.take()
        station.wait_for(DeviceState.READY)
        reader.lay(resident_payload())
        assert station.next_card().name == "张三"
    wait_for(lambda: not any(thread.name == "card-calls" for thread in threading.enumerate()))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_first_of_two_readers_is_taken(reader: PcscReader) -> None:
    with Watcher(_device()) as station:
        station.wait_for(DeviceState.READY)
        assert station.model == "Virtual PCD 00 00"


def test_configured_reader_of_two_is_taken(reader: PcscReader) -> None:
    with Watcher(_device("00 01")) as station:
        station.wait_for(DeviceState.READY)
        assert station.model == "Virtual PCD 00 01"


def test_configured_reader_that_is_not_there_is_told_with_those_that_are(reader: PcscReader) -> None:
    with Watcher(_device("Acme")) as station:
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.pcsc.other_reader"
