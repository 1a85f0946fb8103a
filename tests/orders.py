"""The operator's orders, about what the newest snapshot shows."""

from __future__ import annotations

from typing import Any

from kiosk.assembly import Kiosk
from kiosk.records import Person
from kiosk.snapshot import Command, Order


def give(kiosk: Kiosk, command: Command, *, by: str = "", **more: Any) -> None:
    """Order something as the operator, or as the person `by`."""
    kiosk.station.give(Order(command, kiosk.station.snapshot().turn, by=Person(by) if by else None, **more))
