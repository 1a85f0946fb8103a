"""Whether two who decide may be one and the same."""

from __future__ import annotations

import pytest

from kiosk.records import Person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Person("王老师"), Person("王老师")),
        (Person("王 老师"), Person("王老师 ")),
        (Person("Anna Smith"), Person("ANNA  SMITH")),
        (Person("阿依古丽·买买提"), Person("阿依古丽•买买提")),
        (Person("王老师", "wang"), Person("王老师")),  # a typed name proves nothing
        (Person("王老师", "wang"), Person("王伟", "WANG")),
    ],
)
def test_one_person_under_two_spellings_is_the_same(one: Person, other: Person) -> None:
    assert one.same_as(other)
    assert other.same_as(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Person("王老师"), Person("李老师")), (Person("张伟", "zhangwei1"), Person("张伟", "zhangwei2"))],
)
def test_two_people_are_told_apart(one: Person, other: Person) -> None:
    assert not one.same_as(other)
