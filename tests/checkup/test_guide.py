"""The guided test, point after point."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bench.played_station import finger_of
from kiosk.checkup.camera import CameraLook
from kiosk.checkup.guide import Guide
from kiosk.checkup.log import Read
from kiosk.checkup.press import PressLook
from kiosk.config import FingerSettings
from kiosk.errors import DeviceError
from kiosk.records import (
    CheckPoint,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    DeviceTest,
    FingerPosition,
    Message,
    PointFinding,
    Verdict,
)
from tests.people import card_of
from tests.store.conftest import student

CAMERA_POINTS = (CheckPoint.SEAT, CheckPoint.LAMPS, CheckPoint.WALL, CheckPoint.CAMERA)
READY = {kind: DeviceStatus(kind, DeviceState.READY) for kind in DeviceKind}


def looked(*wrong: CheckPoint) -> CameraLook:
    findings = tuple(
        PointFinding(
            point, Verdict.FAIL if point in wrong else Verdict.PASS, (Message("checkup.aim"),) if point in wrong else ()
        )
        for point in CAMERA_POINTS
    )
    return CameraLook(True, 120.0, (), findings)


def pressed(request: int, position: FingerPosition, finger: FingerPosition, verdict: Verdict = Verdict.PASS) -> PressLook:
    return PressLook(request, position, verdict, template=finger_of(1, finger)[1])


def at_the_thumbs() -> Guide:
    guide = Guide(FingerSettings())
    for _ in range(2 * len(CAMERA_POINTS)):
        guide.see_camera(looked())
    return guide


def test_a_point_is_good_when_it_is_so_twice_in_a_row() -> None:
    guide = Guide(FingerSettings())
    for look in (looked(), looked(CheckPoint.SEAT), looked()):
        guide.see_camera(look)
    assert guide.current is CheckPoint.SEAT
    guide.see_camera(looked())
    assert guide.current is CheckPoint.LAMPS


def test_row_3_13_a_station_for_photos_tests_nothing_but_the_camera() -> None:
    guide = Guide(FingerSettings(), CAMERA_POINTS)
    for _ in range(2 * len(CAMERA_POINTS)):
        guide.see_camera(looked())
    assert guide.current is None
    test = DeviceTest(datetime(2026, 9, 1, 7, 40, tzinfo=UTC), "张老师", guide.findings, wanted=CAMERA_POINTS)
    assert test.good
    assert not replace(test, wanted=tuple(CheckPoint)).good  # once thumbs and cards are wanted


def test_what_stays_wrong_is_noted_with_what_to_do_and_can_be_tested_again() -> None:
    guide = Guide(FingerSettings())
    guide.see_camera(looked(CheckPoint.SEAT))
    guide.leave()
    assert [(one.verdict, one.hints[0].code) for one in guide.findings] == [(Verdict.FAIL, "checkup.aim")]
    guide.again(CheckPoint.SEAT)
    assert guide.current is CheckPoint.SEAT
    guide.leave()
    assert guide.findings[0].hints == (Message("checkup.not_done"),)


def test_a_device_that_is_away_is_what_is_to_be_mended() -> None:
    guide = Guide(FingerSettings())
    lost = DeviceStatus(DeviceKind.CAMERA, DeviceState.LOST, problem=Message("error.camera.lost"))
    assert not guide.see_status({DeviceKind.CAMERA: lost})
    assert guide.pending is not None
    assert guide.pending.hints == (Message("error.camera.lost"),)
    assert guide.see_status(READY)


def test_the_same_thumb_twice_is_no_second_thumb() -> None:
    right, left = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
    guide = at_the_thumbs()
    guide.see_press(pressed(-1, right, right, Verdict.FAIL))
    assert guide.current is CheckPoint.RIGHT_THUMB
    guide.see_press(pressed(-2, right, right))
    guide.see_press(pressed(-3, left, right))
    assert guide.current is CheckPoint.LEFT_THUMB
    assert guide.pending is not None
    assert guide.pending.hints == (Message("checkup.same_thumb"),)
    guide.see_press(pressed(-4, left, left))
    assert guide.current is CheckPoint.CARD


def test_a_reader_without_chip_photos_is_noted_and_an_unreadable_card_is_laid_again() -> None:
    guide = at_the_thumbs()
    guide.leave()
    guide.leave()
    guide.see_card(Read(problem=DeviceError("card.unreadable")))
    assert guide.current is CheckPoint.CARD
    card: Any = card_of(student(1), photo_problem=Message("error.card.photo.no_decoder"))
    guide.see_card(Read(0.4, card))
    assert guide.current is None
    assert (guide.findings[-1].verdict, guide.findings[-1].hints[0].code) == (Verdict.REVIEW, "error.card.photo.no_decoder")
