"""The one door through which requests are read: whatever a body holds, a view gets sound texts or the reader gets words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from flask import request

from kiosk import clock
from kiosk.errors import KioskError

LARGEST_NUMBER: Final = 10**15 - 1  # fits every database's integers
_WHITE: Final = frozenset("\t\r\n")


def asked() -> Mapping[str, str]:
    """The fields of the request, JSON or form, as stripped texts; raises KioskError for what no page of ours sends."""
    return {name: _text(value) for name, value in _body().items()}


def several(name: str) -> list[str]:
    """A form's field that comes more than once."""
    return [_text(value) for value in request.form.getlist(name)]


def why() -> str:
    """The reason of a decision; raises KioskError without one."""
    reason = asked().get("reason", "")
    if not reason:
        raise KioskError("web.reason_missing")
    return reason


def flag(name: str) -> bool:
    """Whether a field says yes; a missing one says no."""
    return asked().get(name, "") not in ("", "0", "False")


def number(name: str) -> int:
    """A number's field; raises KioskError when it is none."""
    text = asked().get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_NUMBER))):
        raise KioskError("web.number_missing")
    return int(text)


def place(name: str, count: int) -> int | None:
    """Which of so many a field of the address or the form means, from 0; None where nobody said, or said nothing sound."""
    text = request.args.get(name, "") or asked().get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) < count else None


def local_time(name: str) -> datetime:
    """What a field for date and time says, on the station's clock; raises KioskError."""
    try:
        return clock.local_time(asked().get(name, ""))
    except (ValueError, OverflowError):
        raise KioskError("web.time_missing") from None


def date_of(text: str) -> date | None:
    """What a field for a day says; None for what is no day of ours."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None


def _body() -> Mapping[str, Any]:
    if not request.is_json:
        return request.form.to_dict()
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise KioskError("web.body_unreadable")
    return body


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, (str, int, float)):
        raise KioskError("web.body_unreadable")
    text = str(value).strip()
    # Halves of a pair can't be written to a file or database, control characters mean something else to who reads them.
    if any("\ud800" <= char <= "\udfff" or (char < " " and char not in _WHITE) or char == "\x7f" for char in text):
        raise KioskError("web.text_unreadable")
    return text
