"""The conductor: a state machine that takes one student through the steps."""

from kiosk.station.judges import Judges
from kiosk.station.passive import PassiveGuard
from kiosk.station.station import Station

__all__ = ["Judges", "PassiveGuard", "Station"]
