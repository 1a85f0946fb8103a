from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event

import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange.setting import set_ahead


def test_papers_come_in_their_order_while_the_next_one_is_being_set() -> None:
    second_is_set = Event()

    def first() -> bytes:
        assert second_is_set.wait(30)
        return b"1"

    def second() -> bytes:
        second_is_set.set()
        return b"2"

    assert list(set_ahead([("one", first), ("two", second)])) == [("one", b"1"), ("two", b"2")]


def test_what_setting_one_raises_ends_it_and_nothing_more_is_asked_for() -> None:
    asked: list[int] = []

    def fails() -> bytes:
        raise ExchangeError("paper.failed", paper="form", reason="")

    def papers() -> Iterator[tuple[int, Callable[[], bytes]]]:
        for number in range(1000):
            asked.append(number)
            yield number, fails

    with closing(set_ahead(papers())) as setting, pytest.raises(ExchangeError, match=r"paper\.failed"):
        next(setting)
    assert len(asked) < 10
