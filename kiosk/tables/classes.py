"""Grades and classes in the ways that schools write them."""

from __future__ import annotations

import re
from typing import Final

from kiosk.tables.class_names import class_name

_NUMERALS: Final = "一二三四五六七八九"
_NOUGHTS: Final = "〇○零"
_ALONE: Final = frozenset(_NUMERALS[3:] + "456789")  # a grade without its word; no senior school has a fourth year
_STAGES: Final = {"小": 0, "小学": 0, "初": 6, "初中": 6, "高": 9, "高中": 9}  # years of school before it
_YEAR_AND_CLASS: Final = 6  # digits
_WITH_NOUGHT: Final = 3  # digits: 05 and 005 are 5
_OPEN, _CLOSE = "([【〔〈「", ")]】〕〉」"
_SEPARATORS: Final = " -—–_.·"
_NUMBER: Final = rf"(\d{{1,7}}|[{_NUMERALS}]?十[{_NUMERALS}]?|[{_NUMERALS}][{_NOUGHTS}]?)"
_CLASS: Final = re.compile(rf"第?[{re.escape(_OPEN)}]?{_NUMBER}[{re.escape(_CLOSE)}]?班?")
# 高一, 高1, 高中一年级, 高一年级, 七年级, 7年级; and by the year of entry or of leaving: 2026级, 高2026级, 26级, 2029届.
_GRADE: Final = (
    rf"(?:(?P<stage>小学|初中|高中|小|初|高)(?P<year>[{_NUMERALS}]|[1-6])(?:年级|年)?"
    rf"|(?P<whole>[{_NUMERALS}]|十[一二]?|1[0-2]|[1-9])年级)"
)
_YEAR: Final = r"(?:小学|初中|高中|小|初|高)?(?:20)?\d{2}[级届]"
_PLAIN_GRADE: Final = rf"(?:高|初)(?:[一二三]|[1-3])|[{_NUMERALS}]年级"
_WHOLE: Final = re.compile(_GRADE)
_NOTED: Final = re.compile(rf"(?:{_YEAR})?({_GRADE})(?:\({_YEAR}\))?")
_BETWEEN: Final = rf"[{re.escape(_SEPARATORS)}]*"
_SCHOOL: Final = re.compile(rf"(?!高中|初中)[\u3400-\u9fff]{{1,20}}?(?:中学|学校|高中|中|校区)(?={_YEAR}|{_PLAIN_GRADE})")
_DEPARTMENT: Final = re.compile(rf"(?:小学|初中|高中)部{_BETWEEN}")
_YEAR_BEFORE: Final = re.compile(_YEAR + _BETWEEN)
_GRADE_BEFORE: Final = re.compile(_GRADE + _BETWEEN)
# 七(5)班, 7(5)班, 七年三班, 九1班: a bare numeral is a grade where brackets or 年 follow, or digits behind a Chinese one.
_BARE: Final = re.compile(rf"([{_NUMERALS}]|1[0-2]|[1-9])(?:年|(?=[{re.escape(_OPEN)}]))|([{_NUMERALS}])(?=\d+班)")
_REMARK: Final = re.compile(rf"(.*\d班?|.*[{_NUMERALS}十]班)\(([^()\d]{{1,10}})\)班?")


