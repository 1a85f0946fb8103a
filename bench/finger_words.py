"""Chooses the words that fingers are described by (`kiosk.pipeline.deduplication.descriptor`), from simulated fingers alone.

    python -m bench.finger_words OUT

K-means over the codes of 30 simulated fingers with four presses each; the same words at every run.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from bench.duplicates import SEEDS, simulated_presses
from kiosk import weights
from kiosk.pipeline.finger import MinutiaeExtractor
from kiosk.pipeline.finger.index import make_entry

_WORDS: Final = 128
_PRESSES: Final = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    chosen = parser.parse_args()
    extractor = MinutiaeExtractor(weights.path(weights.LEADER), threads=2)
    entries = [make_entry(extractor.extract(press)) for presses in simulated_presses(SEEDS, _PRESSES) for press in presses]
    words = chosen_words(np.concatenate([entry.codes[np.abs(entry.turn) > 0] for entry in entries]))
    chosen.out.write_text(json.dumps(words.tolist()).replace("], [", "],\n [") + "\n", encoding="ascii")
    return 0


def chosen_words(codes: NDArray[np.int8]) -> NDArray[np.int64]:
    """int64 (words, dimensions), of codes int8 (N, dimensions)."""
    centres, _ = kmeans2(codes.astype(np.float64), _WORDS, minit="++", seed=1)
    return np.asarray(np.rint(centres), np.int64)


if __name__ == "__main__":
    raise SystemExit(main())
