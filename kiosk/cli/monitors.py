"""Which monitors there are, and which of them is whose. Nobody tried this on real monitors yet (docs/hardware.md)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_PATIENCE_S: Final = 5.0
# `xrandr`, a line of an output that shows something: DP-1 connected primary 1920x1080+0+0 (normal left ...) 527mm x 296mm
_SHOWS: Final = re.compile(r"^\S+ connected (primary )?(\d+)x(\d+)\+(\d+)\+(\d+)", re.MULTILINE)
_PRIMARY: Final = 1  # MONITORINFOF_PRIMARY, winuser.h


@dataclass(frozen=True)
class Monitor:
    """Where a monitor shows the desktop: pixels from its left upper corner."""

    x: int
    y: int
    width: int
    height: int
    primary: bool = False


@dataclass(frozen=True)
class Places:
    """Whose window is where. None: nobody knows, or there is no monitor for it."""

    operator: Monitor | None = None
    student: Monitor | None = None


def places(monitors: Iterable[Monitor], *, swapped: bool = False) -> Places:
    """The operator sits at the main monitor, the student at the next one; `swapped`: the other way round."""
    spots: dict[tuple[int, int], Monitor] = {}
    for one in monitors:
        known = spots.get((one.x, one.y))
        if known is None or one.primary:  # monitors that show the same are one
            spots[one.x, one.y] = one
    row = sorted(spots.values(), key=lambda one: (not one.primary, one.x, one.y))
    if len(row) < 2:
        return Places(*row)
    return Places(row[1], row[0]) if swapped else Places(row[0], row[1])


def monitors() -> tuple[Monitor, ...]:
    """Those that show something now; none where that can't be found out."""
    if sys.platform == "win32":
        return _of_windows()
    if sys.platform.startswith("linux") and os.environ.get("DISPLAY") and (program := shutil.which("xrandr")):
        # --current: asks the server alone. Asking the monitors takes long, and makes some flicker.
        try:
            told = subprocess.run([program, "--current"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ()
        return in_xrandr(told.stdout)
    return ()


def in_xrandr(told: str) -> tuple[Monitor, ...]:
    """What `xrandr` prints."""
    found = _SHOWS.findall(told)
    return tuple(Monitor(int(x), int(y), int(width), int(height), bool(primary)) for primary, width, height, x, y in found)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Info(ctypes.Structure):
        """MONITORINFO, winuser.h."""

        _fields_ = (
            ("size", wintypes.DWORD),
            ("monitor", wintypes.RECT),
            ("work", wintypes.RECT),
            ("flags", wintypes.DWORD),
        )

    _SEEN = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HMONITOR, wintypes.HDC, ctypes.POINTER(wintypes.RECT), wintypes.LPARAM)

    def _of_windows() -> tuple[Monitor, ...]:
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        user32.GetMonitorInfoW.argtypes = (wintypes.HMONITOR, ctypes.POINTER(_Info))
        user32.EnumDisplayMonitors.argtypes = (wintypes.HDC, ctypes.POINTER(wintypes.RECT), _SEEN, wintypes.LPARAM)
        found: list[Monitor] = []

        def see(monitor: int, *_: object) -> bool:
            info = _Info(size=ctypes.sizeof(_Info))
            if user32.GetMonitorInfoW(monitor, ctypes.byref(info)):
                at = info.monitor
                size = at.right - at.left, at.bottom - at.top
                found.append(Monitor(at.left, at.top, *size, bool(info.flags & _PRIMARY)))
            return True

        user32.EnumDisplayMonitors(None, None, _SEEN(see), 0)
        return tuple(found)
