"""A picture report: the photo with its lines drawn in, and every measure beside it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessment, Quality
from kiosk.records import Image, Measure, PhotoSpec, Verdict

_PHOTO_HEIGHT: Final = 960
_ROW: Final = 29
_TABLE_WIDTH: Final = 820
_MARGIN: Final = 24
_INK: Final = (38, 44, 52)
_FAINT: Final = (130, 138, 148)
_COLOURS: Final = {Verdict.PASS: (30, 132, 73), Verdict.REVIEW: (190, 120, 10), Verdict.FAIL: (192, 40, 40)}


def draw_report(photo: Image, assessment: Assessment, spec: PhotoSpec) -> Image:
    """uint8 (H, W, 3) BGR. Names are the standard's, so that no font for another script is needed."""
    scale = _PHOTO_HEIGHT / photo.shape[0]
    shown = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    left = PillowImage.fromarray(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB))
    _draw_lines(ImageDraw.Draw(left), assessment, spec, left.size, scale)
    height = max(_PHOTO_HEIGHT, _ROW * (len(assessment.qualities) + len(NOT_EVALUATED) + 1)) + 2 * _MARGIN
    page = PillowImage.new("RGB", (left.width + _TABLE_WIDTH + 3 * _MARGIN, height), "white")
    page.paste(left, (_MARGIN, _MARGIN))
    _draw_table(ImageDraw.Draw(page), assessment.qualities, left.width + 2 * _MARGIN)
    return np.asarray(cv2.cvtColor(np.asarray(page), cv2.COLOR_RGB2BGR), np.uint8)


def _draw_lines(draw: ImageDraw.ImageDraw, found: Assessment, spec: PhotoSpec, size: tuple[int, int], scale: float) -> None:
    """Wanted lines in blue, found ones in green."""
    width, height = size
    draw.line((0, spec.eye_line * height, width, spec.eye_line * height), fill=(40, 110, 200), width=2)
    draw.line((width / 2, 0, width / 2, height), fill=(40, 110, 200), width=1)
    if found.geometry is None or found.landmarks is None:
        return
    x, y = (coordinate * scale for coordinate in found.geometry.eyes)
    half = found.geometry.head_height * scale / 2
    for line in (y, y - half, y + half):
        draw.line((x - half * 0.8, line, x + half * 0.8, line), fill=_COLOURS[Verdict.PASS], width=2)
    draw.line((0, found.hair_top * scale, width, found.hair_top * scale), fill=_FAINT, width=1)
    for px, py in found.landmarks[:, :2] * scale:
        draw.point((px, py), fill=(20, 170, 110))


def _verdict(measure: Measure) -> str:
    return "advice" if measure.hint and measure.verdict is Verdict.PASS else str(measure.verdict)


def _draw_table(draw: ImageDraw.ImageDraw, qualities: tuple[Quality, ...], left: int) -> None:
    font = ImageFont.load_default(17)
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
