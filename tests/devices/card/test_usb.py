"""The security module on USB pipes. The device is a stand-in below pyusb: nobody had a module to try it on."""

import pytest

from drivers_sim.card.card import SimulatedCard
from drivers_sim.card.photo import SimulatedPhotoDecoder
from drivers_sim.card.sam import Requests, SimulatedSam
from kiosk.config import CardSettings
from kiosk.devices.card.setup import card_device
from kiosk.records import DeviceState
from tests.devices.card.people import resident_payload
from tests.devices.card.watcher import Watcher

usb_core = pytest.importorskip("usb.core")


class Pipes:
    """A module behind bulk pipes: what goes out on `outs` in order makes a frame, answers come in on `ins`."""

    def __init__(self, header_out: int, rest_out: int, ins: tuple[int, ...]) -> None:
        self.sam = SimulatedSam()
        self.gone = False
        self._outs = (header_out, rest_out)
        self._ins = ins
        self._waiting: dict[int, bytes] = dict.fromkeys(ins, b"")
        self._requests = Requests()

    def set_configuration(self) -> None:
        self._check()

    def write(self, pipe: int, data: bytes, _timeout_ms: int) -> None:
        self._check()
        assert pipe == (self._outs[0] if data.startswith(b"\xaa") else self._outs[1])
        for frame in self._requests.feed(bytes(data)):
            answer = self.sam.respond(frame)
            first, last = self._ins[0], self._ins[-1]
            self._waiting[first] += answer if first == last else answer[:7]
            self._waiting[last] += b"" if first == last else answer[7:]

    def read(self, pipe: int, size: int, _timeout_ms: int) -> bytes:
        self._check()
        data, self._waiting[pipe] = self._waiting[pipe][:64], self._waiting[pipe][64:]
        assert size >= len(data)
        if not data:
            raise usb_core.USBTimeoutError("silence")
        return data

    def _check(self) -> None:
        if self.gone:
            raise usb_core.USBError("no such device")


@pytest.fixture(params=["split", "single"])
def pipes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pipes:
    layout = {"split": (0x02, 0x06, (0x81, 0x85)), "single": (0x02, 0x02, (0x81,))}[request.param]
    pipes = Pipes(*layout)

    def find(*, idVendor: int, idProduct: int) -> Pipes | None:
        return pipes if (idVendor, idProduct) == (0x0400, 0xC35A) and not pipes.gone else None

    monkeypatch.setattr("usb.core.find", find)
    monkeypatch.setattr("usb.util.dispose_resources", lambda _device: None)
    pipes.settings = CardSettings(transport="usb", usb_pipes=request.param)
    return pipes


def test_card_is_read_through_usb_pipes(pipes: Pipes) -> None:
    with Watcher(card_device(pipes.settings, SimulatedPhotoDecoder())) as station:
        station.wait_for(DeviceState.READY)
        assert station.model.startswith("USB 0400:C35A · SAM")
        pipes.sam.lay(SimulatedCard(resident_payload()))
        card = station.next_card()
        assert card.name == "张三"
        assert card.photo is not None


def test_module_unplugged_and_plugged_goes_on(pipes: Pipes) -> None:
    with Watcher(card_device(pipes.settings, SimulatedPhotoDecoder())) as station:
        station.wait_for(DeviceState.READY)
        pipes.gone = True
        station.wait_for(DeviceState.LOST)
        pipes.gone = False
        station.wait_for(DeviceState.READY)
        pipes.sam.lay(SimulatedCard(resident_payload()))
        assert station.next_card().name == "张三"


def test_station_without_libusb_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(**_ids: int) -> None:
        raise usb_core.NoBackendError("no backend")

    monkeypatch.setattr("usb.core.find", find)
    with Watcher(card_device(CardSettings(transport="usb"), SimulatedPhotoDecoder())) as station:
        station.wait_for(DeviceState.FAULT)
        assert station.problem == "error.card.usb.not_installed"
