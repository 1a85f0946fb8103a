"""Memory that the networks let go of is given back to the system, and not kept for the next time.

A station's work comes in bursts: a student's pictures and the networks' layers take two hundred megabytes for a second. glibc
keeps what is freed, apart for each of up to eight times as many threads as there are processors, so that the process grows to
the sum of what every thread ever needed. Two such pools will do, and are emptied when a student has gone. Only glibc can be
told: elsewhere `share_pools` and `give_back` do nothing.

Python looks for cycles in what a program loads, again and again, a seventh of the time that loading takes; there are none that
anybody lets go of. `loading` spares that, and later looks have less to go through.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded, nobody looks for cycles; what is there at the end is for good and is never looked through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
