"""Simulated devices that run alone, for other programs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import pytest

from drivers_sim.people.cohort import cohort
from drivers_sim.people.faces import FACES
from kiosk.devices.card import textblock
from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.serial_line import SerialStream
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.scanner import Look
from kiosk.devices.finger.sensor import FingerSensor
from kiosk.devices.serial_line import SerialLine
from kiosk.errors import DeviceError
from tests.devices.card.people import TODAY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")


class Alone:
    """A device in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = self._line()

    def do(self, deed: str) -> str:
        """Let people do something; the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{deed}\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def alone(*arguments: str) -> Iterator[Alone]:
    command = [sys.executable, "-m", "drivers_sim", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Alone(process)
            process.communicate("quit\n", timeout=20)
            assert process.returncode == 0
        finally:
            process.kill()


def test_fingers_are_pressed_on_a_sensor_that_runs_alone() -> None:
    with alone("finger") as device:
        link = Link(SerialLine(device.address, 57_600), 0xFFFFFFFF)
        sensor = FingerSensor(link)
        sensor.verify_password()
        assert sensor.look() is Look.NO_FINGER
        assert device.do("press 3") == "ok"
        assert sensor.look() is Look.HELD
        assert device.do("lift") == "ok"
        assert sensor.look() is Look.NO_FINGER
        assert device.do("press hard").startswith("? press · press_lightly · ")
        link.close()


def test_presses_that_give_no_template_are_refused_by_a_sensor_that_runs_alone() -> None:
    with alone("finger", "--model", "r503") as device:
        link = Link(SerialLine(device.address, 57_600), 0xFFFFFFFF)
        sensor = FingerSensor(link)
        for deed in ("press_lightly 3", "press_moving 3", "press_nothing 3"):
            assert device.do(deed) == "ok"
            assert sensor.look() is Look.HELD
            with pytest.raises(DeviceError, match="too_few_points"):
                sensor.extract(1)
        for deed in ("press_dry 3", "press_wet 3 2", "press_askew 3"):
            assert device.do(deed) == "ok"
        link.close()


def test_cards_are_laid_on_a_reader_that_runs_alone() -> None:
    with alone("card") as device:
        line = SerialStream(SerialLine(device.address, 115_200))
        module = SecurityModule(line)
        assert not module.find()
        assert device.do("lay 2") == "ok"
        assert module.find()
        assert module.select()
        card = textblock.parse(module.read().text, TODAY)
        assert card.id_number == cohort(1, [face.sex for face in FACES[:2]])[1].student.id_number
        line.close()


def test_a_camera_that_runs_alone_shows_somebody() -> None:
    with alone("camera", "--fps", "15") as device:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/.*", device.address)
        capture = cv2.VideoCapture(device.address)
        empty = capture.read()[1]
        assert device.do("show 1") == "ok"
        for _ in range(60):
            if abs(int(capture.read()[1].astype(int).mean()) - int(empty.astype(int).mean())) > 2:
                break
        else:
            pytest.fail("nobody came")
        capture.release()
