"""What Windows' smart card service does and pcscd doesn't, by a stand-in for the calls."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kiosk.config import CardSettings
from kiosk.devices.card.pcsc import PcscSlot
from kiosk.devices.card.photo import NoDecoder
from kiosk.devices.card.setup import card_device
from kiosk.errors import TemporaryFault
from kiosk.records import DeviceState
from tests.devices.card.watcher import Watcher

scard = pytest.importorskip("smartcard.scard")
SERVICE_STOPPED, NO_READERS = scard.SCARD_E_SERVICE_STOPPED, scard.SCARD_E_NO_READERS_AVAILABLE
INVALID_HANDLE = scard.SCARD_E_INVALID_HANDLE
ABSENT = scard.SCARD_STATE_EMPTY


class Service:
    """Windows' service: it is started with the first reader and stops with the last."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.readers: list[str] = []
        self.states: dict[str, int] = {}
        self.contexts = 0

    def __getattr__(self, name: str) -> object:
        return getattr(scard, name)  # constants

    def SCardEstablishContext(self, _: int) -> tuple[int, int]:
        self.contexts += 1
        return self.codes.get("establish", 0), self.contexts

    def SCardListReaders(self, *_: object) -> tuple[int, list[str]]:
        return self.codes.get("list", 0), self.readers

    def SCardGetStatusChange(self, _: int, wait_ms: int, asked: list[tuple[str, int]]) -> tuple[int, list[Any]]:
        if code := self.codes.get("status"):
            return code, []
        now: list[Any] = [(name, self.states.get(name, ABSENT), []) for name, _ in asked]
        if all(seen == state for (_, seen), (_, state, _) in zip(asked, now, strict=True)):
            threading.Event().wait(wait_ms / 1000)
            return scard.SCARD_E_TIMEOUT, now
        return 0, now

    def SCardReleaseContext(self, *_: object) -> int:
        return 0


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service()
    monkeypatch.setattr("kiosk.devices.card.pcsc.load_scard", lambda: service)
    return service


def test_the_service_that_stops_with_the_last_reader_is_waited_for(service: Service) -> None:
    service.codes["establish"] = SERVICE_STOPPED
    with Watcher(card_device(CardSettings(), NoDecoder())) as station:
        station.wait_for(DeviceState.LOST)
        assert station.problem == "error.card.pcsc.service_stopped"
        service.codes = {"list": NO_READERS}
        station.wait_until(lambda: station.problem == "error.card.pcsc.no_reader")
        service.codes, service.readers = {}, ["Windows Hello for Business 1", "ACS ACR122 0"]
        station.wait_for(DeviceState.READY)
        assert station.model == "ACS ACR122 0"
        service.codes = {"status": SERVICE_STOPPED, "list": SERVICE_STOPPED}
        station.wait_for(DeviceState.LOST)
        service.codes = {}
        station.wait_for(DeviceState.READY)
        service.codes = {"status": INVALID_HANDLE}  # the service was started anew: old contexts are worth nothing
        station.wait_for(DeviceState.LOST)
        service.codes = {}
        station.wait_for(DeviceState.READY)


def test_a_reader_that_is_plugged_in_later_is_watched_too(service: Service) -> None:
    service.readers = ["Alcor Micro 0"]
    with Watcher(card_device(CardSettings(), NoDecoder())) as station:
        station.wait_for(DeviceState.READY)
        service.readers = ["Alcor Micro 0", "HID Contactless 0"]
        station.wait_until(lambda: station.model == "HID Contactless 0 + Alcor Micro 0")


def test_a_lost_reader_of_two_leaves_the_other_to_work_with(service: Service) -> None:
    service.readers = ["A PICC 0", "B 0"]
    with Watcher(card_device(CardSettings(), NoDecoder())) as station:
        station.wait_for(DeviceState.READY)
        service.states["A PICC 0"] = scard.SCARD_STATE_UNKNOWN
        service.readers = ["B 0"]
        station.wait_until(lambda: station.model == "B 0")
        station.wait_for(DeviceState.READY)


def test_an_interrupt_ends_the_wait_for_cards(service: Service) -> None:
    service.readers = ["A 0"]
    slot = PcscSlot()
    slot.open()
    changes = slot.changes()
    assert not next(changes).present
    slot.interrupt()
    assert next(changes, None) is None
    slot.close()


@pytest.mark.parametrize("where", ["establish", "list", "status"])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (SERVICE_STOPPED, "card.pcsc.service_stopped"),
        (scard.SCARD_E_NO_SERVICE, "card.pcsc.no_service"),
        (scard.SCARD_E_SERVER_TOO_BUSY, "card.pcsc.no_service"),
        (scard.SCARD_W_SECURITY_VIOLATION, "card.pcsc.denied"),
        (5, "card.pcsc.denied"),  # ERROR_ACCESS_DENIED
        (109, "card.pcsc.denied"),  # ERROR_BROKEN_PIPE: a Remote Desktop session
    ],
    ids=lambda value: f"{value & 0xFFFFFFFF:08X}" if isinstance(value, int) else "",
)
def test_each_state_of_the_service_has_words_of_its_own(service: Service, where: str, status: int, code: str) -> None:
    service.readers, slot = ["A 0"], PcscSlot()
    if where != "status":
        service.codes[where] = status
        with pytest.raises(TemporaryFault) as fault:
            slot.open()
    else:
        slot.open()
        changes = slot.changes()
        next(changes)
        service.codes[where] = status
        with pytest.raises(TemporaryFault) as fault:
            next(changes)
    slot.close()
    assert (fault.value.code, fault.value.data["status"]) == (code, f"{status & 0xFFFFFFFF:08X}")
