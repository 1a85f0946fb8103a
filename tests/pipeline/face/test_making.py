"""Photos as they come out of one picture: room for the hair, judged as they were cut, another background where allowed."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bench.backdrop import BLUE, replaced
from drivers_sim.camera.scene import Act, compose, place, stand_before
from drivers_sim.people import FACES
from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.pipeline.face.assessment import Assessor
from kiosk.pipeline.face.backdrop import REPLACED, replace_background
from kiosk.pipeline.face.making import judge_for_others, make_photo
from kiosk.pipeline.face.portrait import cut_with_hair
from kiosk.pipeline.pictures import decode
from kiosk.records import Image, Measure, Verdict

HENAN, NATIONAL, QINGHAI = (load_profile(name) for name in ("henan-zhongkao", "national-exam-photo", "qinghai-xuekao"))
TALL, SHORT_HAIR, LONG_HAIR = 6, 5, 2


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor(FaceSettings(), HENAN.photo)


def sitting(face: int, wall: Image | None = None) -> Image:
    return compose(face, Act.SIT, 0.2, 1) if wall is None else stand_before(wall, face, place(Act.SIT, 0.2))


def measured(found: tuple[Measure, ...], name: str) -> Measure:
    return next(measure for measure in found if measure.name == name)


@pytest.mark.parametrize("face", [info.number for info in FACES])
def test_no_head_is_cut_off_where_the_notice_wants_two_thirds_of_the_photo(assessor: Assessor, face: int) -> None:
    picture = sitting(face)
    made = make_photo(picture, assessor.find(picture), assessor.mask(picture), HENAN.photo)
    assert measured(made.measures, "HairTop").verdict is Verdict.PASS
    assert measured(made.measures, "EyeLine").verdict is Verdict.PASS
    assert measured(made.measures, "BackgroundColour").verdict is Verdict.FAIL


def test_hair_lies_as_deep_in_the_photo_as_the_national_standard_says_or_it_is_told(assessor: Assessor) -> None:
    pushed = []
    for face in (info.number for info in FACES[:8]):
        picture = sitting(face)
        landmarks, mask = assessor.find(picture), assessor.mask(picture)
        hair = measured(make_photo(picture, landmarks, mask, NATIONAL.photo).measures, "HairTop")
        assert (hair.verdict is Verdict.PASS) == (50 / 640 <= hair.value <= 110 / 640)
        pushed.append(hair)
    assert sum(hair.verdict is Verdict.PASS for hair in pushed) >= 6
    assert {hair.hint.code for hair in pushed if hair.hint} <= {"hint.photo.hair_high"}


def test_the_wall_is_held_against_every_profile_that_will_need_the_photo(assessor: Assessor) -> None:
    others = {one.title: one.photo for one in (HENAN, QINGHAI)}
    grey = sitting(SHORT_HAIR)
    (told,) = judge_for_others(grey, assessor.find(grey), assessor.mask(grey), others)
    assert told.hint is not None
    assert (told.name, told.hint.code, told.hint.data) == (
        "BackgroundColour",
        "hint.other_profile.background_colour",
        {"profile": HENAN.title},
    )
    blue = sitting(SHORT_HAIR, np.full((720, 1280, 3), BLUE[::-1], np.uint8))
    assert judge_for_others(blue, assessor.find(blue), assessor.mask(blue), others) == ()
    near = grey[60:640, 380:900]
    codes = {one.hint.code for one in judge_for_others(near, assessor.find(near), assessor.mask(near), others) if one.hint}
    assert "hint.other_profile.outside" in codes


@pytest.mark.parametrize("face", [LONG_HAIR, SHORT_HAIR, TALL])
def test_another_background_leaves_no_fringe_around_the_hair_and_the_face_as_it_is(assessor: Assessor, face: int) -> None:
    found = replaced(face, assessor, HENAN.photo)
    assert found.off < 2.5
    height, width = found.after.shape[:2]
    assert (found.after[5, 5] == BLUE[::-1]).all()
    middle = np.s_[round(0.4 * height) : round(0.6 * height), round(0.42 * width) : round(0.58 * width)]
    assert (found.after[middle] == found.before[middle]).all()


def test_a_background_is_replaced_only_where_the_profile_allows_it_and_marked(assessor: Assessor) -> None:
    picture = sitting(SHORT_HAIR)
    landmarks, mask = assessor.find(picture), assessor.mask(picture)
    plain = make_photo(picture, landmarks, mask, HENAN.photo)
    assert not plain.background_replaced
    assert REPLACED.encode() not in plain.portrait.jpeg
    allowed = make_photo(picture, landmarks, mask, replace(HENAN.photo, replace_background=True))
    assert allowed.background_replaced
    assert REPLACED.encode() in allowed.portrait.jpeg
    assert measured(allowed.measures, "BackgroundColour").verdict is Verdict.PASS
    assert np.abs(decode(allowed.portrait.jpeg)[8, 8].astype(int) - BLUE[::-1]).max() < 8


def test_a_background_that_fits_is_left_alone(assessor: Assessor) -> None:
    blue = sitting(SHORT_HAIR, np.full((720, 1280, 3), BLUE[::-1], np.uint8))
    made = make_photo(blue, assessor.find(blue), assessor.mask(blue), replace(HENAN.photo, replace_background=True))
    assert not made.background_replaced


def test_where_the_outline_is_not_sure_the_background_stays_and_the_reason_is_told(assessor: Assessor) -> None:
    picture = sitting(SHORT_HAIR)
    landmarks, mask = assessor.find(picture), assessor.mask(picture)
    cut = cut_with_hair(picture, landmarks, mask, HENAN.photo)

    def refused(photo: Image, where: np.ndarray) -> str:
        with pytest.raises(KioskError) as caught:
            replace_background(photo, where, cut.landmarks, BLUE)
        return caught.value.code

    holed = cut.mask.copy()
    x, y = cut.landmarks[4, :2].astype(int)
    cv2.circle(holed, (int(x) - 40, int(y)), 25, 0, -1)
    assert refused(cut.photo, holed) == "photo.background_touches_face"
    pattern = np.where((np.arange(1280) // 24 % 2)[None, :, None], np.uint8(210), np.uint8(90)).repeat(720, 0).repeat(3, 2)
    before_stripes = sitting(SHORT_HAIR, pattern)
    assert refused(cut_with_hair(before_stripes, landmarks, mask, HENAN.photo).photo, cut.mask) == "photo.background_uneven"
    skin = np.broadcast_to(np.median(picture[300:340, 600:680].reshape(-1, 3), axis=0), (720, 1280, 3)).astype(np.uint8)
    alike = cut_with_hair(sitting(SHORT_HAIR, skin), landmarks, mask, HENAN.photo).photo
    dressed = np.where(cut.mask[..., None] > 0.5, skin[:600, :450], alike)
    assert refused(np.asarray(dressed, np.uint8), cut.mask) == "photo.background_like_person"
    kept = make_photo(before_stripes, landmarks, mask, replace(HENAN.photo, replace_background=True))
    assert kept.not_replaced is not None
    assert (kept.background_replaced, kept.not_replaced.code) == (False, "error.photo.background_uneven")
