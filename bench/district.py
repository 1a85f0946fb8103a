"""A whole district against itself: time, memory, how both grow, and whether everybody who came twice is found.

    python -m bench.district [--students 1000 5000 20000] [--processes 2] [--sample 60] [--data DIR …] [--json [FILE]]

20,000 alone take some 12 minutes of processor time and 0.5 GB, half of it in shared memory (/dev/shm): on a quiet machine

    python -m bench.district --students 1000 5000 20000 --json bench/measured/district.json

Every student has one face and two presses of each thumb. Fingers are mixed from 30 of the shipped generator's, twice over: half
the minutiae of one and half of another, displaced; each press is shaken anew. Faces are directions in as many dimensions as
make strangers alike as often as the shipped network does on LFW (0.40 in 2e-4 of comparisons). One student in 500 comes
a second time under another key and school: presses shaken anew, a face as alike as two pictures of one person are to that
network.

Brute force: all thumbs of a sample, of whom many came twice, are compared by the matcher alone; it and the search must name the
same pairs. With --data (`<finger>_<impression>.png|tif|bmp`) real fingers are asked for, two presses against two others, beside
the simulated ones: how many of those that the matcher takes for one finger reach the matcher, and what share of strangers is
looked at a second time. That share makes most of the time, so a million is projected with the real ones', too.

Seconds are the processor's, of all processes: on a machine that others use, the wall's say nothing. What is prepared grows with
the number of students, what is compared with its square; both parts are projected to a million on 100 processors.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.duplicates import SEEDS, THUMBS, mixed, shaken, simulated_presses
from bench.figures import kept, note, option
from bench.finger_accuracy import SENSORS, seen_by
from bench.impressions import open_sets
from kiosk import weights
from kiosk.district import ProcessesEngine, SerialEngine, find_duplicates, partitioned
from kiosk.district.partitions import SIZE
from kiosk.pipeline.deduplication import Limits, Modality, Press, Shelf, Subject, limits_for, prepare
from kiosk.pipeline.deduplication.descriptor import UNIT
from kiosk.pipeline.deduplication.fingers import DESCRIBED_AT, candidates
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor, Template, compare, make_template
from kiosk.pipeline.finger.compact import pack, unpack
from kiosk.records import FingerPosition

PRESSES: Final = 2
_OF_A_SCHOOL: Final = 500
_TWICE: Final = 500  # of so many students one comes twice
_FACE_DIMENSIONS: Final = 78  # a cosine of 0.40 is 3.54 deviations of 1 / sqrt(78): 2e-4
_ONE_FACE: Final = (0.74, 0.06)  # cosines of two pictures of one person: mean and deviation
_VARIANTS: Final = 2000  # mixed once; what students have is mixed of them
_PREPARED: Final = 250  # students, to time the part that grows with their number alone
_MILLION: Final = 1_000_000
_REAL_STRANGERS: Final = 0.15  # looked at again of UPEK's, more than of FVC's: the last row of figures
_PROCESSORS: Final = 100

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Figure:
    """One size. Seconds are processor seconds but for `wall_s`; `found` and `named` count pairs of subjects."""

    students: int
    wall_s: float
    busy_s: float
    prepare_s: float
    shelves_mib: float
    peak_mib: float
    looked_at: float  # share of pairs of strangers' thumbs whose presses are laid over each other
    planted: int
    found_by_face: int
    found_by_thumbs: int
    found: int
    others_named: int
    limits: Limits


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[1000, 5000, 20_000])
    parser.add_argument("--processes", type=int, default=2, help="1: this process alone")
    parser.add_argument("--sample", type=int, default=60, metavar="STUDENTS", help="of brute force")
    parser.add_argument("--data", nargs="*", type=Path, default=[], metavar="DIR")
    option(parser)
    chosen = parser.parse_args()
    with kept("district", chosen.json, "kiosk/district", "kiosk/pipeline/deduplication"):
        return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    threadpool_limits(1, user_api="blas")
    extractor = MinutiaeExtractor(weights.path(weights.LEADER), threads=2)
    _say("simulated fingers …")
    simulated = [[extractor.extract(press) for press in presses] for presses in simulated_presses(SEEDS, 2 * PRESSES)]
    crowd = Crowd([presses[0] for presses in simulated])
    figures = []
    for students in sorted(chosen.students):
        figures.append(_measured(crowd, students, chosen.processes))
        _say(_told(figures[-1]))
        _note(figures[-1])
    _say(_brute_force(crowd, chosen.sample))
    known_again = [_known_again("simulated", simulated)]
    for name, fingers in _real(chosen.data, extractor):
        known_again.append(_known_again(name, fingers))
    for line in [*known_again, *_projected(figures)]:
        _say(line)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _note(one: Figure) -> None:
    name = f"{one.students:,} students"
    found = f"came twice {one.planted}, found {one.found}, others named {one.others_named}"
    note(f"{name}, processor", one.busy_s, "s", f"{one.prepare_s:.0f} s of it to prepare; {found}")
    note(f"{name}, wall", one.wall_s, "s")
    note(f"{name}, largest process", one.peak_mib, "MiB", f"{one.shelves_mib:.0f} MiB of shelves in shared memory")


class Crowd:
    """Draws students; the same ones in the same order."""

    def __init__(self, bases: list[Minutiae]) -> None:
        self._rng = np.random.default_rng(18)
        self._variants = [mixed(bases, self._rng) for _ in range(_VARIANTS)]
        self._axes = np.linalg.qr(self._rng.normal(size=(128, _FACE_DIMENSIONS)))[0].T

    def drawn(self, students: int, twice: int = _TWICE) -> tuple[list[Subject], Pairs]:
        """So many students, and who of them came twice: one of `twice`."""
        subjects: list[Subject] = []
        planted = []
        while len(subjects) < students:
            number = len(subjects)
            thumbs, face = [mixed(self._variants, self._rng) for _ in THUMBS], self._face()
            subjects.append(self._captured(number, thumbs, face))
            if number % twice == 0 and len(subjects) < students:
                again = self._captured(number + 1, thumbs, self._alike(face))
                planted.append((subjects[-1].key, again.key))
                subjects.append(again)
        return subjects, frozenset(planted)

    def _captured(self, number: int, thumbs: list[Minutiae], face: Embedding) -> Subject:
        presses = [
            Press(where, pack(shaken(finger, self._rng)))
            for where, finger in zip(THUMBS, thumbs, strict=True)
            for _ in range(PRESSES)
        ]
        # The second capture follows the first and belongs to another school.
        return Subject(
            f"{number:07d}", f"school {(number + number % 2 * _OF_A_SCHOOL) // _OF_A_SCHOOL:04d}", (face,), tuple(presses)
        )

    def _face(self) -> Embedding:
        return _unit(self._rng.normal(size=_FACE_DIMENSIONS) @ self._axes)

    def _alike(self, face: Embedding) -> Embedding:
        cosine = float(np.clip(self._rng.normal(*_ONE_FACE), -1, 1))
        other = self._face().astype(np.float64)
        away = _unit(other - face * float(face @ other))
        return _unit(cosine * face + math.sqrt(1 - cosine**2) * away)


def _measured(crowd: Crowd, students: int, processes: int) -> Figure:
    subjects, planted = crowd.drawn(students)
    some = subjects[:_PREPARED]
    began_busy_s = time.process_time()
    shelf = prepare(some)
    each_s, each_mib = (time.process_time() - began_busy_s) / len(some), shelf.memory_bytes / len(some) / 2**20
    limits = limits_for(students)
    began_s, began_busy_s = time.perf_counter(), _busy_s()
    parts = partitioned(subjects, min(SIZE, max(_OF_A_SCHOOL, students // 8)))  # so that every processor has several
    # spawned, so that their seconds count among ours when they end
    engine = ProcessesEngine(processes, multiprocessing.get_context("spawn")) if processes > 1 else SerialEngine()
    suspects = find_duplicates(parts, engine, limits=limits)
    wall_s, busy_s = time.perf_counter() - began_s, _busy_s() - began_busy_s
    by_face = {(one.a, one.b) for one in suspects if one.modality is Modality.FACE}
    by_thumbs = {(one.a, one.b) for one in suspects if one.modality is not Modality.FACE}
    return Figure(
        students,
        wall_s,
        busy_s,
        each_s * students,
        each_mib * students,
        _peak_mib(),
        _looked_at(shelf),
        len(planted),
        len(by_face & planted),
        len(by_thumbs & planted),
        len((by_face | by_thumbs) & planted),
        len((by_face | by_thumbs) - planted),
        limits,
    )


def _looked_at(shelf: Shelf) -> float:
    """The share of pairs of two subjects' right thumbs that the first look lets through."""
    vectors = shelf.described[shelf.position == THUMBS[0]].astype(np.float32)
    products = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    return float((products >= DESCRIBED_AT * UNIT**2).mean())


