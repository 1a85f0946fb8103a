"""What goes over a device's wire, written to a file without anything of a person, so that the device can be played again.

docs/reference/recordings.md has the format. `taps` listen, `clean` takes out whatever tells who somebody is, `file` keeps it.
"""

from kiosk.devices.recording.clean import cleaned
from kiosk.devices.recording.file import Entry, Recording, Wire, load, save
from kiosk.devices.recording.session import Session, begin

__all__ = ["Entry", "Recording", "Session", "Wire", "begin", "cleaned", "load", "save"]
