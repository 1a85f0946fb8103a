"""Students without a readable card: what is typed, and what is refused."""

from datetime import date
from typing import Any

import pytest

from kiosk import codes, manual, substitute, words
from kiosk.errors import KioskError
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import CardEntry, CardKind, Student

NUMBER = "110101199001011237"


def test_typed_number_fills_in_birth_and_sex() -> None:
    card = manual.card_of(TypedIn("张三", NUMBER, EntryReason.FORGOTTEN))
    assert (card.name, card.id_number, card.sex, card.birth) == ("张三", NUMBER, "男", date(1990, 1, 1))


def test_typed_data_are_marked_as_typed_with_the_reason() -> None:
    card = manual.card_of(TypedIn("张三", NUMBER, EntryReason.LOST))
    assert (card.entry, card.entry_reason) == (CardEntry.TYPED, "lost")
    assert [warning.code for warning in card.warnings] == ["manual.reason.lost"]
    assert card.photo is None
    assert card.photo_problem is not None


def test_number_is_taken_as_people_type_it() -> None:
    card = manual.card_of(TypedIn(" 张三 ", "１１０１０１ 19900101 123７", EntryReason.FORGOTTEN))
    assert (card.name, card.id_number) == ("张三", NUMBER)
    assert manual.clean_number(" 11010519491231002x\n") == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (TypedIn("", NUMBER, EntryReason.LOST), "manual.name"),
        (TypedIn("张三", "", EntryReason.LOST), "manual.idnumber.length"),
        (TypedIn("张三", "110101199001011238", EntryReason.LOST), "manual.idnumber.check"),
        (TypedIn("张三", "001101199001011238", EntryReason.LOST), "manual.idnumber.province"),
        (TypedIn("张三", "110101199002301238", EntryReason.LOST), "manual.idnumber.date"),
        (TypedIn("张三", "11010119900101123Y", EntryReason.LOST), "manual.idnumber.characters"),
        (TypedIn("张三", NUMBER, EntryReason.LOST, sex_code="2"), "manual.sex_differs"),
        (TypedIn("张三", NUMBER, EntryReason.LOST, birth=date(1990, 1, 2)), "manual.birth_differs"),
    ],
)
def test_typing_mistakes_are_told(typed: TypedIn, code: str) -> None:
    with pytest.raises(KioskError) as caught:
        manual.card_of(typed)
    assert caught.value.code == code
    for language in words.LANGUAGES:
        assert f"error.{code}" in words.catalogue(language)


def test_number_of_another_document_is_taken_when_the_roster_has_it() -> None:
    student = Student("Anna Berg", "E12345678", sex="女", birth_text="20080203", document_type="A")
    card = manual.card_of(TypedIn("", " e12345678", EntryReason.NO_READER), student)
    assert (card.kind, card.name, card.id_number) == (CardKind.NONE, "Anna Berg", "E12345678")
    assert (card.sex_code, card.birth, card.birth_text) == ("2", date(2008, 2, 3), "20080203")
    with pytest.raises(KioskError, match=r"manual\.idnumber\.length"):
        manual.card_of(TypedIn("Anna Berg", "E12345678", EntryReason.NO_READER))


def test_damaged_number_on_the_roster_is_no_excuse() -> None:
    student = Student("张三", "110101199001011238")
    with pytest.raises(KioskError, match=r"manual\.idnumber\.check"):
        manual.card_of(TypedIn("", student.id_number, EntryReason.LOST), student)


def test_student_without_a_mainland_number_gets_the_offices_number() -> None:
    number = substitute.number("0101", date(2008, 2, 29), 7)
    assert number == "010100200802290007"
    assert substitute.is_substitute(number)
    card = manual.card_of(TypedIn("SMITH JOHN", number, EntryReason.NO_MAINLAND_DOCUMENT, sex_code="1"))
    assert (card.kind, card.sex, card.birth, card.id_number) == (CardKind.NONE, "男", date(2008, 2, 29), number)


@pytest.mark.parametrize("number", ["010100200802300007", "01010020080229007", "010101200802290007", NUMBER])
def test_other_numbers_are_not_of_that_kind(number: str) -> None:
    assert not substitute.is_substitute(number)


@pytest.mark.parametrize(("school", "order", "code"), [("101", 1, "manual.school_code"), ("0101", 10000, "manual.order")])
def test_number_of_no_school_or_order_is_refused(school: str, order: int, code: str) -> None:
    with pytest.raises(KioskError, match=code):
        substitute.number(school, date(2008, 1, 1), order)


@pytest.mark.parametrize("reason", EntryReason)
def test_every_reason_has_words(reason: EntryReason) -> None:
    for language in words.LANGUAGES:
        assert f"manual.reason.{reason}" in words.catalogue(language)


@pytest.mark.parametrize(
    ("typed", "roster", "fields", "code"),
    [
        ({}, "", {"ethnicity"}, "manual.ethnicity_missing"),
        ({}, "", {"ethnicity_code"}, "manual.ethnicity_missing"),
        ({"ethnicity_code": "04"}, "", {"ethnicity"}, None),
        ({}, "藏族", {"ethnicity"}, None),
        ({}, "", {"name"}, None),
        ({"address": " "}, "", {"address"}, "manual.address_missing"),
        ({"address": "昆仑南路15号"}, "", {"address"}, None),
    ],
)
def test_what_a_profile_needs_and_no_number_tells_is_asked_for(
    typed: dict[str, Any],
    roster: str,
    fields: set[str],
    code: str | None,
) -> None:
    student = Student("张三", NUMBER, ethnicity=roster)
    found = None
    try:
        manual.require(TypedIn("", NUMBER, EntryReason.LOST, **typed), student, fields)
    except KioskError as error:
        found = error.code
    assert found == code


def test_a_typed_address_is_the_card_s() -> None:
    card = manual.card_of(TypedIn("张三", NUMBER, EntryReason.LOST, address=" 昆仑南路 15号 "))
    assert card.address == "昆仑南路 15号"


@pytest.mark.parametrize(("name", "code"), [("藏", "04"), ("藏族", "04"), ("汉族", "01"), ("火星", ""), ("", "")])
def test_the_roster_s_names_of_ethnic_groups_have_codes(name: str, code: str) -> None:
    assert codes.ethnicity_code(name) == code
