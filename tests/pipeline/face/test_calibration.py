"""Thresholds from a station's own captures."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.pipeline.face.calibration import calibrate, plot
from kiosk.pipeline.face.verification import Embedding


def students(count: int, spread: float) -> tuple[list[Embedding], list[Embedding]]:
    draw = np.random.default_rng(4)

    def unit(values: np.ndarray) -> list[Embedding]:
        return list((values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32))

    people = draw.normal(size=(count, 128))
    return unit(people), unit(people + spread * draw.normal(size=(count, 128)))


def test_suggested_limits_let_in_as_few_strangers_as_wanted() -> None:
    found = calibrate(*students(80, 0.8))
    assert found.genuine.size == 80
    assert found.impostor.size == 80 * 79
    assert found.pass_at is not None
    assert found.review_at is not None
    assert found.review_at < found.pass_at
    assert found.accepted(found.pass_at)[1] <= 1e-3
    assert found.accepted(found.pass_at - 0.02)[1] > 5e-4
    assert found.accepted(found.pass_at)[0] > 0.9


def test_too_few_captures_suggest_nothing() -> None:
    found = calibrate(*students(10, 0.8))
    assert found.pass_at is None
    assert found.review_at is None


def test_the_plot_shows_something() -> None:
    picture = plot(calibrate(*students(30, 0.8)), (0.40, 0.33))
    assert picture.shape == (520, 960, 3)
    assert (picture < 250).any(axis=2).mean() == pytest.approx(0.05, abs=0.045)
