"""Classes of the roster in addresses and forms, and who of the roster is looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from kiosk.records import Student
from kiosk.web import wording
from kiosk.web.context import language
from kiosk.words import say


def class_key(grade: str, class_name: str) -> str:
    """A class in an address or form: `高一/3`. Nothing at all means everybody, a slash alone those without grade and class.
    What of their names would be misread is escaped as in addresses (`高一/二`: `高一%2F二/3`)."""
    return "/".join(map(_escaped, (grade, class_name)))


def groups_of(students: Sequence[Student]) -> list[dict[str, str]]:
    """What papers are made by: grades, the streams of a grade, and classes, each with a value for a form and words.

    `高一` is a grade, `高一//文科` a stream of it, `高一/3` a class.
    """
    grades = dict.fromkeys(student.grade for student in students if student.grade)
    return [*(one for grade in grades for one in _of_grade(grade, students)), *classes_of(students)]


def exam_groups(students: Sequence[Student]) -> list[dict[str, Any]]:
    """Those who may share rooms, with how many they are and how many have no exam number yet."""
    members: dict[str, list[Student]] = {}
    for student in students:
        members.setdefault(_stream_key(student.grade, student.stream), []).append(student)
    tongue = language()
    return [
        {
            "value": value,
            "words": f"{found[0].grade} {found[0].stream}".strip() or say(tongue, "ui.records.no_class"),
            "count": len(found),
            "missing": sum(not student.exam_number for student in found),
        }
        for value, found in members.items()
    ]


def _of_grade(grade: str, students: Sequence[Student]) -> Iterator[dict[str, str]]:
    tongue = language()
    yield {"value": _escaped(grade), "words": say(tongue, "ui.print.whole_grade", grade=grade)}
    streams = dict.fromkeys(student.stream for student in students if student.grade == grade and student.stream)
    for stream in streams:
        yield {"value": _stream_key(grade, stream), "words": say(tongue, "ui.print.whole_grade", grade=f"{grade} {stream}")}


def _stream_key(grade: str, stream: str) -> str:
    return f"{_escaped(grade)}//{_escaped(stream)}"


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


def grade_and_class(key: str) -> tuple[str, str]:
    """What a class's key was made of."""
    grade, _, class_name = key.partition("/")
    return unquote(grade), unquote(class_name)


def classes_of(students: Sequence[Student]) -> list[dict[str, str]]:
    """Grades and classes of the roster, once each and in its order, with a value for a form and words."""
    tongue = language()
    found = []
    for grade, class_name in dict.fromkeys((student.grade, student.class_name) for student in students):
        words = wording.class_in_words(tongue, Student("", "", grade, class_name)) or say(tongue, "ui.records.no_class")
        found.append({"value": class_key(grade, class_name), "words": words})
    return found


def looked_for(student: Student, group: str, query: str = "") -> bool:
    """Whether a student is of a class and has the query in the name or at the end of the ID number; empty means any."""
    asked = query.strip().casefold()
    of_group = group in (
        "",
        class_key(student.grade, student.class_name),
        _escaped(student.grade),
        _stream_key(student.grade, student.stream),
    )
    return of_group and (not asked or asked in student.name.casefold() or student.id_number.casefold().endswith(asked))
