from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from threadpoolctl import threadpool_limits

from drivers_sim.finger import FingerCache, Press, impression
from drivers_sim.finger.impression import ORDINARY
from kiosk import weights
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor
from kiosk.records import Image


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """As the station keeps numpy to: threads of small matrices wait for each other."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="session")
def extractor() -> MinutiaeExtractor:
    return MinutiaeExtractor(weights.path(weights.LEADER))


@pytest.fixture(scope="session")
def pressed() -> Callable[..., Image]:
    """An impression of the finger of a seed."""
    fingers = FingerCache(weights.folder().parent / "simulated")

    def press(seed: int, number: int = 1, how: Press = ORDINARY) -> Image:
        return impression(fingers.finger(seed), number, how)

    return press


@pytest.fixture(scope="session")
def minutiae_of(extractor: MinutiaeExtractor, pressed: Callable[..., Image]) -> Callable[..., Minutiae]:
    kept: dict[tuple[object, ...], Minutiae] = {}

    def found(seed: int, number: int = 1, how: Press = ORDINARY) -> Minutiae:
        key = (seed, number, how)
        if key not in kept:
            kept[key] = extractor.extract(pressed(seed, number, how))
        return kept[key]

    return found
