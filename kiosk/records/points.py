"""报名点: a station that captures students of several schools, and those who belong to none of them here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.records.people import SchoolName, Student

AT_SCHOOL: Final = "在校"
OF_NO_SCHOOL: Final = "社会考生"
# 考生类别, as the notices name them: whoever is not at a school, and who comes back to where the household is registered.
CATEGORIES: Final = (AT_SCHOOL, OF_NO_SCHOOL, "回户籍")


@dataclass(frozen=True)
class Served:
    """A school whose students may be captured here, who permitted that, and on which day (ISO 8601)."""

    school: SchoolName
    permitted_by: str = ""
    permitted_on: str = ""


@dataclass(frozen=True)
class Point:
    """What a 报名点 may capture beside the students of the station's own school. Not `active`: the station is a school's."""

    active: bool = False
    categories: tuple[str, ...] = ()  # of `CATEGORIES`: of any school
    schools: tuple[Served, ...] = ()

    def takes(self, student: Student, own: SchoolName) -> bool:
        """Whether a student may be captured here without somebody's permission."""
        if not self.active or student.category_told in self.categories:
            return True
        known = (own, *(one.school for one in self.schools))
        return not any(student.school_name) or any(any(one) and one.is_same(student.school_name) for one in known)


NO_POINT: Final = Point()
