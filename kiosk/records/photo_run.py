"""学籍照相: a class stands in the order of its list before the camera. The head of the list takes the place of a card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.records.people import ClassKey, SchoolName, Student


class ChildState(StrEnum):
    """What became of a child of the list."""

    TO_SHOOT = "to_shoot"
    SHOT = "shot"
    SKIPPED = "skipped"
    ABSENT = "absent"


@dataclass(frozen=True)
class GroupCount:
    """A class, its school's name, how many are on its list, and how many of them have their photo."""

    group: ClassKey
    school: SchoolName
    children: int
    shot: int


@dataclass(frozen=True)
class Child:
    """One place of the list."""

    student: Student
    state: ChildState


@dataclass(frozen=True)
class Line:
    """The list of a class, and the place at which it stands. `number`: of the run, given by the store."""

    number: int
    group: ClassKey
    children: tuple[Child, ...]
    at: int

    @property
    def child(self) -> Child:
        """Whose turn it is."""
        return self.children[self.at]

    @property
    def student(self) -> Student:
        return self.child.student

    def marked(self, state: ChildState) -> Line:
        """The same, after something became of whoever's turn it is."""
        changed = replace(self.child, state=state)
        return replace(self, children=(*self.children[: self.at], changed, *self.children[self.at + 1 :]))

    def to(self, at: int) -> Line:
        """At another place, as far as the list goes."""
        return replace(self, at=min(max(at, 0), len(self.children) - 1))

    def place_of(self, id_number: str) -> int | None:
        """Where a student of the class stands."""
        return next((at for at, child in enumerate(self.children) if child.student.id_number == id_number), None)

    def next_to_shoot(self) -> Line | None:
        """At the next one who is still to be shot: after this place, else before it; None where the list is through. Who was
        skipped is not called again by itself."""
        places = (*range(self.at + 1, len(self.children)), *range(self.at))
        return next((self.to(at) for at in places if self.children[at].state is ChildState.TO_SHOOT), None)

    def count(self, state: ChildState) -> int:
        return sum(child.state is state for child in self.children)
