"""What is loaded with the landmarks' library."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest

from kiosk.pipeline.face.mask import PersonMask
from kiosk.pipeline.face.mediapipe import solutions
from kiosk.pipeline.face.mesh import FaceMesh


def test_the_station_starts_without_a_library_for_drawing() -> None:
    program = "import sys, kiosk.pipeline.face.mesh; sys.exit(any(name.startswith('matplotlib') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0


@pytest.mark.parametrize("network", [FaceMesh, PersonMask])
def test_a_network_that_nobody_has_any_more_is_gone(network: type[FaceMesh | PersonMask]) -> None:
    kinds = solutions()  # the first one of a process imports them, and its frame lives on
    made = network()
    loaded = [weakref.ref(one) for one in vars(made).values() if isinstance(one, kinds)]
    assert len(loaded) == 1
    del made
    gc.collect()
    assert loaded[0]() is None
