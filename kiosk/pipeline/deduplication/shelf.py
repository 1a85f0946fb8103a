"""A partition made ready for comparing: nothing but arrays, in one block of memory that processes can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.deduplication.descriptor import LENGTH, describe
from kiosk.pipeline.deduplication.subject import Press, Subject
from kiosk.pipeline.finger.compact import unpack
from kiosk.pipeline.finger.index import CODES, DIMENSIONS, make_entry

_FACE: Final = 128
_ALIGNED: Final = 64  # bytes, at which every array begins

Layout = tuple[tuple[str, str, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class Shelf:
    """All of a partition. A finger is what one subject has of one position; fingers lie by position, presses by finger.

    `keys`: U (subjects,). `faces`: float32 (F, 128), `face_of`: int32 (F,), whose. `described`: int8 (G, LENGTH) of each
    finger, `finger_of`: int32 (G,), `position`: int8 (G,), `first_press`: int32 (G + 1,), its presses are those before the
    next one's. `codes`: int8 (P, 32, 32), `place` and `turn`: complex64 (P, 32) of each press, as in an `IndexEntry`; 0 of a
    cylinder that is not there. `files`: uint8, all templates' files, of which that of press p lies from `file_at[p]` to
    `file_at[p + 1]`.
    """

    keys: NDArray[np.str_]
    faces: NDArray[np.float32]
    face_of: NDArray[np.int32]
    described: NDArray[np.int8]
    finger_of: NDArray[np.int32]
    position: NDArray[np.int8]
    first_press: NDArray[np.int32]
    codes: NDArray[np.int8]
    place: NDArray[np.complex64]
    turn: NDArray[np.complex64]
    file_at: NDArray[np.int64]
    files: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def memory_bytes(self) -> int:
        return sum(getattr(self, field.name).nbytes for field in fields(self))

    def file(self, press: int) -> bytes:
        return self.files[self.file_at[press] : self.file_at[press + 1]].tobytes()

    def layout(self) -> Layout:
        """What `laid_out` needs to find the arrays in a block again."""
        arrays = ((field.name, getattr(self, field.name)) for field in fields(self))
        return tuple((name, array.dtype.str, array.shape) for name, array in arrays)


def prepare(subjects: Sequence[Subject]) -> Shelf:
    """Make a partition ready, about 2 ms a press. Keys must differ. Raises ValueError for a torn template."""
    ordered = sorted(subjects, key=lambda subject: subject.key)
    presses = _by_finger(ordered)
    shelf = _empty(ordered, presses)
    fill(shelf, ordered)
    return shelf


def size_of(subjects: Sequence[Subject]) -> tuple[Layout, int]:
    """The layout of a partition that is not prepared yet, and the bytes that it takes: made at once."""
    ordered = sorted(subjects, key=lambda subject: subject.key)
    layout = _empty(ordered, _by_finger(ordered)).layout()
    return layout, _offsets(layout)[-1]


def fill(shelf: Shelf, subjects: Sequence[Subject]) -> None:
    """Write a partition into a shelf of its layout."""
    ordered = sorted(subjects, key=lambda subject: subject.key)
    shelf.keys[:] = [subject.key for subject in ordered]
    faces = [(number, face) for number, subject in enumerate(ordered) for face in subject.faces]
    for row, (number, face) in enumerate(faces):
        shelf.faces[row], shelf.face_of[row] = face, number
    press, written = 0, 0
    shelf.first_press[0] = shelf.file_at[0] = 0
    for finger, (number, position, of_finger) in enumerate(_by_finger(ordered)):
        shelf.finger_of[finger], shelf.position[finger] = number, position
        codes = []
        for one in of_finger:
            entry = make_entry(unpack(one.file))
            shelf.codes[press], shelf.place[press], shelf.turn[press] = entry.codes, entry.place, entry.turn
            codes.append(entry.codes[np.abs(entry.turn) > 0])
            shelf.files[written : written + len(one.file)] = np.frombuffer(one.file, np.uint8)
            press, written = press + 1, written + len(one.file)
            shelf.file_at[press] = written
        shelf.described[finger], shelf.first_press[finger + 1] = describe(codes), press


def laid_out(layout: Layout, block: Any) -> Shelf:
    """The shelf in a block of memory, which is not copied."""
    offsets = _offsets(layout)
    arrays = [np.ndarray(shape, kind, block, at) for (_, kind, shape), at in zip(layout, offsets[:-1], strict=True)]
    return Shelf(**dict(zip((name for name, _, _ in layout), arrays, strict=True)))


def _offsets(layout: Layout) -> list[int]:
    """Where each array begins, and where the last one ends."""
    found, at = [], 0
    for _, kind, shape in layout:
        found.append(at)
        at += -(-(np.dtype(kind).itemsize * int(np.prod(shape))) // _ALIGNED) * _ALIGNED
    return [*found, max(at, 1)]


def _by_finger(ordered: Sequence[Subject]) -> list[tuple[int, int, list[Press]]]:
    """(subject's number, position, presses) of each finger, by position."""
    found = []
    for number, subject in enumerate(ordered):
        presses = sorted(subject.presses, key=lambda press: press.position)
        found += [(number, int(position), list(some)) for position, some in groupby(presses, lambda press: press.position)]
    return sorted(found, key=lambda finger: finger[1])


def _empty(ordered: Sequence[Subject], fingers: list[tuple[int, int, list[Press]]]) -> Shelf:
    """Zeros of the right shapes."""
    presses = sum(len(some) for _, _, some in fingers)
    faces = sum(len(subject.faces) for subject in ordered)
    file_bytes = sum(len(press.file) for _, _, some in fingers for press in some)
    return Shelf(
        np.zeros(len(ordered), f"<U{max((len(subject.key) for subject in ordered), default=1) or 1}"),
        np.zeros((faces, _FACE), np.float32),
        np.zeros(faces, np.int32),
        np.zeros((len(fingers), LENGTH), np.int8),
        np.zeros(len(fingers), np.int32),
        np.zeros(len(fingers), np.int8),
        np.zeros(len(fingers) + 1, np.int32),
        np.zeros((presses, CODES, DIMENSIONS), np.int8),
        np.zeros((presses, CODES), np.complex64),
        np.zeros((presses, CODES), np.complex64),
        np.zeros(presses + 1, np.int64),
        np.zeros(file_bytes, np.uint8),
    )
