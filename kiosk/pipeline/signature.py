"""A signature as it was drawn: strokes out of JSON, looked at with suspicion, and their picture.

The picture is made of the strokes here, so that the two can't differ, and nobody's image file is opened. Channels as in ISO/IEC
19794-7: X, Y, T, F.
"""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from kiosk.errors import KioskError
from kiosk.pipeline.pictures import png

_LEAST_PAD, _LARGEST_PAD = 100, 4096  # px, each side
_MOST_STROKES: Final = 300
_MOST_POINTS: Final = 20_000  # a minute and a half at 200 a second
_LONGEST_MS: Final = 600_000
_INK: Final = 0.5  # of the pad's height: a line shorter than this in all is a slip, no name

_WIDE: Final = 1200  # px of the picture, for the pad's whole width
_MARGIN: Final = 24
_THIN, _THICK = 3.0, 6.0  # px of a line, without pressure and with all
_SHIFT: Final = 4  # binary digits of a fraction of a pixel


@dataclass(frozen=True)
class Point:
    """Where the pen was on the pad, in its px; when, in ms from the first point; how hard, 0 to 1 (0.5: it can't tell)."""

    x: float
    y: float
    t: float
    f: float


@dataclass(frozen=True)
class Signature:
    """What was drawn on a pad of this size."""

    width: float
    height: float
    strokes: tuple[tuple[Point, ...], ...]

    @property
    def ink(self) -> float:
        """The length of all lines, px."""
        pairs = (pair for stroke in self.strokes for pair in itertools.pairwise(stroke))
        return sum(math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairs)


def read(given: Any) -> Signature:
    """`{"width", "height", "strokes": [[[x, y, t, f], …], …]}` as JSON gave it.

    Raises KioskError: "signature.unreadable" for anything else, "signature.too_long", "signature.too_short" when nobody's name
    can be that little.
    """
    try:
        width, height, strokes = given["width"], given["height"], given["strokes"]
        if len(strokes) > _MOST_STROKES or sum(map(len, strokes)) > _MOST_POINTS:
            raise KioskError("signature.too_long")
        drawn = Signature(width, height, tuple(tuple(Point(*map(_number, point)) for point in stroke) for stroke in strokes))
        if not all(_LEAST_PAD <= _number(side) <= _LARGEST_PAD for side in (width, height)):
            raise ValueError("pad")
    except (TypeError, KeyError, ValueError):
        raise KioskError("signature.unreadable") from None
    points = [point for stroke in drawn.strokes for point in stroke]
    if not all(_sound(point, drawn) for point in points) or any(b.t < a.t for a, b in itertools.pairwise(points)):
        raise KioskError("signature.unreadable")
    if drawn.ink < _INK * drawn.height:
        raise KioskError("signature.too_short")
    return drawn


def pack(signature: Signature) -> bytes:
    """The strokes as they are kept: the JSON that `read` takes."""
    strokes = [[[point.x, point.y, point.t, point.f] for point in stroke] for stroke in signature.strokes]
    given = {"width": signature.width, "height": signature.height, "strokes": strokes}
    return json.dumps(given, separators=(",", ":")).encode("ascii")


def picture(signature: Signature) -> bytes:
    """PNG, black on white, cut to what was drawn; lines are thicker where the pen was pressed."""
    scale = _WIDE / signature.width
    canvas = np.full((round(signature.height * scale), _WIDE), 255, np.uint8)
    for stroke in signature.strokes:
        for a, b in itertools.pairwise(stroke if len(stroke) > 1 else (*stroke, *stroke)):
            ends = [tuple(round(value * scale * (1 << _SHIFT)) for value in (point.x, point.y)) for point in (a, b)]
            thick = round(_THIN + (_THICK - _THIN) * (a.f + b.f) / 2)
            cv2.line(canvas, ends[0], ends[1], 0, thick, cv2.LINE_AA, _SHIFT)
    rows, columns = np.nonzero(canvas < 255)
    top, left = max(rows.min() - _MARGIN, 0), max(columns.min() - _MARGIN, 0)
    return png(canvas[top : rows.max() + _MARGIN, left : columns.max() + _MARGIN])


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _sound(point: Point, pad: Signature) -> bool:
    """On the pad, in time, and no NaN: that is neither."""
    on_pad = 0 <= point.x <= pad.width and 0 <= point.y <= pad.height
    return on_pad and 0 <= point.t <= _LONGEST_MS and 0 <= point.f <= 1