def _told(one: Figure) -> str:
    limits = f"limits {one.limits.face} {one.limits.finger} {one.limits.both}"
    took = f"{one.busy_s:,.0f} s of processor time ({one.prepare_s:,.0f} s to prepare), wall {one.wall_s:,.0f} s"
    memory = f"{one.shelves_mib:,.0f} MiB of shelves, largest process {one.peak_mib:,.0f} MiB"
    found = f"found {one.found} (faces {one.found_by_face}, thumbs {one.found_by_thumbs}); others named {one.others_named}"
    return (
        f"{one.students:,} students: {took}; {memory}; strangers' thumbs looked at again {one.looked_at:.1%}\n"
        f"  came twice {one.planted}: {found}; {limits}"
    )


def _brute_force(crowd: Crowd, students: int) -> str:
    subjects, _ = crowd.drawn(students, twice=6)
    limits = limits_for(len(subjects))
    direct, compared = _compared_directly(subjects, limits)
    suspects = find_duplicates(partitioned(subjects), SerialEngine(), limits=limits)
    named = {(one.a, one.b) for one in suspects if one.modality is not Modality.FACE}
    agreed = f"the search names {len(named)}, {len(named & direct)} of the same"
    return f"brute force over {len(subjects)} students, {compared:,} comparisons: {len(direct)} pairs; {agreed}"


