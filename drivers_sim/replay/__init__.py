"""Recorded devices, played again: each answers as the real one did (docs/reference/recordings.md)."""

from drivers_sim.replay.camera import ReplayedCamera
from drivers_sim.replay.card import ReplayedCard, replayed_cards
from drivers_sim.replay.line import ReplayedLine
from drivers_sim.replay.script import NotRecorded

__all__ = ["NotRecorded", "ReplayedCamera", "ReplayedCard", "ReplayedLine", "replayed_cards"]
