"""One press of a tester: how good it is, with its minutiae drawn on it. The picture lives as long as the test."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np

from kiosk.checkup.log import Press
from kiosk.config import FingerSettings
from kiosk.devices import PressFailed
from kiosk.errors import KioskError
from kiosk.pipeline.finger.compact import unpack
from kiosk.pipeline.finger.minutiae import NETWORK_DPI, Minutiae
from kiosk.pipeline.finger.quality import PressQuality
from kiosk.pipeline.finger.template import Template
from kiosk.pipeline.finger.thumbs import other_finger
from kiosk.pipeline.pictures import png
from kiosk.records import CheckPoint, FingerPosition, Image, Impression, Measure, Message, PointFinding, Verdict

_SCALE: Final = 3  # drawn so much larger than the sensor's pixels, so that marks and ridges can be told apart
_SURE: Final = 0.6  # score from which a minutia counts, as `quality` has it
_RING: Final = 7
_TAIL: Final = 20  # pixels of the drawing
_ENDING: Final = (40, 40, 210)  # BGR
_FORK: Final = (190, 90, 20)
POINTS: Final = {CheckPoint.RIGHT_THUMB: FingerPosition.RIGHT_THUMB, CheckPoint.LEFT_THUMB: FingerPosition.LEFT_THUMB}


class Judgement(Protocol):
    """What a judge of presses says (`kiosk.seeing.judges`)."""

    @property
    def quality(self) -> PressQuality: ...
    @property
    def template(self) -> Template: ...
    @property
    def file(self) -> bytes: ...


Judge = Callable[[Impression], Judgement]


@dataclass(frozen=True, eq=False)
class PressLook:
    """`drawn`: PNG, empty of a press that gave no image. `sure`: minutiae that count, of `minutiae`."""

    request: int
    position: FingerPosition
    verdict: Verdict
    measures: tuple[Measure, ...] = ()
    hint: Message | None = None
    minutiae: int = 0
    sure: int = 0
    waited_s: float = 0.0
    transfer_s: float = 0.0
    drawn: bytes = b""
    template: Template | None = None


def look_at(press: Press, judge: Judge) -> PressLook:
    """Judge a press; about 0.2 s."""
    if isinstance(press, PressFailed):
        return PressLook(press.request, press.position, Verdict.FAIL, hint=press.error.message)
    impression = press.impression
    try:
        found = judge(impression)
    except KioskError as error:
        return PressLook(press.request, impression.position, Verdict.FAIL, hint=error.message)
    minutiae = unpack(found.file)
    return PressLook(
        press.request,
        impression.position,
        found.quality.verdict,
        found.quality.measures,
        found.quality.hint,
        len(minutiae),
        int((minutiae.score >= _SURE).sum()),
        press.waited_s,
        press.transfer_s,
        png(draw(impression.pixels, minutiae, impression.dpi)),
        found.template,
    )


def finding_of(point: CheckPoint, press: PressLook, other: PressLook | None, settings: FingerSettings) -> PointFinding:
    """What a press says of a thumb's point; `other`: of the other thumb, which must not be the same finger."""
    if press.template is not None and other is not None and other.template is not None:
        _, verdict = other_finger(press.template, other.template, settings)
        if verdict is not Verdict.PASS:
            return PointFinding(point, Verdict.FAIL, (Message("checkup.same_thumb"),), press.measures)
    return PointFinding(point, press.verdict, (press.hint,) if press.hint else (), press.measures)


def draw(pixels: Image, minutiae: Minutiae, dpi: int) -> Image:
    """uint8 (H, W, 3) BGR, enlarged: a ring and a tail in its direction for each minutia, red where a ridge ends, blue where it
    forks; thin ones are unsure.
    """
    size = (pixels.shape[1] * _SCALE, pixels.shape[0] * _SCALE)
    shown = np.asarray(cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), size, interpolation=cv2.INTER_CUBIC), np.uint8)
    scale = _SCALE * dpi / NETWORK_DPI
    for (x, y), direction, ending, score in zip(minutiae.xy, minutiae.direction, minutiae.ending, minutiae.score, strict=True):
        colour, width = _ENDING if ending else _FORK, 3 if score >= _SURE else 1
        centre = (round(float(x) * scale), round(float(y) * scale))
        tip = (round(centre[0] + _TAIL * math.cos(direction)), round(centre[1] - _TAIL * math.sin(direction)))
        cv2.circle(shown, centre, _RING, colour, width, cv2.LINE_AA)
        cv2.line(shown, centre, tip, colour, width, cv2.LINE_AA)
    return shown
