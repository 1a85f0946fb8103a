"""Reading processes that start in a hundredth of the time: split off from one that has loaded what reads.

Each is a process of its own, with the limits of every other, and ends with its answer. `tests/arms_length` and the files that
are made to hurt are read by processes that start as in a school.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from functools import partial
from multiprocessing.reduction import DupFd
from typing import IO, Any

from kiosk.arms_length import child
from tests import killing

lowered: dict[str, int] = {}  # limits of ours that processes have from now on, by "module:NAME"


class SplitOff:
    """As much of `subprocess.Popen` as the station's side asks of it."""

    def __init__(self, order: str, file: IO[bytes]) -> None:
        hear, say = os.pipe()
        self.stdout = os.fdopen(hear, "rb")
        try:
            self._process = killing.begun(partial(_read, dict(lowered)), order, _End(file.fileno()), _End(say))
        finally:
            os.close(say)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (status := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("the reading process", timeout or 0)
        return int(status)


class _End:
    """A file that is open here, and will be there."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _taken, (DupFd(self.number),)


def _taken(end: Any) -> int:
    return int(end.detach())


def _read(lower: dict[str, int], order: str, file: int, say: int) -> None:
    for place, limit in lower.items():
        module, _, name = place.partition(":")
        setattr(importlib.import_module(module), name, limit)
    os.dup2(file, 0)
    os.dup2(say, 1)
    os.close(file)
    os.close(say)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115  # it ends with the process
    os._exit(child.main(json.loads(order)))
