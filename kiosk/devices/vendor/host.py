"""Runs somebody's Python module around a vendor's kit, in a process of its own: `python host.py MODULE:FACTORY FOLDER …`.

The module is looked for in the folders, then where that Python has its packages. Standard library only, so that a 32-bit Python
can run it for a 32-bit kit. Messages as `wire.py` has them: `{"call": NAME}` calls the method NAME of what the factory made. It
answers None, a truth, a number, a text, bytes, or a mapping of names to such; a mapping's bytes come one behind the other, with
their sizes.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # without the station's packages, which need another Python
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import wire  # type: ignore[import-not-found]
else:
    from kiosk.devices.vendor import wire

_MOST_WORDS = 160


def packed(value: object) -> tuple[dict[str, Any], bytes]:
    """What a method returned, as a message."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"value": None}, bytes(value)
    if not isinstance(value, dict):
        return {"value": value}, b""
    parts = {name: bytes(part) for name, part in value.items() if isinstance(part, bytes | bytearray)}
    texts = {name: part for name, part in value.items() if name not in parts}
    return {"value": texts, "parts": [[name, len(part)] for name, part in parts.items()]}, b"".join(parts.values())


def unpacked(header: dict[str, Any], data: bytes) -> Any:
    """The value of such a message. Raises ValueError when it is none."""
    value = header.get("value")
    if "parts" not in header:
        return data or value
    if not isinstance(value, dict):
        raise ValueError("no mapping")
    for name, size in header["parts"]:
        value[str(name)], data = data[:size], data[size:]
    return value


def told(error: BaseException) -> str:
    """An error's type and first words."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:_MOST_WORDS]


def main(reference: str, *folders: str) -> None:
    """Load, then obey until the station closes the pipe."""
    answers = wire.answers()
    sys.path[:0] = folders
    module, _, name = reference.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)()
    except BaseException as error:  # a vendor's module may even call sys.exit
        wire.put(answers, {"error": "load", "text": told(error)})
        return
    while True:
        try:
            call = str(wire.take(sys.stdin.buffer)[0].get("call"))
        except EOFError:
            return
        try:
            header, data = packed(getattr(made, call)())
        except BaseException as error:
            header, data = {"error": "raised", "text": told(error)}, b""
        wire.put(answers, header, data)


if __name__ == "__main__":
    main(*sys.argv[1:])
