"""Grades and classes in the ways that schools write them."""

from __future__ import annotations

import re
from typing import Final

_NUMERALS: Final = "一二三四五六七八九"
_ALONE: Final = frozenset(_NUMERALS[3:] + "456789")  # a grade without its word; no senior school has a fourth year
_STAGES: Final = {"小": 0, "小学": 0, "初": 6, "初中": 6, "高": 9, "高中": 9}  # years of school before it
_NUMBER: Final = rf"(\d{{1,7}}|[{_NUMERALS}]?十[{_NUMERALS}]?|[{_NUMERALS}])"
_CLASS: Final = re.compile(rf"[(（\[【]?{_NUMBER}[)）\]】]?班?")
# 高一, 高1, 高中一年级, 高一年级, 七年级, 7年级; and by the year of entry: 2026级, 高2026级, 26级.
_GRADE: Final = (
    rf"(?:(?P<stage>小学|初中|高中|小|初|高)(?P<year>[{_NUMERALS}]|[1-6])(?:年级|年)?"
    rf"|(?P<whole>[{_NUMERALS}]|十[一二]?|1[0-2]|[1-9])年级)"
)
_ENTRY: Final = r"(?P<entry>(?:小学|初中|高中|小|初|高)?(?:20)?\d{2}级)"
_WHOLE: Final = re.compile(_GRADE)
_BEFORE: Final = re.compile(rf"(?:{_ENTRY}|{_GRADE})[\s\-—–_.·]*")
# 七(5)班, 九1班: a bare numeral is a grade where brackets or digits follow.
_BARE: Final = re.compile(rf"(?P<bare>[{_NUMERALS}])(?=[(（\[【]|\d+班)")


def grade_of(text: str) -> int | None:
    """The year of school, 1 to 12, that a grade's name means: 高一 is 10, 七年级 and 初一 are 7; None for other names."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    if match["whole"]:
        return _whole(match["whole"])
    year = _NUMERALS.find(match["year"]) + 1 or int(match["year"])
    most = 3 if _STAGES[match["stage"]] else 6
    return _STAGES[match["stage"]] + year if year <= most else None


def grade_name(text: str) -> str:
    """One name for what is written in several ways: 高中一年级, 高一年级 and 高1 are 高一, 7年级, 七 and 7 are 七年级. Others
    stay, 一 and 1 among them: they are years of any school."""
    year = grade_of(text)
    if year is None:
        return f"{_NUMERALS[_whole(text) - 1]}年级" if text in _ALONE else text
    before = {"初": 6, "高": 9}.get(text[0])
    if before is not None:
        return f"{text[0]}{_NUMERALS[year - before - 1]}"
    return f"{'十' if year > 9 else ''}{_NUMERALS[year % 10 - 1] if year % 10 else ''}年级"


def class_of(text: str, grade: str = "") -> tuple[str, str] | None:
    """Number of a class, and the grade that its name holds (empty when none): `高一(5)班` is ('5', '高一'), `05班` ('5', '').

    None for what could be two things (`七五`, `7.5`) or is no number. `grade` is what another column says.
    """
    rest, told = text, ""
    if match := _BEFORE.match(text):
        rest = text[match.end() :]
        told = "" if match["entry"] else match[0].rstrip(" \t-—–_.·")
    elif grade and text.startswith(grade):
        rest = text[len(grade) :].lstrip(" -—–_.·")
    elif match := _BARE.match(text):
        rest, told = text[1:], f"{match['bare']}年级"
    number = _CLASS.fullmatch(rest)
    if number is None or text == told or rest.count("(") + rest.count("（") != rest.count(")") + rest.count("）"):
        return None
    value = _value(number[1])
    year = grade_of(grade)
    if not told and year is not None and len(number[1]) == 3 and number[1][0] == str(year) and value % 100:
        value, told = value % 100, grade  # 905 in 九年级
    return str(value), told


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    tens, ten, ones = number.partition("十")
    if not ten:
        return _NUMERALS.find(number) + 1
    return (_NUMERALS.find(tens) + 1 if tens else 1) * 10 + (_NUMERALS.find(ones) + 1 if ones else 0)


def _whole(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else _value(numeral)
