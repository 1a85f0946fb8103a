"""One picture against every profile that the station needs."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from drivers_sim.camera.scene import Act, compose
from kiosk.checkup.camera import CameraJudge, NeededProfile
from kiosk.config import FaceSettings
from kiosk.devices.facts import CameraFacts
from kiosk.pipeline.face import EXAM_PHOTO
from kiosk.records import CheckPoint, Frame, Image, Verdict

BLUE = NeededProfile("要蓝色背景", replace(EXAM_PHOTO, backgrounds=((100, 197, 255),)))
FAST = CameraFacts(fps=25.0)


@pytest.fixture(scope="module")
def judge() -> CameraJudge:
    return CameraJudge(FaceSettings(), [NeededProfile("不限颜色", EXAM_PHOTO), BLUE])


def frame(pixels: Image, number: int = 1) -> Frame:
    return Frame(pixels, number, float(number))


def sitting() -> Image:
    return np.asarray(compose(0, Act.SIT, 0.2, 1), np.uint8)


def test_a_wall_that_one_profile_takes_may_be_wrong_for_another(judge: CameraJudge) -> None:
    look = judge.look(frame(sitting()), FAST)
    assert [wall.verdict for wall in look.walls] == [Verdict.PASS, Verdict.FAIL]
    assert [dict(hint.data)["profile"] for hint in look.at(CheckPoint.WALL).hints] == ["要蓝色背景"]
    assert all(look.at(point).verdict is Verdict.PASS for point in (CheckPoint.SEAT, CheckPoint.CAMERA))


def test_the_wall_is_seen_before_anybody_sits_there_and_the_rest_needs_somebody(judge: CameraJudge) -> None:
    look = judge.look(frame(np.asarray(compose(0, Act.EMPTY, 0, 0), np.uint8)), FAST)
    assert look.walls[0].found is not None
    assert max(abs(a - b) for a, b in zip(look.walls[0].found, (183, 189, 197), strict=True)) < 25
    assert {finding.hints[0].code for finding in look.findings} == {"checkup.sit_down"}


def test_a_slow_camera_and_a_dark_room_say_what_to_do(judge: CameraJudge) -> None:
    look = judge.look(frame((sitting() * 0.2).astype(np.uint8)), CameraFacts(fps=7.5))
    assert "checkup.slow_camera" in {hint.code for hint in look.at(CheckPoint.CAMERA).hints}
    assert look.at(CheckPoint.LAMPS).verdict is Verdict.FAIL


def test_a_camera_too_small_for_one_profile_is_named_with_it(judge: CameraJudge) -> None:
    small = np.asarray(cv2.resize(sitting(), (640, 360)), np.uint8)
    hints = judge.look(frame(small), FAST).at(CheckPoint.CAMERA).hints
    assert [(hint.code, hint.data["height"], hint.data["least"]) for hint in hints if "small" in hint.code] == [
        ("checkup.small_camera", 360, "408×543"),
        ("checkup.small_camera", 360, "408×543"),
    ]
