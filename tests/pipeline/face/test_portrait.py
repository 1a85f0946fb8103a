"""The finished photo: exact pixels, dpi, size, level eyes, the right way round."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from kiosk.errors import KioskError
from kiosk.pipeline.face import EXAM_PHOTO, FaceAnalyser, cut_out, encode
from kiosk.pipeline.face.geometry import measure_geometry
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.records import Frame, Image, PhotoSpec

ID_CARD = PhotoSpec(358, 441, 350, 14, 20, 70, head_share=0.75, eye_line=0.48)
SCHOOL = PhotoSpec(307, 378, 300, 10, 60, 60, head_share=0.667, eye_line=0.42)


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return FaceMesh(tracking=False)


def landmarks_of(analyser: FaceAnalyser, pixels: Image) -> NDArray[np.float32]:
    found = analyser.analyse(Frame(pixels, 1, 1.0)).landmarks
    assert found is not None
    return found


def decoded(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("spec", [EXAM_PHOTO, ID_CARD, SCHOOL], ids=["exam", "id card", "school"])
def test_pixels_dpi_and_size_are_the_standards(analyser: FaceAnalyser, sitting: Image, spec: PhotoSpec) -> None:
    portrait = encode(cut_out(sitting, landmarks_of(analyser, sitting), spec), spec)
    picture = PillowImage.open(io.BytesIO(portrait.jpeg))
    assert picture.format == "JPEG"
    assert picture.size == (spec.width, spec.height) == (portrait.width, portrait.height)
    assert picture.info["dpi"] == (spec.dpi, spec.dpi)
    assert spec.min_kb * 1024 <= len(portrait.jpeg) <= spec.max_kb * 1024


@pytest.mark.parametrize("lean_deg", [-7, 0, 7])
def test_eyes_are_level_and_where_the_standard_wants_them(
    analyser: FaceAnalyser, mesh: FaceMesh, sitting: Image, lean_deg: float
) -> None:
    warp = cv2.getRotationMatrix2D((640, 360), lean_deg, 0.95)
    leaning = np.asarray(cv2.warpAffine(sitting, warp, (1280, 720), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    portrait = encode(cut_out(leaning, landmarks_of(analyser, leaning), EXAM_PHOTO), EXAM_PHOTO)
    geometry = measure_geometry(mesh.find(decoded(portrait.jpeg))[0])
    assert abs(geometry.pose.roll_deg) < 2
    assert geometry.eyes[0] == pytest.approx(240, abs=8)
    assert geometry.eyes[1] == pytest.approx(0.42 * 640, abs=10)
    assert geometry.head_height == pytest.approx(0.667 * 640, rel=0.04)


def test_the_photo_is_not_mirrored(analyser: FaceAnalyser, sitting: Image) -> None:
    marked = sitting.copy()
    marked[560:, 480:560] = (0, 0, 255)  # a red badge on the right breast: on the left of an unmirrored picture
    photo = decoded(encode(cut_out(marked, landmarks_of(analyser, sitting), EXAM_PHOTO), EXAM_PHOTO).jpeg)
    red = (photo[..., 2] > 180) & (photo[..., 1] < 90)
    assert red.any()
    assert np.argwhere(red)[:, 1].max() < 240


def test_what_the_camera_did_not_see_is_not_made_up(analyser: FaceAnalyser, sitting: Image) -> None:
    cut_off = np.ascontiguousarray(sitting[180:])
    padded = np.concatenate([cut_off, np.zeros((180, 1280, 3), np.uint8)])
    landmarks = landmarks_of(analyser, sitting) - np.array([0, 180], np.float32)
    with pytest.raises(KioskError) as caught:
        encode(cut_out(padded, landmarks, EXAM_PHOTO), EXAM_PHOTO)
    assert caught.value.code == "portrait.outside"


def test_an_impossible_file_size_is_said(analyser: FaceAnalyser, sitting: Image) -> None:
    landmarks = landmarks_of(analyser, sitting)
    for spec in (replace(EXAM_PHOTO, min_kb=0, max_kb=2), replace(EXAM_PHOTO, min_kb=900, max_kb=1000)):
        with pytest.raises(KioskError) as caught:
            encode(cut_out(sitting, landmarks, spec), spec)
        assert caught.value.code == "portrait.size"
