"""SFace as OpenCV runs it is the peer: the same face, the same numbers."""

from __future__ import annotations

import errno
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import pytest

from drivers_sim.camera.scene import Act, compose
from kiosk import weights
from kiosk.pipeline.face.embedding import FaceEmbedder, align
from kiosk.pipeline.face.verification import FaceMatcher


@pytest.mark.parametrize("person", [0, 5, 11])
def test_a_face_is_aligned_and_embedded_as_opencv_does(matcher: FaceMatcher, person: int) -> None:
    picture = compose(person, Act.SIT, 0.2, 1)
    face = matcher.find(picture)
    peer = cv2.FaceRecognizerSF.create(str(weights.path(weights.SFACE)), "")
    wanted = np.asarray(peer.alignCrop(picture, face), np.uint8)
    found = align(picture, face[4:14].reshape(5, 2).astype(np.float64))
    differing = np.abs(found.astype(int) - wanted)
    assert differing.max() <= 2  # rounded otherwise
    assert (differing > 0).mean() < 0.01
    ours, theirs = FaceEmbedder(weights.path(weights.SFACE)).embed(wanted), peer.feature(wanted).ravel()
    assert np.abs(ours - theirs).max() < 1e-3 * np.abs(theirs).max()


def test_a_full_disk_keeps_nobody_from_loading_it() -> None:
    face = np.full((112, 112, 3), 128, np.uint8)
    usual = FaceEmbedder(weights.path(weights.SFACE)).embed(face)
    with mock.patch("tempfile.TemporaryDirectory", side_effect=OSError(errno.ENOSPC, "full")) as asked:
        assert np.array_equal(FaceEmbedder(weights.path(weights.SFACE)).embed(face), usual)
    assert asked.called


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="model"):
        FaceEmbedder(tmp_path / "no.onnx")
