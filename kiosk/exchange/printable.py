"""What papers can't show as it stands, so that it is said before anything is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.exchange.font import unprintable
from kiosk.records import Student

LONGEST: Final = 50  # characters: papers are laid out for names of up to so many


@dataclass(frozen=True)
class Doubt:
    """A student whose papers would lack something: `characters` that the font hasn't got, `too_long` what finds no place."""

    student: Student
    characters: str = ""
    too_long: tuple[str, ...] = ()


def doubt(student: Student, texts: Iterable[str], running: Iterable[str] = ()) -> Doubt | None:
    """What is doubtful about the texts of a student's paper, or None; `running` ones may be as long as they are."""
    bounded = list(texts)
    missing = unprintable([*bounded, *running])
    long = tuple(text for text in bounded if len(text) > LONGEST)
    return Doubt(student, "".join(sorted(missing)), long) if missing or long else None


def list_doubts(students: Sequence[Student]) -> list[Doubt]:
    """The same for lists and the papers of an exam."""
    told = (
        doubt(
            one, (one.name, f"{one.grade}{one.class_name}{one.stream}", one.exam_number, one.id_number, one.registration_number)
        )
        for one in students
    )
    return [found for found in told if found is not None]
