"""What later presses of a finger are worth against one and against two that are kept.

    python -m bench.finger_presses --data DIR [DIR …] [--sensor zfm]

Each DIR is as for `bench.finger_accuracy`; impressions are as the sensor shows them. At the limits of the settings:

The door of the staff (decision 19): every two neighbouring impressions of a finger are kept, the last and the first too, and
each other one is compared with both; impostors are all presses of other fingers. One image or two (decision 9): of good
presses only (`[finger] min_quality`), each that suffices alone (`single_image_from`) against every other, and every two
against every third. And what becomes of two scores that are made one: the higher, the mean of their log-odds, the lower.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special
from threadpoolctl import threadpool_limits

from bench.finger_accuracy import SENSORS, rates, seen_by
from bench.impressions import ImpressionSet, open_sets
from kiosk import weights
from kiosk.config import AccountSettings, FingerSettings
from kiosk.pipeline.finger import MinutiaeExtractor, compare, make_template, quality_score

_LEAST: Final = 1e-9  # of a score before its logarithm is taken

_Reals = NDArray[np.float64]


class _Fingers:
    """Every score of a set. `score[i, j]` is that of presses i and j, `finger[i]` whose a press is, `quality[i]` 0–1."""

    def __init__(self, found: ImpressionSet, sensor: str, extractor: MinutiaeExtractor) -> None:
        minutiae = [extractor.extract(seen_by(SENSORS[sensor], shot.pixels())) for shot in found.shots]
        templates = [make_template(one) for one in minutiae]
        self.quality = np.array([quality_score(one) for one in minutiae])
        names = [shot.finger for shot in found.shots]
        self.presses = {name: [at for at, other in enumerate(names) if other == name] for name in names}
        self.score = np.ones((len(names), len(names)))
        for a, b in combinations(range(len(names)), 2):
            self.score[a, b] = self.score[b, a] = compare(templates[a], templates[b]).value

    def good(self, least: float) -> dict[str, list[int]]:
        return {name: [at for at in presses if self.quality[at] >= least] for name, presses in self.presses.items()}

    def neighbours(self) -> tuple[_Reals, _Reals]:
        """Scores against both of two that are kept, float64 (trials, 2): genuine and impostor."""
        genuine, impostor = [], []
        for name, presses in self.presses.items():
            others = [at for other, several in self.presses.items() if other != name for at in several]
            for kept in zip(presses, [*presses[1:], presses[0]], strict=True):
                genuine += [self.score[at, kept] for at in presses if at not in kept]
                impostor += [self.score[at, kept] for at in others]
        return np.array(genuine), np.array(impostor)

    def one_or_two(self, least: float, alone: float) -> tuple[_Reals, _Reals]:
        """Of good presses, scores against one that suffices alone and the higher against any two."""
        one, two = [], []
        for presses in self.good(least).values():
            one += [self.score[at, kept] for kept in presses for at in presses if at != kept and self.quality[kept] >= alone]
            for kept in combinations(presses, 2):
                two += [self.score[at, kept].max() for at in presses if at not in kept]
        return np.array(one), np.array(two)


def _mean_of_odds(scores: _Reals) -> _Reals:
    return np.asarray(special.expit(special.logit(np.clip(scores, _LEAST, 1 - _LEAST)).mean(axis=1)))


_MADE_ONE: Final[dict[str, Callable[[_Reals], _Reals]]] = {
    "the first alone": lambda scores: scores[:, 0],
    "the higher": lambda scores: scores.max(axis=1),
    "the mean of log-odds": _mean_of_odds,
    "the lower": lambda scores: scores.min(axis=1),
}


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--sensor", choices=SENSORS, default="zfm")
    chosen = parser.parse_args(list(arguments) if arguments is not None else None)
    try:
        sets = open_sets(chosen.data)
    except ValueError as error:
        parser.error(str(error))
    threadpool_limits(1, user_api="blas")  # as the station does
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    settings, door = FingerSettings(), AccountSettings().thumb_at
    for found in sets:
        fingers = _Fingers(found, chosen.sensor, extractor)
        genuine, impostor = fingers.neighbours()
        highest = f"{len(impostor):,} impostors, highest {impostor.max():.3f}"
        missed = _missed(genuine.max(axis=1), (settings.seen_before_at, door, 0.93))
        print(f"{found.name}, a press against two neighbours, {len(genuine):,} trials, {highest}: {missed}")
        one, two = fingers.one_or_two(settings.min_quality, settings.single_image_from)
        limits = (settings.same_finger_at, settings.seen_before_at)
        print(f"{found.name}, one image that suffices, {len(one):,} trials: {_missed(one, limits)}")
        print(f"{found.name}, two images, {len(two):,} trials: {_missed(two, limits)}")
        for name, made_one in _MADE_ONE.items():
            own, other = made_one(genuine), made_one(impostor)
            told = rates(own, other)
            tar = f"TAR at FAR 1e-3 {told.tar_far_1e3:.1f}%, at 1e-4 {told.tar_far_1e4:.1f}%"
            print(f"{found.name}, {name}: EER {told.eer:.2f}%, {tar}; {_missed(own, limits)}")
    return 0


def _missed(genuine: _Reals, limits: Sequence[float]) -> str:
    return ", ".join(f"missed at {limit} {100 * (genuine < limit).mean():.1f}%" for limit in limits)


if __name__ == "__main__":
    raise SystemExit(main())
