"""Who is on the lists of the school, and who decides about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

# The shapes in which the dot comes in names of minorities and foreigners; the full stop, of every width, is typed for it.
_DOTS: Final = str.maketrans(dict.fromkeys("•‧・･∙⋅﹒᛫·⸱․.。｡", "·"))


# Those that stand for nothing else. 民委发〔2016〕33号: the dot in names of minorities is U+00B7 in every system.
_OTHER_DOTS: Final = str.maketrans(dict.fromkeys("•‧・･∙⋅﹒᛫·⸱․", "·"))
_COUNTED: Final = str.maketrans("一二三四五六七八九", "123456789")  # grades, in the order of going to school
_HAN: Final = r"[\u2e80-\u2fdf\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_STOP_BETWEEN: Final = re.compile(rf"(?<={_HAN}) ?[.．。｡·] ?(?={_HAN})")


def with_dots(name: str) -> str:
    """The name with its dots as systems have them, U+00B7; a full stop counts where Chinese characters stand on both sides."""
    return name if name.isalnum() else _STOP_BETWEEN.sub("·", name.translate(_OTHER_DOTS))


def name_key(name: str) -> str:
    """What two spellings of one name have in common: width, blanks, letter case and the shape of the dot don't count.

    Nor do characters that nobody sees, as spreadsheets leave them behind (zero-width spaces, byte order marks).
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", name) if unicodedata.category(letter) != "Cf")
    return "".join(seen.translate(_DOTS).split()).casefold()


@dataclass(frozen=True)
class Person:
    """Somebody who decides. Without an account the name was typed, and nobody proved that it is theirs."""

    name: str
    account: str = ""

    def same_as(self, other: Person) -> bool:
        """Whether two may be one and the same: two accounts tell people apart, else the names do."""
        if self.account and other.account:
            return self.account.casefold() == other.account.casefold()
        return name_key(self.name) == name_key(other.name)


class SchoolName(NamedTuple):
    """Which school: 学校 and 学校标识码, as a list says them. Nothing at all is a school that nobody has named."""

    name: str = ""
    code: str = ""

    @property
    def key(self) -> str:
        """What tells schools apart, once a store has them spelt in one way: the code, else the name."""
        return self.code or name_key(self.name)

    def is_same(self, other: SchoolName) -> bool:
        """Whether two spellings mean one school: by the code where both have one, else by the name."""
        if self.code and other.code:
            return self.code == other.code
        return name_key(self.name) == name_key(other.name)


class ClassKey(NamedTuple):
    """A class is a class of its school: by the school's key."""

    school: str
    grade: str
    class_name: str

    @property
    def order(self) -> tuple[str, str, str]:
        """School by school, 高二 before 高三, class 2 before class 10, and those that have a name behind the numbers."""
        name = self.class_name
        return self.school, self.grade.translate(_COUNTED), name.zfill(8) if name.isdigit() else f"~{name}" if name else ""


def school_words(school: SchoolName, schools: Collection[SchoolName]) -> str:
    """What a school is called beside others: nothing where there is only one, its code too where two have one name."""
    if len(schools) < 2:
        return ""
    namesakes = sum(name_key(one.name) == name_key(school.name) for one in schools)
    return " ".join(filter(None, school)) if namesakes > 1 else school.name or school.code


@dataclass(frozen=True)
class Student:
    """考生: one row of the roster."""

    name: str
    id_number: str
    grade: str = ""
    class_name: str = ""
    registration_number: str = ""  # 考籍号
    sex: str = ""  # 男, 女 or unknown to the roster
    birth_text: str = ""  # YYYYMMDD
    ethnicity: str = ""
    document_type: str = ""  # code of the national student register; empty and 1: resident ID card
    stream: str = ""  # 文科, 理科
    student_number: str = ""  # 学籍号
    exam_number: str = ""  # 考号
    school: str = ""
    school_code: str = ""  # 学校标识码
    category: str = ""  # 考生类别: 在校, 社会考生, 回户籍; empty: 在校
    guardian_consent: str = ""  # on paper, to biometrics: 是, 否, or unknown to the roster

    @property
    def school_name(self) -> SchoolName:
        """The student's school."""
        return SchoolName(self.school, self.school_code)

    @property
    def category_told(self) -> str:
        """考生类别; 在校 where nobody said anything."""
        return self.category or "在校"

    @property
    def group(self) -> ClassKey:
        """The student's class."""
        return _class_of(self.school, self.school_code, self.grade, self.class_name)


@lru_cache(maxsize=1 << 12)  # asked for of every student again and again, and always the same few
def _class_of(school: str, school_code: str, grade: str, class_name: str) -> ClassKey:
    return ClassKey(SchoolName(school, school_code).key, grade, class_name)


@dataclass(frozen=True)
class Teacher:
    """One row of the teachers' sheet, in the values of the notice."""

    name: str
    sex: str
    id_number: str
    birth_month: str  # YYYYMM
    classes: str  # numbers separated by commas
    subject: str
    former_subjects: str
    years: str
    title: str
    first_degree: str
    first_major: str
    highest_degree: str
    highest_major: str
