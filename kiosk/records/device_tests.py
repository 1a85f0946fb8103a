"""The test of the devices before the day: its points, what was found at each, and the result that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.records.devices import DeviceKind
from kiosk.records.judgements import Measure, Message, Verdict


class CheckPoint(StrEnum):
    """What is looked at, in this order."""

    SEAT = "seat"  # where the student sits, and where the camera stands
    LAMPS = "lamps"
    WALL = "wall"  # against every profile that the station needs
    CAMERA = "camera"  # its size, rate, colours and sharpness
    RIGHT_THUMB = "right_thumb"
    LEFT_THUMB = "left_thumb"
    CARD = "card"


@dataclass(frozen=True)
class PointFinding:
    """What came of one point. `hints` say what to do; `measures` with their limits, where there are any."""

    point: CheckPoint
    verdict: Verdict
    hints: tuple[Message, ...] = ()
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True)
class DeviceTest:
    """One finished test. A point without a finding was not looked at. `devices`: what stood there, as they name themselves;
    `unverified`: of them, those whose adapters nobody tried on the real thing (None: earlier programs did not say); `wanted`:
    the points whose devices the station needs."""

    at: datetime
    by: str
    findings: tuple[PointFinding, ...]
    devices: Mapping[DeviceKind, str] = field(default_factory=dict)
    unverified: tuple[DeviceKind, ...] | None = None
    wanted: tuple[CheckPoint, ...] = tuple(CheckPoint)

    @property
    def missing(self) -> tuple[CheckPoint, ...]:
        """The wanted points that nobody looked at."""
        found = {finding.point for finding in self.findings}
        return tuple(point for point in self.wanted if point not in found)

    @property
    def failed(self) -> tuple[CheckPoint, ...]:
        """The points that are not as they should be."""
        return tuple(finding.point for finding in self.findings if finding.verdict is not Verdict.PASS)

    @property
    def good(self) -> bool:
        """Whether everything that is wanted was looked at and is well."""
        return not self.missing and not self.failed

    def is_of(self, day: date) -> bool:
        """Whether it was made on a day of this machine's calendar."""
        return self.at.astimezone().date() == day
