"""One student's thumbs against everybody's: time, memory, and whether the index finds what brute force finds.

    python -m bench.duplicates --students 20000 [--data DIR …]

Everybody has two thumbs with two presses each. The crowd is mixed from simulated fingers: half the minutiae of one, half of
another, displaced, then halves of those; each press shaken anew. Nobody in it has a finger of the probes. Probes are simulated
fingers of ZFM-20 quality, and with --data the real ones of a set (`<finger>_<impression>.png|tif|bmp`, cut to 256x288, 4
bits; fingers with fewer than four impressions are passed over): two presses are on file, two others are searched for, as they
are and spoilt (skin twisted, wet or dry, a part missing). A probe counts for brute force when one of its presses scores at or
above the limit with one of those on file, compared directly; the same is asked of each press alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.figures import kept, note, option
from bench.finger_accuracy import SENSORS, seen_by
from bench.finger_weights import spoilt
from bench.impressions import Shot, open_sets
from drivers_sim.finger import FingerCache, impression
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor, Template, compare, make_template
from kiosk.pipeline.finger.compact import pack
from kiosk.pipeline.finger.index import DuplicateIndex, IndexEntry, make_entry
from kiosk.records import FingerPosition, Image

THUMBS: Final = (FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB)
PRESSES: Final = 2
SEEDS: Final = range(5000, 5030)  # of the fingers that the crowd is mixed from
PROBES: Final = range(6000, 6020)
_VARIANTS: Final = 1500  # mixed fingers that the crowd is joined of


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--data", nargs="*", type=Path, default=[], metavar="DIR")
    option(parser)
    chosen = parser.parse_args(list(arguments) if arguments is not None else None)
    if chosen.students < 1:
        parser.error("--students: at least one")
    sets = {}
    try:
        for found in open_sets(chosen.data):
            sets[found.name] = [shots[: 2 * PRESSES] for shots in found.fingers().values() if len(shots) >= 2 * PRESSES]
            if not sets[found.name]:
                raise ValueError(f"{found.name}: no finger has {2 * PRESSES} impressions")
    except ValueError as error:
        parser.error(str(error))
    with kept("duplicates", chosen.json, "kiosk/pipeline/finger"):
        _look(chosen.students, sets)
    return 0


def _look(students: int, sets: dict[str, list[list[Shot]]]) -> None:
    threadpool_limits(1, user_api="blas")  # as the station does
    extractor = MinutiaeExtractor(weights.path(weights.LEADER), threads=2)
    print("simulated fingers …", flush=True)
    bases = [extractor.extract(presses[0]) for presses in simulated_presses(SEEDS, 1)]
    index = DuplicateIndex()
    began_s = time.perf_counter()
    _crowd(index, bases, students)
    print(f"crowd of {len(index):,} presses made in {time.perf_counter() - began_s:.0f} s", flush=True)
    limit = FingerSettings().seen_before_at
    sources = [("simulated", simulated_presses()), *((name, _real_presses(fingers)) for name, fingers in sets.items())]
    for name, presses_of in sources:
        _probe(index, name, [_Finger(presses, extractor) for presses in presses_of], limit)
    total, per_press = index.memory_bytes / 2**20, index.memory_bytes / len(index)
    sizes = f"{per_press:.0f} bytes a press; a template's file {_file_bytes(bases):.0f} bytes"
    note("memory of the index", total, "MiB", sizes)
    print(f"memory: {total:.0f} MiB, {sizes}")


class _Finger:
    """Two presses that are on file, and two others, plain and spoilt."""

    def __init__(self, presses: list[Image], extractor: MinutiaeExtractor) -> None:
        self.known = [extractor.extract(picture) for picture in presses[:PRESSES]]
        fresh = presses[PRESSES : 2 * PRESSES]
        worse = [spoilt(picture, number) for number, picture in enumerate(fresh)]
        self.fresh = {
            kind: [make_template(extractor.extract(picture)) for picture in pictures]
            for kind, pictures in (("", fresh), (", spoilt", worse))
        }


def _probe(index: DuplicateIndex, name: str, fingers: list[_Finger], limit: float) -> None:
    """Enrol the known presses of each finger as a right thumb; search for the others, among left thumbs too."""
    for number, finger in enumerate(fingers):
        for minutiae in finger.known:
            index.add(f"{name}-{number}", FingerPosition.RIGHT_THUMB, make_entry(minutiae))
    for kind in ("", ", spoilt"):
        tally, alone = _Tally(), _Tally()
        for number, finger in enumerate(fingers):
            known = [make_template(minutiae) for minutiae in finger.known]
            tally.ask(index, f"{name}-{number}", known, finger.fresh[kind], limit)
            for press in finger.fresh[kind]:
                alone.ask(index, f"{name}-{number}", known, [press], limit)
        print(f"{name}{kind}: {len(fingers)} probes, {tally.told()}; each press alone, {alone.told()}")
        taken, busy = np.array(tally.seconds), np.array(tally.busy_s)
        spread = f"median {np.median(taken):.3f} s, longest {taken.max():.3f} s; processor time {np.median(busy):.3f} s"
        note(f"{name}{kind}: found by the index", 100 * tally.found / len(fingers), "%", tally.told())
        note(f"{name}{kind}: a search", float(np.median(taken)), "s", f"both thumbs, {PRESSES} presses each; {spread}")
        print(f"  both thumbs x {PRESSES} presses: {spread}", flush=True)


class _Tally:
    """What brute force and the index found, and how long the index took."""

    def __init__(self) -> None:
        self.direct = self.found = self.both = self.wrong = 0
        self.seconds: list[float] = []
        self.busy_s: list[float] = []

    def ask(self, index: DuplicateIndex, owner: str, known: list[Template], fresh: list[Template], limit: float) -> None:
        direct = max(compare(a, b).value for a in known for b in fresh) >= limit
        began_s, began_busy_s = time.perf_counter(), time.process_time()
        suspects = [suspect for thumb in THUMBS for suspect in index.search(thumb, fresh, limit)]
        self.seconds.append(time.perf_counter() - began_s)
        self.busy_s.append(time.process_time() - began_busy_s)
        hit = any(suspect.owner == owner for suspect in suspects)
        self.wrong += len(suspects) - hit
        self.direct, self.found, self.both = self.direct + direct, self.found + hit, self.both + (hit and direct)

    def told(self) -> str:
        counts = f"brute force finds {self.direct}, the index {self.found} ({self.both} of the same)"
        return f"{counts}, others named {self.wrong}"


def simulated_presses(seeds: range = PROBES, presses: int = 2 * PRESSES) -> Iterator[list[Image]]:
    cache = FingerCache(weights.folder().parent / "simulated")
    for seed in seeds:
        finger = cache.finger(seed)
        yield [impression(finger, number) for number in range(presses)]


def _real_presses(fingers: list[list[Shot]]) -> Iterator[list[Image]]:
    """The first four impressions of each finger of a set."""
    for shots in fingers:
        yield [seen_by(SENSORS["zfm"], shot.pixels()) for shot in shots]


def _crowd(index: DuplicateIndex, bases: list[Minutiae], students: int) -> None:
    rng = np.random.default_rng(8)
    fingers = [mixed(bases, rng) for _ in range(_VARIANTS)]
    presses = [[_Press.of(shaken(finger, rng)) for _ in range(PRESSES)] for finger in fingers]
    for number in range(students):
        for thumb in THUMBS:
            one, other = rng.choice(_VARIANTS, 2, replace=False)
            across = np.exp(-1j * rng.uniform(0, 2 * np.pi))
            for a, b in zip(presses[one], presses[other], strict=True):
                index.add(f"student-{number}", thumb, _joined(a, b, across))


@dataclass(frozen=True, eq=False)
class _Press:
    """A press of a mixed finger: where its minutiae and its codes lie from the middle, as complex pixels."""

    minutiae: Minutiae
    entry: IndexEntry
    place: NDArray[np.complex128]
    code_place: NDArray[np.complex64]

    @classmethod
    def of(cls, minutiae: Minutiae) -> "_Press":
        entry, middle = make_entry(minutiae), complex(minutiae.width / 2, minutiae.height / 2)
        known = entry.place[np.abs(entry.turn) > 0]
        return cls(minutiae, entry, minutiae.xy[:, 0] + 1j * minutiae.xy[:, 1] - middle, known - np.complex64(middle))


def _joined(one: _Press, other: _Press, across: complex) -> IndexEntry:
    """One side of one press and the other side of another, minutiae and codes alike: a finger that nobody has, cheaply."""
    a, b = one.minutiae, other.minutiae
    sides = np.flatnonzero((one.place * across).real > 0), np.flatnonzero((other.place * across).real <= 0)
    joined = Minutiae(
        np.concatenate([a.xy[sides[0]], b.xy[sides[1]]]),
        np.concatenate([a.direction[sides[0]], b.direction[sides[1]]]),
        np.concatenate([a.ending[sides[0]], b.ending[sides[1]]]),
        np.concatenate([a.score[sides[0]], b.score[sides[1]]]),
        a.width,
        a.height,
    )
    surest = joined.kept(np.argsort(-joined.score, kind="stable"))
    mine = np.flatnonzero((one.code_place * across).real > 0)
    theirs = np.flatnonzero((other.code_place * across).real <= 0)
    codes, place, turn = np.zeros_like(one.entry.codes), np.zeros_like(one.entry.place), np.zeros_like(one.entry.turn)
    count = min(len(mine) + len(theirs), len(codes))
    codes[:count] = np.concatenate([one.entry.codes[mine], other.entry.codes[theirs]])[:count]
    place[:count] = np.concatenate([one.entry.place[mine], other.entry.place[theirs]])[:count]
    turn[:count] = np.concatenate([one.entry.turn[mine], other.entry.turn[theirs]])[:count]
    return IndexEntry(pack(surest), codes, place, turn)


def mixed(bases: list[Minutiae], rng: np.random.Generator) -> Minutiae:
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


def shaken(finger: Minutiae, rng: np.random.Generator) -> Minutiae:
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
