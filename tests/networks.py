"""The networks of a test process: loaded once, and asked once about each press.

A station loads its own at every start, half a second of processor time, asks LEADER about every press, a third of a second
each, and looks eight times at every chip photo; the stations of the tests see the same presses and photos again and again.
Stations in processes of their own (`tests/e2e`, `tests/station/victim.py`) have their own networks, as in a school.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import cache
from pathlib import Path
from threading import Lock

import pytest

from kiosk.pipeline.face.verification import Embedding, FaceMatcher
from kiosk.pipeline.finger.minutiae import NETWORK_DPI, Minutiae, MinutiaeExtractor
from kiosk.records import Image
from kiosk.seeing import judges

_KEPT = 500  # presses; a few kB each

_chips: dict[bytes, Embedding] = {}  # of two dozen simulated people
_found: OrderedDict[tuple[bytes, tuple[int, ...], int], Minutiae] = OrderedDict()


class SharedMatcher(FaceMatcher):
    """The process's matcher, which is for one thread at a time."""

    def __init__(self, detector: Path, embedder: Path) -> None:
        self._shared, self._lock = _matcher(detector, embedder)

    def embed(self, pixels: Image) -> Embedding:
        with self._lock:
            return self._shared.embed(pixels)

    def load_for_chips(self) -> None:
        self._shared.load_for_chips()

    def embed_chip(self, pixels: Image) -> Embedding:
        key = hashlib.sha256(pixels.tobytes()).digest()  # of one size all of them
        if (found := _chips.get(key)) is None:
            with self._lock:
                found = _chips[key] = self._shared.embed_chip(pixels)
            found.flags.writeable = False
        return found


class SharedExtractor(MinutiaeExtractor):
    """The process's extractor, which remembers what it found in a press."""

    def __init__(self, model: Path) -> None:
        self._shared = _extractor(model)

    def extract(self, pixels: Image, dpi: int = NETWORK_DPI) -> Minutiae:
        key = (hashlib.sha256(pixels.tobytes()).digest(), pixels.shape, dpi)
        if (found := _found.get(key)) is None:
            found = _found[key] = self._shared.extract(pixels, dpi)
            for part in (found.xy, found.direction, found.ending, found.score):
                part.flags.writeable = False  # a later test gets the same
            if len(_found) > _KEPT:
                _found.popitem(last=False)
        return found


@cache
def _matcher(detector: Path, embedder: Path) -> tuple[FaceMatcher, Lock]:
    return FaceMatcher(detector, embedder), Lock()


@cache
def _extractor(model: Path) -> MinutiaeExtractor:
    return MinutiaeExtractor(model)


def share(patch: pytest.MonkeyPatch) -> None:
    """From now on every station of this process has the shared networks."""
    patch.setattr(judges, "FaceMatcher", SharedMatcher)
    patch.setattr(judges, "MinutiaeExtractor", SharedExtractor)
