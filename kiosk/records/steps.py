"""The steps of a capture, and the fingers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Step(StrEnum):
    """One step of a capture, in the order of the day."""

    CARD = "card"
    FACE = "face"
    RIGHT_THUMB = "right_thumb"
    LEFT_THUMB = "left_thumb"
    CONFIRM = "confirm"


class FingerPosition(IntEnum):
    """ISO/IEC 19794-2:2005, table 5."""

    RIGHT_THUMB = 1
    RIGHT_INDEX = 2
    RIGHT_MIDDLE = 3
    RIGHT_RING = 4
    RIGHT_LITTLE = 5
    LEFT_THUMB = 6
    LEFT_INDEX = 7
    LEFT_MIDDLE = 8
    LEFT_RING = 9
    LEFT_LITTLE = 10


# The finger that each step is named after. Another one of the same hand may stand in for it: `StepResult.position` tells.
OWN_FINGER: Mapping[Step, FingerPosition] = MappingProxyType(
    {Step.RIGHT_THUMB: FingerPosition.RIGHT_THUMB, Step.LEFT_THUMB: FingerPosition.LEFT_THUMB}
)
