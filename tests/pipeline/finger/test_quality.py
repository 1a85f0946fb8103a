from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers_sim.finger import Press
from drivers_sim.finger.impression import BARELY_TOUCHED, BLANK, MOVED, OFF_CENTRE, ORDINARY, VERY_DRY, VERY_WET
from kiosk import words
from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, PressQuality, assess
from kiosk.pipeline.finger.quality import CENTRE, HOLD_STILL, PRESS_HARDER, WIPE
from kiosk.records import Image, Message, Verdict

SETTINGS = FingerSettings()
SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture
def judged(pressed: Callable[..., Image], minutiae_of: Callable[..., Minutiae]) -> Callable[[int, Press], PressQuality]:
    return lambda seed, how: assess(pressed(seed, 1, how), minutiae_of(seed, 1, how), SETTINGS)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_ordinary_press_passes_without_a_word(judged: Callable[[int, Press], PressQuality], seed: int) -> None:
    quality = judged(seed, ORDINARY)
    assert quality.verdict is Verdict.PASS
    assert quality.hint is None
    assert quality.score.scale == "leader-mq"
    assert quality.score.limit == SETTINGS.min_quality


REFUSALS = {
    "barely touched": (BARELY_TOUCHED, Verdict.FAIL, PRESS_HARDER, "按重一点"),
    "off centre": (OFF_CENTRE, Verdict.FAIL, CENTRE, "放正手指"),
    "moved": (MOVED, Verdict.FAIL, WIPE, "擦干手指"),
    "blank": (BLANK, Verdict.FAIL, PRESS_HARDER, "按重一点"),
    "wet": (VERY_WET, Verdict.REVIEW, WIPE, "擦干手指"),
    "dry": (VERY_DRY, None, PRESS_HARDER, "按重一点"),
}


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_press_tells_the_student_what_to_do(judged: Callable[[int, Press], PressQuality], seed: int, case: str) -> None:
    how, verdict, hint, said = REFUSALS[case]
    quality = judged(seed, how)
    assert quality.verdict is (verdict or quality.verdict)
    assert quality.verdict is not Verdict.PASS  # a bone-dry finger is refused or kept for want of a better one
    assert quality.hint == hint
    assert words.say_message("zh-CN", hint) == said


def test_every_measure_that_fails_has_a_hint_and_no_other_has(judged: Callable[[int, Press], PressQuality]) -> None:
    for how in (ORDINARY, BARELY_TOUCHED, OFF_CENTRE, MOVED, BLANK, VERY_WET, VERY_DRY):
        for measure in judged(1, how).measures:
            assert (measure.hint is None) == (measure.verdict is Verdict.PASS), measure


@pytest.mark.parametrize("hint", [PRESS_HARDER, WIPE, CENTRE, HOLD_STILL], ids=lambda hint: hint.code)
def test_hints_are_said_in_both_languages(hint: Message) -> None:
    assert words.say_message("zh-CN", hint) != hint.code
    assert words.say_message("en", hint) != hint.code


def test_stricter_limits_refuse_more(pressed: Callable[..., Image], minutiae_of: Callable[..., Minutiae]) -> None:
    strict = FingerSettings(min_quality=1.0, refuse_quality=0.99, min_minutiae=200)
    quality = assess(pressed(1), minutiae_of(1), strict)
    assert quality.verdict is Verdict.FAIL
    assert quality.hint == HOLD_STILL
