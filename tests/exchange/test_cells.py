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


@given(st.dates(min_value=date(1957, 7, 1), max_value=date(2099, 12, 31)))
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


REFUSED = {
    # What the fields of other documents and of days must not take, with the reason.
    (cells.day, "20081"): "roster.date_shape",  # not the 23rd of December 1954
    (cells.day, "2007-12-31T16:00:00Z"): "roster.date_shape",  # the next day in Beijing
    (cells.day, "二〇〇八年十三月一日"): "roster.date_unreal",
    (cells.day, "二〇〇八年一月"): "roster.date_shape",
    (cells.id_number, "6301**********0013"): "roster.number_masked",
    (cells.id_number, "E12345678"): "roster.other_document",
    (cells.id_number, "无"): "roster.other_document",
    (cells.id_number, "630103200801010013.0"): "roster.point_zero",
    (cells.grade, "高一3班"): "roster.grade_holds_class",
    (cells.code, "1523.0"): "roster.point_zero",
    (cells.code, "#N/A"): "roster.formula_error",
    (cells.person_name, "#REF!"): "roster.formula_error",
    (cells.person_name, "nan"): "roster.no_person_name",
    (cells.person_name, "12"): "roster.no_person_name",
}


@pytest.mark.parametrize(("of", "code"), REFUSED.items(), ids=lambda of: of if isinstance(of, str) else of[1])
def test_what_is_no_value_is_refused_with_its_reason(of: tuple[Any, str], code: str) -> None:
    mend, written = of
    with pytest.raises(Unreadable) as caught:
        mend(written)
    assert caught.value.message.code == code


@pytest.mark.parametrize(
    ("mend", "written", "wanted"),
    [
        (cells.day, "二〇〇八年十二月三十一日", "20081231"), (cells.day, "二零零九年一月二十号", "20090120"),
        (cells.day, "二○一○年二月二〇日", "20100220"), (cells.month, "二〇〇八年十月", "200810"),
        (cells.day, "2008年元月5日", "20080105"), (cells.day, "二〇〇八年元月五日", "20080105"),
        (cells.day, "2008/1/1 0:00", "20080101"), (cells.day, "2008-01-01T00:00:00", "20080101"),
        (cells.code, "`K01", "K01"), (cells.code, "‘K01’", "K01"), (cells.code, "＇K01", "K01"),
        (cells.class_number, "5.0", "5"), (cells.ethnicity, "蒙族", "蒙古"), (cells.ethnicity, "维族", "维吾尔"),
        (cells.sex, "Female", "女"), (cells.grade, "2026级高一", "高一"), (cells.grade, "高一（2026级）", "高一"),
        (cells.grade, "2024届", "2024届"),
        (cells.name, "张　三", "张三"), (cells.name, "阿依古丽 买买提", "阿依古丽 买买提"),  # a dot was left out there
        (cells.name, "⼀⽂", "一文"), (cells.name, "Ｊｏｈｎ", "John"), (cells.name, "O’Neil", "O’Neil"),
        *((cells.name, f"阿依古丽{dot}买买提", "阿依古丽·买买提")
          for dot in ("•", "‧", "・", "．", ".", "。", "﹒", "᛫", " · ", "·")),
    ],
)  # fmt: skip
def test_what_is_meant_beyond_doubt_is_mended(mend: Any, written: str, wanted: str) -> None:
    assert mend(written) == wanted


