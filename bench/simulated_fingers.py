"""Are simulated fingers distinct, as real ones are, and quick enough for a class?

    python -m bench.simulated_fingers [--fingers 200] [--impressions 4]

Fingers are grown afresh; of each, impressions are taken as a ZFM-20 gives them. All genuine and all impostor pairs are
compared.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np

from bench.finger_accuracy import rates
from drivers_sim.finger import FingerCache, Pattern, impression
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor, Template, assess, compare, make_template
from kiosk.records import Verdict

FIRST_SEED: Final = 9000  # of fingers that nothing else uses
PROCESSES: Final = 2


@dataclass(frozen=True, eq=False)
class Grown:
    """One finger's impressions, and what they took."""

    pattern: Pattern
    minutiae: list[Minutiae]
    good: int  # impressions that the station would keep
    grow_s: float
    again_s: float  # from the folder
    press_s: float  # each


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fingers", type=int, default=200)
    parser.add_argument("--impressions", type=int, default=4)
    chosen = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + chosen.fingers)
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(PROCESSES) as pool:
        grown = list(pool.map(partial(_grown, Path(folder), chosen.impressions), seeds))
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / len(seeds)
        shares = Counter(finger.pattern for finger in grown)
        print("patterns: " + ", ".join(f"{pattern} {100 * shares[pattern] / len(grown):.0f}%" for pattern in Pattern))
        times = [np.median([getattr(one, name) for one in grown]) for name in ("grow_s", "again_s", "press_s")]
        kept_as = f"from the folder {1e3 * times[1]:.1f} ms ({size / 1024:.0f} KiB)"
        print(f"a finger {times[0]:.2f} s, {kept_as}, a press {times[2]:.2f} s")
        kept = sum(finger.good for finger in grown)
        print(f"presses that the station keeps: {kept} of {len(grown) * chosen.impressions}")
        packed = [finger.minutiae for finger in grown]
        parts = list(pool.map(partial(_compared, packed), range(len(grown))))
    genuine = np.concatenate([part[0] for part in parts])
    impostor = np.concatenate([part[1] for part in parts])
    figures = rates(genuine, impostor)
    print(f"{figures.genuine:,} genuine pairs: least {genuine.min():.3f}, 1st percentile {np.percentile(genuine, 1):.3f}")
    print(f"{figures.impostor:,} impostor pairs: highest {impostor.max():.3f}")
    limit = FingerSettings().same_finger_at
    wrong = f"{(genuine < limit).sum()} genuine below, {(impostor >= limit).sum()} impostor above"
    print(f"EER {figures.eer:.3f}%; at {limit}: {wrong}")
    return 0


def _grown(folder: Path, impressions: int, seed: int) -> Grown:
    folder_cache = FingerCache(folder)
    began_s = time.perf_counter()
    folder_cache.finger(seed)
    grown_s = time.perf_counter()
    finger = folder_cache.finger(seed)
    again_s = time.perf_counter()
    pictures = [impression(finger, number) for number in range(impressions)]
    pressed_s = time.perf_counter()
    minutiae = [_extractor().extract(picture) for picture in pictures]
    settings = FingerSettings()
    good = [assess(picture, found, settings).verdict for picture, found in zip(pictures, minutiae, strict=True)]
    return Grown(
        finger.pattern,
        minutiae,
        good.count(Verdict.PASS),
        grown_s - began_s,
        again_s - grown_s,
        (pressed_s - again_s) / impressions,
    )


def _compared(fingers: list[list[Minutiae]], number: int) -> tuple[list[float], list[float]]:
    """Scores of a finger's impressions with each other, and with those of all later fingers."""
    own = _templates(fingers)[number]
    genuine = [compare(a, b).value for a, b in combinations(own, 2)]
    others = [template for later in _templates(fingers)[number + 1 :] for template in later]
    return genuine, [compare(a, b).value for a in own for b in others]


_made: list[list[Template]] = []


def _templates(fingers: list[list[Minutiae]]) -> list[list[Template]]:
    """Made once in each process."""
    if not _made:
        _made.extend([make_template(minutiae) for minutiae in finger] for finger in fingers)
    return _made


@cache
def _extractor() -> MinutiaeExtractor:
    return MinutiaeExtractor(weights.path(weights.LEADER))


if __name__ == "__main__":
    raise SystemExit(main())
