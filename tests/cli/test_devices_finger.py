"""`kiosk devices finger` before a simulated scanner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers_sim.finger import FingerCache, SimulatedSensor, impression
from kiosk import weights
from kiosk.cli.devices import told
from kiosk.cli.fingers import FingerLook, look, report
from kiosk.config import FingerSettings
from kiosk.devices import StatusChanged
from kiosk.devices.card.diagnosis import Watched
from kiosk.records import DeviceKind, DeviceState, DeviceStatus, Message


@pytest.fixture
def sensor() -> Iterator[SimulatedSensor]:
    sensor = SimulatedSensor()
    yield sensor
    sensor.stop()


def test_a_press_is_judged_and_the_wire_is_told(sensor: SimulatedSensor) -> None:
    finger = FingerCache(weights.folder().parent / "simulated").finger(100_000)
    asked: list[str] = []

    def ask(model: str) -> None:
        asked.append(model)
        sensor.press(impression(finger, 1))

    found = look(FingerSettings(port=sensor.start()), 20.0, ask)
    text = report(found, "en")
    assert asked[0].startswith("EF01")
    assert "256×288, 500 dpi" in text
    assert "The impression is good." in text
    assert found.facts.transfer is not None
    assert (found.facts.transfer.size_bytes, found.facts.packet_bytes, found.facts.capacity) == (36_864, 256, 1000)
    assert 3.3 < found.facts.transfer.line_s < 3.4  # at 115200 baud, whatever the simulated line did


def test_a_scanner_that_nobody_presses_works_and_says_so(sensor: SimulatedSensor) -> None:
    text = report(look(FingerSettings(port=sensor.start()), 0.1, lambda _: None), "zh-CN")
    assert "能用，但是：没有等到按压" in text
    assert "115200 波特" in text


def test_a_device_that_works_is_told_with_what_is_to_be_mended() -> None:
    never_clear = Message("error.finger.never_clear")
    status = DeviceStatus(DeviceKind.FINGER, DeviceState.READY, "EF01 · COM3", never_clear)
    line = told(Watched(0.0, StatusChanged(status)), "en")
    assert "EF01 · COM3: works, but: " in line
    assert "works, but: " in report(FingerLook("EF01 · COM3", problem=never_clear), "en")
