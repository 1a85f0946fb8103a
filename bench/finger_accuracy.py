"""How well fingers are told apart on sets of real impressions.

    python -m bench.finger_accuracy --data DIR [DIR …] [--sensor full|ga|zfm|r503] [--json]

Each DIR holds `<finger>_<impression>.png|tif|bmp` of one sensor, at 500 dpi or at the resolution that the files note. All
genuine pairs and all pairs of different fingers of a DIR are compared, each once. An impression without minutiae matches
nothing, and counts in all of its pairs. Files that can't be read are left out and named. Nothing here adapts to a set.

Pairs of one finger are no independent trials: how sure the rates are is told by drawing as many fingers anew, 200 times, and
leaving out the lowest and the highest 2.5 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.figures import STDOUT, kept, note, option
from bench.impressions import ImpressionSet, Shot, open_sets
from bench.rates import Scores, equal_error_rate, tar_at
from kiosk import weights
from kiosk.pipeline.finger import MinutiaeExtractor, Template, compare, make_template, quality_score
from kiosk.pipeline.finger.compact import pack
from kiosk.records import Image

_REJECTED: Final = (0.0, 0.05, 0.10, 0.20, 0.30)  # shares of impressions with the lowest quality that are left out
_WHITE: Final = 255
_DRAWS: Final = 200
_SURE: Final = (2.5, 97.5)  # per cent of the draws


@dataclass(frozen=True)
class Sensor:
    """What a sensor would have given of a larger picture."""

    width: int
    height: int
    bits: int


SENSORS: Final[dict[str, Sensor | None]] = {
    "full": None,
    "ga": Sensor(256, 360, 8),  # GA/T 1011 collectors
    "zfm": Sensor(256, 288, 4),
    "r503": Sensor(192, 192, 4),
    "160": Sensor(160, 160, 4),  # the smallest glass that modules are sold with
}


@dataclass(frozen=True, eq=False)
class Impression:
    finger: str
    template: Template
    quality: float
    minutiae: int
    bytes: int


@dataclass(frozen=True)
class Figures:
    """Rates in per cent. `far_1e4_sure`: whether there are enough impostor pairs to speak of one in ten thousand."""

    genuine: int
    impostor: int
    eer: float
    fmr100: float
    fmr1000: float
    tar_far_1e3: float
    tar_far_1e4: float
    far_1e4_sure: bool
    highest_impostor: float


def seen_by(sensor: Sensor | None, pixels: Image) -> Image:
    """The part of a picture around the middle of the finger that a sensor shows, at its depth."""
    if sensor is None:
        return pixels
    rows, columns = np.nonzero(pixels < np.percentile(pixels, 98) - 60)
    middle = (int(np.median(rows)), int(np.median(columns))) if len(rows) else (pixels.shape[0] // 2, pixels.shape[1] // 2)
    padded = np.pad(pixels, ((sensor.height,) * 2, (sensor.width,) * 2), constant_values=_WHITE)
    top, left = middle[0] + sensor.height - sensor.height // 2, middle[1] + sensor.width - sensor.width // 2
    part = padded[top : top + sensor.height, left : left + sensor.width]
    return part if sensor.bits == 8 else np.asarray((part >> 4) * 17, np.uint8)


def rates(genuine: Scores, impostor: Scores) -> Figures:
    """Error rates of some pairs of either kind; a pair matches at or above a threshold."""
    eer = equal_error_rate(genuine, impostor)
    assert eer is not None
    tar = {far: _tar(genuine, impostor, far) for far in (1e-2, 1e-3, 1e-4)}
    return Figures(
        len(genuine),
        len(impostor),
        100 * eer,
        100 * (1 - tar[1e-2]),
        100 * (1 - tar[1e-3]),
        100 * tar[1e-3],
        100 * tar[1e-4],
        len(impostor) >= 10_000,
        float(impostor.max()),
    )


def _tar(genuine: Scores, impostor: Scores, far: float) -> float:
    """Without any false acceptance where the pairs are too few for the rate."""
    found = tar_at(genuine, impostor, far)
    return float((genuine > impostor.max()).mean()) if found is None else found


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--sensor", choices=SENSORS, default="full")
    option(parser)
    chosen = parser.parse_args(list(arguments) if arguments is not None else None)
    try:
        sets = open_sets(chosen.data)
    except ValueError as error:
        parser.error(str(error))
    for found in sets:
        for reason in found.left_out:
            print(f"{found.name}: left out {reason}", file=sys.stderr)
    tell = (lambda _: None) if chosen.json == STDOUT else print
    with kept("finger_accuracy", chosen.json, "kiosk/pipeline/finger", quiet=True):
        report = measure(sets, chosen.sensor, tell)
        for name, found in (
            *((Path(folder).name, one) for folder, one in report["sets"].items()),
            ("pooled", report["pooled"]),
        ):
            for rate in ("eer", "fmr1000", "tar_far_1e3", "tar_far_1e4"):
                note(f"{name}, {chosen.sensor}: {rate}", found[rate], "%", f"{found['genuine']} and {found['impostor']} pairs")
        for name, value in report["cost"].items():
            note(name, value)
    if chosen.json == STDOUT:
        json.dump(report, sys.stdout, indent=1)
        print()
    return 0


def measure(sets: list[ImpressionSet], sensor: str, tell: Callable[[str], object]) -> dict[str, Any]:
    """Run all sets; tells as it goes and returns everything for JSON."""
    threadpool_limits(1, user_api="blas")  # as the station does
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    timer = _Timer()
    told: dict[str, dict[str, Any]] = {}
    pooled: list[_Compared] = []
    tell(f"{'set':24s}  genuine  impostor     EER  FMR100  FMR1000  TAR@1e-3  TAR@1e-4")
    for one in sets:
        compared = _compared([_load(shot, SENSORS[sensor], extractor, timer) for shot in one.shots], timer)
        told[str(one.folder)] = asdict(compared.figures) | compared.counts() | {"left_out": list(one.left_out)}
        tell(_row(one.name, compared.figures))
        pooled.append(compared)
    overall = _pooled(pooled)
    tell(_row("pooled", overall.figures))
    names = [*(one.name for one in sets), "pooled"]
    for name, counts in zip(names, [*told.values(), overall.counts()], strict=True):
        steps = counts["quality_rejection"]
        curve = "  ".join(f"-{100 * step['rejected']:.0f}%: {step['fnmr_at_fmr1000']:.2f}" for step in steps)
        tell(f"FNMR at FMR1000, worst quality left out, {name}: {curve}")
        (eer, tar_1e3, tar_1e4) = (f"{low:.2f}–{high:.2f}%" for low, high in counts["sure_within"].values())
        tell(f"95 % of draws of fingers, {name}: EER {eer}, TAR@1e-3 {tar_1e3}, TAR@1e-4 {tar_1e4}")
        if counts["without_minutiae"]:
            tell(f"{name}: {counts['without_minutiae']} impressions without minutiae, which match nothing")
    cost = timer.report() | {"template_bytes": float(np.mean([one.bytes for one in overall.impressions]))}
    tell("  ".join(f"{name} {value:.2f}" for name, value in cost.items()))
    return {"sensor": sensor, "sets": told, "pooled": asdict(overall.figures) | overall.counts(), "cost": cost}


_Pairs = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Compared:
    """All pairs of some impressions; `genuine_of`, `impostor_of`: int (pairs, 2), which impressions they are of."""

    impressions: list[Impression]
    genuine: Scores
    impostor: Scores
    genuine_of: _Pairs
    impostor_of: _Pairs

    @cached_property
    def figures(self) -> Figures:
        return rates(self.genuine, self.impostor)

    def counts(self) -> dict[str, Any]:
        return {
            "impressions": len(self.impressions),
            "without_minutiae": sum(one.minutiae == 0 for one in self.impressions),
            "quality_rejection": self._rejection(),
            "sure_within": self._intervals(),
        }

    def _intervals(self) -> dict[str, tuple[float, float]]:
        """Between what the rates lie when fingers are drawn anew, per cent."""
        names = {name: number for number, name in enumerate(sorted({one.finger for one in self.impressions}))}
        finger = np.array([names[one.finger] for one in self.impressions])
        rng, drawn = np.random.default_rng(0), dict[str, list[float]]()
        for _ in range(_DRAWS):
            often = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[finger]
            genuine = np.repeat(self.genuine, often[self.genuine_of[:, 0]])
            impostor = np.repeat(self.impostor, often[self.impostor_of].prod(axis=1))
            if not (len(genuine) and len(impostor)):  # one finger, drawn every time
                continue
            for name, value in asdict(rates(genuine, impostor)).items():
                drawn.setdefault(name, []).append(value)
        low, high = (
            {name: float(np.percentile(drawn[name], share)) for name in ("eer", "tar_far_1e3", "tar_far_1e4")}
            for share in _SURE
        )
        return {name: (low[name], high[name]) for name in low}

    def _rejection(self) -> list[dict[str, float]]:
        """FNMR at the threshold of FMR 1e-3 when the impressions of lowest quality are not used."""
        threshold = np.sort(self.impostor)[::-1][int(1e-3 * len(self.impostor) + 1e-9)]
        quality = np.array([one.quality for one in self.impressions])
        order = np.argsort(np.argsort(quality, kind="stable"), kind="stable")
        worse = np.array([min(order[a], order[b]) for a, b in self.genuine_of])
        curve = []
        for share in _REJECTED:
            kept = self.genuine[worse >= share * len(self.impressions)]
            fnmr = 100 * float((kept <= threshold).mean()) if len(kept) else 0.0
            curve.append({"rejected": share, "fnmr_at_fmr1000": fnmr, "genuine": float(len(kept))})
        return curve


class _Timer:
    """Adds up what things cost."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, int]] = {}

    def time(self, name: str, began_s: float, count: int = 1) -> None:
        seconds, times = self.spent.get(name, (0.0, 0))
        self.spent[name] = (seconds + time.perf_counter() - began_s, times + count)

    def report(self) -> dict[str, float]:
        return {f"ms_per_{name}": 1e3 * seconds / max(times, 1) for name, (seconds, times) in self.spent.items()}


