from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, Template, compare, make_template, other_finger, same_finger
from kiosk.pipeline.finger import template as matcher
from kiosk.pipeline.finger.template import evidence, scaled
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
        assert compare(one, other).value == compare(other, one).value


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


def dragged(minutiae: Minutiae, by_px: float) -> Minutiae:
    """As a finger prints whose upper half is pushed to one side and its lower half to the other, and its middle squeezed."""
    down = (minutiae.xy[:, 1] - minutiae.xy[:, 1].mean()) / 60
    moved = minutiae.xy + by_px * np.stack([np.tanh(down), 0.5 * np.cos(down)], axis=1)
    across, along = np.cos(minutiae.direction), np.sin(minutiae.direction)
    sheared, squeezed = by_px / 60 / np.cosh(down) ** 2, 1 - by_px / 120 * np.sin(down)
    turned = np.arctan2(along * squeezed, across - along * sheared)
    return replace(minutiae, xy=moved.astype(np.float32), direction=turned.astype(np.float32))


def test_skin_that_is_dragged_by_two_ridges_is_followed(minutiae_of: Callable[..., Minutiae]) -> None:
    found = []
    for seed in SEEDS:
        calm, pushed = minutiae_of(seed, 1), dragged(minutiae_of(seed, 1), 20.0)
        facts = evidence(make_template(calm), make_template(pushed))
        assert facts is not None
        found.append((np.exp(facts[1]) - 0.5) / len(calm))
        assert same_finger(make_template(calm), make_template(pushed), SETTINGS)[1] is Verdict.PASS
        other = make_template(dragged(minutiae_of(seed % 8 + 1, 2), 20.0))
        assert same_finger(make_template(calm), other, SETTINGS)[1] is Verdict.FAIL
    assert np.mean(found) > 0.88  # a turn and a shift alone explain two thirds


def test_limits_mean_the_same_whatever_the_sensor() -> None:
    assert (SETTINGS.same_finger_at, SETTINGS.other_finger_below) == (matcher.SELDOM_AT, matcher.SELDOM_AT)
    assert SETTINGS.seen_before_at == matcher.RARELY_AT
    measured = matcher.SIZES, matcher.REACHED_SELDOM, matcher.REACHED_RARELY
    for size, seldom, rarely in zip(*measured, strict=True):
        assert scaled(seldom, size) == pytest.approx(matcher.SELDOM_AT)
        assert scaled(rarely, size) == pytest.approx(matcher.RARELY_AT)
    sizes = range(100 * 100, 640 * 640, 5000)
    for weighed in (0.0, *matcher.REACHED_SELDOM, *matcher.REACHED_RARELY):
        scores = [float(scaled(weighed, size)) for size in sizes]
        assert scores == sorted(scores)  # a sensor that shows less has to show more of the same


def test_of_two_sensors_the_one_that_shows_less_decides(minutiae_of: Callable[..., Minutiae]) -> None:
    whole, later = minutiae_of(1, 1), minutiae_of(1, 2)
    small = replace(later, width=192, height=192)  # the same minutiae: only the scale differs
    scores = [compare(make_template(one), make_template(other)).value for one, other in ((whole, later), (whole, small))]
    assert scores[0] > scores[1] == compare(make_template(small), make_template(whole)).value
