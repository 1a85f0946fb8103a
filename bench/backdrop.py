"""How well a background is replaced: simulated people before their wall, made blue, against the same people before a blue wall.

    python3 -m bench.backdrop

What is told is the mean difference of 255 in the band around the person's edge, where hair lies, how long it takes, and what
is refused.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from drivers_sim.camera.scene import HEIGHT, WIDTH, Act, compose, place, stand_before
from drivers_sim.people import FACES
from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.pipeline.face.assessment import Assessor
from kiosk.pipeline.face.backdrop import replace_background
from kiosk.pipeline.face.portrait import cut_with_hair
from kiosk.records import Image, PhotoSpec

BLUE: Final = (100, 197, 255)  # RGB
_AT: Final = 0.2  # of the time that they sit
_BAND: Final = 8.0  # pixels
_WALL: Final = np.full((HEIGHT, WIDTH, 3), BLUE[::-1], np.uint8)


@dataclass(frozen=True, eq=False)
class Replaced:
    """A photo whose background was replaced, and the truth; `off` is the mean difference in the band around the person."""

    before: Image
    after: Image
    truth: Image
    off: float
    seconds: float


def replaced(face: int, assessor: Assessor, spec: PhotoSpec) -> Replaced:
    """One person. Raises KioskError where the background can't be replaced."""
    picture, before_blue = compose(face, Act.SIT, _AT, 1), stand_before(_WALL, face, place(Act.SIT, _AT))
    landmarks, mask = assessor.find(picture), assessor.mask(picture)
    cut, truth = (cut_with_hair(one, landmarks, mask, spec) for one in (picture, before_blue))
    begun = time.perf_counter()
    after = replace_background(cut.photo, cut.mask, cut.landmarks, BLUE)
    seconds = time.perf_counter() - begun
    edge = cv2.GaussianBlur((cut.mask > 0.5).astype(np.float32), (0, 0), _BAND)
    band = (edge > 0.02) & (edge < 0.98)
    off = float(np.abs(after.astype(np.int16) - truth.photo)[band].mean())
    return Replaced(cut.photo, after, truth.photo, off, seconds)


def main() -> None:
    spec = load_profile("henan-zhongkao").photo
    assessor = Assessor(FaceSettings(), spec)
    found = []
    for info in FACES:
        try:
            found.append(replaced(info.number, assessor, spec))
        except KioskError as error:
            print(f"person {info.number}: {error.code}")
    offs = np.array([one.off for one in found])
    seconds = float(np.median([one.seconds for one in found]))
    print(f"{len(found)} of {len(FACES)} replaced in {1000 * seconds:.0f} ms each")
    print(f"difference at the edge, of 255: mean {offs.mean():.2f}, worst {offs.max():.2f}")


if __name__ == "__main__":
    main()
