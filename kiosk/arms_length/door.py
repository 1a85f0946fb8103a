"""The station's side: starts the process that reads a foreign file, takes what it says, and tells in words how it ended.

What comes back is JSON and plain bytes, never a pickle: a process that a file has taken over can say wrong things, and run
nothing here. It comes in small pieces, so that no other thread waits while one is taken apart.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from kiosk import errors
from kiosk.arms_length import child, frames
from kiosk.errors import ExchangeError, KioskError

_log: Final = logging.getLogger(__name__)

_MB: Final = 1 << 20
# One file at a time: each may take what its limits allow, and the captures need the rest of the machine.
_free: Final = threading.BoundedSemaphore(1)
_QUEUE_S: Final = 10.0
_TIDY_S: Final = 5.0


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost. `memory_mb` comes on top of the interpreter itself; `answer_mb` is what may come back."""

    file_mb: int = 64
    memory_mb: int = 512
    cpu_s: int = 30
    wall_s: float = 90.0
    answer_mb: int = 128


def read_apart(task: str, path: Path, limits: Limits, **arguments: Any) -> Iterator[Any]:
    """Yield what `task` (`package.module:function`) yields, called with the open file and `arguments` in a process of its own.

    Pieces are JSON values or bytes. Raises what the task raises of the error tree, and ExchangeError("reading.busy"),
    ("reading.missing"), ("reading.file_too_large"), ("reading.too_large") for memory, ("reading.too_slow"), ("reading.broken"),
    ("reading.died"). All of them name the file.
    """
    if not _free.acquire(timeout=_QUEUE_S):
        raise ExchangeError("reading.busy", file=path.name)
    try:
        with _opened(path, limits) as file:
            yield from _run(task, file, limits, arguments, path.name)
    finally:
        _free.release()


def _opened(path: Path, limits: Limits) -> IO[bytes]:
    try:
        if not path.is_file():
            raise ExchangeError("reading.missing", file=path.name)
        if path.stat().st_size > limits.file_mb * _MB:
            raise ExchangeError("reading.file_too_large", file=path.name, most=limits.file_mb)
        return path.open("rb")
    except OSError:
        raise ExchangeError("reading.missing", file=path.name) from None


def _run(task: str, file: IO[bytes], limits: Limits, arguments: dict[str, Any], name: str) -> Iterator[Any]:
    order = json.dumps({"task": task, "arguments": arguments, "memory_mb": limits.memory_mb, "cpu_s": limits.cpu_s})
    process = started(order, file)
    assert process.stdout is not None
    out_of_time = threading.Event()

    def end() -> None:
        out_of_time.set()
        process.kill()

    timer = threading.Timer(limits.wall_s, end)
    timer.start()
    try:
        yield from _answers(process.stdout, limits, name)
    except EOFError:
        status = process.wait(_TIDY_S)
        _log.warning("the process that read a file for %s ended with %s", task, status)
        raise _ending(status, name, slow=out_of_time.is_set()) from None
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def started(order: str, file: IO[bytes]) -> subprocess.Popen[bytes]:
    """The process that will say what the order asks of the file."""
    return subprocess.Popen(
        [sys.executable, "-I", str(child.__file__), order],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # elsewhere the child steps back by itself
    )


def _answers(pipe: IO[bytes], limits: Limits, name: str) -> Iterator[Any]:
    """Until the child says that it is done; raises EOFError when it says nothing more."""
    left = limits.answer_mb * _MB
    while (frame := frames.take(pipe)).kind is not frames.Kind.END:
        left -= len(frame.content)
        if left < 0:
            raise ExchangeError("reading.too_large", file=name)
        if frame.kind is frames.Kind.BYTES:
            yield frame.content
            continue
        content = json.loads(frame.content)
        if frame.kind is frames.Kind.REFUSED:
            raise _refusal(content, name)
        if frame.kind is frames.Kind.BROKEN:
            _log.warning("a file could not be read: %s", content)
            raise ExchangeError("reading.broken", file=name, reason=str(content).split(" ")[0])
        yield content


def _refusal(content: dict[str, Any], name: str) -> KioskError:
    kind = getattr(errors, str(content["kind"]), None)
    known = (
        kind if isinstance(kind, type) and issubclass(kind, KioskError) and kind is not errors.ConfigError else ExchangeError
    )
    return known(str(content["code"]), **{**content["data"], "file": name})


def _ending(status: int, name: str, *, slow: bool) -> KioskError:
    if slow or status == child.OUT_OF_TIME:
        return ExchangeError("reading.too_slow", file=name)
    return ExchangeError("reading.too_large" if status == child.OUT_OF_MEMORY else "reading.died", file=name)
