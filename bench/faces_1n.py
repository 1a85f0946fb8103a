"""One face against everybody's: time, memory, the file's precision, and what the limit means on real faces.

    python -m bench.faces_1n [--faces 20000] [--images DIR]

The search is held against the bare matrix product that it can't do without, in the same run. With pictures as in LFW
(`DIR/<name>/<name>_0001.jpg`) every one is compared with every other: how many of two people are alike by chance at a limit,
and how many of one person are found. Names are dealt to two halves by their checksum: the limit was chosen on the first half,
and is reported on the second.
"""

from __future__ import annotations

import argparse
import time
import zlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.figures import kept, note, option
from kiosk import weights
from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import Embedding, FaceMatcher
from kiosk.pipeline.face.compact import pack, unpack
from kiosk.pipeline.face.gallery import Gallery

_RUNS: Final = 40
_LIMITS: Final = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=20_000)
    parser.add_argument("--images", type=Path, metavar="DIR")
    option(parser)
    chosen = parser.parse_args()
    with kept("faces_1n", chosen.json, "kiosk/pipeline/face"):
        _search(chosen.faces)
        if chosen.images is not None:
            _limits(chosen.images)
    return 0


def _search(count: int) -> None:
    faces = np.random.default_rng(1).normal(size=(count, 128)).astype(np.float32)
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    files = [pack(face) for face in faces]
    began_s = time.perf_counter()
    gallery = Gallery()
    for number, file in enumerate(files):
        gallery.put(str(number), unpack(file))
    learned_s = time.perf_counter() - began_s
    limit = FaceSettings().seen_before_at
    ours, plain, found = [], [], 0
    for number in range(_RUNS):
        probe = faces[number * (count // _RUNS)]
        began_s = time.perf_counter()
        found += bool(gallery.search(probe, limit))
        ours.append(time.perf_counter() - began_s)
        began_s = time.perf_counter()
        _ = faces @ probe
        plain.append(time.perf_counter() - began_s)
    search_ms, product_ms = 1000 * float(np.median(ours)), 1000 * float(np.median(plain))
    print(f"{count:,} faces: found {found} of {_RUNS}; a search {search_ms:.2f} ms (longest {1000 * max(ours):.2f} ms)")
    note(f"a search among {count:,} faces", search_ms, "ms", f"bare matrix product {product_ms:.2f} ms")
    note("found", 100 * found / _RUNS, "%")
    note(f"{count:,} files read", learned_s, "s")
    print(f"  bare matrix product {product_ms:.2f} ms: ratio {search_ms / product_ms:.2f}")
    print(f"  {faces.nbytes / 2**20:.1f} MiB; a file {len(files[0])} bytes; all files read in {learned_s:.2f} s")


def _limits(images: Path) -> None:
    names, faces = _embedded(images)
    halves = np.array([zlib.crc32(name.encode()) % 2 for name in names])
    for half, title in ((0, "chosen on"), (1, "reported on")):
        chosen = halves == half
        same, other = _scores(names[chosen], faces[chosen])
        print(f"{title}: {chosen.sum()} pictures, {len(same):,} pairs of one person, {len(other):,} of two")
        for limit in _LIMITS:
            false = float((other >= limit).mean())
            print(f"  {limit:.2f}: {(same >= limit).mean():7.2%} found, {false:.1e} by chance, {(other >= limit).sum()} pairs")
        print(f"  highest of two: {other.max():.3f}; 1 in 10,000: {np.quantile(other, 1 - 1e-4):.3f}")


def _embedded(images: Path) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    names, faces = [], []
    for path in sorted(images.glob("*/*.jpg")):
        try:
            faces.append(matcher.embed(np.asarray(cv2.imread(str(path)), np.uint8)))
        except KioskError:
            continue
        names.append(path.parent.name)
    return np.array(names), np.stack(faces)


def _scores(names: NDArray[np.str_], faces: NDArray[np.float32]) -> tuple[Embedding, Embedding]:
    """The cosines of all pairs of pictures: of one person, and of two."""
    rows, columns = np.triu_indices(len(names), 1)
    scores = (faces @ faces.T)[rows, columns]
    same = names[rows] == names[columns]
    return scores[same], scores[~same]


if __name__ == "__main__":
    raise SystemExit(main())
