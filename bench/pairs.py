"""Pairs of photos in LFW's format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Photo = tuple[str, int]  # name and number


@dataclass(frozen=True)
class Pair:
    """Two photos, and whether they show one person."""

    a: Photo
    b: Photo

    @property
    def genuine(self) -> bool:
        return self.a[0] == self.b[0]


def read_pairs(path: Path, subset: frozenset[str] | None = None) -> list[Pair]:
    """Lines `name i j` and `name1 i name2 j`; a header (a number alone, or `folds n`) is skipped. Of a subset, if given:
    pairs whose names are all in it. Raises ValueError for a line that is none of these."""
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("\t") if "\t" in line else line.split()
        words = [word.strip() for word in words if word.strip()]
        match words:
            case [] | [_] | ["folds", _]:
                continue
            case [name, i, j] if i.isdigit() and j.isdigit():
                pair = Pair((name, int(i)), (name, int(j)))
            case [first, i, second, j] if i.isdigit() and j.isdigit():
                pair = Pair((first, int(i)), (second, int(j)))
            case [_, _]:  # other headers: folds and pairs per fold
                continue
            case _:
                raise ValueError(f"{path}:{number}: not a pair: {line!r}")
        if subset is None or {pair.a[0], pair.b[0]} <= subset:
            pairs.append(pair)
    return pairs


def photo_path(images: Path, photo: Photo) -> Path:
    """`DIR/<name>/<name>_0001.jpg`."""
    name, number = photo
    return images / name / f"{name}_{number:04d}.jpg"
