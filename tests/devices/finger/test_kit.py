"""A fingerprint collector behind a module of somebody's, as docs/how-to/vendor-kits.md has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drivers_sim.finger import Press, impression
from drivers_sim.finger.anatomy import grow
from kiosk.config import FingerSettings, KitSettings
from kiosk.devices.events import FingerLifted, ImpressionReady
from kiosk.records import DeviceState, FingerPosition, Image

from .conftest import Running

Run = Callable[[FingerSettings], Running]
MODULE = """
import pathlib, time
FOLDER = pathlib.Path(__file__).parent

class Collector:
    def open(self):
        print("kits print what they like")
        return {"name": "Acme", "width": 256, "height": 360, "dpi": 508}

    def frame(self):
        while (FOLDER / "hang").exists():
            time.sleep(0.01)
        finger = FOLDER / "finger"
        data = finger.read_bytes() if finger.exists() else b"\\xff" * (256 * 360)
        return data[:1000] if (FOLDER / "short").exists() else data

    def close(self):
        (FOLDER / "closed").touch()

def make():
    return Collector()
"""


@pytest.fixture(scope="module")
def thumb() -> Image:
    return impression(grow(1), 1, Press(bits=8), size=(256, 360))


def test_a_collector_behind_a_kit_captures_and_survives_its_hangs(run: Run, tmp_path: Path, thumb: Image) -> None:
    (tmp_path / "acme_finger.py").write_text(MODULE)
    kit = KitSettings(folder=tmp_path, timeout_s=1.0)
    kiosk = run(FingerSettings(source="acme_finger:make", kit=kit))
    assert kiosk.listener.state(DeviceState.READY, within_s=30).status.model == "Acme · 256×360"
    kiosk.device.request(1, FingerPosition.LEFT_THUMB)
    (tmp_path / "fresh").write_bytes(thumb.tobytes())
    (tmp_path / "fresh").replace(tmp_path / "finger")
    ready: ImpressionReady = kiosk.listener.until(ImpressionReady)
    assert (ready.impression.dpi, ready.impression.sensor) == (508, "Acme")
    assert np.array_equal(ready.impression.pixels, thumb)
    (tmp_path / "finger").unlink()
    kiosk.listener.until(FingerLifted)
    for fault, code in (("hang", "error.device.kit.hangs"), ("short", "error.finger.frame_size")):
        (tmp_path / fault).touch()
        assert kiosk.listener.state(DeviceState.LOST).status.problem.code == code
        (tmp_path / fault).unlink()
        kiosk.listener.state(DeviceState.READY, within_s=30)
    kiosk.worker.stop()
    assert (tmp_path / "closed").exists()


def test_a_collector_that_does_not_say_its_size_is_for_the_operator(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd_finger.py").write_text(MODULE.replace('"width": 256, ', ""))
    kiosk = run(FingerSettings(source="odd_finger:make", kit=KitSettings(folder=tmp_path)))
    assert kiosk.listener.state(DeviceState.FAULT, within_s=30).status.problem.code == "error.finger.library_wrong"
