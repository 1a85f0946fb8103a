"""The process that reads one foreign file: started as a script, isolated from the environment, ends with its answer.

The file is its standard input, opened by the station: it needs no path. The order (what to call, with what, at what cost) is
its only argument.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import IO, Any, Final

OUT_OF_MEMORY: Final = 86
OUT_OF_TIME: Final = 87


def main(order: dict[str, Any]) -> int:
    """Read, answer, and say how it ended by the exit status."""
    from kiosk.arms_length import frames, limits
    from kiosk.errors import KioskError

    answers = _only_ours()
    module, _, function = order["task"].partition(":")
    task = getattr(importlib.import_module(module), function)
    gc.disable()  # it ends with its answer, and its memory has a limit; going through all rows again and again gains nothing
    limits.shut_in(order["memory_mb"], order["cpu_s"], lambda: os._exit(OUT_OF_TIME))
    try:
        for piece in task(sys.stdin.buffer, **order["arguments"]):
            if isinstance(piece, bytes | memoryview):
                frames.put(answers, frames.Kind.BYTES, piece)
            else:
                frames.put(answers, frames.Kind.JSON, _json(piece))
    except KioskError as error:
        told = {"kind": type(error).__name__, "code": error.code, "data": error.data}
        frames.put(answers, frames.Kind.REFUSED, _json(told))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException as error:  # a library's panic is one
        frames.put(answers, frames.Kind.BROKEN, _json(_where(error)))
    else:
        frames.put(answers, frames.Kind.END)
    return 0


def _only_ours() -> IO[bytes]:
    """The way to the station, which nothing else may write to: what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


def _where(error: BaseException) -> str:
    """Its type and place, without its text: that may hold somebody's data."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return " ".join((type(error).__name__, *(f"{Path(frame.filename).name}:{frame.lineno}" for frame in last)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main(json.loads(sys.argv[1])))
