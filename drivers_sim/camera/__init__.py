"""A simulated camera over a real transport."""

from drivers_sim.camera.camera import SimulatedCamera

__all__ = ["SimulatedCamera"]
