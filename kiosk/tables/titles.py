"""Titles above the lists of a sheet that say whose they are: `高一（3）班 花名册`, for lists without a column of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from kiosk.tables.cell import Cell
from kiosk.tables.cells import grade, half_width, said, simplified
from kiosk.tables.classes import class_of, is_of_grade, without_remark
from kiosk.tables.sheet import Row

_LONGEST: Final = 60  # characters
_MOST_CHARACTERS: Final = 200  # with the blanks between them
_WORD: Final = re.compile("[班级級]|[高初][中一二三1-3]")  # in every title
_SHORTEST: Final = 2
_MOST_CELLS: Final = 4
_SCHOOL_YEAR: Final = re.compile(r"20\d\d[-—–~至/]+(?:20)?\d\d(?:学年度?)?(?:第?[一二上下]学期)?|20\d\d年(?:[春秋]季)?")
_BEFORE: Final = re.compile(r"^以下[为是]?:?|(?:班级|班级名称|行政班|班别):")
_COUNT: Final = re.compile(r"[(]?(?:共|总|全班|人数|男生?|女生?)?:?共?\d+(?:人|名)[)]?|[(]?(?:总?人数|男生?|女生?):?\d+[)]?")
_ASIDE: Final = re.compile(
    r"(?:班主任|任课教师|教师|老师|制表人?|填表人?|联系电话|电话|日期|制表日期)(?:老师)?:?.*|[(]?续表?\d*[)]?$|第\d+页.*"
)
_KIND_OF_LIST: Final = re.compile(
    r"(?:全体|各班级?|全年级|汇总|统计|报送|上报|在籍|在校|考生|学生|新生|学籍|基本|考籍|注册|报名|报考|采集|身份|情况|成员|照片|图像|摄像|指纹|现场|核对|确认"
    r"|普通高中|学业水平|合格性|等级性|选择性|第?[一二三四]次|模拟|期[中末]|考试|测试|会考|中考|高考|[上下]学期)*"
    r"(?:花名册|名册|名单|一览表|信息采集表|信息表|登记表|统计表|采集表|报名表|汇总表|确认表|核对表|学生|考生|信息|表)?"
)
# In the name of a list, and of no class.
_OF_A_LIST: Final = re.compile("考试|测试|会考|模拟|期[中末]|名册|名单|报名|报考|注册|登记|采集|确认|考生|学生|信息")
_SCHOOL: Final = re.compile(
    r"(?!高中|初中)[\u3400-\u9fffA-Za-z0-9·()]{2,30}?(?:中学|学校|高中|[一二三四五六七八九十附]中|校区)(?=.)"
)
# What a grade or a class stands behind: 班级：高一(3)班; the label may have a cell of its own.
_GRADE_LABEL: Final = re.compile(r"(?:所在|就读)?年级(?:名称)?")
_CLASS_LABEL: Final = re.compile(r"(?:所在|就读)?(?:年级/?)?(?:班级|行政班级?|班别)(?:名称)?")
_LABELLED: Final = re.compile(r"([^\s:,;、]{1,8})\s*:\s*(.*?)(?=[\s,;、]+[^\s:,;、]{1,8}\s*:|$)", re.DOTALL)
_VERSION: Final = re.compile(
    r"(?:\s*[(（]\d{1,2}[)）]|[\s\-—_]*(?:副本|最终版?|定稿|终稿|最新版?|修改版?|更新版?|新版|v\d+)"
    r"|[\s\-—_.]*(?:20)?\d\d[.\-年]?\d{1,2}[.\-月]?\d{1,2}日?)$",
    re.IGNORECASE,
)
_GRADE_LIKE: Final = re.compile(r"年级|[高初][一二三1-3]|\d[级届]")
_BARE_NUMBER: Final = re.compile(r"\d{1,2}|\(\d{1,2}\)|[一二三四五六七八九十]{1,3}")
_YEAR_ALONE: Final = re.compile(r"(?:高|初)?(?:中)?(?:20)?\d\d[级届]")
_SIGNS: Final = "-—–_:,;、。 "  # at the ends
_IN_BRACKETS: Final = re.compile(r"(.+)\((.+)\)")
_GRADE_ALONE: Final = re.compile(
    r"(?:(?:20)?\d\d[级届])?((?:高|初)(?:中)?[一二三1-3](?:年级)?|[一二三四五六七八九]年级|[7-9]年级)(?:毕业班)?"
)
_CLASS_LIKE: Final = re.compile(
    r"(?<![本全各该两每插跟值分编转调])班(?=$|[\s(（:：]|级[:：]\s*(?!\S{1,8}[:：])[^\s_＿]|学生|考生|花名册|名册|名单)|[\d)）]\s*班(?!主任)"
)


@dataclass(frozen=True)
class Title:
    """A grade, a class of it, or both: where it stands (row 0: the sheet's name) and what it says."""

    row: int
    text: str
    grade: str
    class_name: str


def may_be_title(cell: Cell) -> bool:
    """Whether a cell has what every title has that says something of a class or a grade."""
    return isinstance(cell, str) and len(cell) <= _MOST_CHARACTERS and _WORD.search(cell) is not None


def title_of(text: str, row: int = 0) -> Title | None:
    """What a title says of class and grade beyond doubt; None for nothing, and for what could be several."""
    if not may_be_title(text):
        return None
    shown = " ".join(text.split())
    found = _told(shown) or _told_by_a_word(shown.split())
    return Title(row, shown, *found) if found else None


def _told(text: str) -> tuple[str, str] | None:
    """Grade and class."""
    rest = simplified(half_width(text)).replace(" ", "")
    if not rest or len(rest) > _LONGEST:
        return None
    rest = _BEFORE.sub("", _SCHOOL_YEAR.sub("", rest), count=1)
    rest = _ASIDE.sub("", _COUNT.sub("", rest))
    without_school = _SCHOOL.sub("", rest, count=1)
    for bare in dict.fromkeys(text.strip(signs) for text in (rest, without_school) for signs in (_SIGNS, f"{_SIGNS}()")):
        for end in range(len(bare), 0, -1):
            if _KIND_OF_LIST.fullmatch(bare, end) is None:
                continue
            if found := _class_or_grade(bare[:end].rstrip("-—–_:·的")):
                return found
    return _told_in_brackets(rest)


def _told_in_brackets(text: str) -> tuple[str, str] | None:
    """A class that stands behind the name of the list: 学业水平考试报名表(高二3班)."""
    match = _IN_BRACKETS.fullmatch(text)
    found = _class_or_grade(match[2]) if match else None
    if match is None or found is None or not (found[0] or found[1].isdigit()) or is_like_class(match[1]):
        return None
    of_grade = before[0] if (before := _told(match[1])) else ""
    return (found[0] or of_grade, found[1]) if is_of_grade(found[0], of_grade) else None


def _told_by_a_word(words: list[str]) -> tuple[str, str] | None:
    """Of a title in several words the only one that says a class, or a grade; or one of each."""
    said_by = [(word, _told(word)) for word in words] if len(words) > 1 else []
    if any(found is None and (is_like_class(word) or _GRADE_LIKE.search(word)) for word, found in said_by):
        return None
    told = [found for _, found in said_by if found is not None]
    if len(told) == 2 and told[0][1] == "" == told[1][0]:
        return told[0][0], told[1][1]
    return told[0] if len(told) == 1 else None


def labelled(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Grade and class of a row that says what is what, in one cell or in several: 年级：高一 班级：3班, or 班级 | 高一3班; more
    than one above lists side by side. Empty for other rows, and where a class could be several things."""
    found: list[tuple[str, str]] = []
    of_grade = ""
    for label, value in _pairs(texts):
        if _GRADE_LABEL.fullmatch(label):
            of_grade = _grade_told(value)
        elif _CLASS_LABEL.fullmatch(label) and value.strip(_SIGNS):
            told = _told(f"{value}班" if _BARE_NUMBER.fullmatch(value.replace(" ", "")) else value)
            if told is None or not told[1] or not is_of_grade(told[0], of_grade):
                return []
            found.append((told[0] or of_grade, told[1]))
    if len(found) == 1:
        return [(found[0][0] or of_grade, found[0][1])]
    return found or ([(of_grade, "")] if of_grade else [])


def _grade_told(text: str) -> str:
    told = _told(text)
    bare = text.replace(" ", "")
    return told[0] if told and not told[1] else bare if _YEAR_ALONE.fullmatch(bare) else ""


def _pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Labels with what stands behind them: in the same cell, or in the next."""
    label = ""
    for text in texts:
        if len(text) > _MOST_CHARACTERS:
            label = ""
            continue
        shown = simplified(half_width(text)).strip()
        found = [(name, value.strip()) for name, value in _LABELLED.findall(shown)]
        bare = shown.rstrip(": ").replace(" ", "")
        if label and not found and not _is_label(bare):
            yield label, shown
        yield from found
        label = bare if _is_label(bare) else found[-1][0] if found and not found[-1][1] else ""


def _is_label(text: str) -> bool:
    return bool(_GRADE_LABEL.fullmatch(text) or _CLASS_LABEL.fullmatch(text))


def texts_of(row: Row) -> list[str]:
    """What its cells say, from left to right."""
    return list(filter(None, (said(cell) for _, cell in sorted(row.cells.items()))))


def _class_or_grade(text: str) -> tuple[str, str] | None:
    """Grade and class."""
    if match := _GRADE_ALONE.fullmatch(text):
        return match[1], ""
    found = class_of(text) or class_of(without_remark(text)[0]) if "班" in text else None
    if found is None or not (found[0].isdigit() or found[1] or text == found[0]) or _OF_A_LIST.search(found[0]):
        return None
    return found[1], found[0]


def _both(nearer: Title | None, farther: Title | None) -> Title | None:
    """What two titles say together: 3班 in a file that is called 高一年级花名册, 高一年级 in a sheet that is called 3班."""
    if nearer is None or farther is None or not is_of_grade(nearer.grade, farther.grade):
        return nearer or farther
    told = replace(nearer, grade=nearer.grade or farther.grade, class_name=nearer.class_name or farther.class_name)
    return nearer if told == nearer else replace(told, text=f"{farther.text} {nearer.text}")


def _stem(file: str) -> str:
    """A file's name without its ending, and without what copies and versions of it have at theirs: (1), 副本, 20261103."""
    stem, _, ending = file.rpartition(".")
    stem = stem if stem and ending.isascii() else file
    while (shorter := _VERSION.sub("", stem)) != stem:
        stem = shorter
    return stem


class Titles:
    """Whose the rows of a sheet are, by the titles that they stand below; a title holds until the next one."""

    def __init__(self, sheet: str, file: str, told: list[tuple[Title, int]]) -> None:
        """Names of sheet and file are titles, too. `told` gets each title that a class or a grade was taken from, with how many
        students."""
        self._told = told
        self._counts: dict[Title, int] = {}
        self._named = _both(title_of(sheet), title_of(_stem(file)))
        self._now: tuple[Title, ...] = (self._named,) if self._named else ()
        self._unclear: Title | None = None
        self._texts: set[str] = set()  # of the titles so far

    def look(self, row: Row, lists: int = 1) -> tuple[Title, ...]:
        """What a row says if it is a title: one for each of the `lists` side by side, or one for all of them. Where titles were
        clear, one that speaks of a class and is not leaves open whose the next rows are: it has neither. Empty for no title."""
        every = texts_of(row)
        if len(told := labelled(every)) in (1, lists):
            return tuple(Title(row.at + 1, " ".join(" ".join(every).split()), *one) for one in told)
        texts = list(dict.fromkeys(every))
        if not 0 < len(texts) <= _MOST_CELLS or any(len(text) < _SHORTEST or text.isdigit() for text in texts):
            return ()
        found = tuple(title for text in texts if (title := title_of(text, row.at + 1)) is not None)
        if len(found) in (1, lists):
            return found
        if found and (title := title_of("".join(texts), row.at + 1)) is not None:
            return (title,)
        unclear = next(filter(is_like_class, texts), "") if found or self._now else ""
        return (Title(row.at + 1, unclear, "", ""),) if unclear else ()

    def take(self, found: tuple[Title, ...]) -> None:
        """What was looked at holds from now on; a class keeps the grade that was told above it."""
        self._unclear = found[0] if not (found[0].grade or found[0].class_name) else None
        if self._unclear is None:
            before = [self._of(at) for at in range(len(found))]
            self._now = tuple(self._after(one, title) for one, title in zip(before, found, strict=True))
            self._texts.update(title.text for title in found)

    def _after(self, before: Title | None, title: Title) -> Title:
        """What holds below a title, and held before it."""
        if before is None or (title.grade and title.class_name):
            return title
        if title.class_name:
            return replace(title, grade=before.grade)
        # The same title again, as printed lists have it on each page: the class goes on.
        return before if title.text in self._texts and title.grade == before.grade else title

    def above(self, rows: Iterable[Row], lists: int) -> list[str]:
        """Take the titles above the first header. Returns those that speak of a class and say nothing, as they are not clear,
        with their rows."""
        unclear = []
        for row in rows:
            found = self.look(row, lists)
            if any(title.grade or title.class_name for title in found):
                self.take(tuple(title if title.class_name else _both(title, self._named) or title for title in found))
            elif text := next(filter(is_like_class, texts_of(row)), ""):
                unclear.append(f"{row.at + 1}：{' '.join(text.split())[:_LONGEST]}")
        return unclear

    def put(self, values: list[str], grade_at: int | None, class_at: int | None, entry: int) -> Title | None:
        """Give a student of a list the grade and the class that are not told otherwise: the places are None where they are.
        Returns the title where it leaves open which class it is."""
        if class_at is not None and self._unclear is not None:
            return self._unclear
        title = self._of(entry)
        if title is None:
            return None
        used = False
        if grade_at is not None and not values[grade_at] and title.grade:
            values[grade_at], used = grade(title.grade), True
        if class_at is not None and title.class_name:
            values[class_at], used = title.class_name, True
        if used:
            self._counts[title] = self._counts.get(title, 0) + 1
        return None

    def finish(self) -> None:
        """Say what was taken from where."""
        self._told += self._counts.items()

    def _of(self, entry: int) -> Title | None:
        return self._now[min(entry, len(self._now) - 1)] if self._now else None


def is_like_class(text: str) -> bool:
    """Whether a title speaks of a class."""
    return _CLASS_LIKE.search(text) is not None
