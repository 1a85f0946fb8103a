"""The second press need not cross the wire: the sensor compares it with the first one's features, or hands its image out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from drivers_sim.finger import Fault, FingerCache, SimulatedSensor, impression
from drivers_sim.finger.models import R503, SensorModel
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.devices.events import FingerLifted, ImpressionComing, ImpressionReady, PressAgreed, PressFailed
from kiosk.devices.finger.codes import Instruction
from kiosk.records import DeviceState, FingerPosition, Image

from .conftest import Running

RIGHT = FingerPosition.RIGHT_THUMB
Run = Callable[[FingerSettings], Running]
Answer = ImpressionReady | PressAgreed | PressFailed


@pytest.fixture(scope="module")
def presses() -> dict[tuple[int, int], Image]:
    """Two fingers, two presses each."""
    fingers = FingerCache(weights.folder().parent / "simulated")
    return {(seed, number): impression(fingers.finger(seed), number) for seed in (1, 2) for number in (1, 2)}


def press(kiosk: Running, sensor: SimulatedSensor, number: int, image: Image, *, like: int | None = None) -> Answer:
    """What is told of one press that was asked for, once the finger is away again."""
    kiosk.device.request(number, RIGHT, keep=True, like=like)
    sensor.press(image)
    told: Answer = kiosk.listener.until(lambda event: isinstance(event, ImpressionReady | PressAgreed | PressFailed))
    sensor.lift()
    kiosk.listener.until(FingerLifted)
    return told


@contextmanager
def of_model(run: Run, model: SensorModel, security: int = 3) -> Iterator[tuple[Running, SimulatedSensor]]:
    sensor = SimulatedSensor(pty=True, model=model)
    sensor.flash.security = security
    try:
        kiosk = run(FingerSettings(port=sensor.start()))
        kiosk.listener.state(DeviceState.READY)
        yield kiosk, sensor
    finally:
        sensor.stop()


def test_the_same_finger_is_known_by_the_sensor_and_no_image_is_uploaded(
    simulated: SimulatedSensor, run: Run, presses: dict[tuple[int, int], Image]
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    assert isinstance(press(kiosk, simulated, 1, presses[1, 1]), ImpressionReady)
    simulated.fail(Fault.SILENT, on=Instruction.UP_IMAGE)  # whoever asks for an image now gets none
    agreed = press(kiosk, simulated, 2, presses[1, 2], like=1)
    assert isinstance(agreed, PressAgreed)
    assert (agreed.request, agreed.position, agreed.score.scale) == (2, RIGHT, "ef01-match 3")
    assert agreed.score.value > 50
    again = press(kiosk, simulated, 3, presses[1, 2], like=1)  # the first one's features are still there, for the confirmation
    assert isinstance(again, PressAgreed)


def test_the_upper_rows_of_a_press_are_told_while_the_others_come(
    simulated: SimulatedSensor, run: Run, presses: dict[tuple[int, int], Image]
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    for number in (1, 2, 3):  # of the first one nobody knows how many there will be; the third wants none
        kiosk.device.request(number, RIGHT, begun=number < 3)
        simulated.press(presses[1, 1])
        kiosk.listener.until(ImpressionReady)
        simulated.lift()
        kiosk.listener.until(FingerLifted)
    told = [one for one in kiosk.listener.seen if isinstance(one, ImpressionComing)]
    assert [(one.request, one.impression.pixels.shape) for one in told] == [(2, (192, 256)), (2, (224, 256))]
    assert all(np.array_equal(one.impression.pixels, presses[1, 1][: len(one.impression.pixels)]) for one in told)


def test_another_finger_is_uploaded_for_our_own_matcher_to_judge(
    simulated: SimulatedSensor, run: Run, presses: dict[tuple[int, int], Image]
) -> None:
    kiosk = run(FingerSettings(port=simulated.port))
    kiosk.listener.state(DeviceState.READY)
    press(kiosk, simulated, 1, presses[1, 1])
    other = press(kiosk, simulated, 2, presses[2, 1], like=1)
    assert isinstance(other, ImpressionReady)
    assert (other.compared, np.array_equal(other.impression.pixels, presses[2, 1])) == (True, True)
    own = press(kiosk, simulated, 3, presses[1, 2], like=1)  # and what was kept is still the first one's
    assert isinstance(own, PressAgreed)


def test_nothing_is_compared_with_a_press_that_was_not_asked_for(run: Run, presses: dict[tuple[int, int], Image]) -> None:
    with of_model(run, SensorModel()) as (kiosk, sensor):
        press(kiosk, sensor, 1, presses[1, 1])
        press(kiosk, sensor, 2, presses[1, 1])  # the next student's: from here on it is this one's features that are kept
        stale = press(kiosk, sensor, 3, presses[1, 2], like=1)
        assert isinstance(stale, ImpressionReady)
        assert not stale.compared
        sensor.unplug()
        kiosk.listener.state(DeviceState.LOST)
        sensor.plug()
        kiosk.listener.state(DeviceState.READY)
        lost = press(kiosk, sensor, 4, presses[1, 2], like=3)
        assert isinstance(lost, ImpressionReady)
        assert not lost.compared


@pytest.mark.parametrize(
    ("model", "security"),
    [(R503, 3), (SensorModel(), 2), (SensorModel(knows_parameters=False), 3)],
    ids=["another Match", "a lax level", "an unknown level"],
)
def test_a_sensor_whose_word_is_worth_less_uploads_everything(
    run: Run, presses: dict[tuple[int, int], Image], model: SensorModel, security: int
) -> None:
    with of_model(run, model, security) as (kiosk, sensor):
        press(kiosk, sensor, 1, presses[1, 1])
        second = press(kiosk, sensor, 2, presses[1, 2], like=1)
        assert isinstance(second, ImpressionReady)
        assert not second.compared


@pytest.mark.parametrize(
    ("fault", "on"),
    [(Fault.BAD_CHECKSUM, Instruction.IMG_2_TZ), (Fault.BAD_CHECKSUM, Instruction.MATCH), (Fault.SILENT, Instruction.MATCH)],
    ids=lambda value: value.name,
)
def test_an_answer_lost_while_comparing_is_no_agreement(
    run: Run, presses: dict[tuple[int, int], Image], fault: Fault, on: Instruction
) -> None:
    with of_model(run, SensorModel()) as (kiosk, sensor):
        press(kiosk, sensor, 1, presses[1, 1])
        sensor.fail(fault, on=on)
        second = press(kiosk, sensor, 2, presses[1, 2], like=1)
        assert isinstance(second, ImpressionReady)
        assert (second.compared, np.array_equal(second.impression.pixels, presses[1, 2])) == (True, True)
