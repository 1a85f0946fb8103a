"""Scenes before the camera that must not come through, or must be said."""

from __future__ import annotations

import pytest

from drivers_sim.camera.attacks import Attack, Moment, attack
from drivers_sim.camera.scene import Act, compose
from kiosk.pipeline.face import FaceAnalyser, FaceLook, Shutter
from kiosk.records import Frame

SAID = {
    Attack.SECOND_PERSON: {"hint.face.one_person"},
    Attack.FACE_MASK: {"hint.photo.mouth", "hint.face.closer", "hint.face.back", "hint.face.nobody"},
    Attack.SUNGLASSES: {"hint.photo.eyes"},
    Attack.BACK_LIGHT: {"hint.face.light"},
    Attack.DARK_ROOM: {"hint.face.light", "hint.face.nobody"},
}


def test_an_empty_chair_is_said_and_no_picture_is_taken(analyser: FaceAnalyser) -> None:
    frames = [Frame(compose(0, Act.EMPTY, 0, number), number, 1 + number / 10) for number in range(6)]
    looks = [analyser.analyse(frame) for frame in frames]
    assert {look.instruction.code for look in looks} == {"hint.face.nobody"}
    shutter = Shutter(0.2)
    assert not any(shutter.consider(frame, look) for frame, look in zip(frames, looks, strict=True))


def watch(analyser: FaceAnalyser, kind: Attack, frames: int = 14) -> list[FaceLook]:
    return [
        analyser.analyse(Frame(attack(kind, 0, 1, Moment(1.2 + number / 10, number)), number, 1 + number / 10))
        for number in range(frames)
    ]


@pytest.mark.parametrize("kind", SAID)
def test_the_student_is_told_what_is_wrong_and_no_picture_is_taken(analyser: FaceAnalyser, kind: Attack) -> None:
    looks = watch(analyser, kind)
    assert looks[-1].instruction.code in SAID[kind]
    shutter = Shutter(0.4)
    shots = [shutter.consider(Frame(attack(kind, 0, 1, Moment(1.2, 0)), n, 1 + n / 10), look) for n, look in enumerate(looks)]
    assert shots == [None] * len(shots)


@pytest.mark.parametrize("face", [0, 1])
def test_glasses_that_show_the_eyes_and_lips_of_every_colour_are_fine(analyser: FaceAnalyser, face: int) -> None:
    for number in range(6):
        look = analyser.analyse(Frame(compose(face, Act.SIT, 0.2, number), number, 1 + number / 10))
    assert look.good
