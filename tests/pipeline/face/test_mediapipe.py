"""What is loaded with the landmarks' library."""

from __future__ import annotations

import subprocess
import sys


def test_the_station_starts_without_a_library_for_drawing() -> None:
    program = "import sys, kiosk.pipeline.face.mesh; sys.exit(any(name.startswith('matplotlib') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
