"""Every measure of a photo, with a picture that it passes and one that it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from drivers_sim.camera.attacks import Attack, attack
from drivers_sim.camera.scene import Act, compose
from drivers_sim.people import FACES
from kiosk.config import FaceSettings
from kiosk.pipeline.face import EXAM_PHOTO
from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessor
from kiosk.pipeline.face.portrait import cut_out, encode, replace_background
from kiosk.pipeline.face.report import draw_report
from kiosk.records import Image, Verdict
from kiosk.words import catalogue

WALL = (187, 194, 202)  # RGB of the simulated wall
SPEC = replace(EXAM_PHOTO, head_share=0.53, eye_line=0.39, background=WALL)


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor(FaceSettings(), SPEC)


@pytest.fixture(scope="module")
def good(assessor: Assessor) -> Image:
    picture = compose(1, Act.SIT, 0.2, 1)
    return cut_out(picture, assessor.find(picture), SPEC)


def shifted(photo: Image, x: int = 0, y: int = 0, scale: float = 1.0, turn_deg: float = 0) -> Image:
    warp = np.asarray(cv2.getRotationMatrix2D((240, 320), turn_deg, scale), np.float64)
    warp[:, 2] += (x, y)
    return np.asarray(cv2.warpAffine(photo, warp, (480, 640), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def gamma(photo: Image, gain: float, offset: float = 0) -> Image:
    return np.asarray(np.clip(photo * gain + offset, 0, 255), np.uint8)


def acting(act: Act) -> Callable[[Image, Assessor], Image]:
    def photo(_: Image, assessor: Assessor) -> Image:
        picture = compose(1, act, 0.5, 1)
        return cut_out(picture, assessor.find(compose(1, Act.SIT, 0.2, 1)), SPEC)

    return photo


def attacked(kind: Attack) -> Callable[[Image, Assessor], Image]:
    def photo(_: Image, assessor: Assessor) -> Image:
        return cut_out(attack(kind, 1, 0, 0.3, 1), assessor.find(compose(1, Act.SIT, 0.3, 1)), SPEC)

    return photo


def striped(photo: Image, assessor: Assessor) -> Image:
    pattern = np.zeros_like(photo)
    pattern[:, ::60] = 255
    pattern = np.asarray(cv2.dilate(pattern, np.ones((1, 30), np.uint8)), np.uint8)
    behind = assessor.mask(photo)[..., None] < 0.5
    return np.asarray(np.where(behind, pattern, photo), np.uint8)


def two_people(photo: Image) -> Image:
    return np.concatenate([shifted(photo, x=-110, scale=0.6)[:, :240], shifted(photo, x=110, scale=0.6)[:, 240:]], axis=1)


def half_dark(photo: Image, _: Assessor) -> Image:
    ramp = np.where(np.arange(480) < 240, 0.45, 1.0)[None, :, None]
    return np.asarray(photo * ramp, np.uint8)


def moved_while_shot(photo: Image, _: Assessor) -> Image:
    return np.asarray(cv2.filter2D(photo, -1, np.ones((1, 13)) / 13), np.uint8)


def spotted(photo: Image, assessor: Assessor, colour: tuple[int, int, int], points: tuple[int, ...], size: int) -> Image:
    marked = photo.copy()
    for x, y in assessor.find(photo)[list(points), :2]:
        cv2.circle(marked, (round(float(x)), round(float(y))), size, colour, -1)
    return marked


BAD: dict[str, Callable[[Image, Assessor], Image]] = {
    "SingleFacePresent": lambda photo, _: two_people(photo),
    "BackgroundUniformity": striped,
    "BackgroundColour": lambda photo, assessor: replace_background(photo, assessor.mask(photo), (60, 160, 60)),
    "IlluminationUniformity": half_dark,
    "LuminanceMean": attacked(Attack.DARK_ROOM),
    "LuminanceVariance": lambda photo, _: gamma(photo, 0.2, 110),
    "UnderExposurePrevention": lambda photo, _: gamma(photo, 0.12),
    "OverExposurePrevention": lambda photo, _: gamma(photo, 1.4, 40),
    "DynamicRange": lambda photo, _: gamma(photo, 0.15, 110),
    "NaturalColour": lambda photo, _: np.asarray(np.clip(photo * np.array([1.5, 0.9, 0.6]), 0, 255), np.uint8),
    "Sharpness": lambda photo, _: np.asarray(cv2.GaussianBlur(photo, (0, 0), 3), np.uint8),
    "MotionBlur": moved_while_shot,
    "EyesOpen": acting(Act.BLINK),
    "EyesVisible": attacked(Attack.SUNGLASSES),
    "MouthClosed": acting(Act.OPEN_MOUTH),
    "MouthOcclusionPrevention": attacked(Attack.FACE_MASK),
    "GlassesGlare": lambda photo, assessor: spotted(photo, assessor, (255, 255, 255), (159,), 6),
    "RedEye": lambda photo, assessor: spotted(photo, assessor, (40, 30, 190), (468, 473), 5),
    "HeadPoseYaw": acting(Act.TURN_LEFT),
    "HeadPoseRoll": lambda photo, _: shifted(photo, turn_deg=14),
    "InterEyeDistance": lambda photo, _: shifted(photo, scale=0.5),
    "HeadSize": lambda photo, _: shifted(photo, scale=0.7),
    "EyeLine": lambda photo, _: shifted(photo, y=80),
    "Centred": lambda photo, _: shifted(photo, x=60),
    "LeftwardCropOfTheFaceImage": lambda photo, _: shifted(photo, x=-175),
    "RightwardCropOfTheFaceImage": lambda photo, _: shifted(photo, x=175),
    "MarginAboveOfTheFaceImage": lambda photo, _: shifted(photo, y=-90),
    "MarginBelowOfTheFaceImage": lambda photo, _: shifted(photo, y=190),
    "HairTop": lambda photo, _: shifted(photo, y=-120),
}  # fmt: skip


@pytest.mark.parametrize("face", [info.number for info in FACES])
def test_a_good_photo_passes_every_measure(assessor: Assessor, face: int) -> None:
    picture = compose(face, Act.SIT, 0.2, 1)
    found = assessor.assess(cut_out(picture, assessor.find(picture), SPEC))
    assert [quality.measure.name for quality in found.qualities if quality.measure.verdict is not Verdict.PASS] == []
    assert found.verdict is Verdict.PASS
    assert {quality.measure.name for quality in found.qualities} >= set(BAD)


@pytest.mark.parametrize("name", BAD)
def test_each_measure_notices_the_fault_that_it_is_for(assessor: Assessor, good: Image, name: str) -> None:
    fine = {quality.measure.name: quality for quality in assessor.assess(good).qualities}[name]
    bad = {quality.measure.name: quality for quality in assessor.assess(BAD[name](good, assessor)).qualities}[name]
    assert fine.measure.verdict is Verdict.PASS
    assert bad.measure.verdict is Verdict.FAIL
    assert 0 <= bad.score < fine.score <= 100
    assert bad.measure.hint is not None
    assert all(bad.measure.hint.code in catalogue(language) for language in ("zh-CN", "en"))


def test_a_photo_without_a_face_says_so(assessor: Assessor) -> None:
    found = assessor.assess(np.full((640, 480, 3), 200, np.uint8))
    assert found.verdict is Verdict.FAIL
    assert [message.code for message in found.problems] == ["hint.face.nobody"]


def test_what_needs_other_networks_is_named_and_not_invented(assessor: Assessor, good: Image) -> None:
    names = {quality.measure.name for quality in assessor.assess(good).qualities}
    assert not names & set(NOT_EVALUATED)


def test_the_report_shows_photo_and_measures(assessor: Assessor, good: Image) -> None:
    page = draw_report(good, assessor.assess(good), SPEC)
    assert page.shape[0] >= 960
    assert page.shape[1] > page.shape[0]
    assert np.abs(page[24:984, 24:744].astype(int).mean() - good.mean()) < 12


def test_a_replaced_background_is_even_and_the_file_says_so(assessor: Assessor, good: Image) -> None:
    blue = (100, 197, 255)
    replaced = replace_background(good, assessor.mask(good), blue)
    assert np.allclose(replaced[5, 5], blue[::-1], atol=2)
    assert np.abs(replaced[300, 240].astype(int) - good[300, 240]).max() <= 2
    assert b"background replaced" in encode(replaced, SPEC, "background replaced").jpeg
