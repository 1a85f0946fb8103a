"""Fits the weights of the matcher's last stage (`kiosk.pipeline.finger.template.WEIGHTS`), and the limits that follow.

    python -m bench.finger_weights --data DIR [--report DIR …]

The impressions of one set are used whole, cut to the sizes of the ZFM-20 and the R503, and spoilt: skin distorted, wet or
dry, a part missing. Limits are the scores that one impostor pair in so many reaches, as a ZFM-20 sees them; beyond the pairs at
hand by an exponential tail of the log-odds. Report accuracy on other sets only: `--report` holds the weights and limits of
the program, not the fitted ones, against them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize, special
from threadpoolctl import threadpool_limits

from bench.finger_accuracy import SENSORS, rates, seen_by
from bench.impressions import ImpressionSet, open_sets
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.pipeline.finger import MinutiaeExtractor, Template, make_template
from kiosk.pipeline.finger.template import BIAS, SOFTENING, WEIGHTS, evidence
from kiosk.records import Image

_NO_EVIDENCE: Final = (np.log(1e-3), np.log(0.5), np.log(0.5) ** 2, 0.0)
_TAIL: Final = 0.02
_RIDGE: Final = 1e-4  # keeps the weights finite where classes don't overlap

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """`genuine`, `impostor`: float64 (pairs, 4), see `kiosk.pipeline.finger.template.evidence`. `whose`: of each genuine pair
    the finger and the two impressions."""

    genuine: Reals
    impostor: Reals
    whose: list[tuple[str, int, int]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--report", type=Path, nargs="*", default=[], metavar="DIR")
    chosen = parser.parse_args()
    try:
        fitted_on, *reported = open_sets([chosen.data, *chosen.report])
    except ValueError as error:
        parser.error(str(error))
    threadpool_limits(1, user_api="blas")
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    variants = {name: _evidence(fitted_on, name, extractor) for name in ("full", "zfm", "r503", "spoilt")}
    fitted, bias = fit(list(variants.values()))
    for name, found in variants.items():
        figures = rates(found.genuine @ fitted, found.impostor @ fitted)
        print(f"{name:8s} EER {figures.eer:5.2f}%  FMR1000 {figures.fmr1000:5.2f}%")
    print(f"WEIGHTS = {np.round(fitted, 3).tolist()}  BIAS = {bias:.3f}")
    for one_in in (10_000, 1_000_000):
        limit = _score(reached_by(variants["zfm"].impostor @ fitted + bias, 1 / one_in))
        missed = missed_twice(variants["zfm"], _score(variants["zfm"].genuine @ fitted + bias), limit)
        print(f"one impostor pair in {one_in:,} reaches {limit:.3f}; two presses against two miss it: {100 * missed:.2f}%")
    for one in reported:
        for name in ("full", "zfm", "r503", "spoilt"):
            _report(f"{one.name}, {name}", _evidence(one, name, extractor))
    return 0


def reached_by(impostor: Reals, share: float) -> float:
    """The log-odds that so small a share of impostor pairs reaches, by the exponential tail of the highest 2 %."""
    tail = np.sort(impostor)[-max(int(_TAIL * len(impostor)), 1) :]
    start = float(tail[0])
    return start + float((tail - start).mean()) * float(np.log(len(tail) / len(impostor) / share))


def missed_twice(found: Evidence, genuine: Reals, limit: float) -> float:
    """The share of pairs of presses that reach the limit with no press of another pair of the same finger."""
    scores = {(finger, *sorted(pair)): score for (finger, *pair), score in zip(found.whose, genuine, strict=True)}
    best: list[float] = []
    for finger in dict.fromkeys(whose[0] for whose in found.whose):
        presses = sorted({press for name, *pair in found.whose if name == finger for press in pair})
        for known in combinations(presses, 2):
            rest = [press for press in presses if press not in known]
            fresh = combinations(rest, 2)
            best += [max(scores[finger, *sorted((a, b))] for a in known for b in pair) for pair in fresh]
    return float((np.array(best) < limit).mean())


def _report(name: str, found: Evidence) -> None:
    genuine, impostor = (_score(part @ WEIGHTS + BIAS) for part in (found.genuine, found.impostor))
    settings = FingerSettings()
    print(f"{name}: EER {rates(genuine, impostor).eer:.2f}%, highest impostor {impostor.max():.3f}")
    for limit in (settings.same_finger_at, settings.seen_before_at):
        reached = f"{(impostor >= limit).sum()} of {len(impostor)} impostor pairs reach it"
        missed = f"genuine pairs below {100 * (genuine < limit).mean():.2f}%"
        print(f"  at {limit}: {reached}; {missed}, two presses against two {100 * missed_twice(found, genuine, limit):.2f}%")


def _score(odds: Any) -> Any:
    """What the matcher makes of log-odds."""
    return special.expit(odds / SOFTENING)


def fit(found: list[Evidence]) -> tuple[Reals, float]:
    """Logistic regression; each variant's genuine and impostor pairs weigh alike."""
    variants = [(one.genuine, one.impostor) for one in found]
    facts = np.concatenate([part for variant in variants for part in variant])
    genuine = np.concatenate(
        [np.full(len(part), kind) for variant in variants for kind, part in ((1, variant[0]), (0, variant[1]))]
    )
    weight = np.concatenate([np.full(len(part), 1 / len(part)) for variant in variants for part in variant])
    weight /= weight.sum()
    mean, spread = facts.mean(axis=0), facts.std(axis=0)
    scaled = np.column_stack([(facts - mean) / spread, np.ones(len(facts))])

    def loss(slope: Reals) -> tuple[float, Reals]:
        odds = scaled @ slope
        miss = 1 / (1 + np.exp(-odds)) - genuine
        value = (weight * np.logaddexp(0, np.where(genuine == 1, -odds, odds))).sum() + _RIDGE * (slope**2).sum()
        return float(value), np.asarray(scaled.T @ (weight * miss) + 2 * _RIDGE * slope)

    slope = optimize.minimize(loss, np.zeros(scaled.shape[1]), jac=True).x
    fitted = slope[:-1] / spread
    return fitted, float(slope[-1] - fitted @ mean)


