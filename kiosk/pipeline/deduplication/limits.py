"""How alike two must be before a person is asked, when everybody is held against everybody.

Among N subjects there are N (N - 1) / 2 pairs, so that a limit good enough for one student against a school names thousands of
pairs of strangers in a province. What people can look through grows with N only: the budget is so many false suspects for each
subject, and each modality may use all of it. The chance that a comparison may have follows by division, and the limit from
where the shipped calibration puts that chance. Towards the end of its tail each of them falls by a factor of ten for every
step of the score: faces by docs/explanation/faces.md, fingers by docs/decisions/0009-judging-thumbs.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from kiosk.pipeline.finger.template import RARELY, RARELY_AT, SELDOM, SELDOM_AT

BUDGET: Final = 1e-3  # false suspects for each subject and modality: one among a thousand students

# LFW's development pictures: 2e-8 at 0.60 by its tail, and six times as often among East Asian faces.
_FACE_AT: Final = 0.60
_FACE_CHANCE: Final = 1.2e-7
_FACE_DECADE: Final = 0.05  # of the cosine
# A person's fingers are not drawn independently (loops lean to the hand's side): so much likelier is a second chance match.
_SECOND_FINGER: Final = 10.0
_FULLEST: Final = 0.999  # beyond, scores say no more


@dataclass(frozen=True)
class Limits:
    """At or above, two are suspected. `face`: cosine. `finger`: of one finger. `both`: of the lesser of two fingers."""

    face: float
    finger: float
    both: float


def limits_for(
    subjects: int, budget: float = BUDGET, *, presses: int = 2, crossed: bool = False, floor: Limits | None = None
) -> Limits:
    """The limits for so many subjects, `presses` of each thumb. `crossed`: right thumbs are held against left ones too.

    `floor`: never lower, as the station's own limits, which are right for a school; these when left out.
    """
    floor = floor or Limits(_FACE_AT, RARELY_AT, SELDOM_AT)
    chance = 2 * budget / max(subjects - 1, 1)  # of a pair of subjects: budget * N / (N (N - 1) / 2)
    ways, layouts = (4, 2) if crossed else (2, 1)
    for_one = chance / (ways * presses**2)
    for_two = math.sqrt(chance / layouts / _SECOND_FINGER) / presses**2
    face = _FACE_AT + _FACE_DECADE * math.log10(_FACE_CHANCE / chance)
    return Limits(
        _rounded(max(face, floor.face)),
        _rounded(max(_finger_limit(for_one), floor.finger)),
        _rounded(max(_finger_limit(for_two), floor.both)),
    )


def _finger_limit(chance: float) -> float:
    """By the definition of the score, whatever sensor saw the fingers (decision 9): the tail is exponential in the log-odds."""
    rarely, seldom = _log_odds(RARELY_AT), _log_odds(SELDOM_AT)
    decade = (rarely - seldom) / math.log10(SELDOM / RARELY)
    return 1 / (1 + math.exp(-(rarely + decade * math.log10(RARELY / chance))))


def _log_odds(score: float) -> float:
    return math.log(score / (1 - score))


def _rounded(limit: float) -> float:
    """To a thousandth, and reachable."""
    return min(math.ceil(limit * 1000 - 1e-9) / 1000, _FULLEST)
