"""What is planted: who is captured where, what becomes of each package, whose clock is wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from kiosk import idnumber
from kiosk.records import (
    School,
    Student,
)

FEWEST: Final = 3  # stations: two that work, and one that was stolen
_PARTS: Final = 3  # packages of each station's day
AT: Final = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
DAY: Final = timedelta(days=1)


class Fate(StrEnum):
    """What becomes of a package on its way. `EARLY`: before those that were written before it."""

    EARLY = "early"
    LOST = "lost"
    TWICE = "twice"
    TRUNCATED = "truncated"
    OLD_VERSION = "old_version"
    LATE = "late"
    NEWER_VERSION = "newer_version"
    REVOKED = "revoked"


_ON_THE_WAY: Final = tuple(fate for fate in Fate if fate is not Fate.REVOKED)
REFUSED: Final = {
    Fate.TRUNCATED: "parcel.damaged",
    Fate.NEWER_VERSION: "intake.newer",
    Fate.REVOKED: "intake.revoked",
}
NEVER_CAME: Final = frozenset({Fate.LOST, Fate.TRUNCATED, Fate.NEWER_VERSION})  # its records did, in another one


@dataclass(frozen=True)
class Sitting:
    """Somebody is captured. `body`: who it really is; `part` of the station's day."""

    student: Student
    body: int
    take: int
    part: int
    like: int = -1  # whose twin it is


@dataclass(frozen=True)
class Post:
    """A station: its name, its school, whom it captures, what becomes of its packages."""

    number: int
    school: School
    sittings: tuple[Sitting, ...]
    fates: tuple[Fate, ...]
    skew: timedelta = timedelta(0)

    @property
    def name(self) -> str:
        return f"采集点-{self.number:02d}"

    @property
    def is_revoked(self) -> bool:
        return Fate.REVOKED in self.fates

    @property
    def by_network(self) -> bool:
        """Whether what it sends again goes over the network, and the office's answers come back there."""
        return self.number % 2 == 0 and not self.is_revoked

    @property
    def staff(self) -> str:
        """Who gave their templates there."""
        return f"工作人员{self.number:02d}"


@dataclass(frozen=True)
class Plot:
    """Everything that is planted. `doubles` and `twins` are pairs of ID numbers; `contested` were captured at two stations."""

    roster: tuple[Student, ...]
    posts: tuple[Post, ...]
    doubles: frozenset[frozenset[str]]
    twins: tuple[frozenset[str], ...]
    contested: frozenset[str]
    seed: int


def plotted(stations: int, schools: int, students: int, seed: int) -> Plot:
    """Who is captured where, and what goes wrong: the same for the same seed."""
    working = stations - 1  # the last one is stolen
    schools = min(schools, working)
    students = max(students, 4 * stations)
    roster = tuple(student_of(number, number % stations % schools) for number in range(students))
    own: dict[int, list[Sitting]] = defaultdict(list)
    for number, student in enumerate(roster):
        own[number % stations].append(Sitting(student, number, 0, number // stations % _PARTS))
    doubles, twins, contested = set(), [], set()
    for one, other in pairwise(range(working)):
        if one % 2:
            continue
        (first, second, third), theirs = own[one][:3], own[other]
        doubles.add(frozenset({first.student.id_number, theirs[0].student.id_number}))
        theirs[0] = Sitting(theirs[0].student, first.body, 1, theirs[0].part)
        twins.append(frozenset({second.student.id_number, theirs[1].student.id_number}))
        theirs[1] = Sitting(theirs[1].student, theirs[1].body, 0, theirs[1].part, like=second.body)
        contested.add(third.student.id_number)
        theirs.append(Sitting(third.student, third.body, 1, _PARTS - 1))
    posts = []
    for number in range(stations):
        fates: tuple[Fate, ...] = tuple(_ON_THE_WAY[(number * _PARTS + part) % len(_ON_THE_WAY)] for part in range(_PARTS))
        skew = DAY * ((number + 1) % 3 - 1)  # as it should be, a day ahead, a day behind, …
        stolen = number == working
        fates = (Fate.REVOKED,) * _PARTS if stolen else fates
        posts.append(Post(number + 1, school_of(number % schools), tuple(own[number]), fates, timedelta(0) if stolen else skew))
    return Plot(roster, tuple(posts), frozenset(doubles), tuple(twins), frozenset(contested), seed)


def school_of(number: int) -> School:
    """The schools are told apart by their codes."""
    return School(f"第{number + 1}中学", f"63010{number + 1:05d}")


def student_of(number: int, school: int) -> Student:
    """Somebody with a valid number, who doesn't exist."""
    first17 = f"630103{date(2009, 1, 1) + timedelta(days=number // 900):%Y%m%d}{number % 900 + 100}"
    own = school_of(school)
    name, id_number = f"考生{number + 1}", first17 + idnumber.check_character(first17)
    return Student(name, id_number, "高一", "1", f"K{number:05d}", school=own.name, school_code=own.code)
