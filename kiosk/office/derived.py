"""What an export wants and the station does not keep, made from what it keeps: photos of another size, minutiae records."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from kiosk import weights
from kiosk.errors import KioskError
from kiosk.pipeline.face.portrait import make_portrait
from kiosk.pipeline.finger import MinutiaeExtractor, quality_score
from kiosk.pipeline.finger.iso import FingerView, minutiae_record
from kiosk.records import BiometricKind, FingerPosition, Frame, Image, PhotoSpec

if TYPE_CHECKING:
    from kiosk.pipeline.face.mesh import FaceMesh

Pictures = Callable[[BiometricKind], bytes | None]

_THUMBS = {
    FingerPosition.RIGHT_THUMB: BiometricKind.RIGHT_THUMB,
    FingerPosition.LEFT_THUMB: BiometricKind.LEFT_THUMB,
}


class Derived:
    """Networks load at the first use; for one thread."""

    def recut(self, pictures: Pictures, spec: PhotoSpec) -> Pictures:
        """The same pictures with the portrait cut to a standard. Where that can't be done the captured one stays, and the
        report before the export says what is wrong with it."""

        def cut(kind: BiometricKind) -> bytes | None:
            captured = pictures(kind)
            if kind is not BiometricKind.PORTRAIT or captured is None:
                return captured
            live = pictures(BiometricKind.LIVE_FACE)
            return (self._portrait(live, spec) if live else None) or captured

        return cut

    def templates(self, pictures: Pictures) -> Callable[[FingerPosition], bytes | None]:
        """A thumb's ISO/IEC 19794-2 record from its picture."""

        def record(position: FingerPosition) -> bytes | None:
            png = pictures(_THUMBS[position])
            if png is None:
                return None
            pixels = _decode(png, cv2.IMREAD_GRAYSCALE)
            found = self._extractor.extract(pixels)
            return minutiae_record([FingerView(position, found, round(100 * quality_score(found)))])

        return record

    def _portrait(self, live: bytes, spec: PhotoSpec) -> bytes | None:
        pixels = _decode(live, cv2.IMREAD_COLOR)
        faces = self._mesh.find(pixels)
        if not faces:
            return None
        try:
            return make_portrait(Frame(pixels, 0, 0.0), faces[0], spec).jpeg
        except KioskError:
            return None

    @cached_property
    def _mesh(self) -> "FaceMesh":
        from kiosk.pipeline.face.mesh import FaceMesh  # takes seconds, and most exports need none

        return FaceMesh(tracking=False)

    @cached_property
    def _extractor(self) -> MinutiaeExtractor:
        return MinutiaeExtractor(weights.path(weights.LEADER))


def _decode(content: bytes, colours: int) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), colours), np.uint8)
