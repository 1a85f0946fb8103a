"""What the student is told, both ways: when something is wrong, and not when it isn't."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from drivers_sim.camera.scene import Act, compose
from drivers_sim.people import FACES
from kiosk.exchange import load_profile
from kiosk.pipeline.face import FaceAnalyser, FaceLook
from kiosk.records import Frame, Image, Verdict
from kiosk.words import catalogue
from tests.pipeline.face.conftest import LIMITS


def watch(analyser: FaceAnalyser, pixels: Image, seconds: float = 0.5) -> FaceLook:
    """What is said after the student has been like this for a moment."""
    frames = round(seconds * 10)
    looks = [analyser.analyse(Frame(pixels, number, 1 + number / 10)) for number in range(frames + 1)]
    return looks[-1]


def moved(pixels: Image, x: float = 0, y: float = 0, scale: float = 1, turn_deg: float = 0) -> Image:
    warp = np.asarray(cv2.getRotationMatrix2D((640, 360), turn_deg, scale), np.float64)
    warp[:, 2] += (x, y)
    return np.asarray(cv2.warpAffine(pixels, warp, (1280, 720), borderMode=cv2.BORDER_REPLICATE), np.uint8)


@pytest.mark.parametrize("face", [info.number for info in FACES])
def test_everybody_who_sits_well_may_hold_still(analyser: FaceAnalyser, face: int) -> None:
    look = watch(analyser, compose(face, Act.SIT, 0.2, 1))
    assert look.instruction.code == "hint.face.hold_still"
    assert look.good
    assert 0 < look.quality <= 1
    assert look.faces == 1
    assert look.landmarks is not None
    assert look.landmarks.shape == (478, 2)


@pytest.fixture(scope="module")
def wider() -> FaceAnalyser:
    """For a photo with more of the shoulders."""
    return FaceAnalyser(LIMITS, load_profile("qinghai-xuekao").photo)


@pytest.mark.parametrize("face", [info.number for info in FACES])
def test_a_photo_with_more_of_the_shoulders_fits_too(wider: FaceAnalyser, face: int) -> None:
    wider.reset()
    watch(wider, compose(face, Act.EMPTY, 0, 0), 0.2)  # tracks nobody from before
    assert watch(wider, compose(face, Act.SIT, 0.0, 1)).instruction.code == "hint.face.hold_still"
    for share in (0.2, 0.45, 0.7, 0.95):  # through the breathing
        look = watch(wider, compose(face, Act.SIT, share, 1), 0.2)
        assert look.good
        assert look.instruction.code == "hint.face.hold_still"


def test_an_empty_room_asks_somebody_to_sit_down(analyser: FaceAnalyser) -> None:
    look = watch(analyser, compose(0, Act.EMPTY, 0, 1))
    assert (look.faces, look.good, look.box, look.landmarks) == (0, False, None, None)
    assert look.instruction.code == "hint.face.nobody"


WRONG: dict[str, Callable[[Image], Image]] = {
    "closer": lambda sitting: moved(sitting, scale=0.6),
    "back": lambda sitting: moved(sitting, y=60, scale=1.4),
    "left": lambda sitting: moved(sitting, x=-450),  # the picture is not mirrored: its left is the student's right
    "right": lambda sitting: moved(sitting, x=450),
    "down": lambda sitting: moved(sitting, y=-130),
    "up": lambda sitting: moved(sitting, y=150),
    "level": lambda sitting: moved(sitting, turn_deg=12),
    "light": lambda sitting: (sitting * 0.35).astype(np.uint8),
    "less_light": lambda sitting: cv2.convertScaleAbs(sitting, alpha=1.3, beta=60).astype(np.uint8),
    "sharp": lambda sitting: np.asarray(cv2.GaussianBlur(sitting, (0, 0), 3), np.uint8),
}


@pytest.mark.parametrize("hint", WRONG)
def test_what_is_wrong_is_said(analyser: FaceAnalyser, sitting: Image, hint: str) -> None:
    look = watch(analyser, WRONG[hint](sitting))
    assert look.instruction.code == f"hint.face.{hint}"
    assert not look.good


@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (Act.BLINK, "eyes_open"),
        (Act.TURN_LEFT, "face_front"),
        (Act.TURN_RIGHT, "face_front"),
        (Act.OPEN_MOUTH, "mouth_closed"),
    ],
)
def test_eyes_mouth_and_pose_are_said(analyser: FaceAnalyser, act: Act, hint: str) -> None:
    look = watch(analyser, compose(0, act, 0.5, 1))
    assert f"hint.face.{hint}" in {measure.hint.code for measure in look.measures if measure.hint}
    assert not look.good


def test_a_second_person_is_noticed(analyser: FaceAnalyser, sitting: Image) -> None:
    other = compose(1, Act.SIT, 0.2, 1)
    both = np.concatenate([sitting[:, 320:960], other[:, 320:960]], axis=1)
    look = watch(analyser, both)
    assert look.faces == 2
    assert look.instruction.code == "hint.face.one_person"


def test_who_queues_far_behind_does_not_count(analyser: FaceAnalyser, sitting: Image) -> None:
    small = cv2.resize(compose(1, Act.SIT, 0.2, 1)[:, 320:960], None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    behind = sitting.copy()
    behind[60 : 60 + small.shape[0], 40 : 40 + small.shape[1]] = small
    assert watch(analyser, behind).instruction.code == "hint.face.hold_still"


def test_one_bad_frame_does_not_change_what_is_said(analyser: FaceAnalyser, sitting: Image) -> None:
    assert watch(analyser, sitting).instruction.code == "hint.face.hold_still"
    blurred = WRONG["sharp"](sitting)
    look = analyser.analyse(Frame(blurred, 99, 1.6))
    assert not look.good
    assert look.instruction.code == "hint.face.hold_still"


def test_a_value_that_wavers_about_its_limit_does_not_change_what_is_said(analyser: FaceAnalyser, sitting: Image) -> None:
    """A head that leans nearly too far: four good frames and four bad ones in turn are no reason to say this and that."""
    level = watch(analyser, sitting)
    roll = next(measure for measure in level.measures if measure.name == "HeadPoseRoll").value

    def leaning(degrees: float, number: int) -> FaceLook:
        return analyser.analyse(Frame(moved(sitting, turn_deg=roll - degrees, scale=0.98), number, 10 + number / 10))

    looks = [leaning(LIMITS.max_roll_deg + 2, number) for number in range(8)]
    assert looks[-1].instruction.code == "hint.face.level"
    values, said = [], set()
    for number in range(8, 40):
        look = leaning(LIMITS.max_roll_deg + (0.4 if number % 8 < 4 else -0.1), number)
        values.append(next(measure for measure in look.measures if measure.name == "HeadPoseRoll"))
        said.add(look.instruction.code)
    assert {measure.verdict for measure in values} == {Verdict.PASS, Verdict.FAIL}
    assert said == {"hint.face.level"}
    looks = [leaning(2, number) for number in range(40, 48)]
    assert looks[-1].instruction.code == "hint.face.hold_still"


def fringed(sitting: Image, look: FaceLook) -> Image:
    """Hair down to the lids."""
    assert look.landmarks is not None
    points, covered = look.landmarks, sitting.copy()
    low, high = points[[63, 105, 66, 293, 334, 296], 1].max() + 4, points[10, 1] - 10
    left, right = points[[127, 356], 0]
    cv2.rectangle(covered, (round(float(left)), round(float(high))), (round(float(right)), round(float(low))), (22, 24, 28), -1)
    return covered


def test_hair_over_the_brows_is_mentioned_last_and_only_where_the_photo_wants_it_away(
    analyser: FaceAnalyser, sitting: Image
) -> None:
    strict = FaceAnalyser(LIMITS, load_profile("national-exam-photo").photo)
    covered = fringed(sitting, watch(strict, sitting))
    look = watch(strict, covered)
    assert look.instruction.code == "hint.photo.brows"
    assert look.good
    assert look.advised
    assert watch(strict, moved(covered, scale=0.6)).instruction.code == "hint.face.closer"
    elsewhere = watch(analyser, covered)
    assert elsewhere.instruction.code == "hint.face.hold_still"
    assert not elsewhere.advised


def test_walking_is_not_holding_still(analyser: FaceAnalyser, sitting: Image) -> None:
    for number in range(8):
        look = analyser.analyse(Frame(moved(sitting, x=15 * number - 60), number, number / 30))
    assert next(measure for measure in look.measures if measure.name == "Motion").verdict is Verdict.FAIL
    assert not look.good


def test_pose_is_measured_in_the_directions_it_says(analyser: FaceAnalyser, sitting: Image) -> None:
    look = watch(analyser, moved(sitting, turn_deg=-6, scale=0.95))  # OpenCV turns counter-clockwise
    roll = next(measure for measure in look.measures if measure.name == "HeadPoseRoll")
    assert roll.value == pytest.approx(6, abs=2)
    assert roll.verdict is Verdict.PASS


def test_every_instruction_has_words_in_both_languages() -> None:
    for hint in [
        *WRONG,
        "nobody",
        "one_person",
        "hold_still",
        "eyes_open",
        "mouth_closed",
        "face_front",
        "chin_up",
        "chin_down",
    ]:
        assert f"hint.face.{hint}" in catalogue("zh-CN")
        assert f"hint.face.{hint}" in catalogue("en")


def test_loading_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    from kiosk.config import FaceSettings

    FaceAnalyser(FaceSettings())
    assert capfd.readouterr().err == ""


def test_reflections_in_glasses_are_told_when_all_else_is_well(analyser: FaceAnalyser) -> None:
    pixels = compose(0, Act.SIT, 0.2, 1)
    look = watch(analyser, pixels)
    assert look.landmarks is not None
    for corner in (159, 386):  # Face Mesh's upper lids
        x, y = (round(float(value)) for value in look.landmarks[corner])
        cv2.ellipse(pixels, (x + 14, y), (7, 9), 0, 0, 360, (255, 255, 255), -1)
    look = watch(analyser, pixels)
    assert look.instruction.code == "hint.photo.glare"
    assert not look.good
