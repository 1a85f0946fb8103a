"""A simulated camera over a real transport."""

from drivers_sim.camera.attacks import Attack
from drivers_sim.camera.camera import SimulatedCamera
from drivers_sim.camera.lens import Lens
from drivers_sim.camera.scene import Act

__all__ = ["Act", "Attack", "Lens", "SimulatedCamera"]
