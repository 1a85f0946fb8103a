"""What a cell of a workbook says, by its type (ECMA-376 18.18.11), and where in a sheet it may stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from kiosk.tables.cell import Cell, Spoilt, shown, text

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384  # XFD
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")  # 22.9.2.19: ST_Xstring


def typed(kind: str, said: str) -> Cell:
    """What is said in a cell of a type of its own; raises ValueError for one that there is not."""
    if kind in ("str", "inlineStr"):
        return text_of([said])
    if kind == "b":
        return said.strip() in ("1", "true")
    if kind == "e":
        return Spoilt.because("roster.formula_error", said[:20], error=said[:20])
    if kind == "d":
        return datetime.fromisoformat(said.removesuffix("Z"))
    raise ValueError(kind)


def text_of(pieces: Sequence[str]) -> Cell:
    """Runs of a text together, its escaped characters as they are meant."""
    said = pieces[0] if len(pieces) == 1 else "".join(pieces)
    if "_x" in said:
        said = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), said)
    return text(said)


def one_of(earlier: Cell, cell: Cell) -> Cell:
    """What a file that has a cell twice in its row says there: which of two values is meant, nobody can tell."""
    if cell in ("", earlier):
        return earlier
    return Spoilt.because("roster.cell_twice", f"{shown(earlier)} / {shown(cell)}"[:60])


def column_index(letters: str) -> int:
    """A is 0, XFD is 16383; raises ValueError for what is no column."""
    index = 0
    if not 1 <= len(letters) <= 3:
        raise ValueError(letters)
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - ord("A") + 1
    if index > LAST_COLUMN:
        raise ValueError(letters)
    return index - 1
