"""What a conductor works with, and the thread that it works in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.config import Settings
from kiosk.exchange import Profile
from kiosk.station.finger_step import FingerScanner
from kiosk.station.framer import Framer
from kiosk.station.judges import Embedding, Judges
from kiosk.station.known import Known
from kiosk.station.passive import PassiveGuard
from kiosk.store import Store


class Background(Protocol):
    """What the conductor needs of the thread that it runs in."""

    def submit(self, work: Callable[[], object]) -> int: ...

    def call_after(self, seconds: float) -> int: ...

    def begin(self, work: Callable[[], Embedding]) -> Future[Embedding]: ...


@dataclass(frozen=True)
class Crew:
    """Everything that a conductor works with."""

    settings: Settings
    profile: Profile
    store: Store
    judges: Judges
    known: Known
    passive: PassiveGuard | None
    framer: Framer
    scanner: FingerScanner
    now: Callable[[], datetime]
