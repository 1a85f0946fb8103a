"""A process that runs a vendor's code: it may crash or hang, and only it is lost."""

from __future__ import annotations

import contextlib
import io
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from kiosk.devices.vendor import wire

_ENDS_S: Final = 1.0
_STARTS_S: Final = 20.0  # an interpreter on a busy machine
Answer = tuple[dict[str, Any], bytes]


class Hung(Exception):
    """No answer came in time; the process was ended."""


class Died(Exception):
    """The process ended before it answered."""


class Process:
    """One conversation: a question, its answer, in order; for one thread."""

    def __init__(self, script: Path, arguments: Sequence[str], python: str = "") -> None:
        """Run `script` with another Python, or this one. Raises OSError when that can't be started."""
        self._process = subprocess.Popen(
            [python or sys.executable, "-I", str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # nothing is left to be written to a process that has died
        )
        assert self._process.stdout is not None
        self._output = io.BufferedReader(cast("io.FileIO", self._process.stdout))
        self._is_up = False
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen, name="vendor", daemon=True)
        self._thread.start()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, header: dict[str, Any], data: bytes = b"", *, deadline_s: float) -> Answer:
        """The answer. Raises Hung or Died; after both the process is of no use any more."""
        assert self._process.stdin is not None
        if not self._is_up:
            self._take(_STARTS_S)
            self._is_up = True
        with contextlib.suppress(OSError, ValueError):  # it died: the listener says so
            wire.put(self._process.stdin, header, data)
        return self._take(deadline_s)

    def _take(self, deadline_s: float) -> Answer:
        try:
            answer = self._answers.get(timeout=deadline_s)
        except queue.Empty:
            self._process.kill()
            raise Hung from None
        if answer is None:
            raise Died
        return answer

    def close(self, farewell: dict[str, Any] | None = None) -> None:
        """End it, after a last message where one is given. Idempotent."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            if farewell is not None:
                wire.put(self._process.stdin, farewell)
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # whoever listens there ends by that
        try:
            self._process.wait(_ENDS_S if farewell is not None else 0.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        with contextlib.suppress(OSError):
            self._output.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError, EOFError):
            while True:
                self._answers.put(wire.take(self._output))
        self._answers.put(None)
