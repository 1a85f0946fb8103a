"""Judging thumbs: minutiae, quality, templates, comparison. Pure."""

from kiosk.pipeline.finger.minutiae import Minutiae, MinutiaeExtractor
from kiosk.pipeline.finger.quality import PressQuality, assess, quality_score
from kiosk.pipeline.finger.template import Template, compare, make_template
from kiosk.pipeline.finger.thumbs import other_finger, same_finger

__all__ = [
    "Minutiae",
    "MinutiaeExtractor",
    "PressQuality",
    "Template",
    "assess",
    "compare",
    "make_template",
    "other_finger",
    "quality_score",
    "same_finger",
]
