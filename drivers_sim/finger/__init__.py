"""Fingers that nobody has, and a sensor to press them on."""

from drivers_sim.finger.anatomy import Finger, Pattern, grow
from drivers_sim.finger.impression import Press, impression
from drivers_sim.finger.sensor import Fault, SimulatedSensor
from drivers_sim.finger.synth import FingerCache

__all__ = ["Fault", "Finger", "FingerCache", "Pattern", "Press", "SimulatedSensor", "grow", "impression"]
