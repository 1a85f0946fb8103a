"""What an export wants and the station does not keep, made from what it keeps: photos of another size, fingers as records
and in other formats.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from kiosk import weights
from kiosk.errors import KioskError
from kiosk.exchange import FingerFile
from kiosk.pipeline.finger import MinutiaeExtractor, quality_score
from kiosk.pipeline.finger.images import PictureFormat, decoded, encoded
from kiosk.pipeline.finger.iso import FingerView, image_record, minutiae_record, raw_image
from kiosk.pipeline.finger.minutiae import NETWORK_DPI
from kiosk.pipeline.finger.quality import SCALE as QUALITY
from kiosk.pipeline.pictures import decode
from kiosk.records import OWN_FINGER, STEPS, BiometricKind, CaptureRecord, Measure, PhotoSpec, StepResult
from kiosk.store import Pictures

if TYPE_CHECKING:
    from kiosk.pipeline.face.making import MadePhoto
    from kiosk.pipeline.face.mask import PersonMask
    from kiosk.pipeline.face.mesh import FaceMesh

_STEPS = {STEPS[step].pictures[0]: step for step in OWN_FINGER}
_UNKNOWN_QUALITY = 255  # ISO/IEC 19794-4:2011 §8.3.6: failed to compute


class Derived:
    """Networks load at the first use; for one thread."""

    def recut(self, pictures: Pictures, spec: PhotoSpec) -> "Recut":
        """The same pictures with the portrait cut to a standard, and judged by it. Where that can't be done the captured one
        stays, and the report before the export says what is wrong with it."""
        return Recut(pictures, lambda live: self._portrait(live, spec))

    def finger_files(self, record: CaptureRecord, pictures: Pictures) -> Callable[[BiometricKind, FingerFile], bytes | None]:
        """A finger's picture in other forms; records name the finger that was captured."""

        def made(kind: BiometricKind, form: FingerFile) -> bytes | None:
            png, result = pictures(kind), record.result(_STEPS[kind])
            if png is None or result is None or result.position is None:
                return None
            pixels, stated = decoded(png)
            dpi = stated or NETWORK_DPI
            if form is FingerFile.WSQ:
                return encoded(pixels, PictureFormat.WSQ, dpi)
            if form is FingerFile.FIR:
                return image_record([raw_image(pixels, dpi, result.position, _quality(result), result.at)])
            found = self._extractor.extract(pixels, dpi)
            return minutiae_record([FingerView(result.position, found, round(100 * quality_score(found)))])

        return made

    def _portrait(self, live: bytes, spec: PhotoSpec) -> "MadePhoto | None":
        from kiosk.pipeline.face.making import make_photo  # takes seconds, and most exports need none

        try:
            pixels = decode(live)
            faces = self._mesh.find(pixels)
            return make_photo(pixels, faces[0], self._mask.find(pixels), spec) if faces else None
        except KioskError:
            return None

    @cached_property
    def _mask(self) -> "PersonMask":
        from kiosk.pipeline.face.mask import PersonMask

        return PersonMask()

    @cached_property
    def _mesh(self) -> "FaceMesh":
        from kiosk.pipeline.face.mesh import FaceMesh

        return FaceMesh(tracking=False)

    @cached_property
    def _extractor(self) -> MinutiaeExtractor:
        return MinutiaeExtractor(weights.path(weights.LEADER))


class Recut:
    """A record's pictures with another portrait, made at the first use."""

    def __init__(self, pictures: Pictures, make: "Callable[[bytes], MadePhoto | None]") -> None:
        self._pictures = pictures
        self._make = make

    def __call__(self, kind: BiometricKind) -> bytes | None:
        captured = self._pictures(kind)
        if kind is not BiometricKind.PORTRAIT or captured is None or self._made is None:
            return captured
        return self._made.portrait.jpeg

    def measures(self) -> tuple[Measure, ...]:
        """How the cut and its background are; nothing where the portrait stayed as it was captured."""
        return self._made.measures if self._made is not None else ()

    @cached_property
    def _made(self) -> "MadePhoto | None":
        live = self._pictures(BiometricKind.LIVE_FACE)
        return self._make(live) if live else None


def _quality(result: StepResult) -> int:
    """leader-mq of the best press, 0–100."""
    measured = next((measure.value for measure in result.measures if measure.name == QUALITY), None)
    return _UNKNOWN_QUALITY if measured is None else round(100 * measured)
