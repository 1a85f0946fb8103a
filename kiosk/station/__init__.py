"""The conductor: a state machine that takes one student through the steps."""

from kiosk.station.enrolling import Enroller, Enrolling, Part, PartSeen
from kiosk.station.passive import PassiveGuard
from kiosk.station.staff_desk import Scanner, Seen, StaffDesk
from kiosk.station.station import Station
from kiosk.station.usher import SHOT_SHOWN_S

__all__ = [
    "SHOT_SHOWN_S",
    "Enroller",
    "Enrolling",
    "Part",
    "PartSeen",
    "PassiveGuard",
    "Scanner",
    "Seen",
    "StaffDesk",
    "Station",
]
