"""The PC/SC service goes away and comes back under a station at work."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers_sim.card import pcscd
from drivers_sim.card.card import CardFaults, SimulatedCard
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import PcscReader
from kiosk.config import CardSettings
from kiosk.devices.card.device import CardDevice
from kiosk.devices.card.pcsc import hex_status, load_scard
from kiosk.devices.card.setup import card_device
from kiosk.records import DeviceState
from tests.devices.card.people import other_payload, resident_payload
from tests.devices.card.watcher import Watcher

pytestmark = [pytest.mark.xdist_group("pcscd"), pytest.mark.skipif(bool(pcscd.missing()), reason=f"needs {pcscd.missing()}")]


@pytest.fixture
def reader() -> Iterator[PcscReader]:
    reader = PcscReader()
    reader.start()
    yield reader
    reader.stop()


def connected(share: int) -> Any:
    """Another program at the first reader: pyscard's layer, its context and its connection."""
    scard = load_scard()
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    deadline = time.monotonic() + 5
    while True:
        code, card, _ = scard.SCardConnect(
            context, "Virtual PCD 00 00", share, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        if code == scard.SCARD_S_SUCCESS:
            return scard, context, card
        assert time.monotonic() < deadline, hex_status(code)
        time.sleep(0.02)


def hold() -> Callable[[], None]:
    """Hold the card exclusively; returns what lets it go."""
    scard, context, card = connected(load_scard().SCARD_SHARE_EXCLUSIVE)

    def let_go() -> None:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)

    return let_go


def keep_busy() -> Callable[[], None]:
    """Begin a transaction with the card, as other programs do while they work with it; returns what ends it."""
    scard, context, card = connected(load_scard().SCARD_SHARE_SHARED)
    assert scard.SCardBeginTransaction(card) == scard.SCARD_S_SUCCESS

    def let_go() -> None:
        scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)

    return let_go


class ResetsOnce(SimulatedCard):
    """A card that another program resets when it is asked for its second block."""

    def __init__(self) -> None:
        super().__init__(resident_payload())
        self.happened = False

    def answer(self, apdu: bytes) -> bytes:
        if apdu[:3] == bytes((0xFF, 0xB0, 1)) and not self.happened:
            self.happened = True
            threading.Thread(target=self._reset).start()
            time.sleep(0.1)
        return super().answer(apdu)

    def _reset(self) -> None:
        scard, context, card = connected(load_scard().SCARD_SHARE_SHARED)
        scard.SCardReconnect(
            card, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1, scard.SCARD_RESET_CARD
        )
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)


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
        # The service, just started on a busy machine, may not answer at first.
        station.wait_until(lambda: station.problem == "error.card.pcsc.no_reader")
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


def test_all_readers_are_watched_and_named(reader: PcscReader) -> None:
    with Watcher(_device()) as station:
        station.wait_for(DeviceState.READY)
        assert station.model == "Virtual PCD 00 00 + Virtual PCD 00 01"


def test_a_card_on_the_second_slot_is_read_and_the_one_that_was_laid_last_counts(reader: PcscReader) -> None:
    device = _device()
    with Watcher(device) as station:
        station.wait_for(DeviceState.READY)
        second = reader.lay_on_second_slot(SimulatedCard(resident_payload()))
        assert station.next_card().name == "张三"
        assert (device.facts.reader, bool(device.facts.atr)) == ("Virtual PCD 00 01", True)
        reader.lay(other_payload())
        station.next_removal()
        assert station.next_card().name == "李四"
        assert (device.facts.reader, bool(device.facts.atr), device.facts.cards) == ("Virtual PCD 00 00", True, 2)
        second.take()
        reader.take()
        station.next_removal()
        assert station.nothing_more()


def test_a_card_that_another_program_holds_is_read_as_soon_as_that_lets_go(reader: PcscReader) -> None:
    reader.lay(resident_payload())
    let_go = hold()
    with Watcher(_device()) as station:
        assert station.next_refusal() == "card.pcsc.in_use"
        threading.Event().wait(1.5)
        assert station.nothing_more()
        let_go()
        assert station.next_card().name == "张三"
        reader.take()
        station.next_removal()


def test_a_card_that_another_program_resets_is_read_again_while_it_lies(reader: PcscReader) -> None:
    resets = ResetsOnce()
    reader.lay_card(resets)
    with Watcher(_device()) as station:
        assert station.next_card().name == "张三"
        assert resets.happened
        reader.take()
        station.next_removal()
        assert station.nothing_more()


@pytest.mark.parametrize(("patience_s", "told"), [(5.0, ""), (0.4, "error.card.pcsc.silent")], ids=["short", "long"])
def test_a_reader_that_another_program_keeps_busy_is_waited_for(reader: PcscReader, patience_s: float, told: str) -> None:
    reader.lay(resident_payload())
    let_go = keep_busy()
    problems: list[str] = []
    with Watcher(card_device(CardSettings(read_timeout_s=patience_s), SimulatedPhotoDecoder())) as station:
        if told:
            station.wait_for(DeviceState.FAULT)
            problems.append(station.problem)
        else:
            threading.Event().wait(0.5)
        let_go()
        assert station.next_card().name == "张三"
    assert problems == ([told] if told else [])


def test_a_service_that_hangs_is_told_and_piles_up_no_threads(reader: PcscReader) -> None:
    device = card_device(CardSettings(read_timeout_s=0.3), SimulatedPhotoDecoder())
    with Watcher(device) as station:
        station.wait_for(DeviceState.READY)
        threads = threading.active_count()
        reader.hang()
        station.wait_for(DeviceState.FAULT)
        assert station.problem == "error.card.pcsc.silent"
        threading.Event().wait(7)  # three more tries
        assert threading.active_count() <= threads + 1
        reader.go_on()
        station.wait_for(DeviceState.READY)
        reader.lay(resident_payload())
        assert station.next_card().name == "张三"
        assert threading.active_count() <= threads + 1  # the virtual card's


def test_configured_reader_of_two_is_taken(reader: PcscReader) -> None:
    with Watcher(_device("00 01")) as station:
        station.wait_for(DeviceState.READY)
        assert station.model == "Virtual PCD 00 01"


def test_configured_reader_that_is_not_there_is_told_with_those_that_are(reader: PcscReader) -> None:
    with Watcher(_device("Acme")) as station:
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.pcsc.other_reader"
