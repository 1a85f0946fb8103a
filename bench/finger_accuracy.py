"""How well fingers are told apart on sets of real impressions.

    python -m bench.finger_accuracy --data DIR [DIR …] [--sensor full|ga|zfm|r503] [--json]

Each DIR holds `<finger>_<impression>.png|tif|bmp` of one sensor at 500 dpi. All genuine pairs and all pairs of different
fingers are compared, each once. Nothing here adapts to a set.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kiosk import weights
from kiosk.pipeline.finger import MinutiaeExtractor, Template, compare, make_template, quality_score
from kiosk.pipeline.finger.compact import pack
from kiosk.records import Image

FILE: Final = re.compile(r"(?P<finger>.+)_(?P<impression>\d+)\.(png|tif|tiff|bmp)$", re.IGNORECASE)
_REJECTED: Final = (0.0, 0.05, 0.10, 0.20, 0.30)  # shares of impressions with the lowest quality that are left out
_WHITE: Final = 255

Scores = NDArray[np.float64]


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
}


@dataclass(frozen=True, eq=False)
class Impression:
    finger: str
    template: Template
    quality: float
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
    """Error rates over all thresholds; a pair matches at or above a threshold."""
    genuine, impostor = np.sort(genuine), np.sort(impostor)
    thresholds = np.unique(np.concatenate([genuine, impostor, [np.inf]]))
    fmr = 1 - np.searchsorted(impostor, thresholds, "left") / len(impostor)
    fnmr = np.searchsorted(genuine, thresholds, "left") / len(genuine)
    crossing = int(np.argmin(np.abs(fmr - fnmr)))

    def fnmr_at(rate: float) -> float:
        return float(fnmr[int(np.argmax(fmr <= rate))])

    return Figures(
        len(genuine),
        len(impostor),
        100 * float(fmr[crossing] + fnmr[crossing]) / 2,
        100 * fnmr_at(1e-2),
        100 * fnmr_at(1e-3),
        100 * (1 - fnmr_at(1e-3)),
        100 * (1 - fnmr_at(1e-4)),
        len(impostor) >= 10_000,
        float(impostor[-1]),
    )


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--sensor", choices=SENSORS, default="full")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(list(arguments) if arguments is not None else None)
    missing = [str(folder) for folder in chosen.data if not folder.is_dir()]
    if missing:
        parser.error(f"no such folder: {', '.join(missing)}")
    tell = (lambda _: None) if chosen.json else print
    report = measure(chosen.data, chosen.sensor, tell)
    if chosen.json:
        json.dump(report, sys.stdout, indent=1)
        print()
    return 0


def measure(folders: list[Path], sensor: str, tell: Callable[[str], object]) -> dict[str, Any]:
    """Run all folders; tells as it goes and returns everything for JSON."""
    threadpool_limits(1, user_api="blas")  # as the station does
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    timer = _Timer()
    sets, pooled = {}, ([], [])  # type: ignore[var-annotated]
    tell(f"{'set':24s}  genuine  impostor     EER  FMR100  FMR1000  TAR@1e-3  TAR@1e-4")
    qualities: list[float] = []
    for folder in folders:
        impressions = [_load(path, SENSORS[sensor], extractor, timer) for path in _files(folder)]
        genuine, impostor, pairs = _all_pairs(impressions, timer)
        if not len(genuine) or not len(impostor):
            raise SystemExit(f"{folder}: wanted are several impressions of several fingers, <finger>_<impression>.png")
        figures = rates(genuine, impostor)
        tell(_row(folder.name, figures))
        curve = _rejection(impressions, genuine, pairs, impostor)
        sets[str(folder)] = asdict(figures) | {"impressions": len(impressions), "quality_rejection": curve}
        pooled[0].append(genuine)
        pooled[1].append(impostor)
        qualities += [impression.bytes for impression in impressions]
    overall = rates(np.concatenate(pooled[0]), np.concatenate(pooled[1]))
    tell(_row("pooled", overall))
    for name, values in sets.items():
        steps = "  ".join(
            f"-{100 * step['rejected']:.0f}%: {step['fnmr_at_fmr1000']:.2f}" for step in values["quality_rejection"]
        )
        tell(f"FNMR at FMR1000, worst quality left out, {Path(name).name}: {steps}")
    cost = timer.report() | {"template_bytes": float(np.mean(qualities))}
    tell("  ".join(f"{name} {value:.2f}" for name, value in cost.items()))
    return {"sensor": sensor, "sets": sets, "pooled": asdict(overall), "cost": cost}


class _Timer:
    """Adds up what things cost."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, int]] = {}

    def time(self, name: str, began_s: float, count: int = 1) -> None:
        seconds, times = self.spent.get(name, (0.0, 0))
        self.spent[name] = (seconds + time.perf_counter() - began_s, times + count)

    def report(self) -> dict[str, float]:
        return {f"ms_per_{name}": 1e3 * seconds / max(times, 1) for name, (seconds, times) in self.spent.items()}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if FILE.match(path.name))


def _load(path: Path, sensor: Sensor | None, extractor: MinutiaeExtractor, timer: _Timer) -> Impression:
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise SystemExit(f"{path}: can't be read")
    began_s = time.perf_counter()
    minutiae = extractor.extract(seen_by(sensor, np.asarray(pixels, np.uint8)))
    timer.time("image", began_s)
    began_s = time.perf_counter()
    template = make_template(minutiae)
    timer.time("template", began_s)
    matched = FILE.match(path.name)
    assert matched is not None
    return Impression(matched["finger"], template, quality_score(minutiae), len(pack(minutiae)))


def _all_pairs(impressions: list[Impression], timer: _Timer) -> tuple[Scores, Scores, list[tuple[int, int]]]:
    genuine, impostor, genuine_pairs = [], [], []
    began_s = time.perf_counter()
    for a, b in combinations(range(len(impressions)), 2):
        value = compare(impressions[a].template, impressions[b].template).value
        if impressions[a].finger == impressions[b].finger:
            genuine.append(value)
            genuine_pairs.append((a, b))
        else:
            impostor.append(value)
    timer.time("comparison", began_s, len(genuine) + len(impostor))
    return np.array(genuine), np.array(impostor), genuine_pairs


def _rejection(
    impressions: list[Impression], genuine: Scores, pairs: list[tuple[int, int]], impostor: Scores
) -> list[dict[str, float]]:
    """FNMR at the threshold of FMR 1e-3 when the impressions of lowest quality are not used."""
    threshold = np.sort(impostor)[int(np.ceil(0.999 * len(impostor))) - 1]
    quality = np.array([impression.quality for impression in impressions])
    order = np.argsort(np.argsort(quality, kind="stable"), kind="stable")
    worse = np.array([min(order[a], order[b]) for a, b in pairs])
    curve = []
    for share in _REJECTED:
        kept = genuine[worse >= share * len(impressions)]
        fnmr = 100 * float((kept <= threshold).mean()) if len(kept) else 0.0
        curve.append({"rejected": share, "fnmr_at_fmr1000": fnmr, "genuine": float(len(kept))})
    return curve


def _row(name: str, figures: Figures) -> str:
    counts = f"{name:24s} {figures.genuine:8d} {figures.impostor:9d}"
    errors = f"{figures.eer:6.2f}% {figures.fmr100:6.2f}% {figures.fmr1000:7.2f}%"
    sure = " " if figures.far_1e4_sure else "*"  # too few impostor pairs to tell
    return f"{counts} {errors} {figures.tar_far_1e3:8.2f}% {figures.tar_far_1e4:8.2f}%{sure}"


if __name__ == "__main__":
    raise SystemExit(main())
