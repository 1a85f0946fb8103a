"""The live picture in headless Chromium while a student is being framed: frames a second, and from capture to canvas.

`python -m bench.preview [--seconds 15]`

Capture is the moment when the camera adapter has a decoded 1280×720 picture, canvas the moment after it was drawn. Beside it,
in the same run: how many frames the camera gave, and the processor time of this whole process (simulated camera, adapter,
framing, server and benchmark).
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from playwright.sync_api import sync_playwright

from bench.browser import launch
from bench.figures import STDOUT, kept, note
from kiosk import weights
from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.simulation import find_simulator
from kiosk.snapshot import Snapshot
from kiosk.web import create_app, serve_app

# Keeps number and time (ms since 1970) of every frame that was drawn.
_WATCH = """() => {
  window.drawn = [];
  const canvas = document.querySelector("canvas");
  new MutationObserver(() => window.drawn.push([Number(canvas.dataset.frame), performance.timeOrigin + performance.now()]))
    .observe(canvas, {attributes: true, attributeFilter: ["data-frame"]});
}"""


@dataclass(frozen=True)
class Figures:
    """Frames a second, milliseconds, and processors kept busy by this process."""

    camera_fps: float
    canvas_fps: float
    median_ms: float
    p95_ms: float
    max_ms: float
    cpu: float


class _Recorder:
    """When each frame was captured, in milliseconds since 1970."""

    def __init__(self, kiosk: Kiosk) -> None:
        self._kiosk = kiosk
        self._stop = threading.Event()
        self.captured: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        offset_s = time.time() - time.monotonic()
        number = 0
        while not self._stop.is_set():
            frame = self._kiosk.station.preview(number, 0.5)
            if frame is not None:
                number = frame.number
                self.captured[number] = (frame.at_s + offset_s) * 1000


def measure(seconds: float) -> Figures:
    """Start everything, seat a student, and watch."""
    settings = Settings()
    endless = settings.face.model_copy(update={"hold_s": 3600.0})  # framing goes on for as long as it is measured
    cache = weights.folder().parent / "simulated"
    simulator = find_simulator()(students=1, seed=1, realistic=False, pcsc=False, cache=cache)
    settings = settings.model_copy(update={"face": endless})
    with tempfile.TemporaryDirectory() as folder, Kiosk(settings, Path(folder), simulator) as kiosk:
        app = create_app(
            station=kiosk.station,
            office=kiosk.office,
            settings=kiosk.settings,
            simulator=simulator,
            demonstrator=kiosk.demonstrator,
        )
        server = serve_app(app, 0)
        try:
            return _watch(kiosk, server.url, seconds)
        finally:
            server.stop()


def _watch(kiosk: Kiosk, address: str, seconds: float) -> Figures:
    assert kiosk.simulator is not None
    wait_until(kiosk, all_ready)
    player = Player(kiosk, kiosk.simulator, kiosk.simulator.people[0])
    with sync_playwright() as playwright, launch(playwright.chromium) as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{address}/student", wait_until="load")
        player.lay_card()
        player.play_until(_framing)
        page.wait_for_timeout(4000)  # the simulated camera fills its store of pictures meanwhile
        recorder = _Recorder(kiosk)
        page.evaluate(_WATCH)
        started_s, worked_s = time.monotonic(), time.process_time()
        page.wait_for_timeout(seconds * 1000)
        drawn: list[list[float]] = page.evaluate("window.drawn")
        took_s, worked_s = time.monotonic() - started_s, time.process_time() - worked_s
        recorder.stop()
    late = np.array([at_ms - recorder.captured[int(number)] for number, at_ms in drawn if int(number) in recorder.captured])
    return Figures(
        camera_fps=len(recorder.captured) / took_s,
        canvas_fps=len(drawn) / took_s,
        median_ms=float(np.median(late)),
        p95_ms=float(np.percentile(late, 95)),
        max_ms=float(late.max()),
        cpu=worked_s / took_s,
    )


def _framing(snapshot: Snapshot) -> bool:
    return snapshot.instruction.code == "hint.face.hold_still"


@click.command()
@click.option("--seconds", default=15.0, show_default=True)
@click.option("--json", "to", is_flag=False, flag_value=STDOUT, metavar="[FILE]", help="Print JSON, or keep the figures.")
def main(seconds: float, to: str | None) -> None:
    """Frames a second and latency of the live picture."""
    with kept("preview", to, "kiosk/devices/camera", "kiosk/pipeline/face", "kiosk/web", quiet=True):
        figures: dict[str, Any] = asdict(measure(seconds))
        for name, value in figures.items():
            note(name, value, "ms" if name.endswith("_ms") else "")
    if to == STDOUT:
        click.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        click.echo(f"{name:12} {value:8.2f}")


if __name__ == "__main__":
    main()