def _evidence(impressions: ImpressionSet, variant: str, extractor: MinutiaeExtractor) -> Evidence:
    templates = []
    for number, shot in enumerate(impressions.shots):
        pixels = shot.pixels()
        pixels = spoilt(pixels, number) if variant == "spoilt" else seen_by(SENSORS[variant], pixels)
        templates.append((shot.finger, number, make_template(extractor.extract(pixels))))
    same, others, whose = [], [], []
    for (one, i, a), (other, j, b) in combinations(templates, 2):
        if one == other:
            same.append(_facts(a, b))
            whose.append((one, i, j))
        else:
            others.append(_facts(a, b))
    return Evidence(np.array(same), np.array(others), whose)


def _facts(a: Template, b: Template) -> Reals:
    facts = evidence(a, b)
    return np.array(_NO_EVIDENCE) if facts is None else facts


def spoilt(pixels: Image, seed: int) -> Image:
    """Skin twisted and dragged about a point, ridges swollen or broken, one side missing, noise."""
    rng = np.random.default_rng(seed)
    height, width = pixels.shape
    down, right = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = right - width * rng.uniform(0.3, 0.7), down - height * rng.uniform(0.3, 0.7)
    held = 1 / (1 + np.exp(-(np.hypot(x, y) - rng.uniform(40, 90)) / 25))
    twist = np.radians(rng.normal(0, 9)) * held
    drag_x, drag_y = rng.normal(0, 7, 2)
    from_x = right + (np.cos(twist) - 1) * x - np.sin(twist) * y + drag_x * held + _smooth(rng, pixels.shape, 50, 2.5)
    from_y = down + np.sin(twist) * x + (np.cos(twist) - 1) * y + drag_y * held + _smooth(rng, pixels.shape, 50, 2.5)
    moved = cv2.remap(
        pixels,
        from_x.astype(np.float32),
        from_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    ).astype(np.float64)
    kind = rng.choice(("plain", "wet", "dry"))
    if kind == "wet":
        moved = 0.35 * moved + 0.65 * cv2.erode(moved, np.ones((3, 3)))
    elif kind == "dry":
        moved = 0.45 * moved + 0.55 * cv2.dilate(moved, np.ones((3, 3)))
        moved += (_smooth(rng, pixels.shape, 1.5, 1.0) > 1.3) * (255 - moved) * 0.8
    moved += rng.normal(0, 8, pixels.shape)
    angle = rng.uniform(0, 2 * np.pi)
    beyond = (right - width / 2) * np.cos(angle) + (down - height / 2) * np.sin(angle)
    moved[beyond > rng.uniform(0.12, 0.4) * min(height, width)] = 255
    return np.clip(moved, 0, 255).astype(np.uint8)


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], sigma: float, amplitude: float) -> Reals:
    noise = ndimage.gaussian_filter(rng.normal(0, 1, shape), sigma)
    return np.asarray(noise * (amplitude / noise.std()))


if __name__ == "__main__":
    raise SystemExit(main())
