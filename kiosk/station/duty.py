"""Who sits at the station."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.records import Person


class Duty:
    """Changed and read in the station's thread only."""

    def __init__(self) -> None:
        self._person = Person("")
        self._awake: Callable[[], bool] = lambda: False

    def begin(self, person: Person, awake: Callable[[], bool]) -> None:
        """Somebody sits down, and stays for as long as `awake` says so."""
        self._person, self._awake = person, awake

    @property
    def present(self) -> bool:
        """Whether the next student may be admitted."""
        return self._awake()

    @property
    def operator(self) -> Person:
        """Who sits there, or did last: a student under way is brought to the end in that name."""
        return self._person
