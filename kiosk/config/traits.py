"""What a key of the settings has beside its type and range: a unit, when a change of it takes effect, and if it is secret."""

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


class Effect(StrEnum):
    """When a change takes effect; its words are `effect.<value>`."""

    NEXT_START = "next_start"  # unless a key says otherwise
    AT_ONCE = "at_once"
    FIRST_START = "first_start"  # only while nothing has been entered on the page that it is the beginning of
    NEW_DATA = "new_data"  # of a data folder that is still empty


@dataclass(frozen=True)
class Secret:
    """Nobody is told the value: it goes into no trail and no list."""
