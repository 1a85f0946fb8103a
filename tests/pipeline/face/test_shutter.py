"""When the shutter releases, and what it keeps."""

from __future__ import annotations

import numpy as np

from kiosk.pipeline.face import FaceLook, Shot, Shutter
from kiosk.records import Frame, Measure, Message, Verdict

PIXELS = np.zeros((2, 2, 3), np.uint8)


def look(good: bool = True, quality: float = 0.5, faces: int = 1, advised: bool = False) -> FaceLook:
    hair = Measure("BrowsFree", 0.2, 0.55, None, Verdict.PASS, Message("hint.photo.brows"))
    return FaceLook(
        faces, (hair,) if advised else (), Message("hint.face.hold_still"), good, quality if good else 0.0, None, None
    )


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


def test_who_is_advised_and_does_nothing_is_taken_after_a_moment_all_the_same() -> None:
    [(number, _)] = run(Shutter(0.6), *[look(advised=True)] * 40)
    assert number in {25, 26}  # two seconds to put hair aside, then six tenths


def test_who_follows_the_advice_is_taken_without_what_was_before() -> None:
    [(number, shot)] = run(Shutter(0.6), *[look(advised=True, quality=0.9)] * 8, *[look()] * 10)
    assert number in {14, 15}
    assert min(frame.number for frame in (shot.best, *shot.others)) == 8


def test_advice_that_comes_and_goes_holds_nobody_up_for_ever() -> None:
    wavering = [look(advised=number % 2 == 0) for number in range(60)]
    [(number, _)] = run(Shutter(0.6), *wavering)
    assert number <= 27


def test_good_frames_with_nothing_seen_between_them_are_no_hold() -> None:
    shutter = Shutter(0.6)
    assert shutter.consider(Frame(PIXELS, 1, 1.0), look()) is None
    assert shutter.consider(Frame(PIXELS, 2, 2.5), look()) is None
    shot = shutter.consider(Frame(PIXELS, 3, 3.1), look())
    assert shot is not None
    assert 1 not in {frame.number for frame in (shot.best, *shot.others)}
