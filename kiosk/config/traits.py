"""What a key has beside its type and range: a unit, when a change of it takes effect, if it is secret, and how it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a number counts; its words are `unit.<value>`."""

    SECONDS = "s"
    MINUTES = "min"
    DAYS = "days"
    DEGREES = "deg"
    PIXELS = "px"
    FRAMES_PER_SECOND = "fps"
    DPI = "dpi"
    BITS = "bits"
    SQUARE_MILLIMETRES = "mm2"
    KILOBYTES = "kB"


class Effect(StrEnum):
    """When a change takes effect; its words are `effect.<value>`."""

    NEXT_START = "next_start"  # unless a key says otherwise
    AT_ONCE = "at_once"
    FIRST_START = "first_start"  # only while nothing has been entered on the page that it is the beginning of
    NEW_DATA = "new_data"  # of a data folder that is still empty


@dataclass(frozen=True)
class Secret:
    """Nobody is told the value: it goes into no trail and no list."""


@dataclass(frozen=True)
class Lines:
    """Texts of a list that hold blanks and commas: they are typed one a line."""
