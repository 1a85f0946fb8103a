"""Memory that the networks let go of is given back to the system, and not kept for the next time.

A station's work comes in bursts: a student's pictures and the networks' layers take two hundred megabytes for a second. glibc
keeps what is freed, apart for each of up to eight times as many threads as there are processors, so that the process grows to
the sum of what every thread ever needed. Two such pools will do, and are emptied when a student has gone. Only glibc can be
told: elsewhere both functions do nothing.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

_M_ARENA_MAX: Final = -8  # malloc.h
_POOLS: Final = 2


def share_pools() -> None:
    """Have all threads share two pools of free memory. To be called before there are many threads: what one has it keeps."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_M_ARENA_MAX, _POOLS)


def give_back() -> None:
    """Return free memory to the system; some milliseconds, in which Python's other threads go on."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
