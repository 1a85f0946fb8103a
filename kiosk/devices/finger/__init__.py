"""Fingerprint scanners that speak EF01 over a serial line."""

from kiosk.devices.finger.device import FingerDevice

__all__ = ["FingerDevice"]
