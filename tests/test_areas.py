"""行政区划: what the list that comes with the program says of codes and words."""

from __future__ import annotations

import pytest

from kiosk import areas


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("630103", None),
        ("441900", None),  # 东莞 has no counties
        ("810000", None),
        ("630103001002", None),
        ("630100", "area.too_wide"),
        ("630000", "area.too_wide"),
        ("630100000000", "area.too_wide"),
        ("630122", "area.withdrawn"),
        ("999999", "area.unknown"),
        ("63010", "area.shape"),
        ("630103001", "area.shape"),
        ("630103000001", "area.village_alone"),
    ],
)
def test_row_3_5_codes_of_6_and_12_digits_are_held_against_the_list(code: str, fault: str | None) -> None:
    found = areas.problem(code)
    assert (found[0] if found else None) == fault


def test_row_3_5_a_withdrawn_code_says_what_it_was_and_until_when() -> None:
    assert areas.problem("630122") == ("area.withdrawn", {"name": "青海省西宁市湟中县", "year": 2020})


@pytest.mark.parametrize("words", ["青海省西宁市城中区", "西宁市城中区", "青海城中区", "青海省 西宁市 城中区"])
def test_row_3_5_words_for_one_place_are_its_code(words: str) -> None:
    assert areas.codes_named(words) == ("630103",)


@pytest.mark.parametrize(
    ("words", "code"),
    [("江苏省昆山市", "320583"), ("江苏昆山", "320583"), ("江苏苏州昆山市", "320583"), ("青海省大通县", "630121"),
     ("湟源", "630123"), ("北京海淀", "110108"), ("青海省湟中县", "630122"), ("青海湟中县", "630122")],
)  # fmt: skip
def test_row_3_5_a_place_is_known_by_what_people_call_it(words: str, code: str) -> None:
    assert areas.codes_named(words) == (code,)


def test_row_3_5_a_name_of_several_places_is_never_guessed() -> None:
    assert areas.codes_named("城中区") == ("450202", "630103")


def test_there_is_one_list_of_areas_and_it_says_of_what_day() -> None:
    listed = areas.load()
    assert {code[:2] for code in listed.names} == areas.PROVINCES
    assert listed.as_of >= "2026-09-11"
    assert not listed.names.keys() & listed.withdrawn.keys()
    assert len(listed.names) > 3000


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("63010301", ["青海省", "西宁市", "城中区"]),
        ("6301031", ["青海省", "西宁市"]),  # the 031st school of the city, and none of 城中区
        ("4290040001", ["湖北省", "仙桃市"]),  # a county that no city is above
        ("11010100", ["北京市", "东城区"]),
        ("441900001", ["广东省", "东莞市"]),
        ("99", []),
        ("", []),
    ],
)
def test_a_school_lies_in_the_areas_that_its_code_begins_with(code: str, found: list[str]) -> None:
    assert [areas.area_name(area) for area in areas.areas_of(code)] == found


def test_an_area_is_meant_by_code_or_name() -> None:
    assert areas.area_meant("西宁市") == areas.area_meant("630100") == areas.area_meant("6301") == ("6301",)
    assert len(areas.area_meant("城中区")) > 1
    assert (areas.area_meant("6301001"), areas.area_meant("天上")) == (("6301001",), ())
    assert areas.area_name("6301001") == ""
