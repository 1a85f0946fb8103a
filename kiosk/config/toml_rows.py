"""The tables of a list (`[[column]]`) in another order: a table goes with the comments above and within it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import tomlkit

from kiosk.config.toml_edit import edited

_HEADER: Final = re.compile(r"""^\s*(\[\[?)\s*([A-Za-z0-9_.\-"' ]+?)\s*\]\]?\s*(?:#.*)?$""")

Row = int | Mapping[str, Any]  # one that stands there, counted from 1; or what a new one says


def rearranged(text: str, name: str, rows: Sequence[Row]) -> str:
    """The text with these tables under the list `name`, in this order; those that aren't named are left out. `text` must be
    TOML. Lists in one line become tables; then comments within them are lost."""
    there = tomllib.loads(text).get(name, [])
    if list(rows) == [*range(1, len(there) + 1)]:
        return text
    wanted = [there[row - 1] if isinstance(row, int) else dict(row) for row in rows]
    moved = _moved(text, name, rows)
    if moved is not None and _says(moved, name, wanted):
        return moved
    document = tomlkit.parse(text)
    document.pop(name, None)
    return _joined([tomlkit.dumps(document), *(_new(name, values) for values in wanted)])


def _moved(text: str, name: str, rows: Sequence[Row]) -> str | None:
    """By its lines; None where they don't show how many tables there are."""
    before, own, after = _parts(text, name)
    if any(isinstance(row, int) and row > len(own) for row in rows):
        return None
    return _joined([before, *(own[row - 1] if isinstance(row, int) else _new(name, row) for row in rows), after])


def _says(text: str, name: str, wanted: Sequence[Mapping[str, Any]]) -> bool:
    try:
        return bool(tomllib.loads(text).get(name, []) == list(wanted))
    except tomllib.TOMLDecodeError:
        return False


def _parts(text: str, name: str) -> tuple[str, list[str], str]:
    """What stands before the list, its tables, and everything else."""
    lines = text.split("\n")
    marks: list[tuple[int, bool, bool]] = [(0, False, False)]  # first line; whether a table begins, whether one goes on
    for at, line in enumerate(lines):
        if header := _HEADER.match(line):
            first = at
            while first and lines[first - 1].lstrip().startswith("#"):
                first -= 1
            marks.append((first, header[1] == "[[" and header[2] == name, header[2].startswith(f"{name}.")))
    before: list[str] = []
    own: list[str] = []
    after: list[str] = []
    ends = [first for first, _, _ in marks[1:]] + [len(lines)]
    for (first, begins, goes_on), end in zip(marks, ends, strict=True):
        part = "\n".join(lines[first:end])
        if begins:
            own.append(part)
        elif goes_on and own:
            own[-1] += f"\n{part}"
        else:
            (after if own else before).append(part)
    return "\n".join(before), own, "\n".join(after)


def _joined(parts: Sequence[str]) -> str:
    """With a blank line between them."""
    return "\n\n".join(part for one in parts if (part := one.rstrip().lstrip("\n"))) + "\n"


def _new(name: str, values: Mapping[str, Any]) -> str:
    told = {f"{name}.1.{key}": value for key, value in values.items()}
    return edited(f"[[{name}]]\n", told)
