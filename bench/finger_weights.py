"""Fits the weights of the matcher's last stage (`kiosk.pipeline.finger.template.WEIGHTS`), and its scale.

    python -m bench.finger_weights --data DIR [DIR …] [--report DIR …]

The impressions of the sets are used whole, cut to the sizes of the ZFM-20 and the R503, and spoilt: skin distorted, wet or
dry, a part missing. Beside them stand generated fingers, twisted, dragged, dry and wet, whose ridges are more alike than real
ones'. Of several sets each is left out once: what is told of it is told by weights that were fitted on the others. The weights
of the program are fitted on all. The scale follows from two points, so that limits outlive the weights and are the same
whatever the sensor: `SELDOM_AT` is what one pair in 10,000 of generated fingers reaches as a sensor sees them, `RARELY_AT` what
one in a million reaches, by an exponential tail of the log-odds beyond the pairs at hand. What is printed for the program are
those two for the sizes of sensors; what whole pictures and real fingers reach as often is told beside. `--report` holds the
weights and scale of the program, not the fitted ones, against other sets.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize
from threadpoolctl import threadpool_limits

from bench.finger_accuracy import SENSORS, rates, seen_by
from bench.impressions import ImpressionSet, open_sets
from drivers_sim.finger import FingerCache, Press, impression
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.pipeline.finger import MinutiaeExtractor, Template, make_template
from kiosk.pipeline.finger.template import NO_EVIDENCE, RARELY, SELDOM, WEIGHTS, evidence, scaled
from kiosk.records import Image

_VARIANTS: Final = ("full", "zfm", "r503", "spoilt")
_SCALED: Final = ("160", "r503", "zfm")  # beyond a ZFM-20's size different fingers reach the same
_TAIL: Final = 0.02
_FINGERS: Final = 40
_PRESSES: Final = 6
_FIRST_SEED: Final = 20_000  # of fingers that nothing else uses
_DRAWN: Final = 4000
_RIDGE: Final = 1e-2  # keeps the weights small: of a set that was left out more is known then

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """`genuine`, `impostor`: float64 (pairs, 6), see `kiosk.pipeline.finger.template.evidence`. `size`: pixels of the smallest
    picture. `whose`: of each genuine pair the finger and the two impressions."""

    genuine: Reals
    impostor: Reals
    size: int
    whose: list[tuple[str, int, int]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--report", type=Path, nargs="*", default=[], metavar="DIR")
    chosen = parser.parse_args()
    try:
        sets = open_sets([*chosen.data, *chosen.report])
    except ValueError as error:
        parser.error(str(error))
    threadpool_limits(1, user_api="blas")
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    found = {one.name: {name: _evidence(one, name, extractor) for name in _VARIANTS} for one in sets}
    made = generated(extractor)
    learned_from = {one.name: found[one.name] for one in sets[: len(chosen.data)]}
    learned_from["generated"] = {name: made[name] for name in _VARIANTS if name in made}
    for left_out, parts in learned_from.items():
        others = [part for name, other in learned_from.items() if name != left_out for part in other.values()]
        _tell(f"{left_out}, left out", parts, fit(others)[0])
    fitted, _ = fit([part for parts in learned_from.values() for part in parts.values()])
    print(f"WEIGHTS = {np.round(fitted, 3).tolist()}")
    by_size = sorted((made[name] for name in _SCALED), key=lambda part: part.size)
    print(f"SIZES = {[part.size for part in by_size]}")
    for name, share in (("REACHED_SELDOM", SELDOM), ("REACHED_RARELY", RARELY)):
        print(f"{name} = {[round(reached_by(part.impostor @ fitted, share), 3) for part in by_size]}")
    for variant in ("full", "zfm", "r503"):
        real = np.concatenate([found[one.name][variant].impostor for one in sets[: len(chosen.data)]])
        for name, impostor in (("generated", made[variant].impostor), ("real", real)):
            reached = [reached_by(impostor @ fitted, share) for share in (SELDOM, RARELY)]
            print(f"{variant}: of {name} ones one in 1e4, 1e6 reaches " + ", ".join(f"{one:.2f}" for one in reached))
    for one in sets[len(chosen.data) :]:
        for name, part in found[one.name].items():
            _report(f"{one.name}, {name}", part)
    return 0


def generated(extractor: MinutiaeExtractor) -> dict[str, Evidence]:
    """Impressions of fingers that nobody has, every other one spoilt, as the sensors see them; impostor pairs are drawn."""
    seen: dict[str, list[tuple[str, int, Template]]] = {name: [] for name in ("full", *_SCALED)}
    with tempfile.TemporaryDirectory() as folder:
        fingers = FingerCache(Path(folder))
        for number, press in product(range(_FINGERS), range(_PRESSES)):
            rng = np.random.default_rng([7, number, press])
            how = Press(
                rotation_deg=25,
                shift_px=30,
                stretch_px=rng.uniform(1.5, 6),
                moisture=float(rng.normal(0, 0.6)),
                pressure=rng.uniform(0.65, 1.1),
                cleanliness=rng.uniform(0.4, 1),
                bits=8,
            )
            pixels = impression(fingers.finger(_FIRST_SEED + number), press, how, (388, 374))
            if press % 2:
                pixels = spoilt(pixels, 100 * number + press)
            for name, templates in seen.items():
                template = make_template(extractor.extract(seen_by(SENSORS[name], pixels)))
                templates.append((f"generated {number}", press, template))
    return {name: _compared(templates, _DRAWN) for name, templates in seen.items()}


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


def _tell(name: str, found: dict[str, Evidence], fitted: Reals) -> None:
    for variant, part in found.items():
        figures = rates(part.genuine @ fitted, part.impostor @ fitted)
        tar = f"TAR at FAR 1e-3 {figures.tar_far_1e3:6.2f}%, at 1e-4 {figures.tar_far_1e4:6.2f}%"
        print(f"{name}, {variant:8s} EER {figures.eer:5.2f}%  {tar}")


def _report(name: str, found: Evidence) -> None:
    genuine, impostor = (scaled(part @ WEIGHTS, found.size) for part in (found.genuine, found.impostor))
    settings = FingerSettings()
    print(f"{name}: EER {rates(genuine, impostor).eer:.2f}%, highest impostor {impostor.max():.3f}")
    for limit in (settings.same_finger_at, settings.seen_before_at):
        reached = f"{(impostor >= limit).sum()} of {len(impostor)} impostor pairs reach it"
        missed = f"genuine pairs below {100 * (genuine < limit).mean():.2f}%"
        print(f"  at {limit}: {reached}; {missed}, two presses against two {100 * missed_twice(found, genuine, limit):.2f}%")


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
    return _compared(templates)


def _compared(templates: list[tuple[str, int, Template]], drawn: int | None = None) -> Evidence:
    """All genuine pairs, and all impostor pairs or as many as are drawn."""
    pairs = list(combinations(templates, 2))
    same = [pair for pair in pairs if pair[0][0] == pair[1][0]]
    others = [pair for pair in pairs if pair[0][0] != pair[1][0]]
    if drawn is not None:
        others = [others[at] for at in np.random.default_rng(0).choice(len(others), drawn, replace=False)]
    genuine, impostor = (np.array([_facts(a[2], b[2]) for a, b in part]) for part in (same, others))
    return Evidence(genuine, impostor, min(template.size for *_, template in templates), [(a[0], a[1], b[1]) for a, b in same])


def _facts(a: Template, b: Template) -> Reals:
    facts = evidence(a, b)
    return NO_EVIDENCE if facts is None else facts


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