def _load(shot: Shot, sensor: Sensor | None, extractor: MinutiaeExtractor, timer: _Timer) -> Impression:
    pixels = seen_by(sensor, shot.pixels())
    began_s = time.perf_counter()
    minutiae = extractor.extract(pixels)
    timer.time("image", began_s)
    began_s = time.perf_counter()
    template = make_template(minutiae)
    timer.time("template", began_s)
    return Impression(shot.finger, template, quality_score(minutiae), len(minutiae), len(pack(minutiae)))


def _compared(impressions: list[Impression], timer: _Timer) -> _Compared:
    genuine, impostor, genuine_of, impostor_of = [], [], [], []
    began_s = time.perf_counter()
    for a, b in combinations(range(len(impressions)), 2):
        value = compare(impressions[a].template, impressions[b].template).value
        if impressions[a].finger == impressions[b].finger:
            genuine.append(value)
            genuine_of.append((a, b))
        else:
            impostor.append(value)
            impostor_of.append((a, b))
    timer.time("comparison", began_s, len(genuine) + len(impostor))
    return _Compared(impressions, np.array(genuine), np.array(impostor), np.array(genuine_of), np.array(impostor_of))


def _pooled(sets: list[_Compared]) -> _Compared:
    """The pairs of all sets; those across sets are none."""
    before = np.cumsum([0, *(len(one.impressions) for one in sets[:-1])])
    return _Compared(
        [replace(shot, finger=f"{number}/{shot.finger}") for number, one in enumerate(sets) for shot in one.impressions],
        np.concatenate([one.genuine for one in sets]),
        np.concatenate([one.impostor for one in sets]),
        np.concatenate([one.genuine_of + first for one, first in zip(sets, before, strict=True)]),
        np.concatenate([one.impostor_of + first for one, first in zip(sets, before, strict=True)]),
    )


def _row(name: str, figures: Figures) -> str:
    counts = f"{name:24s} {figures.genuine:8d} {figures.impostor:9d}"
    errors = f"{figures.eer:6.2f}% {figures.fmr100:6.2f}% {figures.fmr1000:7.2f}%"
    sure = " " if figures.far_1e4_sure else "*"  # too few impostor pairs to tell
    return f"{counts} {errors} {figures.tar_far_1e3:8.2f}% {figures.tar_far_1e4:8.2f}%{sure}"


if __name__ == "__main__":
    raise SystemExit(main())
