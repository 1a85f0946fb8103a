"""Hair: a shell over the scalp with a ragged edge, and for longer styles a curtain that falls round the sides and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from drivers_sim.people.mesh import Floats, base

# The hairline: the lowest elevation with hair, at these azimuths from the front round to the back, in degrees.
_AZIMUTHS: Final = (0, 25, 45, 58, 68, 80, 92, 105, 118, 135, 180)
_HAIRLINES: Final = {
    "short": (35, 34, 32, 24, 8, -8, 8, 6, -14, -26, -34),
    "crop": (36, 34, 30, 21, 16, 0, 12, 8, -10, -22, -30),
    "fringe": (20, 21, 22, 16, 2, -10, 4, 2, -16, -28, -36),
    "side": (32, 31, 27, 19, 8, -8, 8, 6, -14, -26, -34),
    "bob": (34, 33, 28, 18, 2, -10, -4, -6, -20, -34, -44),
    "long": (34, 33, 28, 16, 0, -10, -4, -6, -20, -34, -44),
    "pony": (36, 35, 32, 23, 6, -6, 8, 5, -12, -22, -28),
    "bangs": (20, 20, 20, 10, 0, -10, -4, -6, -20, -34, -44),
}
_VOLUME: Final = {
    "short": 0.16, "crop": 0.07, "fringe": 0.2, "side": 0.22, "bob": 0.22, "long": 0.2, "pony": 0.1, "bangs": 0.22,
}  # fmt: skip
# Curtains: how far down they fall (y of the rest position) and where they begin beside the face (azimuth).
_CURTAINS: Final = {"bob": (6.25, 56.0), "long": (4.9, 58.0), "bangs": (5.6, 56.0)}
_ROWS: Final = 14
# What somebody's hair was like on another day.
OTHER_DAY: Final = {
    "short": "crop",
    "crop": "short",
    "fringe": "short",
    "side": "short",
    "bob": "long",
    "long": "pony",
    "pony": "bob",
    "bangs": "bob",
}


def shell(style: str, part: int) -> tuple[Floats, Floats]:
    """Per vertex of the base: how far inside the hairline (degrees), and how far hair stands off the skin (dm)."""
    azimuth, elevation = base().azimuth_deg, base().elevation_deg
    covered = elevation - np.interp(azimuth, _AZIMUTHS, _HAIRLINES[style])
    if style in ("side", "bob", "long"):
        covered = covered + 4 * np.exp(-(((azimuth - 30) / 18) ** 2)) * part * base().side
    rise = 5 if style in ("fringe", "bangs") else 9
    grown = 1 - np.exp(-np.clip(covered, 0, None) / rise)
    return covered, _VOLUME[style] * grown * (1 + 0.35 * np.clip(elevation, 0, 90) / 90) + 0.012


@dataclass(frozen=True, eq=False)
class Curtain:
    """A grid of `rows` × `azimuths` vertices, hanging from the shell."""

    lowest_y: float
    begins_deg: float
    azimuths: Floats

    @property
    def rows(self) -> int:
        return _ROWS

    @property
    def row(self) -> Floats:
        return np.repeat(np.arange(_ROWS), len(self.azimuths)).astype(float)

    @property
    def column_azimuth(self) -> Floats:
        return np.tile(self.azimuths, _ROWS)

    def hang(self, shell_points: Floats, used: np.ndarray[tuple[int], np.dtype[np.int64]], eye_y: float) -> Floats:
        """Where the grid's vertices are, for a shell of these points (over the base's vertices `used`)."""
        azimuth = base().azimuth_deg[used] * base().side[used]
        elevation = base().elevation_deg[used]
        radius = np.hypot(shell_points[:, 0], shell_points[:, 2] - 0.3)
        ring = (elevation > -12) & (elevation < 32)
        away = np.abs((azimuth[None] - self.azimuths[:, None] + 180) % 360 - 180)
        wide = np.array([radius[ring & (row < 9)].max(initial=0.6) for row in away])
        wide = np.convolve(np.pad(wide, 2, "edge"), np.ones(5) / 5, "valid")
        top = shell_points[ring & (elevation > 12) & (elevation < 24), 1].mean() + 0.1
        bottom = eye_y + (self.lowest_y - 7.28)
        falls_long = self.lowest_y < 6
        angle = np.radians(self.azimuths)
        rows = []
        for t in np.arange(_ROWS) / (_ROWS - 1):
            reach = 0.93 + 0.11 * np.sin(min(t * 3, 1) * np.pi / 2) - (0.0 if falls_long else 0.10 * max(t - 0.6, 0))
            wave = 1 + 0.012 * np.sin(self.azimuths * 0.31 + t * 2) + 0.012 * np.sin(self.azimuths * 0.83)
            flare = 1 + (0.10 * max(t - 0.35, 0) if falls_long else 0)
            y = top + (bottom - top) * t + 0.05 * np.sin(self.azimuths * 0.5) * t
            rows.append(
                np.stack([np.sin(angle) * wide * reach * wave * flare, y, 0.3 + np.cos(angle) * wide * reach * wave], 1)
            )
        return np.concatenate(rows)


def curtain_of(style: str) -> Curtain | None:
    """The curtain of a style, or None for short and tied hair."""
    if style not in _CURTAINS:
        return None
    lowest, begins = _CURTAINS[style]
    azimuths = np.concatenate([np.arange(begins, 181, 4.0), np.arange(-176, -begins + 1, 4.0)])
    return Curtain(lowest, begins, azimuths)
