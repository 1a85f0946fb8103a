from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.pipeline.identity import check_identity
from kiosk.records import Message, Student, Verdict, name_key
from tests.people import card_of

STUDENT = Student("阿依古丽·买买提", "630101201009010018")
CARD = card_of(STUDENT)


def test_same_name_passes() -> None:
    check = check_identity(CARD, STUDENT)
    assert (check.verdict, check.problems) == (Verdict.PASS, ())


@pytest.mark.parametrize("dot", ["•", "‧", "・", " · ", "･", "∙", "⋅", ".", "．", "﹒", "\u200b·", "·\ufeff", "\u200d·"])
def test_the_shape_of_the_middle_dot_makes_no_other_name(dot: str) -> None:
    assert check_identity(replace(CARD, name=f"阿依古丽{dot}买买提"), STUDENT).verdict is Verdict.PASS


def test_another_name_on_the_roster_is_for_review() -> None:
    check = check_identity(CARD, replace(STUDENT, name="阿依努尔·买买提"))
    assert check.verdict is Verdict.REVIEW
    assert [problem.code for problem in check.problems] == ["identity.name_differs"]


def test_warnings_of_the_card_are_handed_on() -> None:
    warned = replace(CARD, warnings=(Message("card.warning.check_digit"),))
    assert check_identity(warned, STUDENT).problems == warned.warnings


def test_name_key_keeps_different_characters_apart() -> None:
    assert name_key("王喆") != name_key("王哲")
