"""A span of days cut into what a plot over time stands on: hours of one or two days, days, or weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from kiosk.clock import midnight

USUAL_DAYS: Final = 14  # up to the last capture, where nobody asks for others
_IN_HOURS: Final = 2  # days at most
_MOST_PARTS: Final = 31
_HOURS: Final = 24
_WEEK: Final = 7


class Unit(StrEnum):
    """How long a part is."""

    HOUR = "hour"
    DAY = "day"
    WEEKS = "weeks"  # one or several


@dataclass(frozen=True)
class Parts:
    """Whole days of this machine's clock, both ends included, and where the parts begin and the last one ends."""

    first: date
    last: date
    cuts: tuple[datetime, ...]
    unit: Unit

    @property
    def labels(self) -> tuple[str, ...]:
        """How each part is called: its hour, or the day that it begins with."""
        shown = "%H" if self.unit is Unit.HOUR else "%m-%d"
        return tuple(at.astimezone().strftime(shown) for at in self.cuts[:-1])


def parts_of(first: date, last: date) -> Parts:
    """Hours for up to two days, days for a month, and as many whole weeks as leave no more parts than that."""
    days = (last - first).days + 1
    unit = Unit.HOUR if days <= _IN_HOURS else Unit.DAY if days <= _MOST_PARTS else Unit.WEEKS
    each = 1 if unit is not Unit.WEEKS else _WEEK * -(-days // (_WEEK * _MOST_PARTS))
    begins = [midnight(first + timedelta(days=day)) for day in range(0, days, each)]
    end = midnight(last + timedelta(days=1))
    if unit is Unit.HOUR:
        begins = [hour for day in begins for hour in _hours(day) if hour < end]
    return Parts(first, last, (*begins, end), unit)


def _hours(day: datetime) -> list[datetime]:
    return [day + timedelta(hours=hour) for hour in range(_HOURS)]
