from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor
from kiosk.records import Image

Pressed = Callable[..., Image]


def test_minutiae_lie_on_the_picture_and_the_surest_come_first(minutiae_of: Callable[..., Minutiae]) -> None:
    found = minutiae_of(1)
    assert len(found) > 20
    assert (found.xy >= 0).all()
    assert (found.xy[:, 0] < found.width).all()
    assert (found.xy[:, 1] < found.height).all()
    assert (np.diff(found.score) <= 0).all()
    assert (np.abs(found.direction) <= np.pi).all()


def test_a_turned_picture_turns_its_minutiae(extractor: MinutiaeExtractor, pressed: Pressed) -> None:
    upright = pressed(1)
    straight, quarter = extractor.extract(upright), extractor.extract(np.rot90(upright).copy())
    # Counter-clockwise by 90 degrees: (x, y) goes to (y, W - 1 - x), directions grow by pi/2.
    expected = np.stack([straight.xy[:, 1], upright.shape[1] - 1 - straight.xy[:, 0]], axis=1)
    close = np.linalg.norm(expected[:, None] - quarter.xy, axis=2)
    pairs = [(i, int(close[i].argmin())) for i in range(len(straight)) if straight.score[i] > 0.8 and close[i].min() < 6]
    assert len(pairs) > 15
    turns = np.array([quarter.direction[j] - straight.direction[i] - np.pi / 2 for i, j in pairs])
    assert np.median(np.abs((turns + np.pi) % (2 * np.pi) - np.pi)) < 0.15


def test_pictures_of_other_sensors_are_brought_to_500_dpi(extractor: MinutiaeExtractor, pressed: Pressed) -> None:
    upright = pressed(2)
    coarse = cv2.resize(upright, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    at_500, at_400 = extractor.extract(upright), extractor.extract(coarse, dpi=400)  # type: ignore[arg-type]
    assert (at_400.width, at_400.height) == pytest.approx((256, 288), abs=1)
    near = np.linalg.norm(at_500.xy[:20, None] - at_400.xy, axis=2).min(axis=1)
    assert (near < 6).mean() > 0.7


def test_a_blank_picture_and_a_tiny_one_have_none(extractor: MinutiaeExtractor) -> None:
    assert len(extractor.extract(np.full((288, 256), 235, np.uint8))) == 0
    assert len(extractor.extract(np.full((5, 7), 235, np.uint8))) == 0
