"""Fits the weights of the matcher's last stage (`kiosk.pipeline.finger.template.WEIGHTS`).

    python -m bench.finger_weights --data DIR

The impressions of one set are used whole, cut to the sizes of the ZFM-20 and the R503, and spoilt: skin distorted, wet or
dry, a part missing. Report accuracy on other sets only.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from bench.finger_accuracy import FILE, SENSORS, rates, seen_by
from kiosk import weights
from kiosk.pipeline.finger import MinutiaeExtractor, Template, make_template
from kiosk.pipeline.finger.template import evidence
from kiosk.records import Image

_NO_EVIDENCE: Final = (np.log(1e-3), np.log(0.5), np.log(0.5) ** 2, 0.0)
_RIDGE: Final = 1e-4  # keeps the weights finite where classes don't overlap

Reals = NDArray[np.float64]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args().data
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    variants = {name: _evidence(folder, name, extractor) for name in ("full", "zfm", "r503", "spoilt")}
    fitted, bias = fit(list(variants.values()))
    for name, (genuine, impostor) in variants.items():
        figures = rates(genuine @ fitted, impostor @ fitted)
        print(f"{name:8s} EER {figures.eer:5.2f}%  FMR1000 {figures.fmr1000:5.2f}%")
    print(f"WEIGHTS = {np.round(fitted, 3).tolist()}  BIAS = {bias:.3f}")
    return 0


def fit(variants: list[tuple[Reals, Reals]]) -> tuple[Reals, float]:
    """Logistic regression; each variant's genuine and impostor pairs weigh alike."""
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


def _evidence(folder: Path, variant: str, extractor: MinutiaeExtractor) -> tuple[Reals, Reals]:
    templates = []
    for number, path in enumerate(sorted(path for path in folder.iterdir() if FILE.match(path.name))):
        pixels = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)
        pixels = spoilt(pixels, number) if variant == "spoilt" else seen_by(SENSORS[variant], pixels)
        matched = FILE.match(path.name)
        assert matched is not None
        templates.append((matched["finger"], make_template(extractor.extract(pixels))))
    pairs = list(combinations(templates, 2))
    genuine = [_facts(a, b) for (one, a), (other, b) in pairs if one == other]
    impostor = [_facts(a, b) for (one, a), (other, b) in pairs if one != other]
    return np.array(genuine), np.array(impostor)


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
