"""Cutting a large product into pieces whose result stays small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_ROWS: Final = 1024
_COLUMNS: Final = 4096  # a piece's products: 16 MB of float32


def blocks(rows: int, columns: int, *, same: bool) -> Iterator[tuple[slice, slice]]:
    """All pieces. `same`: both sides are one, so that what lies wholly below the diagonal is left out."""
    for row in range(0, rows, _ROWS):
        for column in range(0, columns, _COLUMNS):
            ends = min(column + _COLUMNS, columns)
            if not same or ends > row:
                yield slice(row, min(row + _ROWS, rows)), slice(column, ends)
