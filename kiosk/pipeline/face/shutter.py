"""Releases by itself when everything has been good for a moment, and keeps the best of the burst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.pipeline.face.framing import FaceLook
from kiosk.records import Frame

# A blink or one bad frame doesn't start the wait again; looking away does.
_FORGIVEN_S: Final = 0.3
# Frames further apart than this are no hold: nobody looked in between.
_UNSEEN_S: Final = 1.0
# Whoever is advised to put hair aside is given so long; then the picture is taken all the same.
_ADVICE_S: Final = 2.0
# The best frame makes the photo, the others serve verification; more don't help it and cost memory.
KEPT: Final = 5


@dataclass(frozen=True, eq=False)
class Shot:
    """The best frame of a burst, how it looked, and other good ones, best first."""

    best: Frame
    look: FaceLook
    others: tuple[Frame, ...]


class Shutter:
    """Give it every analysed frame. Times are those of the frames."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self.reset()

    def reset(self) -> None:
        """Start again: another student, another attempt."""
        self._advised_since_s: float | None = None
        self._since_s: float | None = None
        self._burst: list[tuple[Frame, FaceLook]] = []
        self._released = False
        self._last_good_s = 0.0

    @property
    def since_s(self) -> float | None:
        """When the hold began; None while there is none."""
        return self._since_s

    def consider(self, frame: Frame, look: FaceLook) -> Shot | None:
        """The shot, once; None before and after it."""
        if self._released:
            return None
        if self._since_s is not None and frame.at_s - self._last_good_s > _UNSEEN_S:
            self._wait_anew()
        if not look.good:
            if self._since_s is not None and (frame.at_s - self._last_good_s > _FORGIVEN_S or look.faces != 1):
                self._wait_anew()
            return None
        if self._could_be_better(frame, look):
            self._wait_anew()
            return None
        if self._since_s is None:
            self._since_s = frame.at_s
        self._last_good_s = frame.at_s
        self._burst.append((frame, look))
        self._burst.sort(key=lambda pair: -pair[1].quality)
        del self._burst[KEPT:]
        if frame.at_s - self._since_s < self._hold_s:
            return None
        self._released = True
        (best, best_look), *others = self._burst
        return Shot(best, best_look, tuple(other for other, _ in others))

    def _could_be_better(self, frame: Frame, look: FaceLook) -> bool:
        """Whether something is advised, and there is still time to follow."""
        if not look.advised:
            return False
        if self._advised_since_s is None:
            self._advised_since_s = frame.at_s
        return frame.at_s - self._advised_since_s < _ADVICE_S

    def _wait_anew(self) -> None:
        self._burst, self._since_s = [], None
