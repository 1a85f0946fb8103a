"""The networks of a test process: loaded once, and asked once about each face and press.

A station loads its own at every start, half a second of processor time, asks LEADER about every press, a third of a second
each, and looks eight times at every chip photo; the stations of the tests see the same presses, faces and photos again and
again, and so do the simulated scanners. What was found in a press is kept for the other processes of the run as well, and so
are the pictures that the simulated camera renders.
Stations in processes of their own (`tests/e2e`, `tests/station/victim.py`) have their own networks, as in a school.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections import OrderedDict
from collections.abc import Callable
from functools import cache, lru_cache, partial
from pathlib import Path
from threading import Lock, get_ident

import numpy as np
import pytest

from drivers_sim.camera import camera
from drivers_sim.finger import characters
from kiosk.pipeline.face.verification import Embedding, FaceMatcher
from kiosk.pipeline.finger.minutiae import NETWORK_DPI, Minutiae, MinutiaeExtractor
from kiosk.records import Image
from kiosk.seeing import judges

_KEPT = 500  # faces; half a kB each
_PICTURES = 350  # in each process, about 30 MB

_faces: OrderedDict[tuple[bool, bytes], Embedding] = OrderedDict()


class SharedMatcher(FaceMatcher):
    """The process's matcher, which is for one thread at a time, and remembers the faces it saw."""

    def __init__(self, detector: Path, embedder: Path) -> None:
        self._shared, self._lock = _matcher(detector, embedder)

    def embed(self, pixels: Image) -> Embedding:
        return self._known(pixels, self._shared.embed, chip=False)

    def load_for_chips(self) -> None:
        self._shared.load_for_chips()

    def embed_chip(self, pixels: Image) -> Embedding:
        return self._known(pixels, self._shared.embed_chip, chip=True)

    def _known(self, pixels: Image, embed: Callable[[Image], Embedding], *, chip: bool) -> Embedding:
        key = (chip, _digest(pixels))
        with self._lock:
            if (found := _faces.get(key)) is None:
                found = _faces[key] = embed(pixels)
                found.flags.writeable = False  # a later test gets the same
                if len(_faces) > _KEPT:
                    _faces.popitem(last=False)
        return found


class SharedExtractor(MinutiaeExtractor):
    """The process's extractor, which remembers what any process of the run found in a press."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder, self._shared = folder, _extractor(model)

    def extract(self, pixels: Image, dpi: int = NETWORK_DPI) -> Minutiae:
        def work() -> bytes:
            found, told = self._shared.extract(pixels, dpi), io.BytesIO()
            size = np.array((found.width, found.height))
            np.savez(told, xy=found.xy, direction=found.direction, ending=found.ending, score=found.score, size=size)
            return told.getvalue()

        with np.load(io.BytesIO(_remembered(self._folder / f"{_digest(pixels).hex()}-{dpi}", work))) as told:
            parts = [told[name] for name in ("xy", "direction", "ending", "score")]
            return Minutiae(*parts, *(int(side) for side in told["size"]))


def _characters(folder: Path, find: Callable[[bytes, tuple[int, ...]], bytes | None]) -> Callable[..., bytes | None]:
    """What a simulated scanner finds in a picture, remembered by all processes of the run."""

    def found(grey: bytes, shape: tuple[int, ...]) -> bytes | None:
        key = hashlib.sha256(grey + repr(shape).encode()).hexdigest()
        return _remembered(folder / f"{key}-characters", lambda: find(grey, shape) or b"") or None

    return found


def _pictures(folder: Path, render: Callable[..., bytes]) -> Callable[..., bytes]:
    """What the simulated camera shows, rendered once for all processes of the run."""

    @lru_cache(maxsize=_PICTURES)
    def seen(*what: object) -> bytes:
        key = hashlib.sha256(repr((render.__name__, *what)).encode()).hexdigest()
        return _remembered(folder / f"{key}-picture", lambda: render(*what))

    return seen


def _remembered(file: Path, work: Callable[[], bytes]) -> bytes:
    """What is in a file, or what `work` gives, which is in it from then on."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        made = work()
        own = file.with_suffix(f".{os.getpid()}-{get_ident()}")
        own.write_bytes(made)
        own.replace(file)
        return made


def _digest(pixels: Image) -> bytes:
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data)
    digest.update(repr(pixels.shape).encode())
    return digest.digest()


@cache
def _matcher(detector: Path, embedder: Path) -> tuple[FaceMatcher, Lock]:
    return FaceMatcher(detector, embedder), Lock()


@cache
def _extractor(model: Path) -> MinutiaeExtractor:
    return MinutiaeExtractor(model)


def share(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """From now on every station of this process has the shared networks; `folder`: of the run."""
    folder.mkdir(exist_ok=True)
    patch.setattr(judges, "FaceMatcher", SharedMatcher)
    patch.setattr(judges, "MinutiaeExtractor", partial(SharedExtractor, folder))
    patch.setattr(characters, "_found", _characters(folder, characters._found))
    for name in ("_seen", "_seen_attack"):
        patch.setattr(camera, name, _pictures(folder, getattr(camera, name).__wrapped__))
