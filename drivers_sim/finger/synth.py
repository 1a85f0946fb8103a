"""Fingers by seed, kept on disk: growing one takes half a second, reading it back a millisecond."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from drivers_sim.finger.anatomy import Finger, Pattern, grow

VERSION: Final = 1  # raise it when `grow` makes other fingers of the same seeds
_SCALE: Final = 127  # ridges are kept as int8


class FingerCache:
    """Fingers of a folder. Several processes may use one folder at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def finger(self, seed: int) -> Finger:
        """The finger of a seed, grown at its first use; the ridges are of int8 precision either way."""
        place = self._folder / f"finger-v{VERSION}-{seed}.npz"
        if not place.is_file():
            self._keep(place, grow(seed))
        with np.load(place, allow_pickle=False) as kept:
            return Finger(seed, Pattern(str(kept["pattern"])), kept["ridges"].astype(np.float32) / _SCALE)

    def _keep(self, place: Path, finger: Finger) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        ridges = np.rint(finger.ridges * _SCALE).astype(np.int8)
        handle, fresh = tempfile.mkstemp(dir=self._folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, ridges=ridges, pattern=np.array(finger.pattern.value))
        Path(fresh).replace(place)
