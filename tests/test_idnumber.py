from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk import idnumber

# GB 11643-1999, appendix A.
STANDARDS_EXAMPLE = "11010519491231002X"


def test_the_standards_own_example_is_right() -> None:
    assert idnumber.problem(STANDARDS_EXAMPLE) is None
    assert idnumber.birth_date(STANDARDS_EXAMPLE) == date(1949, 12, 31)
    assert idnumber.sex_code(STANDARDS_EXAMPLE) == "2"


@pytest.mark.parametrize("official_specimen", ["932682198501010017", "911124198108030024"])
def test_permanent_residence_cards_carry_the_same_check_digit(official_specimen: str) -> None:
    assert idnumber.problem(official_specimen) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "idnumber.length"),
        (STANDARDS_EXAMPLE + "\0", "idnumber.length"),
        ("11010519491231002x", "idnumber.characters"),
        ("1101051949123100２X", "idnumber.characters"),
        ("X1010519491231002X", "idnumber.characters"),
        ("00010519491231002X", "idnumber.province"),
        ("11010519490231002X", "idnumber.date"),
        ("110105194912310021", "idnumber.check"),
    ],
)
def test_each_fault_has_its_own_code(number: str, code: str) -> None:
    assert idnumber.problem(number) == code


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(birth: date, order: int, place: int, shift: int) -> None:
    first17 = f"630101{birth:%Y%m%d}{order:03d}"
    number = first17 + idnumber.check_character(first17)
    assert idnumber.problem(number) is None
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert idnumber.problem(wrong) is not None


@given(st.text())
def test_nothing_raises_and_masked_shows_at_most_eight_characters(text: str) -> None:
    idnumber.problem(text)
    assume(not idnumber.is_surrogate(text))
    shown = idnumber.masked(text)
    assert len(shown) == len(text)
    hidden = sum(one == "*" for one in shown)
    assert len(text) - hidden <= min(8, len(text) / 2)
