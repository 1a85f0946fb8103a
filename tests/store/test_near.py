"""Near misses on the roster for somebody who is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.records import Student
from kiosk.store import Store

NUMBER = "630103200801010017"
LI = Student("李晓晨", NUMBER, "高一", "5")
FAR = Student("赵子涵", "450101200712120031", "高一", "6")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("630103200801010018", "李晓晨"),  # the last digit
        ("63010320080101001X", "李晓晨"),
        ("630103200802010017", "李晓晨"),  # a digit of the birthday
        ("630103200801010107", "李晓晨"),  # neighbours exchanged
        ("360103200801010017", "李晓晨"),
        ("630103200801010018", "别人的名字"),  # one digit, whatever the card's name
        ("630103200801019999", "李晓辰"),  # one character of the name, born the same day
        ("630103200801019999", "晓李晨"),
        ("630103200801019999", "李晓"),
        ("110101199001010000", "李晓晨"),  # the same name
    ],
)
def test_a_slip_in_number_or_name_is_found(store: Store, number: str, name: str) -> None:
    store.roster.replace_or_update([LI, FAR])
    assert store.roster.near(number, name) == (LI,)


@pytest.mark.parametrize(
    ("number", "name"),
    [("110101199001010000", "王雨桐"), ("630103200801019999", "王雨桐"), ("630103200802020017", "李雨晨"), ("", "")],
)
def test_a_stranger_is_near_to_nobody(store: Store, number: str, name: str) -> None:
    store.roster.replace_or_update([LI, FAR])
    assert store.roster.near(number, name) == ()


def test_the_likeliest_comes_first_and_who_left_the_roster_not_at_all(store: Store) -> None:
    namesake = replace(LI, id_number="110101200905050000")
    gone = replace(LI, id_number="630103200801010019")
    store.roster.replace_or_update([namesake, LI, gone])
    store.roster.replace_or_update([namesake, LI])
    assert store.roster.near("630103200801010018", "李晓晨") == (LI, namesake)
    assert store.roster.near("630103200801010018", "李晓晨", most=1) == (LI,)
