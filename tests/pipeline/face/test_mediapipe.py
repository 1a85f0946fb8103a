"""What is loaded with the landmarks' library."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from kiosk.pipeline.face.mask import PersonMask
from kiosk.pipeline.face.mediapipe import solutions
from kiosk.pipeline.face.mesh import FaceMesh


def test_the_station_starts_without_a_library_for_drawing() -> None:
    program = "import sys, kiosk.pipeline.face.mesh; sys.exit(any(name.startswith('matplotlib') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0


@pytest.mark.parametrize("network", [FaceMesh, PersonMask])
def test_a_network_that_nobody_has_any_more_is_gone(network: type[FaceMesh | PersonMask]) -> None:
    before = len(_loaded())
    made = network()
    assert len(_loaded()) == before + 1
    del made
    assert len(_loaded()) == before


def _loaded() -> list[object]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, solutions())]
