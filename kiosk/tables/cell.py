"""What stands in a cell, as a file says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from kiosk.records import Message

LONGEST: Final = 32_767  # characters in a cell: Excel's own limit

# A float has 15 certain digits (IEEE 754 double, Excel's own limit): beyond, the last ones are gone.
EXACT_BELOW: Final = 10**15


class Shown(float):
    """A number that its format shows otherwise, `0001523`; `text` is None where this program can't tell how."""

    text: str | None

    def __new__(cls, value: float, text: str | None) -> "Shown":
        self = super().__new__(cls, value)
        self.text = text
        return self


@dataclass(frozen=True)
class Spoilt:
    """A cell without a value to be taken: a formula's error, a formula that nobody calculated. `text` is what is seen."""

    message: Message
    text: str = ""

    @classmethod
    def because(cls, code: str, text: str = "", **data: Any) -> "Spoilt":
        return cls(Message(code, data), text)


Cell = str | int | float | bool | date | datetime | time | timedelta | Spoilt


def text(value: str) -> Cell:
    """A cell of text, unless it is longer than any cell can be."""
    if len(value) > LONGEST:
        return Spoilt.because("roster.cell_too_long", value[:20], most=LONGEST)
    return value


def shown(cell: Cell) -> str:
    """A cell as a person sees it, for lists of problems."""
    if isinstance(cell, Spoilt):
        return cell.text
    if isinstance(cell, Shown) and cell.text is not None:
        return cell.text
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_BELOW else repr(float(cell))
    return str(cell)
