"""Pairs of photos in LFW's format, and the photos that they name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.records import Image

Photo = tuple[str, int]  # name and number

# Of a photo's file; LFW's are the first.
_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".JPG", ".JPEG", ".PNG")


@dataclass(frozen=True)
class Pair:
    """Two photos, and whether they show one person."""

    a: Photo
    b: Photo

    @property
    def genuine(self) -> bool:
        return self.a[0] == self.b[0]


def read_pairs(path: Path, subset: frozenset[str] | None = None) -> list[Pair]:
    """Lines `name i j` and `name1 i name2 j`, with tabs or spaces between. Headers are skipped: a number alone, `folds n`, and
    folds and pairs per fold as two numbers. Of a subset, if given: pairs whose names are all in it.

    Raises ValueError, with the line's number, for a line that is none of these.
    """
    pairs = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        pair = _pair_of(line.split("\t")) or _pair_of(line.split())
        if pair is None:
            if _is_header(line.split()):
                continue
            raise ValueError(f"{path}:{number}: not a pair: {line!r}")
        if subset is None or {pair.a[0], pair.b[0]} <= subset:
            pairs.append(pair)
    return pairs


def half_of(name: str) -> str:
    """`A` or `B`: people are halved by a digest of their names, which is no choice of ours. Methods and limits are chosen on
    half A and reported for half B."""
    return "AB"[hashlib.sha256(name.encode()).digest()[0] % 2]


def read_names(text: str) -> frozenset[str]:
    """Names with commas between, or of a file with one a line; what follows a tab there is LFW's number of photos.

    Raises ValueError for a text that ends like a file's name where there is none.
    """
    path = Path(text)
    try:
        lines = _text(path).splitlines()
    except OSError:  # no such file, or so many names that no file could be called that
        if path.suffix == ".txt":
            raise ValueError(f"no such file: {text}") from None
        lines = text.split(",")
    return frozenset(name for line in lines if (name := line.split("\t")[0].strip()))


def photo_path(images: Path, photo: Photo) -> Path:
    """`DIR/<name>/<name>_0001.jpg`, or what there is with another suffix."""
    name, number = photo
    paths = [images / name / f"{name}_{number:04d}{suffix}" for suffix in _SUFFIXES]
    return next((path for path in paths if path.exists()), paths[0])


def read_photo(images: Path, photo: Photo) -> Image | None:
    """uint8 (H, W, 3) BGR; None for a photo that is missing or can't be read."""
    try:  # not cv2.imread, which can't open a path with Chinese letters on Windows
        data = np.frombuffer(photo_path(images, photo).read_bytes(), np.uint8)
    except OSError:
        return None
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if picture is None else np.asarray(picture, np.uint8)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: no text in UTF-8") from None


def _pair_of(cells: list[str]) -> Pair | None:
    match [word for cell in cells if (word := cell.strip())]:
        case [name, i, j] if i.isdecimal() and j.isdecimal():
            return Pair((name, int(i)), (name, int(j)))
        case [first, i, second, j] if i.isdecimal() and j.isdecimal():
            return Pair((first, int(i)), (second, int(j)))
    return None


def _is_header(words: list[str]) -> bool:
    """`500`, `10 300`, `folds 10`; or nothing."""
    numbers = words[1:] if words[:1] == ["folds"] else words
    return len(words) <= 2 and all(number.isdecimal() for number in numbers)
