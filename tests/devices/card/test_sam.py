"""The security module on a serial line, and what can go wrong with it."""

import time
from collections.abc import Iterator

import pytest

from drivers_sim.card import payload
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.sam import SimulatedSam
from drivers_sim.card.sam_line import SamReader
from kiosk.config import CardSettings
from kiosk.devices.card.sam.module import format_identity
from kiosk.devices.card.setup import card_device
from kiosk.devices.events import CardPresented
from kiosk.records import DeviceState
from tests.devices.card.people import RESIDENT, other_payload, resident_payload
from tests.devices.card.watcher import Watcher


@pytest.fixture
def reader() -> Iterator[SamReader]:
    reader = SamReader()
    yield reader
    reader.stop()


def _station(reader: SamReader, *, fingerprints: bool = False, **settings: object) -> Watcher:
    chosen = CardSettings.model_validate({"transport": "serial", "port": reader.start(), **settings})
    return Watcher(card_device(chosen, SimulatedPhotoDecoder(), fingerprints=fingerprints))


def test_module_is_named_with_its_number(reader: SamReader) -> None:
    with _station(reader) as station:
        station.wait_for(DeviceState.READY)
        assert station.model.endswith("SAM 05.03-20240295-0000012345-0000000678")


def test_number_of_a_module_is_written_as_on_its_label() -> None:
    assert format_identity(bytes.fromhex("05000300BBD7340139300000A6020000")) == "05.03-20240315-0000012345-0000000678"


def test_card_that_stays_is_found_only_once(reader: SamReader) -> None:
    with _station(reader) as station:
        reader.lay(resident_payload())
        station.next_card()
        asked = reader.sam.commands.count(b"\x20\x01")
        deadline = time.monotonic() + 5
        while reader.sam.commands.count(b"\x20\x01") < asked + 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert reader.sam.commands.count(b"\x20\x01") >= asked + 2
        assert station.nothing_more()


def test_selecting_that_fails_once_is_repeated_without_a_word(reader: SamReader) -> None:
    reader.sam.faults.select_fails = 1
    with _station(reader) as station:
        reader.lay(resident_payload())
        assert station.next_card().name == "张三"


def test_selecting_that_fails_twice_asks_to_lay_the_card_down_again(reader: SamReader) -> None:
    reader.sam.faults.select_fails = 2
    with _station(reader) as station:
        reader.lay(resident_payload())
        assert station.next_refusal() == "card.unreadable"
        reader.lay(resident_payload())
        station.next_removal()
        assert station.next_card().name == "张三"


def test_noise_in_front_of_every_answer_is_skipped(reader: SamReader) -> None:
    reader.sam.faults.noise = b"\x00\xaa\xaa\x96\xff\xaa\xaa"
    with _station(reader) as station:
        reader.lay(resident_payload())
        assert station.next_card().name == "张三"


def test_answer_that_comes_byte_by_byte_is_read() -> None:
    reader = SamReader(chunk=1)
    try:
        with _station(reader) as station:
            reader.lay(resident_payload())
            assert station.next_card().name == "张三"
    finally:
        reader.stop()


@pytest.mark.parametrize("fault", ["damaged", "overlong"])
def test_one_damaged_answer_costs_no_card(reader: SamReader, fault: str) -> None:
    with _station(reader) as station:
        station.wait_for(DeviceState.READY)
        setattr(reader.sam.faults, fault, 1)
        reader.lay(resident_payload())
        assert station.next_card().name == "张三"


def test_line_that_damages_everything_is_told_and_recovers(reader: SamReader) -> None:
    with _station(reader) as station:
        station.wait_for(DeviceState.READY)
        reader.sam.faults.damaged = 3
        station.wait_for(DeviceState.LOST)
        assert station.problem in ("error.card.sam.noise", "error.card.serial.no_module")
        station.wait_for(DeviceState.READY)


