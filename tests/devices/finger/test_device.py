"""The scanner as the station knows it: requests in, events out, whatever happens to the plug."""

from __future__ import annotations

import queue
from collections.abc import Callable

import numpy as np
import pytest

from drivers_sim.finger import Fault, SimulatedSensor
from drivers_sim.finger.models import SensorModel
from drivers_sim.finger.sensor import EMPTY_LOOK_S, IMAGING_S
from kiosk.config import FingerSettings
from kiosk.devices.events import FingerLifted, ImageHeld, ImpressionReady, PressFailed
from kiosk.devices.finger.codes import Instruction
from kiosk.devices.finger.device import _POLL_S, _PULSE_S
from kiosk.devices.finger.link import wire_time_s
from kiosk.records import DeviceState, FingerPosition, Image

from .conftest import Running

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
Run = Callable[[FingerSettings], Running]


def test_a_thumb_is_captured_and_its_lifting_noticed(simulated: SimulatedSensor, run: Run, picture: Image) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    kiosk.device.request(7, RIGHT)
    simulated.press(picture)
    held: ImageHeld = kiosk.listener.until(ImageHeld)
    assert (held.request, held.position) == (7, RIGHT)
    ready: ImpressionReady = kiosk.listener.until(ImpressionReady)
    assert ready.request == 7
    assert ready.impression.position is RIGHT
    assert ready.impression.dpi == 500
    assert np.array_equal(ready.impression.pixels, picture)
    assert ready.waited_s >= 0
    assert ready.transfer_s > 0
    simulated.lift()
    kiosk.listener.until(FingerLifted)


def test_a_finger_left_lying_is_not_captured_twice(simulated: SimulatedSensor, run: Run, picture: Image) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    simulated.press(picture)
    kiosk.device.request(1, RIGHT)
    kiosk.listener.until(ImpressionReady)
    kiosk.device.request(2, RIGHT)
    with pytest.raises(queue.Empty):
        kiosk.listener.until(ImageHeld, within_s=0.5)
    simulated.lift()
    kiosk.listener.until(FingerLifted)
    simulated.press(255 - picture)
    assert kiosk.listener.until(ImpressionReady).request == 2
    assert sum(isinstance(event, ImageHeld) for event in kiosk.listener.seen) == 2


def test_a_cancelled_request_captures_nothing(simulated: SimulatedSensor, run: Run, picture: Image) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    kiosk.device.request(1, RIGHT)
    kiosk.device.cancel()
    simulated.press(picture)
    with pytest.raises(queue.Empty):
        kiosk.listener.until(ImageHeld, within_s=0.3)
    kiosk.device.request(2, LEFT)
    assert kiosk.listener.until(ImpressionReady).request == 2