def grade_of(text: str) -> int | None:
    """The year of school, 1 to 12, that a grade's name means: 高一 is 10, 七年级 and 初一 are 7; None for other names."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    if match["whole"]:
        return value_of(match["whole"])
    year = _NUMERALS.find(match["year"]) + 1 or int(match["year"])
    most = 3 if _STAGES[match["stage"]] else 6
    return _STAGES[match["stage"]] + year if year <= most else None


def grade_name(text: str) -> str:
    """One name for what is written in several ways: 高中一年级, 高一年级 and 高1 are 高一, 7年级, 七 and 7 are 七年级. Others
    stay, 一 and 1 among them: they are years of any school."""
    if noted := _NOTED.fullmatch(text):  # 2026级高一, 高一(2026级)
        text = noted[1]
    year = grade_of(text)
    if year is None:
        return f"{_NUMERALS[value_of(text) - 1]}年级" if text in _ALONE else text
    before = {"初": 6, "高": 9}.get(text[0])
    if before is not None:
        return f"{text[0]}{_NUMERALS[year - before - 1]}"
    return f"{'十' if year > 9 else ''}{_NUMERALS[year % 10 - 1] if year % 10 else ''}年级"


def class_of(text: str, grade: str = "") -> tuple[str, str] | None:
    """A class, by its number or else its name, and the grade that stands before it (empty when none): `高一(5)班` is
    ('5', '高一'), `05班` ('5', ''), `高一实验班` ('实验班', '高一').

    None for what could be two things (`七五`, `7.5`), for class 0, or what is no class. `grade` is what another column says.
    """
    rest, told, is_bare = _after_grade(text, grade)
    if sum(map(rest.count, _OPEN)) != sum(map(rest.count, _CLOSE)):
        return None
    number = _CLASS.fullmatch(rest)
    if number is None:
        name = "" if is_bare else class_name(rest)
        return (name, told) if name else None
    value = value_of(number[1])
    if number[1].startswith("0") and len(number[1]) > _WITH_NOUGHT:
        return None  # 0302: class 2 of the third year, or class 302?
    year = grade_of(grade)
    if not told and year is not None and len(number[1]) == 3 and number[1][0] == str(year) and value % 100:
        value, told = value % 100, grade  # 905 in 九年级
    if len(number[1]) == _YEAR_AND_CLASS and number[1].startswith("20"):
        value %= 100  # 202403: class 3 of those who entered in 2024
    return (str(value), told) if value else None


def _after_grade(text: str, grade: str) -> tuple[str, str, bool]:
    """What follows the grade or the year that a class begins with, these, and whether the grade is a bare numeral."""
    rest, told = text.removeprefix(school_before(text)), ""
    if match := _YEAR_BEFORE.match(rest):
        rest, told = rest[match.end() :], match[0].rstrip(_SEPARATORS)
    if match := _GRADE_BEFORE.match(rest):
        return rest[match.end() :], match[0].rstrip(_SEPARATORS), False
    if grade and rest.startswith(grade):
        return rest[len(grade) :].lstrip(_SEPARATORS), told, False
    if match := _BARE.match(rest):
        told = match[1] or match[2]
        return rest[match.end() :], f"{told}年级" if told in _ALONE or len(told) > 1 else told, True
    return rest, told, False


def school_before(text: str) -> str:
    """What a class with its grade has before it of a school, a campus or a stage: `南校区` of `南校区高一3班`."""
    rest = text
    for before in (_SCHOOL, _DEPARTMENT):
        if match := before.match(rest):
            rest = rest[match.end() :]
    return text.removesuffix(rest)


def without_remark(text: str) -> tuple[str, str]:
    """A class and what stands in brackets about it: `5班(借读)` is ('5班', '借读'); an empty remark where there is none."""
    match = _REMARK.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def is_of_grade(told: str, grade: str) -> bool:
    """Whether a class's grade is not another one than `grade`. Within a stage its years are counted alone, too: 三(12)班 and
    三年级12班 are classes of 高三 and of 初三, but not of 九年级."""
    year, wanted = (grade_of(told) or grade_of(f"{told}年级")) if told else None, grade_of(grade)
    if year is None or wanted is None or year == wanted:
        return True
    return grade[0] in "初高" and told[0] not in "小初高" and year == wanted - _STAGES[grade[0]]


def value_of(number: str) -> int:
    """What digits or Chinese numerals below a hundred mean: 12, 十二, 二十, 二〇."""
    if number.isdigit():
        return int(number)
    if number[-1] in _NOUGHTS:
        number = f"{number[:-1]}十"
    tens, ten, ones = number.partition("十")
    if not ten:
        return _NUMERALS.find(number) + 1
    return (_NUMERALS.find(tens) + 1 if tens else 1) * 10 + (_NUMERALS.find(ones) + 1 if ones else 0)
