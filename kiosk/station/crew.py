"""What the conductor works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kiosk.config import Settings
from kiosk.devices.card import AccessKey
from kiosk.exchange import Profile
from kiosk.records import DeviceKind, FingerPosition, Notice
from kiosk.seeing.framer import Framer
from kiosk.seeing.judges import Judges
from kiosk.station.duty import Duty
from kiosk.station.known import Known
from kiosk.station.passive import PassiveGuard
from kiosk.store import Store


class FingerScanner(Protocol):
    """The scanner, as a step sees it."""

    def request(self, number: int, position: FingerPosition, *, keep: bool = False, like: int | None = None) -> None:
        """Capture one press; events carry `number`. `keep`, `like`: see `kiosk.devices.finger.FingerDevice.request`."""

    def cancel(self) -> None:
        """Forget the request."""

    @property
    def finger_lies(self) -> bool:
        """Whether the finger of the last press may still lie there; FingerLifted comes when it is gone."""


@dataclass(frozen=True)
class Crew:
    """Everything that is there for the whole day."""

    settings: Settings
    profile: Profile
    store: Store
    judges: Judges
    known: Known
    passive: PassiveGuard | None
    framer: Framer
    scanner: FingerScanner
    give_key: Callable[[AccessKey], None]
    now: Callable[[], datetime]
    duty: Duty = field(default_factory=Duty)
    notice: Notice | None = None  # None: the profile's

    @property
    def needed(self) -> frozenset[DeviceKind]:
        """The devices without which nobody can be captured."""
        return self.profile.devices(self.settings.workflow.steps)
