"""Who sits at the station."""

from __future__ import annotations

from kiosk.records import Person


class Duty:
    """Changed and read in the station's thread only."""

    def __init__(self) -> None:
        self._person = Person("")
        self._present = False

    def change(self, person: Person | None) -> None:
        """Somebody sits down, or nobody does any more."""
        self._present = person is not None
        self._person = person or self._person

    @property
    def present(self) -> bool:
        """Whether the next student may be admitted."""
        return self._present

    @property
    def operator(self) -> Person:
        """Who sits there, or did last: a student under way is brought to the end in that name."""
        return self._person
