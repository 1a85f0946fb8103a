"""Is a press good enough to be kept, and if not, what should the student do?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.config import FingerSettings
from kiosk.pipeline.finger.contact import contact
from kiosk.pipeline.finger.minutiae import NETWORK_DPI, Minutiae
from kiosk.records import Image, Measure, Message, Score, Verdict

SCALE: Final = "leader-mq"
_BEST: Final = 30  # minutiae that the quality is the mean score of
_SURE: Final = 0.6  # score from which a minutia counts
_ENOUGH_FOR_REVIEW: Final = 2 / 3  # of the wanted minutiae

PRESS_HARDER: Final = Message("hint.finger.press_harder")
WIPE: Final = Message("hint.finger.wipe")
CENTRE: Final = Message("hint.finger.centre")
HOLD_STILL: Final = Message("hint.finger.hold_still")


@dataclass(frozen=True)
class PressQuality:
    """What a press is worth. `measures` have their own verdicts, the worst of which is `verdict`; `hint` says what helps first.

    PASS: keep it. REVIEW: keep it if nothing better comes. FAIL: press again.
    """

    verdict: Verdict
    score: Score
    measures: tuple[Measure, ...]
    hint: Message | None


def quality_score(minutiae: Minutiae) -> float:
    """leader-mq, 0–1: the mean score of the best 30 minutiae; 0 without any."""
    best = minutiae.score[:_BEST]  # the surest come first
    return float(best.mean()) if len(best) else 0.0


def assess(pixels: Image, minutiae: Minutiae, settings: FingerSettings, dpi: int = NETWORK_DPI) -> PressQuality:
    """Judge one press: uint8 (H, W) and its minutiae."""
    skin = contact(pixels, dpi)
    sure = int((minutiae.score >= _SURE).sum())
    score = Score(quality_score(minutiae), SCALE, settings.min_quality)
    too_wet, too_dry = skin.ink > settings.max_ink, skin.ink < settings.min_ink
    small = skin.area_mm2 < settings.min_contact_mm2
    moisture = Verdict.REVIEW if too_wet or too_dry else Verdict.PASS
    moisture_hint = WIPE if too_wet else PRESS_HARDER if too_dry else None
    unclear_hint = PRESS_HARDER if small else moisture_hint or HOLD_STILL
    # In the order in which they help: a finger that lies askew also shows little area and few minutiae.
    measures = (
        _measure("offset", skin.offset, (None, settings.max_offset), _within(skin.offset <= settings.max_offset), CENTRE),
        _measure("contact-mm2", skin.area_mm2, (settings.min_contact_mm2, None), _within(not small), PRESS_HARDER),
        _measure("ink", skin.ink, (settings.min_ink, settings.max_ink), moisture, moisture_hint),
        _measure(SCALE, score.value, (settings.min_quality, None), _quality_verdict(score.value, settings), unclear_hint),
        _measure("minutiae", sure, (settings.min_minutiae, None), _count_verdict(sure, settings), CENTRE),
    )
    verdict = Verdict.worst([measure.verdict for measure in measures])
    hint = next((measure.hint for measure in measures if measure.hint), None)
    return PressQuality(verdict, score, measures, hint)


def _measure(
    name: str, value: float, limits: tuple[float | None, float | None], verdict: Verdict, hint: Message | None
) -> Measure:
    return Measure(name, value, *limits, verdict, hint if verdict is not Verdict.PASS else None)


def _within(good: bool) -> Verdict:
    return Verdict.PASS if good else Verdict.FAIL


def _quality_verdict(value: float, settings: FingerSettings) -> Verdict:
    if value >= settings.min_quality:
        return Verdict.PASS
    return Verdict.REVIEW if value >= settings.refuse_quality else Verdict.FAIL


def _count_verdict(count: int, settings: FingerSettings) -> Verdict:
    if count >= settings.min_minutiae:
        return Verdict.PASS
    return Verdict.REVIEW if count >= _ENOUGH_FOR_REVIEW * settings.min_minutiae else Verdict.FAIL
