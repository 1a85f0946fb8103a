"""Classes of the roster in addresses and forms, and who of the roster is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from kiosk.records import Student
from kiosk.web import wording
from kiosk.web.context import language
from kiosk.words import say


def class_key(grade: str, class_name: str) -> str:
    """A class in an address or form: `高一/3`. Nothing at all means everybody, a slash alone those without grade and class.
    What of their names would be misread is escaped as in addresses (`高一/二`: `高一%2F二/3`)."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in (grade, class_name))


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
    of_group = group in ("", class_key(student.grade, student.class_name))
    return of_group and (not asked or asked in student.name.casefold() or student.id_number.casefold().endswith(asked))
