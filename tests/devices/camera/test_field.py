"""Cameras as people have them: what their reports tell, played by the simulated camera or by a stand-in for OpenCV's."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from drivers_sim.camera import SimulatedCamera
from drivers_sim.camera.lens import Lens, through
from drivers_sim.camera.scene import Act, compose
from kiosk.config import CameraSettings, FaceSettings
from kiosk.devices.camera import CameraDevice
from kiosk.devices.camera.judge import Settling, is_grey
from kiosk.errors import PermanentFault, TemporaryFault
from kiosk.pipeline.face import EXAM_PHOTO, FaceAnalyser, Shutter, least_picture
from kiosk.records import DeviceState, Frame
from tests.devices.camera.test_camera import PATIENCE_S, Station

LEAST = least_picture(EXAM_PHOTO)


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(fps=30)
    yield camera
    camera.stop()


def opened(camera: SimulatedCamera, lens: Lens, **settings: object) -> CameraDevice:
    camera.change_lens(lens)
    camera.show(0)
    device = CameraDevice(CameraSettings(source=camera.start(), **settings), LEAST)  # type: ignore[arg-type]
    device.open()
    return device


def test_an_infrared_camera_is_told_before_the_first_student(camera: SimulatedCamera) -> None:
    with pytest.raises(PermanentFault, match=r"camera\.grey"):
        opened(camera, Lens.INFRARED)


@pytest.mark.parametrize("lens", [Lens.SMALL, Lens.SQUARE])
def test_a_camera_that_is_too_small_for_the_photo_is_told_with_both_sizes(camera: SimulatedCamera, lens: Lens) -> None:
    with pytest.raises(PermanentFault, match=r"camera\.too_small") as fault:
        opened(camera, lens)
    assert (fault.value.data["width"], fault.value.data["least_height"]) == (640, LEAST[1])


def test_a_camera_that_hangs_on_its_side_is_turned_by_the_settings(camera: SimulatedCamera) -> None:
    device = opened(camera, Lens.ON_ITS_SIDE, turn=270)
    stop = threading.Event()
    thread = threading.Thread(target=device.serve, args=(lambda _: None, stop))
    thread.start()
    frame = device.newest(0, PATIENCE_S)
    stop.set()
    thread.join()
    device.close()
    assert frame is not None
    assert frame.pixels.shape == (720, 1280, 3)


@pytest.mark.parametrize(("lens", "settings"), [(Lens.UPSIDE_DOWN, {"turn": 180}), (Lens.MIRRORED, {"mirrored": True})])
def test_the_settings_put_a_picture_right(lens: Lens, settings: dict[str, object]) -> None:
    picture = compose(0, Act.SIT, 0.2, 1)
    device = CameraDevice(CameraSettings(source="http://127.0.0.1:1/", **settings))  # type: ignore[arg-type]
    assert np.array_equal(device._turned(through(lens, picture)), picture)


def test_a_torn_picture_now_and_then_is_no_lost_camera(camera: SimulatedCamera) -> None:
    address = camera.start()
    camera.tear(every=10)
    station = Station(address)
    try:
        station.wait_for(DeviceState.READY)
        assert station.device.newest(60, PATIENCE_S) is not None
        assert station.events.empty()
    finally:
        station.worker.stop()


def test_a_camera_that_sends_nothing_any_more_is_told_by_the_clock(camera: SimulatedCamera) -> None:
    station = Station(camera.start())
    try:
        station.wait_for(DeviceState.READY)
        camera.stall()
        asked_s = time.monotonic()
        fault = station.wait_for(DeviceState.FAULT)
        assert time.monotonic() - asked_s < 5
        assert fault.status.problem is not None
        assert fault.status.problem.code == "error.camera.hangs"
        assert station.device.newest(0, 0) is None
        camera.unplug()
        camera.plug()
        station.wait_for(DeviceState.READY)
    finally:
        station.worker.stop()


class HangingCapture:
    """Stands in for OpenCV's: reads for ever after some pictures, as some drivers do when the plug is pulled."""

    pulled = threading.Event()
    back = threading.Event()
    made = 0

    def __init__(self, *_: object) -> None:
        HangingCapture.made += 1
        self._left = 20
        self._draw = np.random.default_rng(1)

    def isOpened(self) -> bool:
        return True

    def set(self, *_: object) -> bool:
        return False

    def get(self, prop: int) -> float:
        return {cv2.CAP_PROP_FRAME_WIDTH: 1280.0, cv2.CAP_PROP_FRAME_HEIGHT: 720.0}.get(prop, 0.0)

    def getBackendName(self) -> str:
        return "V4L2"

    def read(self) -> tuple[bool, object]:
        if not self._left and not self.back.is_set():
            self.pulled.wait()
            return False, None
        self._left = max(0, self._left - 1)
        time.sleep(0.01)
        return True, self._draw.integers(0, 255, (720, 1280, 3), np.uint8)

    def release(self) -> None: ...


def test_a_read_that_never_returns_is_noticed_told_and_leaves_no_pile_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    HangingCapture.pulled.clear()
    HangingCapture.back.clear()
    monkeypatch.setattr("kiosk.devices.camera.capture.cv2.VideoCapture", HangingCapture)
    monkeypatch.setattr("kiosk.devices.worker._FAULT_RETRY_S", 0.1)
    before = threading.active_count()
    station = Station("/dev/video0", frozen_after_s=0.3)
    try:
        for _ in range(2):
            fault = station.wait_for(DeviceState.FAULT)
        assert fault.status.problem is not None
        assert fault.status.problem.code == "error.camera.hangs"
        threading.Event().wait(2.0)  # twenty more tries
        assert threading.active_count() <= before + 3  # the worker, and two that hang
        HangingCapture.back.set()
        HangingCapture.pulled.set()
        station.wait_for(DeviceState.READY)
        assert station.device.newest(0, PATIENCE_S) is not None
    finally:
        HangingCapture.pulled.set()
        station.worker.stop()
    deadline_s = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


