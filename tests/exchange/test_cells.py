"""Whatever a school types: a good number is always found in its wrapping, and nothing ever comes through half-read."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import idnumber
from kiosk.tables import cells
from kiosk.tables.cells import Unreadable
from tests.exchange.conftest import number

numbers = st.builds(number, st.integers(0, 999))
blanks = st.text(alphabet=" \u3000\xa0\t\n\u200b\ufeff", max_size=3)
CELLS = st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes())
MENDERS = (
    cells.plain,
    cells.name,
    cells.code,
    cells.digits,
    cells.id_number,
    cells.sex,
    cells.ethnicity,
    cells.day,
    cells.month,
    cells.class_number,
)


@given(numbers, blanks, blanks, st.booleans(), st.booleans())
def test_a_good_number_is_found_in_any_wrapping(good: str, before: str, after: str, wide: bool, lower: bool) -> None:
    typed = good.lower() if lower else good
    if wide:
        typed = "".join(chr(ord(char) + 0xFEE0) for char in typed)
    assert cells.id_number(f"{before}{typed}{after}") == good


@given(numbers)
def test_a_number_that_was_a_number_to_excel_is_never_believed(good: str) -> None:
    if good.isdigit():
        for cell in (float(good), int(good)):
            with pytest.raises(Unreadable) as caught:
                cells.id_number(cell)
            assert caught.value.message.code == "roster.number_lost_digits"


@given(CELLS)
def test_any_cell_is_mended_or_refused_with_a_reason(cell: Any) -> None:
    for mend in MENDERS:
        with suppress(Unreadable):
            text = mend(cell)
            assert text == text.strip()
            assert "\n" not in text
    with suppress(Unreadable):
        assert idnumber.problem(cells.id_number(cell)) is None
    cells.shown(cell)


@given(st.dates(min_value=date(1910, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_is_the_same_in_every_usual_shape(day: date) -> None:
    wanted = f"{day:%Y%m%d}"
    shapes = (
        day,
        (day - date(1899, 12, 30)).days,
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y.%m.%d}",
        wanted,
    )
    assert [cells.day(shape) for shape in shapes] == [wanted] * len(shapes)
    assert cells.day(f"{day.year}年{day.month}月{day.day}日") == wanted
