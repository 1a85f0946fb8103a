"""What framing costs: wall and CPU time for a frame of a student who sits there, one core for the process.

`python -m bench.framing [--frames N]`

CPU time is what can be compared on a machine that others use, too; the limit is 15 ms a frame at 640×480.
"""

from __future__ import annotations

import os
import time

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from bench.figures import STDOUT, kept, note
from drivers_sim.camera.scene import SIT_S, Act, compose
from kiosk.config import FaceSettings
from kiosk.pipeline.face import FaceAnalyser
from kiosk.records import Frame, Image

FPS = 10


def pictures(width: int, height: int) -> list[Image]:
    """A sitting person through the breathing: the middle of the camera's picture at this size."""
    count = round(SIT_S * FPS)
    found = []
    for number in range(count):
        picture = compose(0, Act.SIT, number / count, number)
        aside = (picture.shape[1] - picture.shape[0] * width // height) // 2
        cut = picture[:, aside : picture.shape[1] - aside] if aside else picture
        found.append(np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA), np.uint8))
    return found


def measure(analyser: FaceAnalyser, shown: list[Image], frames: int) -> tuple[float, float, float]:
    """Median and 95th percentile of wall time, and CPU time a frame, in ms."""
    wall = []
    begun = time.process_time()
    for number in range(frames):
        started_s = time.perf_counter()
        analyser.analyse(Frame(shown[number % len(shown)], number, number / FPS))
        wall.append((time.perf_counter() - started_s) * 1000)
    return float(np.median(wall)), float(np.percentile(wall, 95)), (time.process_time() - begun) * 1000 / frames


@click.command()
@click.option("--frames", default=200, show_default=True)
@click.option("--json", "to", is_flag=False, flag_value=STDOUT, metavar="[FILE]", help="Keep the figures as JSON.")
def main(frames: int, to: str | None) -> None:
    """Print the table."""
    with kept("framing", to, "kiosk/pipeline/face"):
        _measure_sizes(frames)


def _measure_sizes(frames: int) -> None:
    cv2.setNumThreads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    analyser = FaceAnalyser(FaceSettings())
    table = Table("camera", "wall, median", "wall, p95", "CPU", title=f"{frames} frames, one core")
    for width, height in ((640, 480), (1280, 720)):
        shown = pictures(width, height)
        measure(analyser, shown, len(shown))
        middle, late, cpu = measure(analyser, shown, frames)
        note(f"a frame of {width}×{height}", middle, "ms", f"95 % within {late:.1f} ms; processor {cpu:.1f} ms; one core")
        table.add_row(f"{width}×{height}", f"{middle:.1f} ms", f"{late:.1f} ms", f"{cpu:.1f} ms")
    Console().print(table)


if __name__ == "__main__":
    main()
