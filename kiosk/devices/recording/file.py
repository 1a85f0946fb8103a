"""Recordings as files: JSON, one object a line, the first of them about the whole (docs/reference/recordings.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kiosk.errors import DeviceError

FORMAT: Final = "exam-capture-kiosk recording"
VERSION: Final = 1
TO: Final = "to"  # station to device
FROM: Final = "from"
_LONGEST_LINE: Final = 1_000_000
_MOST_LINES: Final = 1_000_000


class Wire(StrEnum):
    """What was spoken."""

    APDU = "apdu"  # with a card in a PC/SC reader
    SAM = "sam"  # with a security module on a serial line, a USB pipe or control codes
    EF01 = "ef01"  # with a fingerprint scanner
    CAMERA = "camera"  # not the pictures: when they came, and what they were like


@dataclass(frozen=True)
class Entry:
    """One thing that happened: bytes `to` or `from` the device, or an event of another name with what is to say of it."""

    at_s: float  # since the recording began
    what: str
    data: bytes = b""
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recording:
    """A whole recording; `about` is its first line without format and version."""

    wire: Wire
    entries: Sequence[Entry]
    about: Mapping[str, Any] = field(default_factory=dict)


def save(recording: Recording, path: Path) -> None:
    """Write a new file. Raises DeviceError("recording.exists") or ("recording.not_written")."""
    head = {"format": FORMAT, "version": VERSION, "wire": recording.wire, **recording.about}
    lines = [head, *map(_line, recording.entries)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise DeviceError("recording.exists", file=str(path)) from None
    except OSError as error:
        raise DeviceError("recording.not_written", file=str(path), reason=error.strerror or "") from None


def load(path: Path) -> Recording:
    """Read a file. Raises DeviceError("recording.unreadable") with the line, ("recording.version") for a later program's."""
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            head, entries = {}, []
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if number > _MOST_LINES:
                    raise ValueError("too many lines")
                if number == 1:
                    head = _head(json.loads(line))
                elif line.strip():
                    entries.append(_entry(json.loads(line)))
        wire = Wire(head.pop("wire"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        details = error.strerror if isinstance(error, OSError) else str(error)
        raise DeviceError("recording.unreadable", file=path.name, line=number, details=(details or "")[:200]) from None
    return Recording(wire, entries, head)


def _line(entry: Entry) -> dict[str, Any]:
    at = {"t": round(entry.at_s, 4)}
    if entry.what in (TO, FROM):
        return {**at, entry.what: entry.data.hex(), **entry.told}
    return {**at, "what": entry.what, **entry.told}


def _head(line: dict[str, Any]) -> dict[str, Any]:
    if line.pop("format") != FORMAT:
        raise ValueError("not a recording")
    if (version := line.pop("version")) != VERSION:
        raise DeviceError("recording.version", version=version, known=VERSION)
    return line


def _entry(line: dict[str, Any]) -> Entry:
    at_s = float(line.pop("t"))
    if not math.isfinite(at_s) or at_s < 0:
        raise ValueError(f"t is {at_s}")
    for what in (TO, FROM):
        if what in line:
            return Entry(at_s, what, bytes.fromhex(line.pop(what)), line)
    return Entry(at_s, str(line.pop("what")), b"", line)
