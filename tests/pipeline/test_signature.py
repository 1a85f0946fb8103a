"""Strokes out of a browser: what is a signature, and what is not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from kiosk.errors import KioskError
from kiosk.pipeline import signature
from kiosk.pipeline.pictures import decode

LINE = [[10.0 + 4 * n, 50, 8 * n, 0.5] for n in range(60)]


def given(*strokes: Any, **changes: Any) -> dict[str, Any]:
    return {"width": 400, "height": 150, "strokes": list(strokes), **changes}


def test_what_was_drawn_is_kept_as_it_was_and_its_picture_shows_just_that() -> None:
    corner = [[300, 20, 500, 1], [300, 140, 700, 1]]
    drawn = signature.read(given(LINE, corner))
    assert signature.read(json.loads(signature.pack(drawn))) == drawn
    picture = decode(signature.picture(drawn))
    ink = picture.min(axis=2) < 128
    rows, columns = np.nonzero(ink)
    scale = 1200 / 400
    assert picture.shape[1] == pytest.approx((300 - 10) * scale + 48, abs=8)
    assert rows.max() - rows.min() == pytest.approx((140 - 20) * scale, abs=8)
    assert columns.max() - columns.min() == pytest.approx((300 - 10) * scale, abs=8)


def test_a_pressed_line_is_thicker() -> None:
    light, hard = ([[10, 75, 0, force], [390, 75, 100, force]] for force in (0, 1))
    thin, thick = ((decode(signature.picture(signature.read(given(line)))) < 128).sum() for line in (light, hard))
    assert thick > 1.25 * thin


@pytest.mark.parametrize("slip", [[], [[[5, 5, 0, 0.5]]], [[[5, 5, 0, 0.5], [9, 9, 10, 0.5]]]])
def test_a_slip_is_no_name(slip: list[Any]) -> None:
    with pytest.raises(KioskError, match=r"signature\.too_short"):
        signature.read(given(*slip))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "drawn",
        {},
        given(LINE, width="400"),
        given(LINE, width=True),
        given(LINE, width=10**400),
        given(LINE, height=float("nan")),
        given(LINE, height=20),
        given("abc"),
        given(7),
        given([[1, 2, 3]]),
        given([[1, 2, 3, 0.5, 6]]),
        given([[1, 2, None, 0.5]]),
        given([[401, 2, 3, 0.5]]),
        given([[1, -1, 3, 0.5]]),
        given([[1, 2, 3, 1.5]]),
        given([[float("nan"), 2, 3, 0.5]]),
        given([[1, 2, float("inf"), 0.5]]),
        given([[1, 2, 30, 0.5], [1, 2, 3, 0.5]]),  # back in time
    ],
)
def test_what_no_pad_sends_is_refused(wrong: Any) -> None:
    with pytest.raises(KioskError, match=r"signature\.unreadable"):
        signature.read(wrong)


@pytest.mark.parametrize("many", [[LINE] * 301, [[[1, 2, 3, 0.5]] * 20_001]])
def test_what_never_ends_is_refused(many: list[Any]) -> None:
    with pytest.raises(KioskError, match=r"signature\.too_long"):
        signature.read(given(*many))
