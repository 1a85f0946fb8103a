"""A picture report: the photo with its lines drawn in, and every measure beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessment
from kiosk.pipeline.face.finished import Quality
from kiosk.records import Image, Measure, PhotoSpec, Verdict

_PHOTO_HEIGHT: Final = 960
_ROW: Final = 29
_LETTERS: Final = 17  # pixels high
_TABLE_WIDTH: Final = 820
_MARGIN: Final = 24
_INK: Final = (38, 44, 52)
_FAINT: Final = (130, 138, 148)
_COLOURS: Final = {Verdict.PASS: (30, 132, 73), Verdict.REVIEW: (190, 120, 10), Verdict.FAIL: (192, 40, 40)}


def draw_report(
    photo: Image, assessment: Assessment, spec: PhotoSpec, notes: Sequence[str] = (), font: Path | None = None
) -> Image:
    """uint8 (H, W, 3) BGR. Measures have the standard's names; `notes` say in words what is to be done.

    `font`: a file that has the notes' characters; without one Latin letters only.
    """
    scale = _PHOTO_HEIGHT / photo.shape[0]
    shown = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    left = PillowImage.fromarray(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB))
    _draw_lines(ImageDraw.Draw(left), assessment, spec, left.size, scale)
    letters = ImageFont.truetype(font, _LETTERS) if font else ImageFont.load_default(_LETTERS)
    lines = [line for note in notes for line in _wrapped(note, letters)]
    rows = len(assessment.qualities) + len(NOT_EVALUATED) + 2 + len(lines)
    page = PillowImage.new(
        "RGB", (left.width + _TABLE_WIDTH + 3 * _MARGIN, max(_PHOTO_HEIGHT, _ROW * rows) + 2 * _MARGIN), "white"
    )
    page.paste(left, (_MARGIN, _MARGIN))
    draw, x = ImageDraw.Draw(page), left.width + 2 * _MARGIN
    y = _draw_table(draw, assessment.qualities, x)
    for line in lines:
        y += _ROW
        draw.text((x, y), line, fill=_COLOURS[Verdict.FAIL], font=letters)
    return np.asarray(cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2BGR), np.uint8)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Cut where the table ends: Chinese has no spaces to cut at."""
    lines = [""]
    for char in text:
        if font.getlength(lines[-1] + char) > _TABLE_WIDTH:
            lines.append("")
        lines[-1] += char
    return lines


def _draw_lines(draw: ImageDraw.ImageDraw, found: Assessment, spec: PhotoSpec, size: tuple[int, int], scale: float) -> None:
    """Wanted lines in blue, found ones in the colour of their verdict."""
    width, height = size
    draw.line((0, spec.eye_line * height, width, spec.eye_line * height), fill=(40, 110, 200), width=2)
    draw.line((width / 2, 0, width / 2, height), fill=(40, 110, 200), width=1)
    if found.geometry is None or found.landmarks is None:
        return
    x, y = (coordinate * scale for coordinate in found.geometry.eyes)
    half = found.geometry.head_height * scale / 2
    verdicts = {quality.measure.name: quality.measure.verdict for quality in found.qualities}
    for line, name in ((y, "EyeLine"), (y - half, "HeadSize"), (y + half, "HeadSize")):
        draw.line((x - half * 0.8, line, x + half * 0.8, line), fill=_COLOURS[verdicts[name]], width=2)
    draw.line((0, found.hair_top * scale, width, found.hair_top * scale), fill=_FAINT, width=1)
    for px, py in found.landmarks[:, :2] * scale:
        draw.ellipse((px - 1, py - 1, px + 1, py + 1), fill=(20, 170, 110))


def _verdict(measure: Measure) -> str:
    return "advice" if measure.hint and measure.verdict is Verdict.PASS else str(measure.verdict)


def _draw_table(draw: ImageDraw.ImageDraw, qualities: tuple[Quality, ...], left: int) -> int:
    """The y below it."""
    font = ImageFont.load_default(_LETTERS)
    columns = (left, left + 330, left + 430, left + 640, left + 720)
    for title, x in zip(("ISO/IEC 29794-5", "value", "limits", "0-100", "verdict"), columns, strict=True):
        draw.text((x, _MARGIN), title, fill=_FAINT, font=font)
    y = _MARGIN + _ROW
    for quality in qualities:
        measure = quality.measure
        limits = " .. ".join("" if limit is None else f"{limit:.3g}" for limit in (measure.low, measure.high))
        cells = (measure.name, f"{measure.value:.3g}", limits, f"{quality.score:.0f}", _verdict(measure))
        for text, x in zip(cells, columns, strict=True):
            ink = _COLOURS[measure.verdict] if x in (columns[0], columns[4]) else _INK
            draw.text((x, y), text, fill=ink, font=font)
        y += _ROW
    for name in NOT_EVALUATED:
        draw.text((columns[0], y), name, fill=_FAINT, font=font)
        draw.text((columns[1], y), "not evaluated", fill=_FAINT, font=font)
        y += _ROW
    return y
