from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, make_template
from kiosk.pipeline.finger.index import DuplicateIndex, make_entry
from kiosk.records import FingerPosition

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
LIMIT = FingerSettings().same_finger_at
STUDENTS = range(1, 9)


@pytest.fixture(scope="module")
def index(minutiae_of: Callable[..., Minutiae]) -> DuplicateIndex:
    """Eight students' right thumbs among a thousand presses of nobody's."""
    index = DuplicateIndex()
    rng = np.random.default_rng(3)
    for number in range(250):
        for position in (RIGHT, LEFT):
            entry = make_entry(scattered(minutiae_of(1 + number % 8), rng))
            index.add(f"nobody-{number}", position, entry)
            index.add(f"nobody-{number}", position, entry)
    for seed in STUDENTS:
        index.add(f"student-{seed}", RIGHT, make_entry(minutiae_of(seed, 1)))
    return index


def scattered(minutiae: Minutiae, rng: np.random.Generator) -> Minutiae:
    """As many minutiae, anywhere."""
    count = len(minutiae)
    return Minutiae(
        rng.integers(0, (256, 288), (count, 2)).astype(np.float32),
        rng.uniform(-np.pi, np.pi, count).astype(np.float32),
        minutiae.ending,
        minutiae.score,
        256,
        288,
    )


@pytest.mark.parametrize("seed", STUDENTS)
def test_a_thumb_that_was_seen_before_is_found(index: DuplicateIndex, minutiae_of: Callable[..., Minutiae], seed: int) -> None:
    suspects = index.search(RIGHT, [make_template(minutiae_of(seed, 2))], LIMIT)
    assert [suspect.owner for suspect in suspects] == [f"student-{seed}"]
    assert suspects[0].score.value >= LIMIT
    assert suspects[0].score.limit == LIMIT
    assert suspects[0].position is RIGHT


def test_ones_own_earlier_capture_is_no_duplicate(index: DuplicateIndex, minutiae_of: Callable[..., Minutiae]) -> None:
    presses = [make_template(minutiae_of(3, 2))]
    assert index.search(RIGHT, presses, LIMIT, excluding="student-3") == ()


def test_thumbs_are_searched_among_those_of_the_same_hand(index: DuplicateIndex, minutiae_of: Callable[..., Minutiae]) -> None:
    presses = [make_template(minutiae_of(3, 2))]
    assert index.search(LEFT, presses, LIMIT) == ()
    assert index.search(FingerPosition.RIGHT_INDEX, presses, LIMIT) == ()


def test_a_new_thumb_and_an_empty_press_name_nobody(index: DuplicateIndex, minutiae_of: Callable[..., Minutiae]) -> None:
    empty = make_template(minutiae_of(1).kept(np.arange(0)))
    assert index.search(RIGHT, [make_template(minutiae_of(9)), empty], LIMIT) == ()
    assert index.search(RIGHT, [empty], LIMIT) == ()


def test_the_likeliest_comes_first_and_nobody_twice(minutiae_of: Callable[..., Minutiae]) -> None:
    index = DuplicateIndex()
    index.add("other press", RIGHT, make_entry(minutiae_of(3, 1)))
    index.add("same press", RIGHT, make_entry(minutiae_of(3, 2)))
    index.add("same press", RIGHT, make_entry(minutiae_of(3, 2)))
    suspects = index.search(RIGHT, [make_template(minutiae_of(3, 2))], LIMIT)
    assert [suspect.owner for suspect in suspects] == ["same press", "other press"]
    assert len(index) == 3


def test_memory_is_about_two_kilobytes_a_press(index: DuplicateIndex) -> None:
    assert len(index) == 1008
    assert 1000 < index.memory_bytes / len(index) < 2500
