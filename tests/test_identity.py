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


@pytest.mark.parametrize(
    ("card", "roster", "verdict"),
    [
        ("张三", "張三", Verdict.PASS), ("李龑", "李䶮", Verdict.PASS), ("吳叶", "吴葉", Verdict.PASS),
        ("髙三", "高三", Verdict.REVIEW), ("王喆", "王哲", Verdict.REVIEW), ("張喆", "张哲", Verdict.REVIEW),
    ],
)  # fmt: skip
def test_the_same_name_in_other_characters_is_told_as_such_and_passes_where_it_is_but_another_writing(
    card: str, roster: str, verdict: Verdict
) -> None:
    check = check_identity(replace(CARD, name=card), replace(STUDENT, name=roster))
    assert check.verdict is verdict
    told = "identity.name_variant" if verdict is Verdict.PASS else "identity.name_near"
    assert check.problems == (Message(told, {"card": card, "roster": roster}),)


def test_warnings_of_the_card_are_handed_on() -> None:
    warned = replace(CARD, warnings=(Message("card.warning.check_digit"),))
    assert check_identity(warned, STUDENT).problems == warned.warnings


def test_name_key_keeps_different_characters_apart() -> None:
    assert name_key("王喆") != name_key("王哲")
