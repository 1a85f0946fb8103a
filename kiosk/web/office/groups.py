"""Classes of the roster in addresses and forms, and who of the roster is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from flask import g

from kiosk.records import ClassKey, SchoolName, Student, school_words
from kiosk.web import wording
from kiosk.web.context import context, language
from kiosk.words import say


def class_key(group: ClassKey) -> str:
    """A class in an address or form: `高一/3`, where there are several schools `高一/3@4205280001`, by the school's key.

    Nothing at all means everybody, a slash alone those without grade and class, `@4205280001` the school. What of their names
    would be misread is escaped as in addresses (`高一/二`: `高一%2F二/3`).
    """
    return _of_school("/".join(map(_escaped, group[1:])), group.school)


def schools() -> list[SchoolName]:
    """Those of the roster: looked up once for a page."""
    if "schools" not in g:
        g.schools = list(context().office.rosters.schools())
    found: list[SchoolName] = g.schools
    return found


def school_choices() -> list[tuple[str, str]]:
    """Each school with its key, for a page to choose from: nothing where there is only one."""
    return [(one.key, school_words(one, schools())) for one in schools()] if len(schools()) > 1 else []


def class_words(student: Student) -> str:
    """A student's class on a page, with the school where there are several."""
    return group_words(student.group)


def group_words(group: ClassKey) -> str:
    """The same of a class; empty for no class in particular."""
    _, grade, name = group
    found = next((one for one in schools() if one.key == group.school), SchoolName(group.school))
    school = school_words(found, schools()) if group.school else ""
    return " ".join(filter(None, (school, wording.class_in_words(language(), Student("", "", grade, name)))))


def groups_of(students: Sequence[Student]) -> list[dict[str, str]]:
    """What papers are made by: grades, the streams of a grade, and classes, each with a value for a form and words.

    `高一` is a grade, `高一//文科` a stream of it, `高一/3` a class.
    """
    found: list[dict[str, str]] = []
    for school in dict.fromkeys(student.group.school for student in students):
        members = [student for student in students if student.group.school == school]
        grades = dict.fromkeys(student.grade for student in members if student.grade)
        found += [*_whole_school(school), *(one for grade in grades for one in _of_grade(grade, members))]
    return [*found, *_classes_of(students)]


def exam_groups(students: Sequence[Student]) -> list[dict[str, Any]]:
    """Those who may share rooms, school by school, with how many they are and how many have no exam number yet."""
    members: dict[tuple[str, str, str], list[Student]] = {}
    for student in students:
        members.setdefault((student.group.school, student.grade, student.stream), []).append(student)
    tongue = language()
    return [
        {
            "value": _of_school(_stream_key(grade, stream), school),
            "words": f"{group_words(found[0].group._replace(class_name=''))} {found[0].stream}".strip()
            or say(tongue, "ui.records.no_class"),
            "count": len(found),
            "missing": sum(not student.exam_number for student in found),
        }
        for (school, grade, stream), found in members.items()
    ]


def _of_grade(grade: str, students: Sequence[Student]) -> Iterator[dict[str, str]]:
    tongue = language()
    school = students[0].group.school
    named = group_words(ClassKey(school, grade, ""))
    yield {"value": _of_school(_escaped(grade), school), "words": say(tongue, "ui.print.whole_grade", grade=named)}
    streams = dict.fromkeys(student.stream for student in students if student.grade == grade and student.stream)
    for stream in streams:
        value = _of_school(_stream_key(grade, stream), school)
        yield {"value": value, "words": say(tongue, "ui.print.whole_grade", grade=f"{named} {stream}")}


def school_groups() -> list[dict[str, str]]:
    """Each school as one group; none where there is only one."""
    return [group for school in schools() for group in _whole_school(school.key)]


def _whole_school(school: str) -> list[dict[str, str]]:
    """A school as one group, where there are several."""
    several = len(schools()) > 1
    return [{"value": _of_school("", school), "words": group_words(ClassKey(school, "", ""))}] if several and school else []


def _of_school(part: str, school: str) -> str:
    return f"{part}@{_escaped(school)}" if len(schools()) > 1 else part


def _stream_key(grade: str, stream: str) -> str:
    return f"{_escaped(grade)}//{_escaped(stream)}"


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F").replace("@", "%40")


def group_of(key: str) -> ClassKey:
    """What a class's key was made of."""
    place, _, school = key.partition("@")
    grade, is_class, class_name = place.partition("/")
    only = schools()[0].key if is_class and len(schools()) == 1 else ""
    return ClassKey(unquote(school) or only, unquote(grade), unquote(class_name))


def classes_of(students: Sequence[Student]) -> list[dict[str, str]]:
    """Schools (where there are several) and classes of the roster, once each and in its order, with a value for a form and
    words."""
    whole = (one for school in dict.fromkeys(student.group.school for student in students) for one in _whole_school(school))
    return [*whole, *_classes_of(students)]


def _classes_of(students: Sequence[Student]) -> list[dict[str, str]]:
    nothing = say(language(), "ui.records.no_class")
    groups = dict.fromkeys(student.group for student in students)
    return [{"value": class_key(group), "words": group_words(group) or nothing} for group in groups]


def of_group(group: str) -> Callable[[Student], bool]:
    """Whom a group that was chosen means."""
    return lambda student: looked_for(student, group)


def looked_for(student: Student, group: str, query: str = "") -> bool:
    """Whether a student is of a class and has the query in the name or at the end of the ID number; empty means any."""
    asked = query.strip().casefold()
    place, of_one, school = group.partition("@")
    of_place = not place or place in _places(student.grade, student.class_name, student.stream)
    of_group = of_place and (not of_one or unquote(school) == student.group.school)
    return of_group and (not asked or asked in student.name.casefold() or student.id_number.casefold().endswith(asked))


@lru_cache(maxsize=1 << 12)
def _places(grade: str, class_name: str, stream: str) -> frozenset[str]:
    """The keys of all groups within a school that a student of these is of."""
    return frozenset((_escaped(grade), f"{_escaped(grade)}/{_escaped(class_name)}", _stream_key(grade, stream)))
