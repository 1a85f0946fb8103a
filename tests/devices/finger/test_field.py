"""Scanners as people have them: what their reports tell, played by the simulated sensor."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

import numpy as np
import pytest

from drivers_sim.finger import Fault, SimulatedSensor
from drivers_sim.finger.anatomy import grow
from drivers_sim.finger.impression import impression
from drivers_sim.finger.models import Flash, SensorModel
from kiosk.config import FingerSettings, ImageSettings
from kiosk.devices.events import FingerLifted, ImageHeld, ImpressionReady, PressFailed, StatusChanged
from kiosk.devices.finger.codes import Confirmation, Instruction
from kiosk.devices.finger.profiles import profiles
from kiosk.records import DeviceState, FingerPosition, Image

from .conftest import Running

RIGHT = FingerPosition.RIGHT_THUMB
Run = Callable[[FingerSettings], Running]


@pytest.fixture(scope="module")
def thumb() -> Image:
    return impression(grow(1), 1)


@pytest.mark.parametrize(
    "model",
    [
        SensorModel(speed_field=57_600),
        SensorModel(speed_field=0x0600, size_field=0x0300),  # bytes the wrong way round
        SensorModel(speed_field=0, size_field=3),
        SensorModel(speed_field=100, size_field=9, changes_at_once=False),
        SensorModel(speed_field=0xC200),
    ],
    ids=lambda model: f"speed {model.speed_field} size {model.size_field}",
)
def test_a_scanner_that_says_odd_things_about_its_speed_is_used_and_comes_back_after_its_plug_was_pulled(
    run: Run, picture: Image, model: SensorModel
) -> None:
    simulated = SimulatedSensor(pty=True, model=model)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        for number in (1, 2):
            kiosk.device.request(number, RIGHT)
            simulated.press(picture)
            assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
            simulated.lift()
            kiosk.listener.until(FingerLifted)
            simulated.unplug()
            kiosk.listener.state(DeviceState.LOST)
            simulated.plug()
            kiosk.listener.state(DeviceState.READY)
        kiosk.worker.stop()
        simulated.stop()
        assert (simulated.flash.baud, simulated.flash.packet_bytes) == (57_600, 128)
    finally:
        simulated.stop()


@pytest.mark.parametrize("code", [0x17, 0x01, 0x0F, 0xFE, 0x77])
def test_a_look_that_is_answered_with_an_unknown_code_is_a_look_and_no_silence(
    simulated: SimulatedSensor, run: Run, picture: Image, code: int
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    simulated.say_to_looks(*[code] * 6)
    simulated.press(picture)
    kiosk.device.request(1, RIGHT)
    kiosk.listener.until(ImpressionReady)
    simulated.say_to_looks(*[code] * 6)
    simulated.lift()
    kiosk.listener.until(FingerLifted)
    assert not any(isinstance(event, StatusChanged | PressFailed) for event in kiosk.listener.seen[2:])


def test_unknown_codes_without_end_ask_for_another_press(simulated: SimulatedSensor, run: Run) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    simulated.say_to_looks(*[0x17] * 12)
    kiosk.device.request(1, RIGHT)
    assert kiosk.listener.until(PressFailed).error.code == "finger.unclear"


def test_a_scanner_that_finds_its_own_hardware_broken_is_for_the_operator(simulated: SimulatedSensor, run: Run) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    simulated.say_to_looks(Confirmation.SENSOR_HARDWARE)
    kiosk.device.request(1, RIGHT)
    assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.hardware"


def test_answers_that_are_lost_now_and_then_are_not_in_a_row(simulated: SimulatedSensor, run: Run, picture: Image) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    kiosk.device.request(1, RIGHT)
    for _ in range(3):
        simulated.fail(Fault.SILENT, on=Instruction.GEN_IMG)
        assert simulated.wait_commands(8, within_s=20)
    simulated.press(picture)
    kiosk.listener.until(ImpressionReady)
    assert not any(isinstance(event, StatusChanged) for event in kiosk.listener.seen[2:])


@pytest.mark.parametrize(
    "model",
    [
        SensorModel(width=256, height=360),
        SensorModel(width=260, height=300),
        SensorModel(width=160, height=160),
        SensorModel(bits=8),
    ],
    ids=lambda model: f"{model.width}x{model.height} {model.bits} bits",
)
def test_a_scanner_with_a_picture_of_its_own_size_is_one_clear_fault_and_usable_once_it_is_described(
    run: Run, thumb: Image, model: SensorModel
) -> None:
    simulated = SimulatedSensor(model=model)
    try:
        port = simulated.start()
        kiosk = run(FingerSettings(port=port))
        simulated.press(thumb)
        kiosk.device.request(1, RIGHT)
        fault = kiosk.listener.state(DeviceState.FAULT).status.problem
        assert (fault.code, fault.data["size"]) == ("error.finger.image_size", model.image_bytes)
        assert not any(isinstance(event, PressFailed) for event in kiosk.listener.seen)
        kiosk.worker.stop()

        image = ImageSettings(name="ours", width=model.width, height=model.height, bits=model.bits)
        described = run(FingerSettings(port=port, image=image))
        described.device.request(1, RIGHT)
        ready: ImpressionReady = described.listener.until(ImpressionReady)
        assert ready.impression.pixels.shape == (model.height, model.width)
        assert ready.impression.sensor == "ours"
    finally:
        simulated.stop()


@pytest.mark.parametrize("model", [SensorModel(width=192, height=384), SensorModel(width=192, height=192, bits=8)], ids=str)
def test_a_picture_of_a_known_size_and_another_width_is_not_taken_askew(run: Run, thumb: Image, model: SensorModel) -> None:
    assert model.image_bytes in profiles()
    simulated = SimulatedSensor(model=model)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        simulated.press(thumb)
        kiosk.device.request(1, RIGHT)
        assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.image_shape"
    finally:
        simulated.stop()


def test_real_looking_impressions_are_never_taken_for_askew_ones() -> None:
    for seed in range(3):
        finger = grow(seed)
        for press in range(2):
            pixels = impression(finger, press)[:288, :256]
            packed = ((pixels[:, 0::2] & 0xF0) | (pixels[:, 1::2] >> 4)).tobytes()
            assert profiles()[len(packed)].is_likely(packed)
    blank = bytes([0xFF]) * 36_864
    assert profiles()[36_864].is_likely(blank)


def test_another_scanner_than_the_unknown_one_is_used(run: Run, thumb: Image) -> None:
    simulated = SimulatedSensor(model=SensorModel(width=160, height=160))
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        simulated.press(thumb)
        kiosk.device.request(1, RIGHT)
        kiosk.listener.state(DeviceState.FAULT)
        simulated.unplug()
        kiosk.listener.state(DeviceState.LOST)
        simulated.model = SensorModel()
        simulated.press(thumb)
        simulated.plug()
        kiosk.listener.state(DeviceState.READY)
        kiosk.listener.until(ImpressionReady)
    finally:
        simulated.stop()


def test_a_cable_that_does_not_carry_the_speed_is_used_at_a_lower_one(run: Run, picture: Image) -> None:
    simulated = SimulatedSensor(pty=True, carries=57_600)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        for number in (1, 2):
            kiosk.device.request(number, RIGHT)
            simulated.press(picture)
            assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
            simulated.lift()
            kiosk.listener.until(FingerLifted)
        assert (simulated.flash.baud, simulated.flash.packet_bytes) == (57_600, 128)
        assert not any(isinstance(event, PressFailed) for event in kiosk.listener.seen)
        simulated.unplug()
        kiosk.listener.state(DeviceState.LOST)
    finally:
        simulated.stop()


@pytest.mark.parametrize("baud", [9600, 57_600])
def test_a_speed_that_the_settings_name_is_kept(run: Run, picture: Image, baud: int) -> None:
    simulated = SimulatedSensor(pty=True)
    try:
        kiosk = run(FingerSettings(port=simulated.start(), baud=baud))
        assert str(baud) in kiosk.listener.state(DeviceState.READY).status.model
        simulated.press(picture)
        kiosk.device.request(1, RIGHT)
        kiosk.listener.until(ImpressionReady)
        assert simulated.flash.baud == baud
    finally:
        simulated.stop()


def test_a_scanner_that_restarts_by_itself_and_forgot_the_password_is_back_and_the_press_is_had(
    simulated: SimulatedSensor, run: Run, picture: Image
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    simulated.say_to_looks(Confirmation.PASSWORD_WANTED)
    kiosk.device.request(1, RIGHT)
    assert kiosk.listener.state(DeviceState.LOST).status.problem.code == "error.finger.restarted"
    simulated.press(picture)
    kiosk.listener.until(ImpressionReady, within_s=10)


@pytest.mark.parametrize(
    "model",
    [
        SensorModel(speeds=(1, 2, 3, 4, 5, 6)),
        SensorModel(speeds=(6,)),
        SensorModel(speeds=(1, 2, 4, 6, 12), marks_last_packet=False),
    ],
    ids=["up to 57600", "57600 only", "as an R503, without a last packet"],
)
def test_a_scanner_that_knows_few_speeds_is_used_at_what_it_knows(run: Run, picture: Image, model: SensorModel) -> None:
    simulated = SimulatedSensor(pty=True, model=model)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        simulated.press(picture)
        kiosk.device.request(1, RIGHT)
        assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
    finally:
        simulated.stop()


def test_a_glass_that_is_never_empty_is_told_to_the_operator(
    simulated: SimulatedSensor, run: Run, picture: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.devices.finger.device._NEVER_CLEAR_S", 0.5)
    kiosk = run(FingerSettings(port=simulated.port))
    ready = kiosk.listener.state(DeviceState.READY)
    kiosk.device.request(1, RIGHT)
    simulated.press(picture)
    told = kiosk.listener.until(lambda event: isinstance(event, StatusChanged) and event.status.problem is not None)
    assert (told.status.state, told.status.problem.code) == (DeviceState.READY, "error.finger.never_clear")
    simulated.lift()
    assert kiosk.listener.until(StatusChanged) == ready
    kiosk.listener.until(FingerLifted)


@pytest.mark.parametrize("wakes_s", [0.4, 2.0])
def test_a_scanner_that_opening_its_port_restarts_is_waited_for(run: Run, wakes_s: float) -> None:
    simulated = SimulatedSensor(wakes_s=wakes_s)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY, within_s=20)
        assert simulated.opened == 1
    finally:
        simulated.stop()


def test_each_scanner_is_left_as_it_was_found(run: Run) -> None:
    simulated = SimulatedSensor(pty=True, flash=Flash(baud=9600, packet_bytes=32))
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        simulated.unplug()
        kiosk.listener.state(DeviceState.LOST)
        simulated.flash.baud, simulated.flash.packet_bytes = 57_600, 128  # another one
        simulated.plug()
        kiosk.listener.state(DeviceState.READY)
        kiosk.worker.stop()
        simulated.stop()
        assert (simulated.flash.baud, simulated.flash.packet_bytes) == (57_600, 128)
    finally:
        simulated.stop()


@pytest.mark.parametrize("code", [Confirmation.PACKET_ERROR, Confirmation.UNSUPPORTED, Confirmation.IMAGE_UPLOAD])
def test_a_scanner_that_hands_out_no_pictures_is_told_as_such(run: Run, picture: Image, code: Confirmation) -> None:
    simulated = SimulatedSensor(model=SensorModel(hands_out_images=False, unknown=code))
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.device.request(1, RIGHT)
        simulated.press(picture)
        assert kiosk.listener.until(PressFailed).error.code == "finger.refused"
        simulated.lift()
        kiosk.device.request(2, RIGHT)
        kiosk.listener.until(FingerLifted)
        simulated.press(picture)
        kiosk.listener.until(ImageHeld)
        assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.no_upload"
    finally:
        simulated.stop()


def test_a_scanner_with_another_address_is_named(run: Run) -> None:
    simulated = SimulatedSensor()
    simulated.fail(*[Fault.FOREIGN_ADDRESS] * 100)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        fault = kiosk.listener.state(DeviceState.FAULT, within_s=30).status.problem
        assert (fault.code, fault.data["address"]) == ("error.finger.other_address", "0xFFFFFFFE")
    finally:
        simulated.stop()


def test_a_waiting_request_survives_a_fault_that_needs_the_operator(run: Run, thumb: Image) -> None:
    simulated = SimulatedSensor()
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        simulated.say_to_looks(Confirmation.SENSOR_HARDWARE)
        kiosk.device.request(1, RIGHT)
        kiosk.listener.state(DeviceState.FAULT)
        began_s = time.monotonic()
        simulated.press(thumb)
        kiosk.listener.until(ImpressionReady)
        assert time.monotonic() - began_s < 10
        with pytest.raises(queue.Empty):
            kiosk.listener.until(PressFailed, within_s=0.1)
    finally:
        simulated.stop()
