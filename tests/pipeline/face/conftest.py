"""Simulated faces and the networks, loaded once."""

from __future__ import annotations

import pytest

from drivers_sim.camera.scene import Act, compose
from kiosk import weights
from kiosk.config import FaceSettings
from kiosk.pipeline.face import FaceAnalyser, FaceMatcher
from kiosk.records import Frame, Image

LIMITS = FaceSettings()


@pytest.fixture(scope="session")
def matcher() -> FaceMatcher:
    return FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))


@pytest.fixture(scope="session")
def shared_analyser() -> FaceAnalyser:
    return FaceAnalyser(LIMITS)


@pytest.fixture
def analyser(shared_analyser: FaceAnalyser) -> FaceAnalyser:
    """As good as new: loading takes half a second. It looks at an empty room first, so that it tracks nobody."""
    empty = compose(0, Act.EMPTY, 0, 0)
    for number in range(3):
        shared_analyser.analyse(Frame(empty, number, 0.0))
    shared_analyser.reset()
    return shared_analyser


@pytest.fixture
def sitting() -> Image:
    """Somebody who sits as they should, and whose landmarks are the same in the room and in the photo."""
    return compose(1, Act.SIT, 0.2, 1)
