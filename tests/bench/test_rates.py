"""Rates held against their definitions, counted pair by pair, and against what is known of two normal distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.rates import (
    Scores,
    accepted_at,
    area_under_curve,
    equal_error_rate,
    interval,
    interval_over_people,
    tar_at,
)


def drawn(seed: int, genuine: int, impostor: int, digits: int) -> tuple[Scores, Scores]:
    """Few digits: many equal scores."""
    draw = np.random.default_rng(seed)
    return np.round(draw.normal(0.6, 0.2, genuine), digits), np.round(draw.normal(0.1, 0.2, impostor), digits)


MANY = [drawn(seed, 40 + 7 * seed, 230 + 31 * seed, digits) for seed in range(6) for digits in (1, 2, 6)]


def rates_at(genuine: Scores, impostor: Scores, limit: float) -> tuple[float, float]:
    """False acceptances and false refusals, one pair after the other."""
    accepted = sum(1 for score in impostor if score >= limit)
    refused = sum(1 for score in genuine if score < limit)
    return accepted / len(impostor), refused / len(genuine)


def limits(genuine: Scores, impostor: Scores) -> list[float]:
    return sorted({*genuine.tolist(), *impostor.tolist(), math.inf})


@pytest.mark.parametrize(("genuine", "impostor"), MANY)
def test_area_is_the_chance_that_a_genuine_pair_scores_higher(genuine: Scores, impostor: Scores) -> None:
    won = sum((one > other) + (one == other) / 2 for one in genuine for other in impostor)
    assert area_under_curve(genuine, impostor) == pytest.approx(won / (len(genuine) * len(impostor)), abs=1e-12)


@pytest.mark.parametrize(("genuine", "impostor"), MANY)
def test_equal_error_is_where_both_errors_are_nearest(genuine: Scores, impostor: Scores) -> None:
    errors = [rates_at(genuine, impostor, limit) for limit in limits(genuine, impostor)]
    nearest = min(abs(far - frr) for far, frr in errors)
    possible = [(far + frr) / 2 for far, frr in errors if abs(abs(far - frr) - nearest) < 1e-12]
    found = equal_error_rate(genuine, impostor)
    assert found is not None
    assert min(abs(found - value) for value in possible) < 1e-12


@pytest.mark.parametrize("far", [1e-2, 5e-2])
@pytest.mark.parametrize(("genuine", "impostor"), MANY)
def test_acceptance_is_at_the_lowest_limit_that_keeps_to_the_false_acceptances(
    genuine: Scores, impostor: Scores, far: float
) -> None:
    kept = [limit for limit in limits(genuine, impostor) if rates_at(genuine, impostor, limit)[0] <= far]
    assert tar_at(genuine, impostor, far) == pytest.approx(1 - rates_at(genuine, impostor, min(kept))[1], abs=1e-12)


def test_shares_that_are_whole_pairs_lose_none_to_rounding() -> None:
    impostor = np.arange(1000) / 1000
    for far, allowed in ((1e-3, 1), (1e-2, 10), (0.29, 290)):
        assert tar_at(impostor, impostor, far) == pytest.approx(allowed / 1000)


def test_two_normal_distributions_give_what_the_books_say() -> None:
    draw = np.random.default_rng(3)
    apart = 3.0
    genuine, impostor = draw.normal(apart, 1, 40_000), draw.normal(0, 1, 40_000)

    def below(z: float) -> float:
        return math.erfc(-z / math.sqrt(2)) / 2

    assert area_under_curve(genuine, impostor) == pytest.approx(below(apart / math.sqrt(2)), abs=2e-3)
    assert equal_error_rate(genuine, impostor) == pytest.approx(below(-apart / 2), abs=3e-3)
    assert tar_at(genuine, impostor, 1e-2) == pytest.approx(below(apart - 2.3263), abs=1e-2)


def test_perfect_reversed_and_equal_scores() -> None:
    high, low, same = np.linspace(0.6, 0.9, 200), np.linspace(0.0, 0.3, 200), np.full(200, 0.5)
    assert (area_under_curve(high, low), equal_error_rate(high, low), tar_at(high, low, 1e-2)) == (1.0, 0.0, 1.0)
    assert area_under_curve(low, high) == 0.0
    assert tar_at(low, high, 1e-2) == 0.0
    assert (area_under_curve(same, same), equal_error_rate(same, same), tar_at(same, same, 1e-2)) == (0.5, 0.5, 0.0)


def test_too_few_pairs_say_nothing() -> None:
    some, none = np.linspace(0, 1, 50), np.zeros(0)
    assert [area_under_curve(some, none), equal_error_rate(none, some), tar_at(some, some, 1e-2)] == [None, None, None]
    assert [tar_at(none, np.zeros(500), 1e-2), accepted_at(none, 0.4)] == [None, None]
    assert accepted_at(np.array([0.39, 0.40, 0.41, -1.0]), 0.40) == 0.5


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 48, 0, 1 - 0.025 ** (1 / 48)), (48, 48, 0.025 ** (1 / 48), 1), (0, 1, 0, 0.975), (10, 100, 0.04900, 0.17622)],
)
def test_an_interval_is_clopper_and_pearsons(count: int, of: int, low: float, high: float) -> None:
    assert interval(count, of) == pytest.approx((low, high), abs=1e-5)


def test_what_one_person_causes_is_less_sure_than_what_many_do() -> None:
    people = np.array([f"{number:02}" for number in range(40)])
    several = np.repeat(people, 3)
    one, many = np.zeros((2, 120, 120), dtype=bool)
    one[several == "07"] = True
    many.reshape(-1)[np.random.default_rng(1).choice(many.size, one.sum(), replace=False)] = True  # as many, among all
    bounds = [interval_over_people(accepted, several, several) for accepted in (one, many)]
    assert bounds[0][0] == 0
    assert bounds[0][1] > 2 / 40
    assert 0.7 / 40 < bounds[1][0] < 1 / 40 < bounds[1][1] < 1.3 / 40
    alone = np.eye(120, dtype=bool)
    assert interval_over_people(alone, several, several) == (0, 0)  # a photo against itself is no comparison of two people
