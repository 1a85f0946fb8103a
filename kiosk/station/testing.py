"""The test of the devices at the desk: the station holds everybody back, and asks the scanner in its own thread.

Nobody is disturbed: a test begins only while nobody is under way, and is over by itself when nobody looks at it any more.
"""

from __future__ import annotations

from typing import Final

from kiosk.errors import KioskError
from kiosk.records import Message
from kiosk.station.crew import Crew
from kiosk.station.events import Check, CheckAsked
from kiosk.station.state import Empty, Reading, Refused, State, Testing
from kiosk.station.steps.base import Background
from kiosk.station.usher import Usher

# Looks come every second from a page that is open.
_PATIENCE_S: Final = 20.0
# A card that lay there during the test belongs to whoever tested: it is no student's arrival.
_TAKE_AWAY: Final = Refused(Message("station.test_card"), Message("station.take_card"))


class CheckDesk:
    """Who looks at the test, and what follows from what is asked."""

    def __init__(self, crew: Crew, usher: Usher, background: Background) -> None:
        self._crew = crew
        self._usher = usher
        self._background = background
        self._looked = False

    def follow(self, asked: CheckAsked, state: State) -> State:
        """The state that follows. Raises KioskError("station.occupied") while somebody is under way, ("station.test_over")."""
        match asked.call, state:
            case Check.BEGIN, Testing():
                return state
            case Check.BEGIN, _ if isinstance(state, Empty) and not isinstance(state, Reading):
                self._usher.leave()
                return self._begun()
            case Check.BEGIN, _:
                raise KioskError("station.occupied")
            case Check.END, Testing():
                return self._over()
            case Check.KEEP, Testing():
                self._looked = True
            case Check.PRESS, Testing() if asked.position is not None:
                self._crew.scanner.request(asked.number, asked.position)
            case Check.PRESS, _:
                raise KioskError("station.test_over")
        return state

    def time_up(self) -> State:
        """Go on while somebody looks; else it is over."""
        return self._begun() if self._looked else self._over()

    def _begun(self) -> Testing:
        self._looked = False
        return Testing(self._background.call_after(_PATIENCE_S))

    def _over(self) -> State:
        return self._usher.refuse(_TAKE_AWAY) if self._usher.card_lies else self._usher.waiting()
