"""Real devices: one Protocol per kind, real adapters, one reconnecting worker for all."""

from kiosk.devices.events import (
    CardPresented,
    CardRemoved,
    CardSeen,
    CardUnreadable,
    DeviceEvent,
    FingerLifted,
    ImageHeld,
    ImpressionComing,
    ImpressionReady,
    PressAgreed,
    PressFailed,
    StatusChanged,
)
from kiosk.devices.worker import Device, DeviceWorker, Emit

__all__ = [
    "CardPresented",
    "CardRemoved",
    "CardSeen",
    "CardUnreadable",
    "Device",
    "DeviceEvent",
    "DeviceWorker",
    "Emit",
    "FingerLifted",
    "ImageHeld",
    "ImpressionComing",
    "ImpressionReady",
    "PressAgreed",
    "PressFailed",
    "StatusChanged",
]
