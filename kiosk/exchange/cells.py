"""Mends what can be mended in a cell without guessing, and says why when it can't."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final

from kiosk import idnumber
from kiosk.exchange.sheets import Cell
from kiosk.records import Message

# A float has 15 certain digits (IEEE 754 double, Excel's own limit): beyond, the last ones are gone.
_EXACT_BELOW: Final = 10**15
_HAN: Final = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN: Final = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")


class Unreadable(Exception):
    """A cell that can't be taken; `message` says what is wrong."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.message = Message(code, data)


def shown(cell: Cell) -> str:
    """A cell as a person sees it, for lists of problems."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_BELOW else repr(cell)
    return str(cell)


def plain(cell: Cell) -> str:
    """A cell as text: one line, no blanks around it, no invisible characters, no leading apostrophe; whole numbers as digits.

    Letters stay as they are, compatibility ideographs too: only spaces are made alike.
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT_BELOW:
            raise Unreadable("roster.number_lost_digits")
        return shown(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if not isinstance(cell, str):
        return str(cell)
    spaced = "".join(" " if char.isspace() else char for char in cell)
    seen = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return " ".join(seen.removeprefix("'").split())


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones (for codes and numbers, never for names)."""
    return unicodedata.normalize("NFKC", text)


def name(cell: Cell) -> str:
    """A person's name: blanks that only align two characters (`张　三`) go, those between Latin words stay."""
    return _BETWEEN_HAN.sub("", plain(cell))


def code(cell: Cell) -> str:
    """A number or code that is not calculated with: half-width, without blanks."""
    return half_width(plain(cell)).replace(" ", "")


def id_number(cell: Cell) -> str:
    """An 18-character citizen number, upper case; raises Unreadable with the rule that it breaks."""
    number = code(cell).upper().replace("-", "")
    if len(number) == 15 and number.isdigit():
        raise Unreadable("roster.first_generation_number")
    if fault := idnumber.problem(number):
        raise Unreadable(f"roster.{fault}")
    return number
