"""How everything is at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.checkup.camera import CameraLook
from kiosk.checkup.log import Fault, Read, Times
from kiosk.checkup.press import PressLook
from kiosk.devices.facts import CameraFacts, ReaderFacts, ScannerFacts
from kiosk.records import CheckPoint, DeviceKind, DeviceStatus, DeviceTest, PointFinding


@dataclass(frozen=True, eq=False)
class Status:
    """Everything that the page shows.

    `occupied`: a student is under way, and `look`, `read` and `press` are None. `current`: the point that the test is at, None
    when it is over or there is none. `finger_on`: the scanner has the image, and the finger may leave. `needed`: the devices
    without which the station can't work.
    """

    occupied: bool
    testing: bool
    devices: dict[DeviceKind, DeviceStatus]
    camera: CameraFacts
    reader: ReaderFacts
    scanner: ScannerFacts
    faults: tuple[Fault, ...]
    times: Times
    look: CameraLook | None = None
    read: Read | None = None
    card_lies: bool = False
    press: PressLook | None = None
    finger_on: bool = False
    current: CheckPoint | None = None
    pending: PointFinding | None = None
    findings: tuple[PointFinding, ...] = ()
    latest: DeviceTest | None = None
    needed: frozenset[DeviceKind] = frozenset(DeviceKind)
