"""Live face against chip photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers_sim.camera.scene import Act, compose
from drivers_sim.people import FACES, chip_photo
from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import FaceMatcher, judge
from kiosk.records import Image, Score, Verdict

CARD_BYTES = 1000  # the chip has 1,024 for the photo and its header


def on_card(photo: Image) -> Image:
    """What is left of a photo when it was squeezed onto a card."""
    for quality in range(60, 0, -2):
        data = cv2.imencode(".webp", photo, [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
        if len(data) <= CARD_BYTES:
            return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    raise AssertionError("does not fit")


@pytest.fixture(scope="module")
def scores(matcher: FaceMatcher) -> NDArray[np.float64]:
    """Row: who sits there; column: whose card."""
    live = [matcher.embed(compose(info.number, Act.SIT, 0.2, 1)) for info in FACES]
    chips = [matcher.embed_chip(on_card(chip_photo(info.number))) for info in FACES]
    return np.array([[matcher.compare(a, b, 0.4).value for b in chips] for a in live])


def test_everybody_passes_with_their_own_card(scores: NDArray[np.float64]) -> None:
    assert scores.diagonal().min() >= 0.5


def test_nobody_passes_with_anybody_elses_card(scores: NDArray[np.float64]) -> None:
    assert len(FACES) >= 24
    strangers = np.where(np.eye(len(FACES), dtype=bool), -1, scores)
    assert strangers.max() < FaceSettings().pass_at


def test_nobody_passes_with_the_card_of_the_one_least_like_them(scores: NDArray[np.float64]) -> None:
    for info in FACES:
        assert scores[info.number, info.unlike] < 0.30
        assert info.unlike != info.number


def test_a_chip_photo_and_its_mirror_image_are_one_face(matcher: FaceMatcher) -> None:
    for person in range(4):
        chip = on_card(chip_photo(person))
        mirrored = np.asarray(cv2.flip(chip, 1), np.uint8)
        assert matcher.compare(matcher.embed_chip(chip), matcher.embed_chip(mirrored), 0).value > 0.99


def test_a_score_says_its_scale_and_what_it_was_held_against(matcher: FaceMatcher) -> None:
    face = matcher.embed_chip(chip_photo(0))
    assert face.shape == (128,)
    assert face.dtype == np.float32
    score = matcher.compare(face, face, 0.4)
    assert score == Score(pytest.approx(1.0), "sface-2021dec cosine", 0.4)  # type: ignore[arg-type]


def test_a_picture_without_a_face_is_refused(matcher: FaceMatcher) -> None:
    wall = compose(0, Act.EMPTY, 0, 1)
    with pytest.raises(KioskError) as caught:
        matcher.embed(wall)
    assert caught.value.code == "face.not_found"
    with pytest.raises(KioskError) as caught:
        matcher.embed_chip(np.full((126, 102, 3), 200, np.uint8))
    assert caught.value.code == "face.not_found_on_chip"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (0.9, Verdict.PASS),
        (0.40, Verdict.PASS),
        (0.399, Verdict.REVIEW),
        (0.33, Verdict.REVIEW),
        (0.329, Verdict.FAIL),
        (-1, Verdict.FAIL),
    ],
)
def test_limits_belong_to_the_better_side(value: float, verdict: Verdict) -> None:
    assert judge(Score(value, "sface-2021dec cosine", 0.4), FaceSettings()) is verdict
