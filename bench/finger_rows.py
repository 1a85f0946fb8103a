"""What the upper rows of a press are worth, while the others are still on the line.

    python -m bench.finger_rows --data DIR [DIR …]

Each DIR is as for `bench.finger_accuracy`. Every impression is cut to what a ZFM-20 shows (256x288, 4 bits); of a press only
the upper rows are there, what it is compared with is whole. A door compares with two presses and takes the better: the first
two of each finger are those, the others come to the door. The limits are the shipped ones; nothing here adapts to a set.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np
from threadpoolctl import threadpool_limits

from bench.finger_accuracy import SENSORS, seen_by
from bench.impressions import open_sets
from kiosk import weights
from kiosk.checkin.matching import Limits
from kiosk.pipeline.finger import MinutiaeExtractor, Template, compare, make_template
from kiosk.records import Image

ROWS: Final = (128, 160, 192, 224, 256, 288)
_ENROLLED: Final = 2


@dataclass(frozen=True, eq=False)
class Press:
    finger: str
    templates: tuple[Template, ...]  # by the rows that had come


def presses(folder: Path, extractor: MinutiaeExtractor) -> list[Press]:
    found = []
    for shot in open_sets([folder])[0].shots:
        pixels = seen_by(SENSORS["zfm"], shot.pixels())
        found.append(Press(shot.finger, tuple(_template(extractor, pixels, rows) for rows in ROWS)))
    return found


def _template(extractor: MinutiaeExtractor, pixels: Image, rows: int) -> Template:
    whole = rows == pixels.shape[0]
    return make_template(extractor.extract(pixels[:rows]) if whole else extractor.extract(pixels[:rows]).above_cut())


@click.command()
@click.option("--data", "folders", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True, required=True)
def main(folders: tuple[Path, ...]) -> None:
    """Say what is accepted by how many rows."""
    threadpool_limits(1, user_api="blas")
    extractor, limits = MinutiaeExtractor(weights.path(weights.LEADER)), Limits()
    for folder in folders:
        shown = presses(folder, extractor)
        fingers: dict[str, list[Press]] = {}
        for one in shown:
            fingers.setdefault(one.finger, []).append(one)
        for at, rows in enumerate(ROWS):
            own, other = list[float](), list[float]()
            for name, several in fingers.items():
                enrolled = [one.templates[-1] for one in several[:_ENROLLED]]
                for press in shown:
                    if press.finger == name and press in several[:_ENROLLED]:
                        continue
                    best = max(compare(press.templates[at], one).value for one in enrolled)
                    (own if press.finger == name else other).append(best)
            genuine, impostor = np.array(own), np.array(other)
            taken = "; ".join(
                f"{limit:.2f} takes {np.mean(genuine >= limit):.1%}, wrongly {np.sum(impostor >= limit)}"
                for limit in (limits.thumb_pass, limits.thumb_begun)
            )
            counts = f"{genuine.size} genuine, {impostor.size} of other fingers, highest {impostor.max():.3f}"
            click.echo(f"{folder.name} {rows} rows: {counts}; {taken}")


if __name__ == "__main__":
    main()
