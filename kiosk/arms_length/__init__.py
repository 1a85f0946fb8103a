"""Foreign files are read in a process of their own, with limits: whatever they do there ends with it."""

from kiosk.arms_length.door import Limits, read_apart

__all__ = ["Limits", "read_apart"]
