"""What stands before the camera or on the scanner: the framing thread, and what the networks say. Knows no student."""

from kiosk.seeing.framer import Framer
from kiosk.seeing.judges import Judges

__all__ = ["Framer", "Judges"]
