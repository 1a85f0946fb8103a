"""What a station's own captures say about the thresholds. It suggests; a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from kiosk.pipeline.face.verification import Embedding

Scores = NDArray[np.float64]

# Accept so few of strangers' cards, and send so few more to a person.
PASS_FAR: Final = 1e-3
REVIEW_FAR: Final = 1e-2
# A rate is believed when at least so many comparisons may be above the limit.
_CASES: Final = 3


@dataclass(frozen=True, eq=False)
class Calibration:
    """Scores of students against their own card, and against all other cards; suggested limits where the data carry them."""

    genuine: Scores
    impostor: Scores
    pass_at: float | None
    review_at: float | None

    def accepted(self, limit: float) -> tuple[float, float]:
        """Shares of genuine and of impostor comparisons at or above a limit."""
        return _share(self.genuine, limit), _share(self.impostor, limit)


def calibrate(live: list[Embedding], chips: list[Embedding], strangers: NDArray[np.bool_] | None = None) -> Calibration:
    """The same students in both lists, in the same order.

    `strangers`: bool (N, N), live faces by chips: which pairs surely show two people; all others than one's own when left out.
    """
    scores = np.array(live, np.float64).reshape(-1, 128) @ np.array(chips, np.float64).reshape(-1, 128).T
    own = np.eye(len(live), dtype=bool)
    genuine, impostor = scores[own], scores[~own if strangers is None else strangers]
    return Calibration(genuine, impostor, _limit_for(impostor, PASS_FAR), _limit_for(impostor, REVIEW_FAR))


def plot(found: Calibration, limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Both distributions over the cosine, with the configured limits (pass, review): uint8 (520, 960, 3) RGB."""
    page = PillowImage.new("RGB", (960, 520), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(16)
    edges = np.linspace(-0.3, 1.0, 66)

    def across(value: float) -> float:
        return 50 + (value + 0.3) / 1.3 * 860

    for scores, colour in ((found.impostor, (192, 60, 50)), (found.genuine, (30, 120, 80))):
        if not scores.size:
            continue
        heights = np.histogram(scores, edges)[0] / scores.size
        for left, right, height in zip(edges[:-1], edges[1:], heights / max(float(heights.max()), 1e-9), strict=True):
            if height:
                draw.rectangle((across(left), 460 - 400 * height, across(right) - 2, 460), outline=colour, width=2)
    for limit, name in zip(limits, ("pass", "review"), strict=True):
        draw.line((across(limit), 40, across(limit), 460), fill=(40, 90, 170), width=2)
        draw.text((across(limit) + 4, 24 if name == "pass" else 6), f"{name} {limit:.2f}", fill=(40, 90, 170), font=font)
    for tick in np.arange(-0.2, 1.01, 0.2):
        draw.text((across(float(tick)) - 12, 468), f"{tick:.1f}", fill=(70, 70, 70), font=font)
    draw.text(
        (50, 492), f"genuine {found.genuine.size} (green), impostor {found.impostor.size} (red)", fill=(70, 70, 70), font=font
    )
    return np.asarray(page, np.uint8)


def _limit_for(impostor: Scores, far: float) -> float | None:
    """The lowest limit that accepts at most this share, rounded up to a hundredth; None for too few comparisons."""
    if impostor.size * far < _CASES:
        return None
    allowed = int(far * impostor.size)
    highest_refused = float(np.sort(impostor)[::-1][allowed])
    return float(np.ceil((highest_refused + 1e-6) * 100) / 100)


def _share(scores: Scores, limit: float) -> float:
    return float(np.mean(scores >= limit)) if scores.size else 0.0
