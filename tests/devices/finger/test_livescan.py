"""A vendor's library behind the same device: a stub, compiled here, in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drivers_sim.finger import FingerCache, Press, impression
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.devices.events import FingerLifted, ImageHeld, ImpressionReady
from kiosk.devices.finger import livescan
from kiosk.records import DeviceState, FingerPosition, Image

from .conftest import Running

pytestmark = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("cc"), reason="a C compiler makes the stub")
RIGHT = FingerPosition.RIGHT_THUMB
Run = Callable[[FingerSettings], Running]


class Collector:
    """The folder that tells the stub what to do."""

    def __init__(self, folder: Path, port: str) -> None:
        self.folder = folder
        self.port = port

    def press(self, pixels: Image) -> None:
        fresh = self.folder / "fresh"
        fresh.write_bytes(pixels.tobytes())
        fresh.replace(self.folder / "finger")

    def lift(self) -> None:
        (self.folder / "finger").unlink()

    def set(self, name: str, on: bool) -> None:
        (self.folder / name).touch() if on else (self.folder / name).unlink()


@pytest.fixture(scope="session")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("livescan") / "libID_FprCap.so"
    source = Path(__file__).with_name("livescan_stub.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return library


@pytest.fixture
def collector(stub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collector:
    monkeypatch.setenv("LIVESCAN_STUB", str(tmp_path))
    return Collector(tmp_path, f"livescan:{stub}")


@pytest.fixture(scope="session")
def thumb() -> Image:
    finger = FingerCache(weights.folder().parent / "simulated").finger(1)
    return impression(finger, 1, Press(bits=8), size=(256, 360))


def test_a_collector_captures_and_notices_the_finger_leaving(collector: Collector, run: Run, thumb: Image) -> None:
    kiosk = run(FingerSettings(port=collector.port))
    ready = kiosk.listener.state(DeviceState.READY)
    assert ready.status.model == "采集仪 · 256×360"
    assert ready.status.unverified
    kiosk.device.request(5, RIGHT)
    collector.press(thumb)
    assert kiosk.listener.until(ImageHeld).request == 5
    impression = kiosk.listener.until(ImpressionReady).impression
    assert np.array_equal(impression.pixels, thumb)
    assert (impression.dpi, impression.sensor) == (500, "采集仪")
    collector.lift()
    kiosk.listener.until(FingerLifted)
    kiosk.worker.stop()
    assert (collector.folder / "closed").exists()


def test_a_finger_that_is_still_coming_down_is_waited_for(collector: Collector, run: Run, thumb: Image) -> None:
    half = thumb.copy()
    half[:180] = 240
    kiosk = run(FingerSettings(port=collector.port))
    kiosk.listener.state(DeviceState.READY)
    collector.press(thumb)
    kiosk.device.request(1, RIGHT)
    assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, thumb)
    assert livescan._contact_share(half) < livescan._contact_share(thumb) / livescan._SETTLED


@pytest.mark.parametrize("trouble", ["absent", "crash", "broken"])
def test_a_library_in_trouble_is_started_afresh(collector: Collector, run: Run, thumb: Image, trouble: str) -> None:
    kiosk = run(FingerSettings(port=collector.port))
    kiosk.listener.state(DeviceState.READY)
    kiosk.device.request(1, RIGHT)
    collector.set(trouble, on=True)
    problem = kiosk.listener.state(DeviceState.LOST).status.problem
    codes = {"absent": "not_found", "crash": "library_died", "broken": "library_refused"}
    assert problem.code == f"error.finger.{codes[trouble]}"
    if trouble == "broken":
        assert problem.data["reason"] == "stub -101"
    collector.set(trouble, on=False)
    kiosk.listener.state(DeviceState.READY)
    collector.press(thumb)
    assert np.array_equal(kiosk.listener.until(ImpressionReady).impression.pixels, thumb)


def test_a_library_that_hangs_is_ended(collector: Collector, run: Run, thumb: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livescan, "_FRAME_S", 0.5)
    kiosk = run(FingerSettings(port=collector.port))
    kiosk.listener.state(DeviceState.READY)
    collector.set("hang", on=True)
    assert kiosk.listener.state(DeviceState.LOST).status.problem.code == "error.finger.library_hangs"
    collector.set("hang", on=False)
    kiosk.listener.state(DeviceState.READY)


def test_a_missing_library_and_one_that_is_none_are_for_the_operator(run: Run, tmp_path: Path) -> None:
    kiosk = run(FingerSettings(port=f"livescan:{tmp_path}/nowhere.so"))
    assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.library_missing"
    text = tmp_path / "text.so"
    text.write_text("no library")
    kiosk = run(FingerSettings(port=f"livescan:{text}"))
    assert kiosk.listener.state(DeviceState.FAULT).status.problem.code == "error.finger.library_wrong"


def test_a_library_that_lacks_a_function_is_for_the_operator(run: Run, tmp_path: Path) -> None:
    library = tmp_path / "other.so"
    source = tmp_path / "other.c"
    source.write_text("int LIVESCAN_Init(void) { return 1; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    kiosk = run(FingerSettings(port=f"livescan:{library}"))
    problem = kiosk.listener.state(DeviceState.FAULT).status.problem
    assert problem.code == "error.finger.library_wrong"
    assert problem.data["reason"] == "Close"
