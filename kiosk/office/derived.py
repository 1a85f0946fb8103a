"""What an export wants and the station does not keep, made from what it keeps: photos of another size, fingers as records
and in other formats.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from kiosk import weights
from kiosk.errors import KioskError
from kiosk.exchange import FingerFile
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.pipeline.face.portrait import make_portrait
from kiosk.pipeline.finger import MinutiaeExtractor, quality_score
from kiosk.pipeline.finger.images import PictureFormat, decoded, encoded
from kiosk.pipeline.finger.iso import FingerView, image_record, minutiae_record, raw_image
from kiosk.pipeline.finger.minutiae import NETWORK_DPI
from kiosk.pipeline.finger.quality import SCALE as QUALITY
from kiosk.pipeline.pictures import decode
from kiosk.records import OWN_FINGER, STEPS, BiometricKind, CaptureRecord, Frame, PhotoSpec, StepResult

Pictures = Callable[[BiometricKind], bytes | None]

_STEPS = {STEPS[step].pictures[0]: step for step in OWN_FINGER}
_UNKNOWN_QUALITY = 255  # ISO/IEC 19794-4:2011 §8.3.6: failed to compute


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

    def _portrait(self, live: bytes, spec: PhotoSpec) -> bytes | None:
        try:
            pixels = decode(live)
            faces = self._mesh.find(pixels)
            return make_portrait(Frame(pixels, 0, 0.0), faces[0], spec).jpeg if faces else None
        except KioskError:
            return None

    @cached_property
    def _mesh(self) -> FaceMesh:
        return FaceMesh(tracking=False)

    @cached_property
    def _extractor(self) -> MinutiaeExtractor:
        return MinutiaeExtractor(weights.path(weights.LEADER))


def _quality(result: StepResult) -> int:
    """leader-mq of the best press, 0–100."""
    measured = next((measure.value for measure in result.measures if measure.name == QUALITY), None)
    return _UNKNOWN_QUALITY if measured is None else round(100 * measured)
