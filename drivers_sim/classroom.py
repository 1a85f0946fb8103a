"""A classroom of simulated people with their cards, faces and thumbs, and the three devices that they use."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final

from drivers_sim.camera import Act, Attack, SimulatedCamera
from drivers_sim.card import SimulatedCardReader, SimulatedPhotoDecoder, encode
from drivers_sim.card.card import VirtualCard
from drivers_sim.card.payload import payload, text_block
from drivers_sim.finger import FingerCache, SimulatedSensor, impression
from drivers_sim.people.cohort import CardHolder, cohort
from drivers_sim.people.faces import FACES, chip_photo, portrait_jpeg
from kiosk.records import DeviceKind, FingerPosition, Image, Student
from kiosk.simulation import Intent, Scene, SimulatedHardware, SimulatedPerson

# Who is up to something, by place in a group of twenty; everybody else is genuine.
_GROUP: Final = 20
_INTENTS: Final = {
    2: Intent.IMPOSTOR,
    4: Intent.OFF_ROSTER,
    7: Intent.SAME_THUMB,
    8: Intent.REDONE,
    9: Intent.MIXED_UP,
    10: Intent.CAME_BACK,
    11: Intent.HELD,
    14: Intent.IMPOSTOR,
}

# Scenes in which the person sits there; in the others the camera sees an attack or a hard room.
_THEMSELVES: Final = {Scene.ANSWERS, Scene.IGNORES}

_FPS: Final = 30
_KEPT_PRESSES: Final = 96  # 70 kB each: rooms of one seed that follow each other see the same presses
_FINGERS_OF_A_PERSON: Final = 16  # room for ten fingers in the numbering of seeds


@dataclass(frozen=True)
class _Body:
    """What belongs to a person: the face that sits down, the card and the face on its chip."""

    face: int
    holder: CardHolder
    chip: int


class Classroom:
    """Implements `kiosk.simulation.Simulator`. Methods may be called from any thread."""

    def __init__(self, *, students: int, seed: int, realistic: bool, pcsc: bool, cache: Path, fps: int = _FPS) -> None:
        """`students` people of a seed. Grown fingers are kept in `cache`; `realistic` runs devices at real speed; the
        camera gives `fps` pictures a second."""
        faces = [FACES[number % len(FACES)] for number in range(students)]
        holders = cohort(seed, [face.sex for face in faces])
        intents = [_INTENTS.get(number % _GROUP, Intent.GENUINE) for number in range(students)]
        self.people: Sequence[SimulatedPerson] = tuple(
            SimulatedPerson(number, holder.student, intent, partial(portrait_jpeg, _face_of(number, intent)))
            for number, (holder, intent) in enumerate(zip(holders, intents, strict=True), start=1)
        )
        self._bodies = {
            person.number: _Body(_face_of(number, person.intent), holder, FACES[number % len(FACES)].number)
            for number, (person, holder) in enumerate(zip(self.people, holders, strict=True))
        }
        self._seed = seed
        self._reader = SimulatedCardReader(pcsc)
        self._camera = SimulatedCamera(fps)
        self._sensor = SimulatedSensor(realistic=realistic)
        self._fingers = cache
        self._presses = 0
        self._scene = Scene.ANSWERS
        self._seated: int | None = None  # the face that sits there
        self._lock = threading.Lock()

    def start(self) -> SimulatedHardware:
        return SimulatedHardware(self._reader.start(), SimulatedPhotoDecoder(), self._camera.start(), self._sensor.start())

    def roster(self) -> list[Student]:
        return [person.student for person in self.people if person.intent is not Intent.OFF_ROSTER]

    def lookalikes(self) -> list[tuple[str, ...]]:
        by_face: dict[int, list[str]] = {}
        for number, person in enumerate(self.people):
            if person.intent is not Intent.OFF_ROSTER:
                by_face.setdefault(number % len(FACES), []).append(person.student.id_number)
        return [tuple(sharing) for sharing in by_face.values() if len(sharing) > 1]

    def lay_virtual_card(self, card: VirtualCard) -> None:
        """Lay down a card that is none of the simulated people's."""
        self._reader.lay_card(card)

    def lay_card(self, person: int) -> None:
        body = self._bodies[person]
        self._reader.lay(payload_of(body.holder, body.chip))

    def take_card(self) -> None:
        self._reader.take()

    def sit_down(self, person: int) -> None:
        with self._lock:
            self._seated = self._bodies[person].face
            self._show()

    def stand_up(self) -> None:
        with self._lock:
            self._seated = None
            self._show()

    @property
    def scene(self) -> Scene:
        return self._scene

    def set_scene(self, scene: Scene) -> None:
        with self._lock:
            self._scene = scene
            self._show()

    def perform(self, challenge: str) -> None:
        if self._scene is not Scene.IGNORES:
            self._camera.perform(Act(challenge))

    def press(self, person: int, position: FingerPosition) -> None:
        if self.people[person - 1].intent is Intent.SAME_THUMB:
            position = FingerPosition.RIGHT_THUMB
        finger = (self._seed * 100_000 + person) * _FINGERS_OF_A_PERSON + position
        with self._lock:
            self._presses += 1
            number = self._presses
        self._sensor.press(_press(self._fingers, finger, number))

    def lift(self) -> None:
        self._sensor.lift()

    def unplug(self, kind: DeviceKind) -> None:
        self._device(kind).unplug()

    def plug(self, kind: DeviceKind) -> None:
        self._device(kind).plug()

    def plugged(self, kind: DeviceKind) -> bool:
        return self._device(kind).plugged

    def stop(self) -> None:
        self._sensor.stop()
        self._camera.stop()
        self._reader.stop()

    def _show(self) -> None:
        if self._seated is None:
            self._camera.show_nobody()
        elif self._scene in _THEMSELVES:
            self._camera.show(self._seated)
        else:
            self._camera.show_attack(Attack(self._scene), self._seated, FACES[self._seated].unlike)

    def _device(self, kind: DeviceKind) -> SimulatedCardReader | SimulatedCamera | SimulatedSensor:
        if kind is DeviceKind.CARD:
            return self._reader
        return self._camera if kind is DeviceKind.CAMERA else self._sensor


def _face_of(number: int, intent: Intent) -> int:
    """The face that sits down: an impostor sends somebody else, of the same sex, who looks least like them."""
    own = FACES[number % len(FACES)]
    return own.unlike if intent is Intent.IMPOSTOR else own.number


def payload_of(holder: CardHolder, face: int) -> bytes:
    """What a simulated person's card holds, with the face of a number on its chip."""
    text = text_block(
        name=holder.student.name,
        sex=holder.sex_code,
        ethnicity=holder.ethnicity_code,
        birth=f"{holder.birth:%Y%m%d}",
        address=holder.address,
        number=holder.student.id_number,
        authority=holder.authority,
        valid_from=f"{holder.valid_from:%Y%m%d}",
        valid_until=f"{holder.valid_until:%Y%m%d}",
    )
    return payload(text, _on_chip(face))


@cache
def _on_chip(face: int) -> bytes:
    return encode(chip_photo(face))


@lru_cache(maxsize=_KEPT_PRESSES)
def _press(folder: Path, seed: int, number: int) -> Image:
    """What the finger of a seed leaves on the glass at the classroom's press of a number."""
    return impression(FingerCache(folder).finger(seed), number)
