"""学生信息: which student of the roster a row of a list is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kiosk import idnumber
from kiosk.codes import SEX
from kiosk.records import Message, Student, name_key
from kiosk.store import Given
from kiosk.surrogate import number_of


class Finder:
    """Among the students of a roster; `school` is the key of the one whose list it is, empty where the roster has one."""

    def __init__(self, students: Sequence[Student], given: Sequence[Given], school: str = "") -> None:
        self._school = school
        self._by_number = {one.number: one.student for one in given if one.number}
        self._by_number |= {one.id_number: one for one in students}
        self._by_name: dict[str, list[Student]] = defaultdict(list)
        for one in students:
            self._by_name[name_key(one.name)].append(one)

    def find(self, told: Mapping[str, str]) -> Student | Message:
        """By the number, or the one that the exam office's rule gave; who has none goes by the name and what else the row says.
        A message where it is nobody, several, another school's, or a number and a name of two students of a class."""
        number, name = number_of(told.get("id_number", "")), told.get("name", "")
        found = self._by_number.get(number) if number else self._by_person(told)
        if found is None:
            return Message("particulars.unknown")
        if isinstance(found, Message):
            return found
        if self._school not in ("", found.group.school) or not _is_of(found, told.get("school_code", "")):
            return Message("particulars.other_school", {"school": " ".join(filter(None, found.school_name))})
        if name_key(found.name) != name_key(name) and any(
            one.group == found.group and one != found for one in self._by_name.get(name_key(name), ())
        ):
            return Message("particulars.others_number", {"name": found.name})
        return found

    def _by_person(self, told: Mapping[str, str]) -> Student | Message | None:
        alike = [
            one
            for one in self._by_name.get(name_key(told.get("name", "")), ())
            if self._school in ("", one.group.school) and _is_of(one, told.get("school_code", "")) and _may_be(one, told)
        ]
        if len(alike) > 1:
            return Message("particulars.several", {"count": len(alike)})
        return alike[0] if alike else Message("particulars.nobody_called")


def _may_be(student: Student, told: Mapping[str, str]) -> bool:
    """Whether nothing that a row says beside the name is otherwise: sex, birth date, grade, and the class by its 班号."""
    number = student.id_number if idnumber.problem(student.id_number) is None else ""
    born, sex = (idnumber.birth_date(number), SEX.get(idnumber.sex_code(number), "")) if number else (None, "")
    code = told.get("class_code", "")
    known = {
        "sex": student.sex or sex,
        "birth_text": student.birth_text or (f"{born:%Y%m%d}" if born else ""),
        "grade": student.grade,
        "class_code": f"{student.class_name:0>2}"[-2:] if student.class_name.isdigit() else "",
    }
    said = {**told, "class_code": code[-2:] if code.isdigit() else ""}
    return all(not value or said.get(field, "") in ("", value) for field, value in known.items())


def _is_of(student: Student, school_code: str) -> bool:
    return not school_code or not student.school_code or school_code == student.school_code
