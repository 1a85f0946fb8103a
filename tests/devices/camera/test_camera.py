"""The camera adapter against a simulated camera at the wire."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers_sim.camera import SimulatedCamera
from kiosk.config import CameraSettings
from kiosk.devices import DeviceEvent, DeviceWorker, StatusChanged
from kiosk.devices.camera import CameraDevice
from kiosk.devices.camera.frozen import FrozenWatch
from kiosk.records import DeviceState

PATIENCE_S = 60.0


class Station:
    """A camera with its worker, and what it told."""

    def __init__(self, source: str, frozen_after_s: float = 0.5) -> None:
        self.device = CameraDevice(CameraSettings(source=source, frozen_after_s=frozen_after_s))
        self.events: queue.Queue[DeviceEvent] = queue.Queue()
        self.worker = DeviceWorker(self.device, self.events.put)
        self.worker.start()

    def wait_for(self, state: DeviceState) -> StatusChanged:
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            event = self.events.get(timeout=max(0.01, deadline_s - time.monotonic()))
            if isinstance(event, StatusChanged) and event.status.state is state:
                return event


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(fps=30)
    yield camera
    camera.stop()


@pytest.fixture
def station(camera: SimulatedCamera) -> Iterator[Station]:
    station = Station(camera.start())
    yield station
    station.worker.stop()


def test_pictures_arrive_in_full_size_and_order(station: Station) -> None:
    first = station.device.newest(0, PATIENCE_S)
    assert first is not None
    assert first.pixels.shape == (720, 1280, 3)
    second = station.device.newest(first.number, PATIENCE_S)
    assert second is not None
    assert second.number > first.number
    assert second.at_s > first.at_s


def test_a_picture_is_shared_and_can_not_be_painted_on(station: Station) -> None:
    frame = station.device.newest(0, PATIENCE_S)
    assert frame is not None
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 0


def test_the_student_who_sits_down_is_seen_at_once_however_slowly_anyone_reads(
    camera: SimulatedCamera, station: Station
) -> None:
    before = station.device.newest(0, PATIENCE_S)
    assert before is not None
    station.device.newest(before.number + 30, PATIENCE_S)  # nobody asked for a picture for a second
    camera.show(0)
    asked_s = time.monotonic()
    number, seen = before.number, before
    while np.abs(seen.pixels[150:450, 540:740].astype(int) - before.pixels[150:450, 540:740]).mean() < 15:
        frame = station.device.newest(number, PATIENCE_S)
        assert frame is not None
        number, seen = frame.number, frame
    assert time.monotonic() - asked_s < 3  # the walk in takes 0.9 s


def test_nobody_waits_for_ever_for_a_picture_that_does_not_come(camera: SimulatedCamera) -> None:
    device = CameraDevice(CameraSettings(source=camera.start()))
    assert device.newest(0, timeout_s=0.01) is None


def test_pulled_plug_shows_no_old_picture_and_plugging_in_needs_no_click(camera: SimulatedCamera, station: Station) -> None:
    assert station.device.newest(0, PATIENCE_S) is not None
    camera.unplug()
    lost = station.wait_for(DeviceState.LOST)
    assert lost.status.problem is not None
    assert lost.status.problem.code == "error.camera.lost"
    assert station.device.newest(0, timeout_s=0) is None
    assert not camera.plugged
    camera.plug()
    station.wait_for(DeviceState.READY)
    assert station.device.newest(0, PATIENCE_S) is not None


def test_frames_keep_counting_up_after_a_pulled_plug(camera: SimulatedCamera, station: Station) -> None:
    first = station.device.newest(0, PATIENCE_S)
    assert first is not None
    camera.unplug()
    station.wait_for(DeviceState.LOST)
    camera.plug()
    again = station.device.newest(first.number, PATIENCE_S)
    assert again is not None


def test_a_frozen_picture_is_noticed_and_ends_with_plugging_in_anew(camera: SimulatedCamera, station: Station) -> None:
    station.wait_for(DeviceState.READY)
    assert station.device.newest(0, PATIENCE_S) is not None
    camera.freeze()
    lost = station.wait_for(DeviceState.LOST)
    assert lost.status.problem is not None
    assert lost.status.problem.code == "error.camera.frozen"
    camera.plug()
    station.wait_for(DeviceState.READY)
    assert station.device.newest(0, PATIENCE_S) is not None


def test_a_missing_camera_is_named_to_the_operator(camera: SimulatedCamera) -> None:
    address = camera.start()
    camera.unplug()
    station = Station(address)
    try:
        lost = station.wait_for(DeviceState.LOST)
        assert lost.status.problem is not None
        assert lost.status.problem.code == "error.camera.not_found"
        assert lost.status.problem.data["source"] == address
    finally:
        station.worker.stop()


def test_stopping_ends_the_thread_soon(station: Station) -> None:
    station.wait_for(DeviceState.READY)
    asked_s = time.monotonic()
    station.worker.stop()
    assert time.monotonic() - asked_s < 3


def test_a_video_file_plays_and_starts_again_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (320, 240))
    draw = np.random.default_rng(1)
    for _ in range(10):
        writer.write(draw.integers(0, 255, (240, 320, 3), np.uint8))
    writer.release()
    station = Station(str(path))
    try:
        assert station.device.newest(14, PATIENCE_S) is not None
    finally:
        station.worker.stop()


def test_a_webcam_that_nobody_tried_says_so() -> None:
    assert CameraDevice(CameraSettings(source=0)).unverified
    assert not CameraDevice(CameraSettings(source="http://127.0.0.1:1/camera.mjpg")).unverified


def test_a_covered_lens_is_told_from_a_frozen_picture() -> None:
    watch = FrozenWatch(after_s=2)
    black = np.zeros((240, 320, 3), np.uint8)
    assert watch.look(black, 0.0) is None
    assert watch.look(black, 1.9) is None
    assert watch.look(black, 2.0) == "camera.covered"


def test_a_picture_that_changes_before_the_limit_is_alive() -> None:
    watch = FrozenWatch(after_s=2)
    draw = np.random.default_rng(1)
    for tenth in range(0, 100, 15):
        assert watch.look(draw.integers(0, 255, (240, 320, 3), np.uint8), tenth / 10) is None