GREY = np.random.default_rng(3).integers(0, 65_536, (720, 1280), np.uint16)
COLOURS = compose(0, Act.SIT, 0.2, 1)


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        ((GREY >> 8).astype(np.uint8), "camera.grey"),
        (GREY, "camera.grey"),
        ((GREY >> 8).astype(np.uint8)[:, :, None], "camera.grey"),
        (np.zeros((1, 4000), np.uint8), "camera.too_small"),  # a JPEG that nobody has decoded
        (np.dstack([COLOURS, COLOURS[:, :, 0]]), ""),
    ],
    ids=["one channel", "16 bits", "one channel in three dimensions", "one row", "four channels"],
)
def test_pictures_of_another_form_are_taken_or_told_and_end_no_thread(
    monkeypatch: pytest.MonkeyPatch, picture: np.ndarray, fault: str
) -> None:
    class Odd(HangingCapture):
        def read(self) -> tuple[bool, object]:
            return True, picture

    monkeypatch.setattr("kiosk.devices.camera.capture.cv2.VideoCapture", Odd)
    device = CameraDevice(CameraSettings(source="/dev/video0"), LEAST)
    if fault:
        with pytest.raises(PermanentFault, match=fault):
            device.open()
    else:
        device.open()
        assert np.array_equal(device._next(), COLOURS)
    device.close()


def test_what_a_camera_really_gives_is_shown_beside_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    HangingCapture.back.set()
    monkeypatch.setattr("kiosk.devices.camera.capture.cv2.VideoCapture", HangingCapture)
    device = CameraDevice(CameraSettings(source="/dev/v4l/by-id/usb-Camera", width=1920, height=1080))
    assert device.open() == "V4L2 1280×720 (≠ 1920×1080)"
    assert device.unverified
    device.close()


def test_a_webcam_is_opened_by_its_stable_path_and_the_interface_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    class Capture(HangingCapture):
        def __init__(self, *arguments: object) -> None:
            super().__init__()
            asked.append(arguments)

    HangingCapture.back.set()
    monkeypatch.setattr("kiosk.devices.camera.capture.cv2.VideoCapture", Capture)
    on_windows = [cv2.CAP_DSHOW, cv2.CAP_MSMF]
    monkeypatch.setattr("kiosk.devices.camera.capture.cv2.videoio_registry.getCameraBackends", lambda: on_windows)
    for platform, settings in (
        ("linux", CameraSettings(source="/dev/v4l/by-id/usb-Camera")),
        ("win32", CameraSettings(source=0)),
        ("win32", CameraSettings(source=1, interface="msmf")),
        ("win32", CameraSettings(source=1, interface="dshow")),
    ):
        monkeypatch.setattr("kiosk.devices.camera.capture.sys.platform", platform)
        device = CameraDevice(settings)
        device.open()
        device.close()
    stable = ("/dev/v4l/by-id/usb-Camera", cv2.CAP_V4L2)
    assert asked == [stable, (0, cv2.CAP_DSHOW), (1, cv2.CAP_MSMF), (1, cv2.CAP_DSHOW)]


def test_an_interface_of_another_system_is_a_fault_of_the_settings() -> None:
    device = CameraDevice(CameraSettings(source=0, interface="msmf"))
    with pytest.raises(PermanentFault, match=r"camera\.no_interface.*msmf.*v4l2"):
        device.open()
    device.close()


def test_a_camera_that_windows_does_not_open_may_be_held_forbidden_or_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(HangingCapture):
        def isOpened(self) -> bool:
            return False

    monkeypatch.setattr("kiosk.devices.camera.capture.cv2.VideoCapture", Closed)
    monkeypatch.setattr("kiosk.devices.camera.capture.sys.platform", "win32")
    device = CameraDevice(CameraSettings(source=2))
    with pytest.raises(TemporaryFault, match=r"camera\.not_opened.*'2'"):
        device.open()
    device.close()


def test_a_camera_that_is_not_there_is_told_as_such() -> None:
    device = CameraDevice(CameraSettings(source="/dev/v4l/by-id/none"))
    with pytest.raises(TemporaryFault, match=r"camera\.not_found"):
        device.open()
    device.close()


def test_a_picture_in_colour_is_never_taken_for_infrared_and_an_even_one_neither() -> None:
    for face in range(6):
        assert not is_grey(compose(face, Act.SIT, 0.2, face))
    assert not is_grey(compose(0, Act.EMPTY, 0, 0))
    assert not is_grey(np.full((720, 1280, 3), 30, np.uint8))


def test_exposure_is_waited_for() -> None:
    settling = Settling()
    picture = compose(0, Act.SIT, 0.2, 1)
    dark = [np.asarray(picture * share, np.uint8) for share in (0.1, 0.3, 0.6, 1.0)]
    assert [settling.is_over(pixels) for pixels in (*dark, picture)] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("lens", "said"),
    [
        (Lens.INFRARED, "hint.face.camera_grey"),
        (Lens.SWAPPED, "hint.face.camera_colour"),
        (Lens.GREEN, "hint.face.camera_colour"),
    ],
)
def test_no_portrait_is_taken_by_a_camera_whose_colours_are_wrong(lens: Lens, said: str) -> None:
    analyser, shutter = FaceAnalyser(FaceSettings()), Shutter(0.2)
    for number in range(8):
        frame = Frame(through(lens, compose(0, Act.SIT, 0.2, number)), number, 1 + number / 10)
        look = analyser.analyse(frame)
        assert shutter.consider(frame, look) is None
    assert look.instruction.code == said
