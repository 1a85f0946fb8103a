"""`kiosk devices camera` before a simulated camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from drivers_sim.camera import SimulatedCamera
from drivers_sim.camera.lens import Lens, through
from drivers_sim.camera.scene import Act, compose
from kiosk.cli.cameras import look, report, upright
from kiosk.config import CameraSettings
from kiosk.pipeline.face import EXAM_PHOTO


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(fps=30)
    yield camera
    camera.stop()


@pytest.mark.parametrize(("lens", "degrees"), [(Lens.GOOD, 0), (Lens.UPSIDE_DOWN, 180), (Lens.ON_ITS_SIDE, 270)])
def test_the_way_up_is_found_by_a_face(lens: Lens, degrees: int) -> None:
    assert upright(through(lens, compose(0, Act.SIT, 0.2, 1))) == degrees


def test_an_empty_chair_says_nothing_about_the_way_up() -> None:
    assert upright(np.asarray(compose(0, Act.EMPTY, 0, 0))) is None


def test_a_camera_is_described_with_what_would_put_it_right(camera: SimulatedCamera) -> None:
    camera.change_lens(Lens.UPSIDE_DOWN)
    camera.show(0)
    found = look(CameraSettings(source=camera.start()), EXAM_PHOTO)
    text = report(found, "en")
    assert "1280×720" in text
    assert "set turn = 180" in text
    assert found.fps > 5


def test_a_camera_whose_colours_are_wrong_is_told(camera: SimulatedCamera) -> None:
    camera.change_lens(Lens.SWAPPED)
    camera.show(0)
    assert "摄像头颜色不正常" in report(look(CameraSettings(source=camera.start()), EXAM_PHOTO), "zh-CN")


def test_a_camera_that_works_and_is_too_small_is_named_with_what_it_gives(camera: SimulatedCamera) -> None:
    camera.show(0)
    large = replace(EXAM_PHOTO, width=1440, height=1920)
    found = look(CameraSettings(source=camera.start()), large)
    text = report(found, "en")
    assert "1280×720" in text
    assert "It works, but: The camera gives only 1280×720" in text
    assert "fit for photos" not in text


def test_a_camera_that_is_not_there_is_a_problem_in_words() -> None:
    found = look(CameraSettings(source="http://127.0.0.1:9/none.mjpg"), EXAM_PHOTO)
    assert "camera.not_found" in report(found, "en")
