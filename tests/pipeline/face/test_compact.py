"""A face's template: small, versioned, and never taken for whole when it is torn."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.pipeline.face.compact import pack, unpack
from kiosk.pipeline.face.verification import Embedding


@pytest.fixture
def face() -> Embedding:
    found = np.random.default_rng(1).normal(size=128)
    return np.asarray(found / np.linalg.norm(found), np.float32)


def test_a_face_comes_back_as_alike_as_makes_no_difference(face: Embedding) -> None:
    file = pack(face)
    again = unpack(file)
    other = np.asarray(np.roll(face, 1), np.float32)
    assert len(file) == 264
    assert again @ face > 0.99999
    assert np.linalg.norm(again) == pytest.approx(1, abs=1e-6)
    assert again @ other == pytest.approx(face @ other, abs=5e-4)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (lambda file: b"", "no face template"),
        (lambda file: b"KFT" + file[3:], "no face template"),
        (lambda file: file[:3] + b"\2" + file[4:], "version 2"),
        (lambda file: file[:-1], "torn"),
        (lambda file: file[:50] + bytes([file[50] ^ 1]) + file[51:], "torn"),
    ],
)
def test_a_spoilt_file_is_refused(face: Embedding, spoilt: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        unpack(spoilt(pack(face)))  # type: ignore[operator]