@pytest.mark.parametrize(
    ("written", "grade", "number", "kept"),
    [
        ("高2026届3班", "", "3", "高2026届"), ("2026届高三(3)班", "", "3", "高三"), ("2024级高一(3)班", "高一", "3", "高一"),
        ("三（12）班", "高三", "12", "三"), ("三(12)班", "初三", "12", "三"), ("一(3)班", "高一", "3", "一"),
        ("三（12）班", "", "12", "三"), ("七年三班", "", "3", "七年级"), ("7(5)班", "", "5", "7年级"), ("第五班", "", "5", ""),
        ("高一〔3〕班", "", "3", "高一"), ("高中部高一（5）班", "", "5", "高一"), ("初三·2", "", "2", "初三"),
        ("202403", "高一", "3", ""),
        ("三(2)班", "九年级", None, None), ("三年级2班", "九年级", None, None), ("八(2)班", "初三", None, None),
        ("0班", "高一", None, None), ("高一(3", "", None, None), ("2026级5班", "", "5", "2026级"),
        ("某某中学高一3班", "", "3", "高一"), ("高中一年级3班", "", "3", "高中一年级"), ("未分班", "高一", "", ""),
        ("5班（借读）", "", "5", ""), ("5(实验)班", "", "5", ""), ("高一年級2班", "", "2", "高一年级"),
        ("高一实验班", "", "实验班", "高一"), ("实验", "高一", "实验班", ""), ("高一（实验）班", "高一", "实验班", "高一"),
        ("火箭班", "", "火箭班", ""), ("国际部a班", "", "国际部A班", ""), ("艺术（1）班", "", "艺术1班", ""),
        ("艺术班01", "", "艺术1班", ""), ("理（三）班", "", "理3班", ""), ("高三补习班", "高三", "补习班", "高三"),
        ("民族班", "", "民族班", ""), ("职高计算机班", "", "职高计算机班", ""), ("3+2高职班", "", "3+2高职班", ""),
        ("4A", "高二", "4A班", ""), ("国际部", "", "国际部", ""), ("高三實驗班", "", "实验班", "高三"),
        *((said, "", None, None) for said in (
            "七五", "7.5", "1-2", "5班6班", "高一5班高一6班", "5、6班", "5或6班", "高一", "高中", "休学", "本班", "男", "K0001",
            "职高一年级3班", "七(实验)班", "实验班，待定", "一二三实验班", "X" * 30)),
    ],
)  # fmt: skip
def test_a_class_and_the_grade_in_its_name(written: str, grade: str, number: str | None, kept: str | None) -> None:
    """Of 一, 二 and 三 nobody knows which stage they are of: a grade is not made of them. Others have names."""
    if number is None:
        with pytest.raises(Unreadable):
            cells.class_and_grade(written, grade)
    else:
        assert cells.class_and_grade(written, grade) == (number, kept)


HONG_KONG, MACAO, TAIWAN = (number(1, area=area) for area in ("810000", "820000", "830000"))
FOREIGNER, CITIZEN = number(1, area="911840"), number(1)


@pytest.mark.parametrize(
    ("written", "kind", "wanted"),
    [
        (HONG_KONG, "港澳", "6"), (MACAO, "7", "7"), (TAIWAN, "8", "8"), (FOREIGNER, "9", "9"), ("usa110012345678", "9", "9"),
        ("e12345678", "A", "A"), ("A123456(7)", "6", "6"), ("01234567", "8", "8"), (CITIZEN, "Z", "Z"),
        (HONG_KONG, "7", "document_of_other_kind"), (TAIWAN, "6", "document_of_other_kind"),
        (FOREIGNER, "港澳", "document_of_other_kind"), (CITIZEN, "A", "document_of_other_kind"),
        (CITIZEN, "港澳", "document_of_other_kind"), (MACAO[:-1] + "!", "7", "document_characters"),
        (f"{HONG_KONG[:10]}{(int(HONG_KONG[10]) + 1) % 10}{HONG_KONG[11:]}", "6", "idnumber"),
        (1234567, "8", "permit_of_taiwan"), ("E123***78", "A", "number_masked"), ("X1", "港澳", "permit_number"),
        ("护照丢失", "A", "document_characters"), ("", "A", "no_document_number"),
    ],
)  # fmt: skip
def test_numbers_of_other_documents_are_held_against_their_kind(written: Any, kind: str, wanted: str) -> None:
    if len(wanted) == 1:
        assert cells.document_number(written, kind) == (str(written).upper(), wanted)
    else:
        with pytest.raises(Unreadable) as caught:
            cells.document_number(written, kind)
        assert caught.value.message.code.startswith(f"roster.{wanted}")
