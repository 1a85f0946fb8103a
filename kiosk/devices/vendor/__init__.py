"""Other people's code at arm's length: calls that may hang or crash cost a thread or a process, never the station."""

from kiosk.devices.vendor.hand import Hand, Hands

__all__ = ["Hand", "Hands"]