def _compared_directly(subjects: list[Subject], limits: Limits) -> tuple[set[tuple[str, str]], int]:
    """Who is suspected by thumbs, every press of a thumb held against every other."""
    templates = [(one.key, _by_thumb(one)) for one in subjects]
    found, compared = set(), 0
    for (a, of_a), (b, of_b) in combinations(templates, 2):
        best = [max(compare(x, y).value for x in of_a[thumb] for y in of_b[thumb]) for thumb in THUMBS]
        compared += len(THUMBS) * PRESSES**2
        if max(best) >= limits.finger or min(best) >= limits.both:
            found.add((min(a, b), max(a, b)))
    return found, compared


def _by_thumb(subject: Subject) -> dict[FingerPosition, list[Template]]:
    return {
        thumb: [make_template(unpack(press.file)) for press in subject.presses if press.position is thumb] for thumb in THUMBS
    }


def _real(folders: list[Path], extractor: MinutiaeExtractor) -> Iterator[tuple[str, list[list[Minutiae]]]]:
    for found in open_sets(folders):
        shots = found.fingers().values()
        yield found.name, [[extractor.extract(seen_by(SENSORS["zfm"], shot.pixels())) for shot in of_one] for of_one in shots]


def _known_again(name: str, fingers: list[list[Minutiae]]) -> str:
    """Presses two by two are subjects of one thumb: who of those that the matcher knows again is looked at."""
    subjects, whose = [], {}
    for finger, presses in enumerate(fingers):
        for start in range(0, len(presses) - PRESSES + 1, PRESSES):
            key = f"{finger:04d}-{start:02d}"
            files = tuple(Press(THUMBS[0], pack(minutiae)) for minutiae in presses[start : start + PRESSES])
            subjects.append(Subject(key, "", (), files))
            whose[key] = finger
    templates = {one.key: _by_thumb(one)[THUMBS[0]] for one in subjects}
    own = [(a, b) for a, b in combinations(sorted(whose), 2) if whose[a] == whose[b]]
    score = {(a, b): max(compare(x, y).value for x in templates[a] for y in templates[b]) for a, b in own}
    shelf = prepare(subjects)
    looked_at = {(str(shelf.keys[a]), str(shelf.keys[b])) for a, b in candidates(shelf, shelf, same=True)}
    limits = (limits_for(1).both, limits_for(20_000).both, limits_for(20_000).finger)
    told = []
    for limit in limits:
        reached = [pair for pair in own if score[pair] >= limit]
        told.append(f"{limit}: {sum(pair in looked_at for pair in reached)} of {len(reached)}")
    again = _looked_at(prepare([one for one in subjects if one.key.endswith("-00")]))
    told_of = f"of those that score {'; '.join(told)} reach the matcher"
    return f"{name}, one thumb, {len(own)} pairs: {told_of}; strangers looked at again {again:.1%}"


def _projected(figures: list[Figure]) -> list[str]:
    """How time grows from size to size, and the arithmetic to a million."""
    lines = []
    for one, other in pairwise(figures):
        exponent = math.log(other.busy_s / one.busy_s) / math.log(other.students / one.students)
        lines.append(f"growth from {one.students:,} to {other.students:,}: students to the power of {exponent:.2f}")
    last = figures[-1]
    each_s = last.prepare_s / last.students
    pair_s = (last.busy_s - last.prepare_s) / (last.students * (last.students - 1) / 2)
    for times, why in ((1.0, "these strangers"), (_REAL_STRANGERS / last.looked_at, f"{_REAL_STRANGERS:.0%} looked at again")):
        lines.append(f"with {why}:")
        for students in (20_000, 100_000, _MILLION):
            pairs = students * (students - 1) / 2
            hours = (students * each_s + pairs * pair_s * times) / 3600
            sum_of = f"{students:,} x {1e3 * each_s:.1f} ms + {pairs:.2e} pairs x {1e6 * pair_s * times:.2f} us"
            spread = f"{hours / 2:,.2f} h on 2, {hours / _PROCESSORS:,.2f} h on {_PROCESSORS}"
            memory = f"shelves {last.shelves_mib / last.students * students / 1024:,.1f} GiB"
            lines.append(f"  {sum_of} = {hours:,.1f} processor hours: {spread}; {memory}")
    return lines


def _busy_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_mib() -> float:
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def _unit(vector: NDArray[np.floating]) -> Embedding:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


if __name__ == "__main__":
    raise SystemExit(main())
