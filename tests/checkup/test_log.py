"""What is kept of the devices, and what is not."""

from __future__ import annotations

import numpy as np

from kiosk.checkup.log import DeviceLog
from kiosk.devices import CardPresented, ImageHeld, ImpressionReady, PressFailed, StatusChanged
from kiosk.errors import DeviceError
from kiosk.records import DeviceKind, DeviceState, DeviceStatus, FingerPosition, Impression, Message
from tests.people import card_of
from tests.store.conftest import student

RIGHT = FingerPosition.RIGHT_THUMB


def press(request: int) -> ImpressionReady:
    return ImpressionReady(request, Impression(np.zeros((288, 256), np.uint8), 500, RIGHT, "ZFM-20"), 1.5, 3.4)


def test_of_a_student_nothing_stays_but_seconds() -> None:
    log = DeviceLog()
    log.take(CardPresented(card_of(student(1)), 0.8))
    log.take(ImageHeld(5, RIGHT))
    log.take(press(5))
    assert (log.read(), log.press()) == (None, None)
    assert (log.times().reading_s, log.times().transfer_s) == ((0.8,), (3.4,))
    log.begin()
    log.take(press(6))  # was asked for by a student's step before the test began
    assert log.press() is None


def test_a_tester_s_card_is_masked_and_forgotten_with_the_press_when_the_test_is_over() -> None:
    log, who = DeviceLog(), student(1)
    log.begin()
    log.take(CardPresented(card_of(who), 0.8))
    log.take(press(-1))
    read = log.read()
    assert read is not None
    assert read.card is not None
    assert who.name not in str(read.card)
    assert who.id_number not in str(read.card)
    assert log.press() is not None
    log.end()
    assert (log.read(), log.press(), log.card_lies) == (None, None, False)


def test_faults_are_counted_by_kind_and_a_device_that_is_away_keeps_its_name() -> None:
    log = DeviceLog()
    gone = Message("error.camera.lost")
    log.take(StatusChanged(DeviceStatus(DeviceKind.CAMERA, DeviceState.READY, "V4L2 1280×720")))
    for _ in range(2):
        log.take(StatusChanged(DeviceStatus(DeviceKind.CAMERA, DeviceState.LOST, problem=gone)))
    log.take(PressFailed(3, RIGHT, DeviceError("finger.too_dry")))
    assert [(one.kind, one.message.code, one.count) for one in log.faults()] == [
        (DeviceKind.CAMERA, "error.camera.lost", 2),
        (DeviceKind.FINGER, "error.finger.too_dry", 1),
    ]
    assert log.statuses()[DeviceKind.CAMERA].model == "V4L2 1280×720"
