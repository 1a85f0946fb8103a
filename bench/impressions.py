"""Sets of impressions as picture files: `<finger>_<impression>.png|tif|bmp`, one folder a sensor."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from kiosk.records import Image

DPI: Final = 500
_PICTURE: Final = re.compile(r".+\.(png|tiff?|bmp)", re.IGNORECASE)
_NAME: Final = re.compile(r"(?P<finger>.+)_(?P<impression>\d+)")
# What a fingerprint scanner may have. Any other resolution, as 72 and 96, is what some program notes in all of its files.
_BELIEVED_DPI: Final = (300.0, 1300.0)
_SAME_DPI: Final = 4.0  # 500 and 197 pixels a centimetre are one resolution
_BAD_PICTURE: Final = (OSError, ValueError, SyntaxError, UnidentifiedImageError, Pillow.DecompressionBombError)


@dataclass(frozen=True)
class Shot:
    """One impression's file."""

    path: Path
    finger: str

    def pixels(self) -> Image:
        """uint8 (H, W) at 500 dpi; raises what `read` raises."""
        return read(self.path)


@dataclass(frozen=True)
class ImpressionSet:
    """`name`: short, and unlike other sets'. `left_out`: files that look like impressions and can't be used, each with why."""

    folder: Path
    name: str
    shots: tuple[Shot, ...]
    left_out: tuple[str, ...]

    def fingers(self) -> dict[str, list[Shot]]:
        """The shots of each finger, in order."""
        found: dict[str, list[Shot]] = {}
        for shot in self.shots:
            found.setdefault(shot.finger, []).append(shot)
        return found


def open_sets(folders: list[Path]) -> list[ImpressionSet]:
    """The sets of some folders, every picture looked at. Raises ValueError, in words, before anything long has begun."""
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"no such folder: {folder}")
    for folder, times in Counter(folder.resolve() for folder in folders).items():
        if times > 1:
            raise ValueError(f"given twice: {folder}")
    names = Counter(folder.resolve().name for folder in folders)
    sets = []
    for folder in folders:
        name = folder.resolve().name
        found = _open_set(name if names[name] == 1 else str(folder), folder)
        if len(found.fingers()) < 2 or max(map(len, found.fingers().values())) < 2:
            wanted = "wanted are several impressions of several fingers, <finger>_<impression>.png|tif|bmp"
            raise ValueError("\n  ".join([f"{folder}: {wanted}; found: {len(found.shots)}", *found.left_out]))
        sets.append(found)
    return sets


def _open_set(name: str, folder: Path) -> ImpressionSet:
    shots: dict[str, Shot] = {}
    left_out = []
    for path in sorted(folder.iterdir()):
        if not _PICTURE.fullmatch(path.name) or path.name.startswith(".") or not path.is_file():
            continue
        matched = _NAME.fullmatch(path.stem)
        if matched is None:
            left_out.append(f"{path.name}: not named <finger>_<impression>")
        elif path.stem in shots:
            left_out.append(f"{path.name}: the same impression as {shots[path.stem].path.name}")
        elif why := _fault(path):
            left_out.append(f"{path.name}: {why}")
        else:
            shots[path.stem] = Shot(path, matched["finger"])
    return ImpressionSet(folder, name, tuple(shots.values()), tuple(left_out))


def _fault(path: Path) -> str:
    try:
        read(path)
    except _BAD_PICTURE as error:
        return f"can't be read ({error})"
    return ""


def read(path: Path) -> Image:
    """uint8 (H, W) at 500 dpi of a picture of any depth and colour. Raises what Pillow raises for a file that is none.

    A file's own resolution counts when a scanner may have it; without one the picture is taken to be of 500 dpi.
    """
    with Pillow.open(path) as picture:
        picture.load()
        pixels = _grey(picture)
        dpi = _dpi(picture.info.get("dpi"))
    if abs(dpi - DPI) <= _SAME_DPI:
        return pixels
    height, width = (max(1, round(length * DPI / dpi)) for length in pixels.shape)
    method = cv2.INTER_AREA if dpi > DPI else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=method), np.uint8)


def _grey(picture: Pillow.Image) -> Image:
    if picture.mode[0] in "IF":  # 16 bits and more
        values = np.asarray(picture, np.float64)
        full = 1.0 if values.max() <= 1.0 else 255.0 if values.max() <= 255.0 else 65_535.0
        return np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8)
    if picture.has_transparency_data:  # what is not there is glass
        solid = picture.convert("RGBA")
        picture = Pillow.alpha_composite(Pillow.new("RGBA", solid.size, "white"), solid)
    return np.asarray(picture.convert("L"), np.uint8)


def _dpi(noted: Any) -> float:
    try:
        across, down = (float(value) for value in noted)
    except (TypeError, ValueError, ZeroDivisionError):
        return DPI
    believed = _BELIEVED_DPI[0] <= across <= _BELIEVED_DPI[1] and abs(across - down) <= _SAME_DPI
    return across if believed else DPI
