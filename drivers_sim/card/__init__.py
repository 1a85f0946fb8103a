"""Simulated ID cards and the readers that they lie on."""

from drivers_sim.card.photo import SimulatedPhotoDecoder, encode
from drivers_sim.card.reader import SimulatedCardReader

__all__ = ["SimulatedCardReader", "SimulatedPhotoDecoder", "encode"]