def test_the_finger_may_go_within_half_a_second_before_anything_is_uploaded(run: Run, picture: Image) -> None:
    simulated = SimulatedSensor(realistic=True)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        kiosk.device.request(1, RIGHT)
        assert simulated.wait_commands(2)  # it looks at the empty glass
        before = simulated.commands
        simulated.press(picture)
        kiosk.listener.until(ImageHeld)
        simulated.lift()
        # One look may have begun before the finger lay there; the next one holds the image, and no other command comes between.
        assert simulated.commands - before <= 2
        assert not any(isinstance(event, ImpressionReady) for event in kiosk.listener.seen)
        ready: ImpressionReady = kiosk.listener.until(ImpressionReady, within_s=60)
        assert np.array_equal(ready.impression.pixels, picture)
        # The line's own time, which the student need not wait for; what the sensor takes before is its looks and two packets.
        assert ready.transfer_s > 0.9 * wire_time_s(picture.size // 2, 256, 115_200)
    finally:
        simulated.stop()
    assert EMPTY_LOOK_S + _POLL_S + IMAGING_S + 2 * wire_time_s(0, 256, 57_600) < 0.5


@pytest.mark.parametrize("waiting", [False, True], ids=["idle", "waiting for a thumb"])
def test_a_pulled_plug_is_noticed_at_the_next_touch_and_heals_by_itself(
    simulated: SimulatedSensor, run: Run, picture: Image, waiting: bool
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    if waiting:
        kiosk.device.request(1, RIGHT)
    simulated.unplug()
    lost = kiosk.listener.state(DeviceState.LOST)
    assert max(_PULSE_S, _POLL_S) < 1.0  # the scanner is touched every second at least, and gone is not the same as silent
    assert lost.status.problem.code == "error.finger.unplugged"
    if not waiting:
        kiosk.device.request(1, RIGHT)
    simulated.plug()
    kiosk.listener.state(DeviceState.READY)
    simulated.press(picture)
    assert kiosk.listener.until(ImpressionReady).request == 1


def test_a_plug_pulled_during_the_upload_costs_one_press(run: Run, picture: Image) -> None:
    simulated = SimulatedSensor(realistic=True)
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        kiosk.device.request(1, RIGHT)
        simulated.press(picture)
        kiosk.listener.until(ImageHeld)
        simulated.unplug()
        kiosk.listener.state(DeviceState.LOST)
        simulated.plug()
        assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
    finally:
        simulated.stop()


@pytest.mark.parametrize("fault", [Fault.DATA_LOST, Fault.DATA_DAMAGED, Fault.DATA_TRUNCATED], ids=lambda fault: fault.name)
def test_an_image_spoilt_on_the_line_is_fetched_again_without_another_press(
    simulated: SimulatedSensor, run: Run, picture: Image, fault: Fault
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    simulated.fail(fault, on=Instruction.UP_IMAGE)
    simulated.press(picture)
    kiosk.device.request(1, RIGHT)
    assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
    assert sum(isinstance(event, ImageHeld) for event in kiosk.listener.seen) == 1


def test_an_image_that_never_arrives_whole_ends_the_request(simulated: SimulatedSensor, run: Run, picture: Image) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    simulated.fail(*[Fault.DATA_LOST] * 4, on=Instruction.UP_IMAGE)
    simulated.press(picture)
    kiosk.device.request(1, LEFT)
    failed: PressFailed = kiosk.listener.until(PressFailed)
    assert (failed.request, failed.position, failed.error.code) == (1, LEFT, "finger.image_incomplete")


def test_one_lost_answer_goes_unnoticed_and_a_silent_scanner_is_looked_for(simulated: SimulatedSensor, run: Run) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    simulated.fail(Fault.SILENT)
    assert simulated.wait_commands(4)
    assert kiosk.listener.events.empty()
    simulated.fail(Fault.SILENT, Fault.SILENT)
    assert kiosk.listener.state(DeviceState.LOST).status.problem.code == "error.finger.silent"
    kiosk.listener.state(DeviceState.READY)


def test_the_line_is_raised_to_its_best_and_put_back(simulated: SimulatedSensor, run: Run) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    assert (simulated.flash.baud, simulated.flash.packet_bytes) == (115_200, 256)
    kiosk.worker.stop()
    simulated.stop()  # a new speed counts once the sensor has said so: it has ended its answer now
    assert (simulated.flash.baud, simulated.flash.packet_bytes) == (57_600, 128)


def test_a_scanner_left_fast_by_a_power_cut_is_found(run: Run) -> None:
    simulated = SimulatedSensor(pty=True)
    simulated.flash.baud = 115_200
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        kiosk.worker.stop()
        assert simulated.flash.baud == 115_200
    finally:
        simulated.stop()


@pytest.mark.parametrize("kept", [57_600, 115_200], ids=["slow since the factory", "told to be fast by another program"])
def test_a_sensor_that_changes_its_speed_at_its_next_start_is_read_slowly_and_left_as_it_was(
    run: Run, picture: Image, kept: int
) -> None:
    simulated = SimulatedSensor(pty=True, model=SensorModel(changes_at_once=False))
    try:
        port = simulated.start()
        simulated.flash.baud = kept  # what it will speak after its next start; today it speaks 57600
        kiosk = run(FingerSettings(port=port))
        assert "57600" in kiosk.listener.state(DeviceState.READY).status.model
        simulated.press(picture)
        kiosk.device.request(1, RIGHT)
        assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
        kiosk.worker.stop()
        assert simulated.flash.baud == kept
    finally:
        simulated.stop()


def test_a_sensor_without_parameters_is_used_as_it_is(run: Run, picture: Image) -> None:
    simulated = SimulatedSensor(pty=True, model=SensorModel(knows_parameters=False))
    try:
        kiosk = run(FingerSettings(port=simulated.start()))
        kiosk.listener.state(DeviceState.READY)
        simulated.press(picture)
        kiosk.device.request(1, RIGHT)
        assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, picture)
        assert simulated.flash.baud == 57_600
    finally:
        simulated.stop()


def test_a_wrong_password_is_for_the_operator_to_mend(simulated: SimulatedSensor, run: Run) -> None:
    simulated.flash.password = 99
    simulated.unplug()
    simulated.plug()
    kiosk = run(FingerSettings(port=simulated.port))
    assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.wrong_password"


def test_a_port_that_is_not_there_is_waited_for(run: Run, tmp_path: object) -> None:
    kiosk = run(FingerSettings(port=f"{tmp_path}/ttyNOWHERE"))
    assert kiosk.listener.state(DeviceState.LOST).status.problem.code == "error.finger.port_missing"


def test_a_port_that_nobody_can_read_is_for_the_operator(run: Run) -> None:
    kiosk = run(FingerSettings(port="nonsense://x"))
    assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.port_unreadable"


def test_auto_finds_the_scanner_among_other_ports(
    simulated: SimulatedSensor, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Port:
        def __init__(self, device: str, vid: int | None) -> None:
            self.device, self.vid = device, vid

    deaf = SimulatedSensor()
    deaf_port = deaf.start()
    deaf.flash.address = 1  # takes no command of ours
    ports = [Port("/dev/nothing-here", None), Port(deaf_port, 0x10C4), Port(simulated.port, 0x1A86)]
    monkeypatch.setattr("kiosk.devices.serial_line.list_ports.comports", lambda: ports)
    try:
        kiosk = run(FingerSettings())
        assert simulated.port in kiosk.listener.state(DeviceState.READY, within_s=20).status.model
    finally:
        deaf.stop()
