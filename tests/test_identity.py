from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.pipeline.identity import check_identity, name_key
from kiosk.records import CardData, Message, Student, Verdict

STUDENT = Student("阿依古丽·买买提", "630101201009010018")
CARD = CardData(
    kind="resident",
    name="阿依古丽·买买提",
    sex_code="1",
    sex="男",
    ethnicity_code="05",
    ethnicity="维吾尔",
    birth_text="20100901",
    birth=date(2010, 9, 1),
    address="",
    id_number=STUDENT.id_number,
    authority="",
    valid_from_text="20240101",
    valid_until_text="20290101",
)


def test_same_name_passes() -> None:
    check = check_identity(CARD, STUDENT)
    assert (check.verdict, check.problems) == (Verdict.PASS, ())


@pytest.mark.parametrize("dot", ["•", "‧", "・", " · ", "･", "∙", "⋅"])
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
