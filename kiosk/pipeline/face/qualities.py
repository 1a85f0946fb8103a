"""Single measures of a photo, by their names in ISO/IEC 29794-5, as plain functions of pixels, landmarks and mask.

Native values follow the standard's definitions as far as landmarks and pixels carry them; the mapping to 0..100 is a logistic
curve or share, as there, with our own constants where a network of the reference software would be needed.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.face.geometry import CHIN, LEFT_EYE, RIGHT_EYE, Geometry
from kiosk.pipeline.face.mask import Mask
from kiosk.records import Image

Points = NDArray[np.float32]

_ZONE_SHARE: Final = 0.3  # cheeks are squares of this side, in distances between the eyes (ISO/IEC 29794-5, illumination)
_BLACK: Final = 25  # of 255: under-exposed
_WHITE: Final = 247  # of 255: over-exposed
# Skin's Lab colour under neutral light (ISO/IEC 29794-5, natural colour): a* and b* from, to.
_SKIN_A: Final = (5, 25)
_SKIN_B: Final = (5, 35)
_BACKGROUND_BELOW: Final = 0.08
_GLARE: Final = 250
# Face Mesh's numbers: brows to chin without the outline's hair, cheeks, forehead, lips' surroundings.
_CHEEKS: Final = (50, 280)
_BROWS: Final = ((63, 105, 66), (293, 334, 296))  # upper edges
_RIGHT_EAR: Final = (127, 234, 93)  # the face's outline beside the ears
_LEFT_EAR: Final = (356, 454, 323)
_OVER_BROW: Final = 0.07  # of the way from eyes to chin
_BESIDE_FACE: Final = 0.04
_EAR_SHADE: Final = 28  # how much darker or lighter than the cheek an ear may be, in L
_EAR_TINT: Final = 14  # how far its colour may be off, in a and b
_UPPER_FACE: Final = (9, 6)
_CHIN_AND_LIPS: Final = (17, 18, 200, 199, 164, 57, 287)
_BOTH_EYES: Final = (RIGHT_EYE, LEFT_EYE)


def to_lab(pixels: Image) -> NDArray[np.float32]:
    """CIE Lab, L 0..100, a and b signed."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_BGR2LAB), np.float32)


