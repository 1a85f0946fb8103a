"""One student's thumbs against everybody's: time, memory, and whether the index finds what brute force finds.

    python -m bench.duplicates --students 20000 [--data DIR …]

Everybody has two thumbs with two presses each. The crowd is mixed from simulated fingers: half the minutiae of one, half of
another, each press shaken anew; nobody in it has a finger of the probes. Probes are simulated fingers of ZFM-20 quality, and
with --data the real ones of a set (`<finger>_<impression>.png`, cut to 256x288, 4 bits): two presses are on file, two others
are searched for. A probe counts for brute force when one of its presses scores at or above the limit with one of those on
file, compared directly.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from bench.finger_accuracy import FILE, SENSORS, seen_by
from drivers_sim.finger import FingerCache, impression
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor, compare, make_template
from kiosk.pipeline.finger.index import DuplicateIndex, IndexEntry, make_entry
from kiosk.records import FingerPosition

THUMBS: Final = (FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB)
PRESSES: Final = 2
SEEDS: Final = range(5000, 5030)  # of the fingers that the crowd is mixed from
PROBES: Final = range(6000, 6020)
_BATCH: Final = 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--data", nargs="*", type=Path, default=[], metavar="DIR")
    chosen = parser.parse_args()
    extractor = MinutiaeExtractor(weights.path(weights.LEADER), threads=2)
    print("simulated fingers …", flush=True)
    bases = [presses[0] for presses in _simulated(SEEDS, 1, extractor)]
    index = DuplicateIndex()
    began_s = time.perf_counter()
    _crowd(index, bases, chosen.students)
    print(f"crowd of {len(index):,} presses made in {time.perf_counter() - began_s:.0f} s", flush=True)
    sets = {"simulated": list(_simulated(PROBES, 2 * PRESSES, extractor))}
    sets |= {folder.name: list(_real(folder, extractor)) for folder in chosen.data}
    limit = FingerSettings().seen_before_at
    for name, fingers in sets.items():
        _probe(index, name, fingers, limit)
    total, per_press = index.memory_bytes / 2**20, index.memory_bytes / len(index)
    sizes = f"{per_press:.0f} bytes a press; a template's file {_file_bytes(bases):.0f} bytes"
    print(f"memory: {total:.0f} MiB, {sizes}")
    return 0


def _probe(index: DuplicateIndex, name: str, fingers: list[list[Minutiae]], limit: float) -> None:
    """Enrol the first presses of each finger as a right thumb; search for the others, among left thumbs too."""
    for number, presses in enumerate(fingers):
        for minutiae in presses[:PRESSES]:
            index.add(f"{name}-{number}", FingerPosition.RIGHT_THUMB, make_entry(minutiae))
    brute = found = both = wrong = 0
    seconds, busy_s = [], []
    for number, presses in enumerate(fingers):
        known = [make_template(minutiae) for minutiae in presses[:PRESSES]]
        fresh = [make_template(minutiae) for minutiae in presses[PRESSES : 2 * PRESSES]]
        direct = max(compare(a, b).value for a in known for b in fresh) >= limit
        began_s, began_busy_s = time.perf_counter(), time.process_time()
        suspects = [suspect for thumb in THUMBS for suspect in index.search(thumb, fresh, limit)]
        seconds.append(time.perf_counter() - began_s)
        busy_s.append(time.process_time() - began_busy_s)
        hit = any(suspect.owner == f"{name}-{number}" for suspect in suspects)
        wrong += len(suspects) - hit
        brute, found, both = brute + direct, found + hit, both + (hit and direct)
    taken, busy = np.array(seconds), np.array(busy_s)
    counts = f"brute force finds {brute}, the index {found} ({both} of the same); others named {wrong}"
    print(f"{name}: {len(fingers)} probes; {counts}")
    spread = f"median {np.median(taken):.3f} s, longest {taken.max():.3f} s; processor time {np.median(busy):.3f} s"
    print(f"  both thumbs x {PRESSES} presses: {spread}", flush=True)


def _simulated(seeds: range, presses: int, extractor: MinutiaeExtractor) -> Iterator[list[Minutiae]]:
    cache = FingerCache(weights.folder().parent / "simulated")
    for seed in seeds:
        finger = cache.finger(seed)
        yield [extractor.extract(impression(finger, number)) for number in range(presses)]


def _real(folder: Path, extractor: MinutiaeExtractor) -> Iterator[list[Minutiae]]:
    """The first four impressions of each finger of a set."""
    fingers: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if matched := FILE.match(path.name):
            fingers.setdefault(matched["finger"], []).append(path)
    for paths in fingers.values():
        pictures = [np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8) for path in paths[: 2 * PRESSES]]
        yield [extractor.extract(seen_by(SENSORS["zfm"], picture)) for picture in pictures]


def _crowd(index: DuplicateIndex, bases: list[Minutiae], students: int) -> None:
    starts = range(0, students, _BATCH)
    with ProcessPoolExecutor(2) as pool:
        batches = pool.map(partial(_people, bases, students), starts)
        for start, batch in zip(starts, batches, strict=True):
            for number, entries in enumerate(batch):
                for at, entry in enumerate(entries):
                    index.add(f"student-{start + number}", THUMBS[at // PRESSES], entry)


def _people(bases: list[Minutiae], students: int, start: int) -> list[list[IndexEntry]]:
    """Entries of some students: right thumb twice, left thumb twice."""
    people = []
    for number in range(start, min(start + _BATCH, students)):
        rng = np.random.default_rng([number, 8])
        thumbs = [_mixed(bases, rng) for _ in THUMBS]
        people.append([make_entry(_shaken(thumb, rng)) for thumb in thumbs for _ in range(PRESSES)])
    return people


def _mixed(bases: list[Minutiae], rng: np.random.Generator) -> Minutiae:
    """One side of one finger and the other side of another."""
    one, other = rng.choice(len(bases), 2, replace=False)
    angle = rng.uniform(0, 2 * np.pi)
    sides = []
    for base, sign in ((bases[one], 1), (bases[other], -1)):
        middle = np.array([base.width / 2, base.height / 2])
        side = (base.xy - middle) @ np.array([np.cos(angle), np.sin(angle)]) * sign
        sides.append(base.kept(np.flatnonzero(side > 0)))
    a, b = sides
    shake = rng.normal(0, 10, (len(a) + len(b), 2))  # another finger, not half of a known one
    return Minutiae(
        (np.concatenate([a.xy, b.xy]) + shake).astype(np.float32),
        (np.concatenate([a.direction, b.direction]) + rng.normal(0, 0.25, len(shake))).astype(np.float32),
        np.concatenate([a.ending, b.ending]),
        np.concatenate([a.score, b.score]),
        a.width,
        a.height,
    )


def _shaken(finger: Minutiae, rng: np.random.Generator) -> Minutiae:
    """One press: places and directions a little off, a tenth of the minutiae missing."""
    kept = np.flatnonzero(rng.random(len(finger)) < 0.9)
    kept = kept[np.argsort(-finger.score[kept], kind="stable")]
    press = finger.kept(kept)
    place = np.clip(np.rint(press.xy + rng.normal(0, 2, press.xy.shape)), 0, [finger.width - 1, finger.height - 1])
    direction = press.direction + rng.normal(0, 0.08, len(press))
    wrapped = (direction + np.pi) % (2 * np.pi) - np.pi
    return Minutiae(place.astype(np.float32), wrapped.astype(np.float32), press.ending, press.score, press.width, press.height)


def _file_bytes(fingers: list[Minutiae]) -> float:
    return float(np.mean([len(make_entry(finger).file) for finger in fingers]))


if __name__ == "__main__":
    raise SystemExit(main())
