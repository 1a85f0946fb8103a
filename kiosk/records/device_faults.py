"""What goes wrong with the devices, kept for the statistics of the day: kinds and numbers, and nothing of a student."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.records.devices import DeviceKind


@dataclass(frozen=True)
class DeviceFault:
    """One kind of fault of one device in one hour: how often it was met, and when last. `code`: of the message that was said;
    `model`: what the device calls itself, empty where it was not known yet."""

    kind: DeviceKind
    code: str
    at: datetime  # the beginning of the hour
    last: datetime
    times: int = 1
    station: str = ""
    model: str = ""
