"""Scanners and cameras that are recorded while they are used, and used again from the recording."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from drivers_sim.camera import SimulatedCamera
from drivers_sim.camera.lens import Lens
from drivers_sim.finger import Fault, SimulatedSensor
from drivers_sim.finger.engine import packed
from drivers_sim.finger.models import R503, Flash, SensorModel
from drivers_sim.replay import ReplayedCamera, ReplayedLine
from drivers_sim.replay.camera import drawn
from kiosk.config import CameraSettings, FingerSettings, Settings
from kiosk.devices.camera import CameraDevice
from kiosk.devices.events import FingerLifted, ImpressionReady, PressFailed
from kiosk.devices.finger import FingerDevice
from kiosk.devices.finger.codes import Instruction
from kiosk.devices.finger.link import Link
from kiosk.devices.finger.scanner import Look
from kiosk.devices.finger.sensor import FingerSensor
from kiosk.devices.recording import Entry, Recording, Wire, load
from kiosk.devices.serial_line import SerialLine
from kiosk.devices.worker import DeviceWorker
from kiosk.errors import PermanentFault
from kiosk.records import DeviceKind, DeviceState, FingerPosition, Image
from tests.devices.finger.conftest import Listener
from tests.devices.recording.conftest import RECORDINGS, bytes_of, finished, in_common, listened

RIGHT = FingerPosition.RIGHT_THUMB
SMALL = SensorModel(width=192, height=192, buffers=6)


@pytest.fixture(scope="module")
def thumb() -> Image:
    """As distinct as a picture can be: no six bytes of it come again by chance."""
    return (np.random.default_rng(7).integers(0, 16, (192, 192)) * 17).astype(np.uint8)


def press(sensor: SimulatedSensor, device: object, heard: Listener, thumb: Image, presses: int = 1) -> list[object]:
    answers = []
    for number in range(1, presses + 1):
        device.request(number, RIGHT)  # type: ignore[attr-defined]
        sensor.press(thumb)
        answers.append(heard.until(lambda event: isinstance(event, ImpressionReady | PressFailed)))
        sensor.lift()
        heard.until(FingerLifted)
    return answers


def replayed(recording: Recording, presses: int = 2, **finger: object) -> tuple[list[object], ReplayedLine]:
    """What a driver makes of a recorded scanner."""
    line, heard = ReplayedLine(recording), Listener()
    device = FingerDevice(FingerSettings(port=line.start(), **finger))  # type: ignore[arg-type]
    worker = DeviceWorker(device, heard.events.put)
    worker.start()
    try:
        heard.state(DeviceState.READY)
        answers = []
        for number in range(1, presses + 1):
            device.request(number, RIGHT)
            answers.append(heard.until(lambda event: isinstance(event, ImpressionReady | PressFailed)))
            heard.until(FingerLifted)
    finally:
        worker.stop()
        line.stop()
    return answers, line


@pytest.mark.parametrize(
    ("model", "faults"),
    [
        (SMALL, ()),
        (SensorModel(width=192, height=192, marks_last_packet=False), ()),
        (SMALL, ((Fault.DATA_LOST, Instruction.UP_IMAGE),)),
        (SMALL, ((Fault.DATA_DAMAGED, Instruction.UP_IMAGE),)),
        (SMALL, ((Fault.DATA_TRUNCATED, Instruction.UP_IMAGE),)),
        (SMALL, ((Fault.NOISE, Instruction.GEN_IMG), (Fault.BAD_CHECKSUM, Instruction.GEN_IMG))),
    ],
    ids=["sound", "no last packet", "packet lost", "packet damaged", "torn", "noise"],
)
def test_presses_are_recorded_without_the_finger_and_a_driver_gets_as_many_from_the_recording(
    thumb: Image, model: SensorModel, faults: tuple[tuple[Fault, Instruction], ...]
) -> None:
    sensor = SimulatedSensor(model=model, flash=Flash(password=0))
    try:
        with listened(DeviceKind.FINGER, Settings(finger={"port": sensor.start()})) as (session, heard):
            heard.state(DeviceState.READY)
            for fault, on in faults:
                sensor.fail(fault, on=on)
            press(sensor, session.device, heard, thumb, 1 if faults else 2)
    finally:
        sensor.stop()
    recording = finished(session)
    assert faults or in_common(packed(thumb), b"".join(entry.data for entry in session.tape.entries), 6)
    assert not in_common(packed(thumb), bytes_of(recording), 6)

    answers, line = replayed(recording, 1 if faults else 2)
    line.check()
    for answer in answers:
        assert isinstance(answer, ImpressionReady)
        assert answer.impression.pixels.shape == (192, 192)
        assert answer.impression.pixels.std() > 30


def test_a_password_is_never_written_and_any_password_opens_the_recording(thumb: Image) -> None:
    sensor = SimulatedSensor(model=SMALL, flash=Flash(password=0x5EC2E7AB))
    settings = {"port": sensor.start(), "password": 0x5EC2E7AB}
    try:
        with listened(DeviceKind.FINGER, Settings(finger=settings)) as (session, heard):
            heard.state(DeviceState.READY)
            press(sensor, session.device, heard, thumb)
    finally:
        sensor.stop()
    recording = finished(session)
    assert bytes.fromhex("5EC2E7AB") not in bytes_of(recording)
    answers, line = replayed(recording, 1, password=7)
    line.check()
    assert len(answers) == 1


def test_a_driver_that_has_to_upload_anew_gets_the_same_picture_and_one_that_asks_too_often_looks(thumb: Image) -> None:
    line = ReplayedLine(load(RECORDINGS / "scanner-r503.jsonl"), pty=True)
    link = Link(SerialLine(line.start(), 57_600), 0xFFFFFFFF)
    sensor = FingerSensor(link)
    try:
        sensor.verify_password()
        before = sensor.read_parameters()
        sensor.set_packet_bytes(256)
        sensor.set_baud(115_200)
        while sensor.look() is not Look.HELD:
            sensor.verify_password()  # asked out of turn
        first = sensor.upload_image()
        assert sensor.upload_image() == first
        line.check()
        assert (before.baud, len(first[0])) == (57_600, 18_432)
    finally:
        link.close()
        line.stop()


def test_a_line_that_went_while_it_was_recorded_goes_again_and_comes_back(thumb: Image) -> None:
    sensor = SimulatedSensor(model=SMALL)
    try:
        with listened(DeviceKind.FINGER, Settings(finger={"port": sensor.start()})) as (session, heard):
            heard.state(DeviceState.READY)
            sensor.unplug()
            heard.state(DeviceState.LOST)
            sensor.plug()
            heard.state(DeviceState.READY)
            press(sensor, session.device, heard, thumb)
    finally:
        sensor.stop()
    recording = finished(session)
    assert "gone" in [entry.what for entry in recording.entries]
    line, heard = ReplayedLine(recording), Listener()
    worker = DeviceWorker(FingerDevice(FingerSettings(port=line.start())), heard.events.put)
    worker.start()
    try:
        heard.state(DeviceState.READY)
        heard.state(DeviceState.LOST)
        heard.state(DeviceState.READY)
    finally:
        worker.stop()
        line.stop()


def test_a_port_that_is_not_there_is_recorded_too(tmp_path: Path) -> None:
    port = str(tmp_path / "of-a-person" / "ttyUSB7")
    with listened(DeviceKind.FINGER, Settings(finger={"port": port})) as (session, heard):
        heard.state(DeviceState.LOST)
    (first, *_) = finished(session, f"EF01 · {port}").entries
    assert (first.what, first.told) == ("refused", {"port": "ttyUSB7", "why": "missing"})
    assert finished(session, f"EF01 · {port} · 115200").about["device"] == "EF01 · ttyUSB7 · 115200"


def test_the_scanner_that_comes_with_the_program_gives_two_presses() -> None:
    recording = load(RECORDINGS / "scanner-r503.jsonl")
    assert recording.wire is Wire.EF01
    answers, line = replayed(recording)
    line.check()
    assert [type(answer) for answer in answers] == [ImpressionReady, ImpressionReady]
    assert R503.image_bytes == 18_432


def test_a_camera_is_recorded_without_its_pictures_and_the_same_fault_is_found_again() -> None:
    camera = SimulatedCamera(fps=30)
    camera.change_lens(Lens.INFRARED)
    camera.show(0)
    try:
        with listened(DeviceKind.CAMERA, Settings(camera={"source": camera.start()})) as (session, heard):
            assert heard.state(DeviceState.FAULT).status.problem.code == "error.camera.grey"
    finally:
        camera.stop()
    recording = finished(session)
    pictures = [entry for entry in recording.entries if entry.what == "picture"]
    assert not bytes_of(recording)
    assert {tuple(entry.told["shape"]) for entry in pictures} == {(720, 1280, 3)}
    assert all(set(entry.told) <= {"shape", "mean", "same"} for entry in pictures)
    blue, green, red = np.mean([entry.told["mean"] for entry in pictures], axis=0)
    assert max(blue, green, red) - min(blue, green, red) < 2


def test_a_recorded_camera_freezes_and_changes_its_size_as_the_real_one_did() -> None:
    shapes = [[480, 640, 3]] * 6 + [[720, 1280, 3]] * 6
    entries = [Entry(0.0, "open", told={"name": "V4L2 640×480"})]
    entries += [
        Entry(0.03 * n, "picture", told={"shape": shape, "mean": [90.0, 110.0, 140.0]}) for n, shape in enumerate(shapes)
    ]
    still = {"shape": [720, 1280, 3], "mean": [90.0, 110.0, 140.0], "same": True}
    entries += [Entry(0.36 + 0.03 * n, "picture", told=still) for n in range(60)]
    camera, heard = ReplayedCamera(Recording(Wire.CAMERA, entries)), Listener()
    device = CameraDevice(CameraSettings(source=camera.start(), frozen_after_s=0.5))
    worker = DeviceWorker(device, heard.events.put)
    worker.start()
    try:
        heard.state(DeviceState.READY)
        assert heard.state(DeviceState.LOST).status.problem.code == "error.camera.frozen"
    finally:
        worker.stop()
        camera.stop()
    means = drawn({"shape": [480, 640, 3], "mean": [60.0, 120.0, 90.0]}, 0).reshape(-1, 3).mean(axis=0)
    assert np.abs(means - [60, 120, 90]).max() < 6


def test_the_camera_that_comes_with_the_program_is_too_small() -> None:
    camera = ReplayedCamera(load(RECORDINGS / "camera-small.jsonl"))
    device = CameraDevice(CameraSettings(source=camera.start()), (480, 640))
    began_s = time.monotonic()
    try:
        with pytest.raises(PermanentFault, match=r"camera\.too_small"):
            device.open()
        assert time.monotonic() - began_s < 5
    finally:
        device.close()
        camera.stop()


@pytest.mark.parametrize("player", [ReplayedLine, ReplayedCamera])
def test_a_recording_is_played_on_its_own_wire_only(player: type) -> None:
    with pytest.raises(ValueError, match="a recording of apdu"):
        player(Recording(Wire.APDU, []))
