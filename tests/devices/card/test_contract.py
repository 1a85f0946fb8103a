"""What the station relies on, over every way to a reader."""

import threading

import numpy as np
import pytest

from drivers_sim.card.card import CardFaults
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader
from kiosk.config import CardSettings
from kiosk.devices.card.setup import card_device
from kiosk.devices.events import CardPresented, CardRemoved, CardUnreadable
from kiosk.records import DeviceState
from tests.devices.card.conftest import SEE_REMOVAL, Reader, Way, ways
from tests.devices.card.people import other_payload, portrait, resident_payload
from tests.devices.card.watcher import Watcher


def test_card_laid_down_is_read_with_its_photo(reader: Reader, station: Watcher) -> None:
    reader.lay(resident_payload())
    card = station.next_card()
    assert (card.name, card.id_number, card.warnings) == ("张三", "110101199001011237", ())
    assert card.photo is not None
    assert card.photo.pixels.shape == (126, 102, 3)
    assert np.abs(card.photo.pixels.astype(int) - portrait()).mean() < 25


def test_card_that_lies_there_when_the_station_starts_is_read(way: Way) -> None:
    way.reader.lay(resident_payload())
    with Watcher(way.device()) as watcher:
        assert watcher.next_card().name == "张三"


@pytest.mark.parametrize("way", ways(SEE_REMOVAL), indirect=True)
def test_card_taken_away_is_told(reader: Reader, station: Watcher) -> None:
    reader.lay(resident_payload())
    station.next_card()
    reader.take()
    station.next_removal()


@pytest.mark.parametrize("way", ways(SEE_REMOVAL), indirect=True)
def test_card_left_lying_is_read_only_once(reader: Reader, station: Watcher) -> None:
    reader.lay(resident_payload())
    station.next_card()
    reader.take()
    station.next_removal()
    assert station.nothing_more()


@pytest.mark.parametrize("pause_s", [0.0, 0.05, 0.1])
def test_quick_swap_is_noticed(reader: Reader, station: Watcher, pause_s: float) -> None:
    reader.lay(resident_payload())
    assert station.next_card().name == "张三"
    reader.take()
    threading.Event().wait(pause_s)
    reader.lay(other_payload())
    station.next_removal()
    assert station.next_card().name == "李四"


def test_two_quick_swaps_end_with_the_last_card(reader: Reader, station: Watcher) -> None:
    reader.lay(resident_payload())
    station.next_card()
    reader.lay(other_payload())
    reader.lay(resident_payload(name="王五"))
    while not (isinstance(event := station.next(), CardPresented) and event.card.name == "王五"):
        # The one between was seen, or left while it was read, or neither.
        gone = isinstance(event, CardUnreadable) and event.error.code == "card.gone"
        assert gone or event == CardRemoved() or (isinstance(event, CardPresented) and event.card.name == "李四")


@pytest.mark.parametrize("way", ways(SEE_REMOVAL), indirect=True)
def test_card_taken_away_mid_read_asks_to_lay_it_down_again(reader: Reader, station: Watcher) -> None:
    reader.lay(resident_payload(), CardFaults(leaves_after=3))
    assert station.next_refusal() == "card.gone"
    station.next_removal()
    reader.lay(resident_payload())
    assert station.next_card().name == "张三"


@pytest.mark.parametrize("faults", [CardFaults(readings=1, garbage=True), CardFaults(readings=1, short_after=2)])
def test_one_bad_reading_is_repeated_without_a_word(reader: Reader, station: Watcher, faults: CardFaults) -> None:
    reader.lay(resident_payload(), faults)
    assert station.next_card().name == "张三"


@pytest.mark.parametrize(
    ("faults", "codes"),
    [
        (CardFaults(garbage=True), {"card.unreadable", "card.garbled"}),
        (CardFaults(short_after=2), {"card.unreadable", "card.garbled"}),
        (CardFaults(refuses=True), {"card.unreadable"}),
        (CardFaults(other_kind=True), {"card.unsupported"}),
    ],
)
def test_card_that_stays_bad_is_told_and_the_next_one_is_read(
    reader: Reader, station: Watcher, faults: CardFaults, codes: set[str]
) -> None:
    reader.lay(resident_payload(), faults)
    assert station.next_refusal() in codes
    reader.lay(other_payload())
    station.next_removal()
    assert station.next_card().name == "李四"


def test_reader_unplugged_and_plugged_goes_on_without_a_click(reader: Reader, station: Watcher) -> None:
    station.wait_for(DeviceState.READY)
    reader.unplug()
    station.wait_for(DeviceState.LOST)
    reader.plug()
    station.wait_for(DeviceState.READY)
    reader.lay(resident_payload())
    assert station.next_card().name == "张三"


@pytest.mark.parametrize("way", ways(SEE_REMOVAL), indirect=True)
def test_card_taken_away_while_the_reader_was_unplugged_is_told(reader: Reader, station: Watcher) -> None:
    reader.lay(resident_payload())
    station.next_card()
    reader.unplug()
    station.wait_for(DeviceState.LOST)
    reader.take()
    reader.plug()
    station.next_removal()


def test_slow_card_is_given_up_in_time() -> None:
    reader = InProcessReader()
    device = card_device(CardSettings(read_timeout_s=0.05), SimulatedPhotoDecoder(), slot=reader.start())
    with Watcher(device) as watcher:
        reader.lay(resident_payload(), CardFaults(slow_s=0.03))
        assert watcher.next_refusal() == "card.slow"


def test_station_stops_at_once_while_it_waits_for_cards(reader: Reader, station: Watcher) -> None:
    station.wait_for(DeviceState.READY)
    station.__exit__(None, None, None)
    assert not any(thread.name == "device-card" for thread in threading.enumerate())
