"""When the shutter releases, and what it keeps."""

from __future__ import annotations

import numpy as np

from kiosk.pipeline.face import FaceLook, Shot, Shutter
from kiosk.records import Frame, Message

PIXELS = np.zeros((2, 2, 3), np.uint8)


def look(good: bool = True, quality: float = 0.5, faces: int = 1) -> FaceLook:
    return FaceLook(faces, (), Message("hint.face.hold_still"), good, quality if good else 0.0, None, None)


def run(shutter: Shutter, *looks: FaceLook, start: int = 0) -> list[tuple[int, Shot]]:
    """Ten frames a second; the shots and when they came."""
    shots = []
    for number, seen in enumerate(looks, start):
        if shot := shutter.consider(Frame(PIXELS, number, number / 10), seen):
            shots.append((number, shot))
    return shots


def test_releases_once_after_everything_was_good_for_the_hold_time() -> None:
    shots = run(Shutter(0.6), *[look()] * 20)
    assert [number for number, _ in shots] == [6]


def test_keeps_the_best_of_the_burst_and_the_next_best() -> None:
    [(_, shot)] = run(Shutter(0.6), *[look(quality=q) for q in (0.1, 0.5, 0.9, 0.3, 0.2, 0.4, 0.6)])
    assert shot.best.number == 2
    assert shot.look.quality == 0.9
    assert [frame.number for frame in shot.others] == [6, 1, 5, 3]


def test_a_blink_does_not_start_the_wait_anew_and_is_not_in_the_burst() -> None:
    [(number, shot)] = run(Shutter(0.6), look(), look(), look(good=False), look(good=False), *[look()] * 10)
    assert number == 6
    assert 2 not in [frame.number for frame in (shot.best, *shot.others)]


def test_looking_away_starts_the_wait_anew() -> None:
    [(number, _)] = run(Shutter(0.6), *[look()] * 5, *[look(good=False)] * 5, *[look()] * 10)
    assert number == 16


def test_a_second_person_starts_the_wait_anew_at_once() -> None:
    [(number, _)] = run(Shutter(0.6), *[look()] * 5, look(good=False, faces=2), *[look()] * 10)
    assert number == 12


def test_never_good_never_releases() -> None:
    assert run(Shutter(0.6), *[look(good=False)] * 50) == []


def test_after_reset_the_next_attempt_is_taken() -> None:
    shutter = Shutter(0.2)
    assert len(run(shutter, *[look()] * 5)) == 1
    shutter.reset()
    assert len(run(shutter, *[look()] * 5, start=10)) == 1
