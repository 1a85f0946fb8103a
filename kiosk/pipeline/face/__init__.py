"""Framing, portrait and verification of faces."""

from kiosk.pipeline.face.framing import FaceAnalyser, FaceLook
from kiosk.pipeline.face.guide import EXAM_PHOTO, Guide, guide_for, least_picture
from kiosk.pipeline.face.liveness import (
    NOT_FOLLOWED,
    Challenge,
    LivenessCheck,
    Outcome,
    PassiveCheck,
    ProofOfLife,
    answerable,
)
from kiosk.pipeline.face.portrait import cut_out, encode
from kiosk.pipeline.face.shutter import Shot, Shutter
from kiosk.pipeline.face.verification import Embedding, FaceMatcher, judge

__all__ = [
    "EXAM_PHOTO",
    "NOT_FOLLOWED",
    "Challenge",
    "Embedding",
    "FaceAnalyser",
    "FaceLook",
    "FaceMatcher",
    "Guide",
    "LivenessCheck",
    "Outcome",
    "PassiveCheck",
    "ProofOfLife",
    "Shot",
    "Shutter",
    "answerable",
    "cut_out",
    "encode",
    "guide_for",
    "judge",
    "least_picture",
]