def face_area(landmarks: Points, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Inside the landmarks' outline."""
    area = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(area, cv2.convexHull(np.rint(landmarks[:, :2]).astype(np.int32)), 1)
    return area.astype(bool)


def background_colour(lab: NDArray[np.float32], mask: Mask) -> tuple[NDArray[np.float32], float] | None:
    """Mean Lab of the background and how far it strays from it (mean ΔE); None when nearly none is to be seen."""
    behind = cv2.erode((mask < _BACKGROUND_BELOW).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if behind.sum() < 0.02 * behind.size:
        return None
    colours = lab[behind]
    middle = np.median(colours, axis=0)
    return np.asarray(middle, np.float32), float(np.linalg.norm(colours - middle, axis=1).mean())


def illumination_uniformity(grey: Image, landmarks: Points, geometry: Geometry) -> float:
    """Overlap of the cheeks' brightness histograms, 0..1."""
    right, left = (zone(grey, landmarks[point], geometry.inter_eye * _ZONE_SHARE) for point in _CHEEKS)
    shares = [np.histogram(part, bins=32, range=(0, 256))[0] / max(part.size, 1) for part in (right, left)]
    # Neighbouring bins count too: a few grey levels are no unevenness.
    soft = [np.convolve(share, (0.25, 0.5, 0.25), "same") for share in shares]
    return float(np.minimum(*soft).sum())


def exposure(grey: Image, face: NDArray[np.bool_]) -> dict[str, float]:
    """LuminanceMean and LuminanceVariance (0..1), shares that are under- and over-exposed, DynamicRange (bits)."""
    values = grey[face]
    shares = np.histogram(values, bins=256, range=(0, 256))[0] / max(values.size, 1)
    there = shares[shares > 0]
    return {
        "LuminanceMean": float(values.mean()) / 255,
        "LuminanceVariance": float((values / 255).var()),
        "UnderExposurePrevention": float(np.mean(values < _BLACK)),
        "OverExposurePrevention": float(np.mean(values > _WHITE)),
        "DynamicRange": float(-(there * np.log2(there)).sum()),
    }


def natural_colour(lab: NDArray[np.float32], landmarks: Points, geometry: Geometry) -> float:
    """How far the cheeks' colour lies outside skin's, in Lab."""
    cheeks = [zone(lab, landmarks[point], geometry.inter_eye * _ZONE_SHARE).reshape(-1, 3) for point in _CHEEKS]
    _, a, b = np.concatenate(cheeks).mean(axis=0)
    off_a = max(0.0, _SKIN_A[0] - float(a), float(a) - _SKIN_A[1])
    off_b = max(0.0, _SKIN_B[0] - float(b), float(b) - _SKIN_B[1])
    return float(np.hypot(off_a, off_b))


def colourfulness(lab: NDArray[np.float32], face: NDArray[np.bool_]) -> float:
    """Mean distance of the face's colours from grey, in Lab: 0 of a black-and-white photo, 10 and more of skin."""
    return float(np.hypot(*lab[face][:, 1:].T).mean())


def motion_blur(grey: Image) -> float:
    """Evenness of fine detail over four directions, 0..1: a moved picture has little of it along its movement."""
    values = grey.astype(np.float32)
    steps = ((0, 1), (1, 0), (1, 1), (1, -1))
    energy = []
    for dy, dx in steps:
        moved = np.roll(values, (dy, dx), (0, 1)) + np.roll(values, (-dy, -dx), (0, 1)) - 2 * values
        energy.append(float(np.square(moved[2:-2, 2:-2]).mean()) / (dy * dy + dx * dx) ** 2)
    straight, slanted = min(energy[:2]) / max(energy[:2]), min(energy[2:]) / max(energy[2:])
    return min(straight, slanted)


def mouth_cover(pixels: Image, landmarks: Points, geometry: Geometry) -> float:
    """How far the skin round the mouth differs from the skin between the brows or on the nose's bridge, in ΔE of a and b
    (brightness differs anyway); of the two the most alike counts, as a fringe or glasses may cover the other."""

    def colour(points: tuple[int, ...]) -> NDArray[np.float32]:
        parts = [zone(pixels, landmarks[point], geometry.inter_eye * 0.12).reshape(-1, 3) for point in points]
        middle = np.median(np.concatenate(parts), axis=0).astype(np.uint8)
        return to_lab(middle.reshape(1, 1, 3))[0, 0, 1:]

    mouth = colour(_CHIN_AND_LIPS)
    return min(float(np.linalg.norm(colour((point,)) - mouth)) for point in _UPPER_FACE)


def eyes_brightness(pixels: Image, landmarks: Points, geometry: Geometry) -> float:
    """The brightest part of the darker eye against the cheeks: lenses that hide the eyes are dark all over."""
    eyes = [np.percentile(_eye(pixels, landmarks, corners), 90) for corners in _BOTH_EYES]
    return float(min(eyes)) / max(_cheeks_brightness(pixels, landmarks, geometry), 1.0)


def glare(grey: Image, landmarks: Points) -> float:
    """Share of the eyes' surroundings that is blown out: reflections in glasses."""
    return max(float(np.mean(_eye(grey, landmarks, corners, 1.2) >= _GLARE)) for corners in _BOTH_EYES)


def red_eye(pixels: Image, landmarks: Points) -> float:
    """Share of the pupils that is red."""
    shares = []
    for centre in (468, 473):  # Face Mesh's irises
        size = float(np.linalg.norm(landmarks[centre + 1, :2] - landmarks[centre + 3, :2]))
        pupil = zone(pixels, landmarks[centre], max(size * 0.5, 2)).astype(np.float32).reshape(-1, 3)
        shares.append(float(np.mean((pupil[:, 2] > 80) & (pupil[:, 2] > 1.8 * np.maximum(pupil[:, 1], pupil[:, 0])))))
    return max(shares)


def brows_free(grey: Image, landmarks: Points, geometry: Geometry) -> float:
    """Brightness right over the darker brow against the cheeks: where hair falls over the brows it is dark there."""
    up = _upward(landmarks) * geometry.eye_to_chin * _OVER_BROW
    side = geometry.inter_eye * 0.1
    over = [np.median([np.median(zone(grey, landmarks[point] + up, side)) for point in brow]) for brow in _BROWS]
    return float(min(over)) / max(_cheeks_brightness(grey, landmarks, geometry), 1.0)


def ears_free(pixels: Image, landmarks: Points, geometry: Geometry) -> float:
    """How much beside the face, where ears are, looks like the cheek beside: 0..1, of the side that does less."""
    across = (landmarks[LEFT_EYE[1]] - landmarks[RIGHT_EYE[0]]) / np.linalg.norm(
        landmarks[LEFT_EYE[1]] - landmarks[RIGHT_EYE[0]]
    )
    shares = []
    for outwards, points, cheek in ((-1, _RIGHT_EAR, _CHEEKS[0]), (1, _LEFT_EAR, _CHEEKS[1])):
        skin = np.median(to_lab(zone(pixels, landmarks[cheek], geometry.inter_eye * _ZONE_SHARE)).reshape(-1, 3), axis=0)
        step = across * outwards * geometry.eye_to_chin * _BESIDE_FACE
        zones = [zone(pixels, landmarks[point] + step, geometry.inter_eye * 0.08) for point in points]
        offs = [to_lab(part).reshape(-1, 3) - skin for part in zones]
        shares.append(max(float(np.mean((abs(off[:, 0]) < _EAR_SHADE) & (np.hypot(*off.T[1:]) < _EAR_TINT))) for off in offs))
    return min(shares)


def hair_top(mask: Mask, geometry: Geometry) -> float:
    """The row where the person begins above the face."""
    x, half = geometry.eyes[0], geometry.inter_eye / 2
    columns = mask[:, max(0, round(x - half)) : max(1, round(x + half))]
    rows = np.where((columns > 0.5).mean(axis=1) > 0.3)[0]
    return float(rows.min()) if rows.size else 0.0


def zone(picture: NDArray[Any], middle: Points, side: float) -> NDArray[Any]:
    """A square of a picture about a point, at least one pixel of it."""
    half = max(1, round(side / 2))
    y = min(max(round(float(middle[1])), 0), picture.shape[0] - 1)
    x = min(max(round(float(middle[0])), 0), picture.shape[1] - 1)
    return picture[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1]


def _cheeks_brightness(pixels: Image, landmarks: Points, geometry: Geometry) -> float:
    return float(
        np.median(np.concatenate([zone(pixels, landmarks[cheek], geometry.inter_eye * 0.2).ravel() for cheek in _CHEEKS]))
    )


def _upward(landmarks: Points) -> Points:
    """Along the face from chin to eyes, of length 1."""
    way = landmarks[[*RIGHT_EYE, *LEFT_EYE]].mean(axis=0) - landmarks[CHIN]
    return np.asarray(way / np.linalg.norm(way[:2]), np.float32)


def _eye(grey: Image, landmarks: Points, corners: tuple[int, int], larger: float = 1.0) -> NDArray[Any]:
    middle = (landmarks[corners[0]] + landmarks[corners[1]]) / 2
    return zone(grey, middle, larger * float(np.linalg.norm(landmarks[corners[0], :2] - landmarks[corners[1], :2])))
