from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivers_sim.finger import FingerCache, Pattern, Press, grow, impression


def test_a_seed_always_grows_the_same_finger_and_another_seed_another_one() -> None:
    one, again, other = grow(11), grow(11), grow(12)
    assert np.array_equal(one.ridges, again.ridges)
    assert np.abs(one.ridges - other.ridges).mean() > 0.5


def test_fingers_come_back_from_the_folder_and_torn_files_never_do(tmp_path: Path) -> None:
    cache = FingerCache(tmp_path / "fingers")
    fresh, kept = cache.finger(11), FingerCache(tmp_path / "fingers").finger(11)
    assert np.array_equal(fresh.ridges, kept.ridges)
    assert fresh.pattern is kept.pattern
    assert np.abs(fresh.ridges - grow(11).ridges).max() < 0.01
    assert [path.suffix for path in (tmp_path / "fingers").iterdir()] == [".npz"]


@pytest.mark.parametrize("pattern", Pattern)
def test_every_pattern_can_be_grown(pattern: Pattern) -> None:
    finger = grow(5, pattern)
    assert finger.pattern is pattern
    assert 0.3 < (finger.ridges > 0).mean() < 0.7


def test_no_two_presses_are_alike_and_each_can_be_repeated() -> None:
    finger = grow(11)
    assert np.array_equal(impression(finger, 1), impression(finger, 1))
    assert not np.array_equal(impression(finger, 1), impression(finger, 2))


def test_pictures_have_the_size_and_depth_of_the_sensor() -> None:
    finger = grow(11)
    four, eight = impression(finger, 1), impression(finger, 1, Press(bits=8), size=(256, 360))
    assert four.shape == (288, 256)
    assert set(np.unique(four)) <= set(range(0, 256, 17))
    assert eight.shape == (360, 256)
    assert len(np.unique(eight)) > 100
