"""What the finger device asks of any scanner, whatever its wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kiosk.devices.facts import ScannerFacts
from kiosk.records import Image, Score


class Look(Enum):
    """What a glance at the glass saw."""

    HELD = "held"  # the scanner holds an image
    NO_FINGER = "no_finger"
    FAILED = "failed"  # a finger lies there, no image came of it


@dataclass(frozen=True, eq=False)
class Scan:
    """uint8 (H, W), dark ridges on light ground, and what made it."""

    pixels: Image
    dpi: int
    sensor: str


Begun = Callable[[Scan], None]


class Scanner(Protocol):
    """One scanner. All calls come from one thread; every one may raise TemporaryFault when the scanner is gone."""

    @property
    def facts(self) -> ScannerFacts:
        """What is known of it, for any thread: asks the scanner nothing."""

    def open(self) -> str:
        """Find and set up the scanner; returns its name for the operator. Raises TemporaryFault or PermanentFault."""

    def look(self) -> Look:
        """Glance at the glass. Raises DeviceError("finger.too_dry") or ("finger.too_wet") when the scanner says so."""

    def fetch(self, begun: Begun | None = None) -> Scan:
        """The image that the scanner holds; may take seconds, and may be asked for again after a DeviceError. `begun` is told
        its upper rows meanwhile, where they come one after the other."""

    def keep(self) -> bool:
        """Have the scanner make features of the image that it holds, after `fetch`, for `compare`; whether it did."""

    def compare(self) -> Score | None:
        """How like the image that it holds is to what `keep` kept, on the scanner's own scale; None unless it finds both to be
        of one finger."""

    def pulse(self) -> None:
        """Ask whether the scanner is still there; raises DeviceError when it doesn't answer."""

    def close(self) -> None:
        """Let the scanner go; called after every `open`, failed ones too, and never raises."""
