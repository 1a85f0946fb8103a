"""How long a worker pauses before it sets a device up again. Pure: times go in, a pause comes out."""

from __future__ import annotations

from typing import Final

# Of a device that isn't there: soon enough that plugging in needs no click and the device is back within a second, rare enough
# to cost nothing.
_AWAY_S: Final = (0.1, 0.2, 0.4, 0.8)
# Of a device that comes up and fails at once, again and again.
_FLAPPING_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
# Served for so long, two seconds more than the longest pause, it is well again.
_CALM_S: Final = 5.0


class Backoff:
    """Tells a device that is away from one that comes and fails at once. Both are tried for ever, the second less often."""

    def __init__(self) -> None:
        self._away = 0
        self._flaps = 0
        self._up_since_s: float | None = None

    def came_up(self, now_s: float) -> None:
        """The device is set up."""
        self._away = 0
        self._up_since_s = now_s

    def failed(self, now_s: float) -> float:
        """Setting up or serving failed: how long to wait, in seconds."""
        since_s, self._up_since_s = self._up_since_s, None
        if since_s is None:
            # It was really gone: what comes back is plugged in again.
            self._flaps = 0
            self._away += 1
            return _AWAY_S[min(self._away, len(_AWAY_S)) - 1]
        if now_s - since_s >= _CALM_S:
            self._flaps = 0
        self._flaps += 1
        return _FLAPPING_S[min(self._flaps, len(_FLAPPING_S)) - 1]
