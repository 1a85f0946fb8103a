"""设备检测: the devices as they are now, the guided test before the day, and the file for support."""

from kiosk.checkup.camera import CameraLook, NeededProfile, Wall
from kiosk.checkup.checkup import Checkup, Facts
from kiosk.checkup.fault_book import FaultBook
from kiosk.checkup.log import DeviceLog, Fault, Read
from kiosk.checkup.press import PressLook
from kiosk.checkup.status import Status
from kiosk.checkup.support import package_versions

__all__ = [
    "CameraLook",
    "Checkup",
    "DeviceLog",
    "Facts",
    "Fault",
    "FaultBook",
    "NeededProfile",
    "PressLook",
    "Read",
    "Status",
    "Wall",
    "package_versions",
]
