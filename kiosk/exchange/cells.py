"""Mends what can be mended in a cell without guessing, and says why when it can't."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Final

from kiosk import idnumber
from kiosk.codes import ETHNICITY
from kiosk.exchange.sheets import Cell
from kiosk.records import Message

# A float has 15 certain digits (IEEE 754 double, Excel's own limit): beyond, the last ones are gone.
_EXACT_BELOW: Final = 10**15
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_HAN: Final = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN: Final = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")
_DOTS: Final = re.compile("[·•‧・･∙⋅]")  # the seven shapes in which the dot of a name comes

_DATE: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))(?: 00:00:00)?")
_SERIALS: Final = range(3654, 73051)  # Excel's numbers of 1910-01-01 to 2099-12-31
_SERIAL_ZERO: Final = date(1899, 12, 30)  # ECMA-376 18.17.4.1, with Excel's leap day of 1900 taken off

_SEXES: Final = {
    **dict.fromkeys(("男", "1", "男性", "男生", "M"), "男"),
    **dict.fromkeys(("女", "2", "女性", "女生", "F"), "女"),
}
_CLASS: Final = re.compile(r"[(（]?(\d{1,7}|[一二三四五六七八九]?十?[一二三四五六七八九]?)[)）]?班?")
_NUMERALS: Final = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")}


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
        if not abs(cell) < _EXACT_BELOW:  # nor is NaN
            raise Unreadable("roster.number_lost_digits")
        return shown(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if not isinstance(cell, str):
        return str(cell)
    spaced = "".join(" " if char.isspace() else char for char in cell)
    seen = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return " ".join(seen.strip().removeprefix("'").split())


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones (for codes and numbers, never for names)."""
    return unicodedata.normalize("NFKC", text)


def name(cell: Cell) -> str:
    """A person's name: blanks that only align two characters (`张　三`) go, those between Latin words stay."""
    return _BETWEEN_HAN.sub("", plain(cell))


def name_key(text: str) -> str:
    """What two spellings of one name have in common: compatibility characters, dots and blanks made alike."""
    return _DOTS.sub("·", unicodedata.normalize("NFKC", text)).replace(" ", "").casefold()


def code(cell: Cell) -> str:
    """A number or code that is not calculated with: half-width, without blanks."""
    text = half_width(plain(cell)).replace(" ", "")
    if _SCIENTIFIC.fullmatch(text):
        raise Unreadable("roster.number_lost_digits")
    return text


def digits(cell: Cell) -> str:
    """A code that consists of digits only."""
    text = code(cell)
    if text and not text.isdigit():
        raise Unreadable("roster.digits_only")
    return text


def id_number(cell: Cell) -> str:
    """An 18-character citizen number, upper case; raises Unreadable with the rule that it breaks."""
    number = code(cell).upper().replace("-", "")
    if len(number) == 15 and number.isdigit():
        raise Unreadable("roster.first_generation_number")
    if fault := idnumber.problem(number):
        raise Unreadable(f"roster.{fault}")
    return number


def is_substitute_number(number: str) -> bool:
    """Whether it is made by the rule for students without an ID number: school 4, `00`, birth date 8, serial 4 digits."""
    return len(number) == 18 and number.isdigit() and number[4:6] == "00" and idnumber.birth_date(number) is not None


def sex(cell: Cell) -> str:
    """`男` or `女`."""
    text = half_width(plain(cell)).upper()
    if text and text not in _SEXES:
        raise Unreadable("roster.sex")
    return _SEXES.get(text, "")


def ethnicity(cell: Cell) -> str:
    """The name as GB/T 3304 has it: `藏族` and `04` are `藏`."""
    text = half_width(plain(cell)).replace(" ", "")
    known = ETHNICITY.get(text.zfill(2) if text.isdigit() else "", text.removesuffix("族") or text)
    if known and known not in ETHNICITY.values():
        raise Unreadable("roster.ethnicity")
    return known


def day(cell: Cell) -> str:
    """A date as YYYYMMDD, from a date cell, Excel's serial number or one of the usual texts; day and month never guessed."""
    if isinstance(cell, date):
        return cell.strftime("%Y%m%d")
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < _EXACT_BELOW and int(cell) in _SERIALS:
        return (_SERIAL_ZERO + timedelta(days=int(cell))).strftime("%Y%m%d")
    text = half_width(plain(cell))
    if not text:
        return ""
    if text.isdigit() and len(text) == 5 and int(text) in _SERIALS:
        return day(int(text))
    match = _DATE.fullmatch(text)
    if match is None:
        raise Unreadable("roster.date_shape")
    year, month, day_of_month = (int(part) for part in match.group(1, 3, 5, 7, 4, 6, 8) if part is not None)
    try:
        return date(year, month, day_of_month).strftime("%Y%m%d")
    except ValueError:
        raise Unreadable("roster.date_unreal") from None


def month(cell: Cell) -> str:
    """A month as YYYYMM (出生年月 `196901`)."""
    if isinstance(cell, date):
        return cell.strftime("%Y%m")
    text = half_width(plain(cell))
    match = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})月?", text)
    if match and 1 <= int(match[2]) <= 12:
        return f"{match[1]}{int(match[2]):02d}"
    if text:
        raise Unreadable("roster.month_shape")
    return ""


def class_number(cell: Cell, grade: str = "") -> str:
    """The class's number alone. `05班`, `高一(5)班` in 高一 and `十二班` are numbers; `七五` and `7.5` could be two things."""
    text = half_width(plain(cell)).replace(" ", "")
    if not text:
        return ""
    match = _CLASS.fullmatch(text.removeprefix(grade))
    if match is None or not match[1]:
        raise Unreadable("roster.class_number")
    if match[1].isdigit():
        return str(int(match[1]))
    tens, ten, ones = match[1].partition("十")
    if not ten:
        if len(match[1]) > 1:
            raise Unreadable("roster.class_number")
        return str(_NUMERALS[match[1]])
    return str((_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0))
