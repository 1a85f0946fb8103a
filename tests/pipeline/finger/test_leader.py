from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest

from kiosk import weights
from kiosk.pipeline.finger.leader import quicker
from kiosk.records import Image


def loaded(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def test_the_quicker_network_finds_the_same(pressed: Callable[..., Image]) -> None:
    model = weights.path(weights.LEADER).read_bytes()
    plain, quick = loaded(model), loaded(quicker(model))
    picture = pressed(1)[32:256, 32:224].astype(np.float32)[None, :, :, None]
    (before,), (after,) = (network.run(None, {"input": picture}) for network in (plain, quick))
    assert np.abs(after - before)[..., 2:].max() < 2e-3
    found = before[..., 3] > 0.25
    assert found.sum() > 20
    turned = (np.arctan2(after[..., 1], after[..., 0]) - before[..., 1])[found]
    assert np.abs((turned + np.pi) % (2 * np.pi) - np.pi).max() < 1e-2


def test_another_file_is_refused() -> None:
    model = weights.path(weights.LEADER).read_bytes()
    with pytest.raises(ValueError, match="torn"):
        quicker(model[:-100])
    with pytest.raises(ValueError, match="not an ONNX model"):
        quicker(b"")
    with pytest.raises(ValueError, match="nothing makes"):
        quicker(weights.path(weights.YUNET).read_bytes())
