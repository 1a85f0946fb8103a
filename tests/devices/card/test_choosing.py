"""Which reader, which protocol: by the settings, by sight, or by asking."""

import sys
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from drivers_sim.card.card import ATR, OK, SimulatedCard
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.reader import InProcessReader
from drivers_sim.card.sam import SimulatedSam
from kiosk.config import CardSettings, TunnelSettings
from kiosk.devices.card import known
from kiosk.devices.card.protocols import chip_serial
from kiosk.devices.card.sam.tunnel import ApduTemplate
from kiosk.devices.card.setup import card_device
from kiosk.records import DeviceState
from tests.devices.card.people import resident_payload
from tests.devices.card.watcher import Watcher

SERIAL = bytes.fromhex("0102030405060708")


class PlainIdCard:
    """An ID card on a reader without a security module."""

    def __init__(self, atr: bytes) -> None:
        self.atr = atr

    def answer(self, apdu: bytes) -> bytes:
        return SERIAL + OK if apdu == bytes.fromhex("0036000008") else b"\x6e\x00"


class UnknownReaderCard(SimulatedCard):
    """An ID card on a block reader whose reset answers nobody knows."""

    def __init__(self) -> None:
        super().__init__(resident_payload())
        self.atr = bytes.fromhex("3B0102")


@pytest.mark.parametrize(
    ("atr", "protocol"),
    [
        (ATR, "blocks"),
        (bytes.fromhex("3B8F8001804F0CA0000003060790000000000020"), "blocks"),
        (bytes(13) + b"\x90\x00", "blocks"),
        (bytes(13) + b"\x90", None),
        (bytes.fromhex("3B888001D103860500808000 58"), "plain"),
        (bytes.fromhex("3B8F8001804F0CA000000306 07FFB00000000020"), "plain"),
        (b"", None),
    ],
)
def test_cards_are_known_by_their_reset_answer(atr: bytes, protocol: str | None) -> None:
    card = known.card_of(atr)
    assert (card and card.protocol) == protocol


@pytest.mark.parametrize(
    ("readers", "wanted", "watched"),
    [
        (["A 00", "B 00"], "", ["A 00", "B 00"]),
        (["A 00", "B 00"], "B", ["B 00"]),
        (["Windows Hello for Business 1", "B 00"], "", ["B 00"]),
        (["ACS ACR1281 1S Dual Reader SAM 0", "ACS ACR1281 1S Dual Reader PICC 0"], "", ["ACS ACR1281 1S Dual Reader PICC 0"]),
        (["ACS ACR1281 ICC 0", "ACS ACR1281 PICC 0"], "", ["ACS ACR1281 PICC 0", "ACS ACR1281 ICC 0"]),
        (
            ["Alcor Smart Card Reader 0", "HID Contactless 1"],
            "",
            ["HID Contactless 1", "Alcor Smart Card Reader 0"],
        ),
        (["Windows Hello for Business 1"], "", []),
        (["A 00"], "C", []),
        ([], "", []),
    ],
)
def test_every_suitable_reader_or_the_configured_one_is_watched_those_without_contacts_first(
    readers: list[str], wanted: str, watched: list[str]
) -> None:
    assert known.suitable(readers, wanted) == watched


@pytest.mark.parametrize("atr", ["zz", "3b 80", "3B80", "* 3B", ""])
def test_reset_answers_that_make_no_sense_are_refused(atr: str) -> None:
    with pytest.raises(ValidationError):
        known.KnownCard(atr=atr, protocol="blocks")


def test_card_on_an_unknown_reader_is_found_by_asking() -> None:
    reader = InProcessReader()
    with Watcher(card_device(CardSettings(), SimulatedPhotoDecoder(), slot=reader.start())) as station:
        reader.lay_card(UnknownReaderCard())
        assert station.next_card().name == "张三"


@pytest.mark.parametrize("atr", ["3B888001D10386050080800058", "3B0102"])
def test_reader_without_a_security_module_is_told(atr: str) -> None:
    reader = InProcessReader()
    with Watcher(card_device(CardSettings(), SimulatedPhotoDecoder(), slot=reader.start())) as station:
        reader.lay_card(PlainIdCard(bytes.fromhex(atr)))
        assert station.next_refusal() == "card.no_security_module"
        reader.lay(resident_payload())
        station.next_removal()
        assert station.next_card().name == "张三"


def test_chip_tells_its_serial_number_to_anybody() -> None:
    class Channel:
        def transmit(self, apdu: bytes) -> tuple[bytes, int]:
            answer = PlainIdCard(b"").answer(apdu)
            return answer[:-2], int.from_bytes(answer[-2:], "big")

    assert chip_serial(Channel()) == SERIAL


def test_tunnel_wraps_frames_as_the_maker_says() -> None:
    template = ApduTemplate.parse("FF 00 00 00 {size} {frame} 00")
    assert template.fill(b"\xaa\xbb").hex() == "ff00000002aabb00"


@pytest.mark.parametrize("text", ["", "FF 00", "{frame} {frame}", "FG {frame}", "{size} {size} {frame}"])
def test_tunnel_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hex bytes"):
        ApduTemplate.parse(text)


def test_tunnel_is_apdu_or_control_and_not_both() -> None:
    with pytest.raises(ValidationError, match="tunnel_one"):
        TunnelSettings(apdu="{frame}", control=1)


class ControlReader(SimpleNamespace):
    """PC/SC as far as a direct connection needs it; its control 3500 reaches a security module."""

    def __init__(self) -> None:
        super().__init__()
        self.sam = SimulatedSam()
        self.connected = 0

    SCARD_S_SUCCESS = SCARD_SCOPE_USER = SCARD_LEAVE_CARD = 0
    SCARD_E_NO_READERS_AVAILABLE = 0x8010002E
    SCARD_SHARE_DIRECT = 3

    def SCardEstablishContext(self, _scope: int) -> tuple[int, int]:
        return 0, 1

    def SCardListReaders(self, _context: int, _groups: list[str]) -> tuple[int, list[str]]:
        return 0, ["Maker ID reader 00"]

    def SCardConnect(self, _context: int, _reader: str, mode: int, _protocols: int) -> tuple[int, int, int]:
        assert mode == self.SCARD_SHARE_DIRECT
        self.connected += 1
        return 0, 7, 0

    def SCARD_CTL_CODE(self, code: int) -> int:
        return 0x42000000 + code

    def SCardControl(self, handle: int, code: int, data: list[int]) -> tuple[int, list[int]]:
        assert (handle, code) == (7, 0x42000000 + 3500)
        return 0, list(self.sam.respond(bytes(data)))

    def SCardDisconnect(self, _handle: int, _disposition: int) -> int:
        self.connected -= 1
        return 0

    def SCardReleaseContext(self, _context: int) -> int:
        return 0


def test_module_behind_a_control_code_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = ControlReader()
    monkeypatch.setitem(sys.modules, "smartcard.scard", reader)
    settings = CardSettings(tunnel=TunnelSettings(control=3500))
    with Watcher(card_device(settings, SimulatedPhotoDecoder())) as station:
        station.wait_for(DeviceState.READY)
        assert station.model.startswith("Maker ID reader 00 · SAM")
        reader.sam.lay(SimulatedCard(resident_payload()))
        assert station.next_card().name == "张三"
    assert reader.connected == 0


def test_station_without_pyscard_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with Watcher(card_device(CardSettings(), SimulatedPhotoDecoder())) as station:
        station.wait_for(DeviceState.FAULT)
        assert station.problem == "error.card.pcsc.not_installed"
