"""When a device is set up again."""

from __future__ import annotations

from kiosk.devices.backoff import Backoff


def test_a_device_that_is_not_there_is_looked_for_every_second_at_least() -> None:
    backoff = Backoff()
    pauses = [backoff.failed(float(second)) for second in range(20)]
    assert pauses[0] <= 0.1
    assert pauses == sorted(pauses)
    assert pauses[-1] < 1.0


def test_a_device_that_comes_up_and_fails_at_once_is_tried_ever_more_seldom() -> None:
    backoff, now_s, opened = Backoff(), 0.0, 0
    while now_s < 60.0:
        opened += 1
        backoff.came_up(now_s)
        now_s += 0.01 + backoff.failed(now_s + 0.01)
    assert opened < 30  # as many within three seconds, before


def test_after_calm_a_fault_is_the_first_one_again() -> None:
    backoff = Backoff()
    for _ in range(10):
        backoff.came_up(0.0)
        backoff.failed(0.1)
    backoff.came_up(100.0)
    assert backoff.failed(111.0) <= 0.1


def test_a_few_good_seconds_are_no_calm() -> None:
    backoff = Backoff()
    pauses = []
    for number in range(6):
        backoff.came_up(number * 10.0)
        pauses.append(backoff.failed(number * 10.0 + 3.0))
    assert pauses[-1] > 1.0


def test_a_plug_that_was_pulled_and_put_back_is_no_fault_of_the_device() -> None:
    backoff = Backoff()
    for number in range(50):
        backoff.came_up(number * 2.0)
        assert backoff.failed(number * 2.0 + 0.5) <= 0.1
        assert backoff.failed(number * 2.0 + 0.7) <= 0.1  # it isn't there
