"""Times as people and cards write them: moments on this machine's clock, to the minute; days as YYYYMMDD."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Final

_HOUR: Final = "%H:%M"
MINUTES: Final = f"%Y-%m-%d {_HOUR}"
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def steady_s() -> float:
    """Seconds that nobody sets, a laptop's sleep counted."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; elsewhere `monotonic` goes on while the machine sleeps
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def local_time(text: str) -> datetime:
    """`2026-09-30 18:00` or `2026-09-30T18:00` on this machine's clock; raises ValueError, for years that nobody means too."""
    at = datetime.fromisoformat(text)
    if not _FIRST_YEAR < at.year < _LAST_YEAR:
        raise ValueError("a year that nobody means")
    return at.astimezone()


def midnight(on: date) -> datetime:
    """When a day begins on this machine's clock."""
    return datetime(on.year, on.month, on.day).astimezone()


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Midnight to midnight: where whole days begin, and the first moment after them; both days included."""
    return midnight(first), midnight(last + timedelta(days=1))


def moment(at: datetime | None) -> str:
    """`2026-09-30 18:00`; empty for none."""
    return f"{at.astimezone():{MINUTES}}" if at else ""


def hour(at: datetime) -> str:
    """`18:00`, where the day is known."""
    return f"{at.astimezone():{_HOUR}}"


def day(text: str) -> date | None:
    """The day that YYYYMMDD names, or None."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def dotted(text: str) -> str:
    """`20190805` as `2019.08.05`, the way cards print it; anything else (长期) as it is."""
    return f"{text[:4]}.{text[4:6]}.{text[6:]}" if len(text) == 8 and text.isdigit() else text