def test_module_that_falls_silent_is_told_and_found_again(reader: SamReader) -> None:
    with _station(reader) as station:
        station.wait_for(DeviceState.READY)
        reader.sam.faults.silent = 1
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.sam.silent"
        station.wait_for(DeviceState.READY)


@pytest.mark.parametrize(("state", "code"), [(0x60, "self_test"), (0x66, "faulty"), (0x21, "faulty"), (0x23, "faulty")])
def test_module_that_is_ill_needs_the_operator(reader: SamReader, state: int, code: str) -> None:
    reader.sam.faults.status = state
    with _station(reader) as station:
        station.wait_for(DeviceState.FAULT)
        assert station.problem == f"error.card.sam.{code}"


def test_additional_address_is_read_where_the_card_has_one() -> None:
    block = "北京市西城区新街口\0".encode("utf-16-le").ljust(70, b" ")
    reader = SamReader(sam=SimulatedSam(address=block.replace(b"  ", b" \0")))
    try:
        with _station(reader, additional_address=True) as station:
            reader.lay(resident_payload())
            assert station.next_card().additional_address == "北京市西城区新街口"
    finally:
        reader.stop()


def test_card_without_an_additional_address_reads_all_the_same(reader: SamReader) -> None:
    with _station(reader, additional_address=True) as station:
        reader.lay(resident_payload())
        assert station.next_card().additional_address == ""


@pytest.mark.parametrize("fingerprints", [b"", b"C\x01" + b"\x5a" * 1022])
def test_fingerprints_on_the_card_are_read_when_they_are_wanted(fingerprints: bytes) -> None:
    reader = SamReader(sam=SimulatedSam(fingerprints=fingerprints))
    try:
        with _station(reader, fingerprints=True) as station:
            reader.lay(resident_payload())
            event = station.next()
            assert isinstance(event, CardPresented)
            assert (event.card.name, event.fingerprints) == ("张三", fingerprints)
            assert b"\x30\x10" in reader.sam.commands
    finally:
        reader.stop()


def test_rate_of_the_line_is_found(reader: SamReader) -> None:
    with _station(reader, baud="auto") as station:
        station.wait_for(DeviceState.READY)
        assert station.model.startswith("socket://")


def test_port_that_is_not_there_is_told() -> None:
    device = card_device(CardSettings(transport="serial", port="/dev/ttyNOWHERE"), SimulatedPhotoDecoder())
    with Watcher(device) as station:
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.serial.no_port"


def test_next_card_is_read_after_one_whose_text_is_odd(reader: SamReader) -> None:
    with _station(reader) as station:
        reader.lay(payload.payload(payload.text_block(**(RESIDENT | {"number": "X" * 18})), b""))
        assert [warning.code for warning in station.next_card().warnings] == [
            "card.warning.idnumber.characters",
            "card.warning.birth_differs",
        ]
        reader.lay(other_payload())
        station.next_removal()
        assert station.next_card().name == "李四"


def test_module_that_finds_a_lying_card_again_and_again_tells_it_once() -> None:
    reader = SamReader(sam=SimulatedSam(continuous=True))
    try:
        with _station(reader) as station:
            reader.lay(resident_payload())
            assert station.next_card().name == "张三"
            readings = reader.sam.commands.count(b"\x30\x01")
            deadline = time.monotonic() + 10
            while reader.sam.commands.count(b"\x30\x01") < readings + 4:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert station.nothing_more()
            reader.lay(other_payload())
            station.next_removal()
            assert station.next_card().name == "李四"
            assert station.nothing_more()
    finally:
        reader.stop()


@pytest.mark.parametrize("wakes_s", [0.5, 2.0])
@pytest.mark.parametrize("baud", [115200, "auto"])
def test_module_that_opening_the_port_restarts_is_waited_for(wakes_s: float, baud: object) -> None:
    reader = SamReader(wakes_s=wakes_s)
    try:
        with _station(reader, baud=baud) as station:
            station.wait_for(DeviceState.READY)
            assert reader.opened == 1
    finally:
        reader.stop()
