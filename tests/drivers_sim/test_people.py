"""The people who don't exist, and what they do before the camera."""

from __future__ import annotations

import numpy as np
import pytest

from drivers_sim.camera.scene import Act, compose
from drivers_sim.people import FACES, Look, live_picture
from drivers_sim.people.faces import CHIP_HEIGHT, CHIP_WIDTH, LIVE_HEIGHT, LIVE_WIDTH, PICTURES, chip_photo

MIDDLE = (slice(100, 500), slice(500, 780))


def test_everybody_has_a_picture_of_everything_they_do() -> None:
    for info in FACES:
        assert all(live_picture(info.number, look).shape == (LIVE_HEIGHT, LIVE_WIDTH, 4) for look in Look)
        assert chip_photo(info.number).shape == (CHIP_HEIGHT, CHIP_WIDTH, 3)


def test_the_pictures_stay_small_enough_to_be_kept_with_the_program() -> None:
    sizes = [file.stat().st_size for file in PICTURES.iterdir()]
    assert max(sizes) < 27_000
    assert sum(sizes) < 4_000_000


@pytest.mark.parametrize(("act", "share"), [(Act.ARRIVE, 0.0), (Act.LEAVE, 1.0)])
def test_nobody_is_there_before_coming_in_and_after_leaving(act: Act, share: float) -> None:
    empty = compose(0, Act.EMPTY, 0, 1)
    assert np.array_equal(compose(0, act, share, 1)[MIDDLE], empty[MIDDLE])


@pytest.mark.parametrize(("act", "share"), [(Act.ARRIVE, 1.0), (Act.LEAVE, 0.0)])
def test_whoever_comes_in_or_is_about_to_leave_sits_in_the_middle(act: Act, share: float) -> None:
    empty, sitting = compose(0, Act.EMPTY, 0, 1), compose(0, Act.SIT, 0.0, 1)
    shown = compose(0, act, share, 1)
    assert np.abs(shown[MIDDLE].astype(int) - empty[MIDDLE]).mean() > 15
    assert np.abs(shown[MIDDLE].astype(int) - sitting[MIDDLE]).mean() < 15


def test_eyes_wander_while_somebody_sits() -> None:
    before, aside = (compose(0, Act.SIT, share, 1).astype(int) for share in (0.50, 0.53))
    eyes = (slice(250, 320), slice(560, 720))
    assert np.abs(before - aside)[eyes].max() > 60
