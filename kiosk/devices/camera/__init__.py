"""The camera adapter."""

from kiosk.devices.camera.device import CameraDevice

__all__ = ["CameraDevice"]
