from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, Template, compare, make_template, other_finger, same_finger
from kiosk.records import Verdict

SETTINGS = FingerSettings()
SEEDS = range(1, 9)


@pytest.fixture(scope="session")
def template_of(minutiae_of: Callable[..., Minutiae]) -> Callable[..., Template]:
    return lambda seed, number=1: make_template(minutiae_of(seed, number))


@pytest.mark.parametrize("seed", SEEDS)
def test_two_presses_of_one_thumb_agree(template_of: Callable[..., Template], seed: int) -> None:
    score, verdict = same_finger(template_of(seed, 1), template_of(seed, 2), SETTINGS)
    assert verdict is Verdict.PASS
    assert score.limit == SETTINGS.same_finger_at
    assert score.value > (1 + score.limit) / 2  # by a wide margin
    assert other_finger(template_of(seed, 1), template_of(seed, 2), SETTINGS)[1] is Verdict.FAIL


def test_thumbs_of_different_people_never_agree(template_of: Callable[..., Template]) -> None:
    for one, other in combinations(SEEDS, 2):
        score, verdict = other_finger(template_of(one), template_of(other, 2), SETTINGS)
        assert verdict is Verdict.PASS
        assert same_finger(template_of(one), template_of(other, 2), SETTINGS)[1] is Verdict.FAIL
        assert score.scale.startswith("leader-mcc-relax v")


def test_the_order_of_two_impressions_does_not_matter(template_of: Callable[..., Template]) -> None:
    for one, other in ((template_of(1), template_of(1, 2)), (template_of(1), template_of(2))):
        assert compare(one, other).value == pytest.approx(compare(other, one).value, abs=1e-4)


@pytest.mark.parametrize("angle_deg", [30, 90, 179])
def test_a_turned_and_shifted_thumb_is_the_same_thumb(minutiae_of: Callable[..., Minutiae], angle_deg: float) -> None:
    upright = minutiae_of(3)
    angle = np.radians(angle_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = Minutiae(
        (upright.xy @ np.array([[cos, -sin], [sin, cos]], np.float32) + 40).astype(np.float32),  # y points downwards
        (upright.direction + angle).astype(np.float32),
        upright.ending,
        upright.score,
        upright.width,
        upright.height,
    )
    one, other = make_template(upright), make_template(turned)
    # A pair of minutiae is only held for one when their directions differ by less than a quarter turn.
    if angle_deg < 90:
        assert compare(one, other).value > 0.9
    assert len(other) == len(one)
    assert np.abs(one.cylinders.values - other.cylinders.values).max() < 0.05


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_too_few_minutiae_make_a_template_that_matches_nothing(minutiae_of: Callable[..., Minutiae], count: int) -> None:
    whole = minutiae_of(1)
    few = make_template(whole.kept(np.arange(count)))
    assert compare(few, make_template(whole)).value < SETTINGS.same_finger_at
    assert compare(few, few).value == 0 or count >= 5
