"""A simulated fingerprint sensor at the end of a line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers_sim.finger.sensor import SimulatedSensor


@pytest.fixture
def simulated() -> Iterator[SimulatedSensor]:
    sensor = SimulatedSensor(pty=True)
    sensor.start()
    yield sensor
    sensor.stop()
