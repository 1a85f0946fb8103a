"""What a number format does to a number, as far as a roster needs it: leading zeros, words, dates (ECMA-376 18.8.30)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from kiosk.tables.cell import Cell, Shown

Format = Callable[[float], Cell]

# 18.8.30: formats without a code in the file. 27-36 and 50-58 are dates in Chinese, Japanese and Korean Excel.
_DATES: Final = frozenset({*range(14, 18), 22, *range(27, 32), 36, 50, 51, 52, 53, 54, 57, 58})
_TIMES: Final = frozenset({18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56})
_CODES: Final = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    48: "##0.0E+0",
    49: "@",
}
# Quoted text, an escaped character, a blank as wide as a character, one that fills the cell, a bracket, or anything else.
_TOKEN: Final = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|(AM/PM|A/P|G/通用格式|General|上午/下午)|(.)', re.IGNORECASE | re.DOTALL
)
_PLAIN: Final = re.compile(r"[#?]*0?(,[#?0]{3})*(\.[0#?]+)?")
_LITERALS: Final = frozenset(" -/()+$￥¥:'<>={}!^&~")
_EPOCHS: Final = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_LAST_SERIAL: Final = 2_958_465  # 9999-12-31


def format_of(number: int, code: str | None, *, since_1904: bool = False) -> Format | None:
    """What to do with numbers of a cell format; None for those that read the same with and without it."""
    if code is None:
        if number in _DATES or number in _TIMES:
            return _moment(since_1904)
        code = _CODES.get(number, "General")
    return _of_code(code, since_1904)


@lru_cache(maxsize=1024)
def _of_code(code: str, since_1904: bool) -> Format | None:
    sections = _sections(code)
    if len(sections) > 4:
        return lambda value: Shown(value, None)
    brackets, tokens = sections[0]
    if any(token in ("General", "@") for token, literal in tokens if not literal):
        return None if len(tokens) == 1 and len(sections) == 1 else _unless_plain(tokens)
    if any(len(mark) > 0 and set(mark.lower()) <= set("hms") for mark in brackets):
        return _moment(since_1904)
    marks = {token.lower() for token, literal in tokens if not literal}
    if marks & set("ymdhseg年月日"):
        return _moment(since_1904) if not marks & set("0#?") or marks & set("hs") else (lambda value: Shown(value, None))
    if any("<" in mark or ">" in mark or "=" in mark for mark in brackets):
        return lambda value: Shown(value, None)
    return _unless_plain(tokens)


def _sections(code: str) -> list[tuple[list[str], list[tuple[str, bool]]]]:
    """For each section its brackets and its tokens: (character or text, whether it is shown as it is)."""
    found: list[tuple[list[str], list[tuple[str, bool]]]] = [([], [])]
    for match in _TOKEN.finditer(code[:255]):
        quoted, escaped, wide, filled, bracket, word, char = match.groups()
        brackets, tokens = found[-1]
        if bracket is not None:
            if bracket.startswith("$") and (currency := bracket[1:].split("-")[0]):
                tokens.append((currency, True))
            brackets.append(bracket)
        elif quoted is not None:
            tokens += [(quoted, True)] if quoted else []
        elif escaped is not None:
            tokens.append((escaped, True))
        elif wide is not None or filled is not None:
            continue
        elif word is not None:
            tokens.append((word if word.lower() not in ("general", "g/通用格式") else "General", False))
        elif char == ";":
            found.append(([], []))
        else:
            tokens.append((char, char in _LITERALS or (ord(char) > 127 and char not in "年月日")))
    return found


def _unless_plain(tokens: list[tuple[str, bool]]) -> Format | None:
    """`#,##0.00` and the like change nothing that matters; with words or zeros in front the number is shown with them."""
    placeholders = "".join(token for token, literal in tokens if not literal)
    if not any(literal for _, literal in tokens) and _PLAIN.fullmatch(placeholders):
        return None
    if placeholders in ("General", "@"):
        places = [(token, literal) for token, literal in tokens]
        return lambda value: Shown(value, _around(places, value))
    if not placeholders or set(placeholders) - set("0#?"):
        return lambda value: Shown(value, None)
    return lambda value: Shown(value, _filled(tokens, value))


def _around(tokens: list[tuple[str, bool]], value: float) -> str | None:
    if not value.is_integer() or value < 0:
        return None
    return "".join(token if literal else str(int(value)) for token, literal in tokens)


def _filled(tokens: list[tuple[str, bool]], value: float) -> str | None:
    """Digits go into the places from the right; what is too long goes before the first place."""
    if value < 0 or abs(value) >= 10**15:
        return None
    left, out = str(round(value)), []
    if not value.is_integer():
        return None
    first = next(at for at, (_, literal) in enumerate(tokens) if not literal)
    for at in range(len(tokens) - 1, -1, -1):
        token, literal = tokens[at]
        if literal:
            out.append(token)
            continue
        if at == first:
            out.append(left or ("0" if token == "0" else ""))
        elif left:
            out.append(left[-1])
            left = left[:-1]
        elif token == "0":
            out.append("0")
    return "".join(reversed(out))


def _moment(since_1904: bool) -> Format:
    epoch = _EPOCHS[since_1904]

    def moment(value: float) -> Cell:
        if not 0 <= value <= _LAST_SERIAL:
            return Shown(value, None)
        at = epoch + timedelta(days=value) + timedelta(microseconds=500)
        at = at.replace(microsecond=0) if at.microsecond < 1000 else at
        if value < 1:
            return time(at.hour, at.minute, at.second)
        return date(at.year, at.month, at.day) if at.time() == time() else at

    return moment
