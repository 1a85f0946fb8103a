"""Makes the pictures of all simulated people anew: `python -m drivers_sim.people.render`.

Needs the optional extra `render` (numba) and fetches MakeHuman's data (CC0) once. The pictures are committed, so that demo and
tests need neither.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
import cv2
import numpy as np

from drivers_sim.people.actor import Actor, View, blink, develop
from drivers_sim.people.faces import LIVE_EYES, LIVE_HEIGHT, LIVE_WIDTH, PICTURES, Look
from drivers_sim.people.hair import OTHER_DAY
from drivers_sim.people.identity import Person, make_person
from drivers_sim.people.mesh import Floats
from kiosk import weights
from kiosk.records import Image

IDENTITIES: Final = Path(__file__).parent / "identities.json"

_LIVE: Final = View(LIVE_WIDTH, LIVE_HEIGHT, focal=1760, eye_at=LIVE_EYES)
_TURN_DEG: Final = 22.0
_BENT_DEG: Final = 24.0
_SHUT_LASHES: Final = 2.5  # upper and lower lashes lie together
_GLANCE: Final = (0.32, -0.1)
_SMILE: Final = {"mouthSmileLeft": 0.15, "mouthSmileRight": 0.15}
# The photo for the card: nearer lamp, white wall, a faint smile, other hair, other clothes.
_CHIP: Final = View(408, 504, focal=1400, eye_at=(204, 216), distance=11.5, pose=(2, 1, 0), expression=_SMILE, lamps="flash")
_CHIP_WALL: Final = 0.90
_CHIP_JACKET: Final = np.array([0.30, 0.30, 0.32])
_LIVE_QUALITY: Final = 80
_CHIP_QUALITY: Final = 80


def live_pictures(person: Person) -> dict[Look, Image]:
    """Cut out, uint8 (LIVE_HEIGHT, LIVE_WIDTH, 4) BGRA, by what the person is doing."""
    actor = Actor(person)
    shut = blink(actor.blink_strength(_LIVE))
    views = {
        Look.FRONT: _LIVE,
        Look.LEFT: replace(_LIVE, pose=(_TURN_DEG, 0, 0)),
        Look.RIGHT: replace(_LIVE, pose=(-_TURN_DEG, 0, 0)),
        Look.MOUTH: replace(_LIVE, expression={"jawOpen": 0.9}),
        Look.DOWN: replace(_LIVE, pose=(0, _BENT_DEG, 0)),
        Look.ASIDE: replace(_LIVE, gaze=_GLANCE),
    }
    blinking = Actor(replace(person, lid_line=_SHUT_LASHES * person.lid_line))
    found = {look: _cut_out(*actor.render(view)) for look, view in views.items()}
    return found | {Look.BLINK: _cut_out(*blinking.render(replace(_LIVE, expression=shut)))}


def front_picture(actor: Actor) -> Image:
    """`Look.FRONT` alone, as it is when read from its file."""
    return _decode(_encode(_cut_out(*actor.render(_LIVE)), _LIVE_QUALITY))


def chip_picture(person: Person) -> Image:
    """The photo for the card before it is made small, as it is when read from its file: uint8 (504, 408, 3) BGR."""
    return _decode(_chip_file(person))


def _chip_file(person: Person) -> bytes:
    actor = Actor(person, OTHER_DAY[person.style], _CHIP_JACKET)
    colour, cover = actor.render(actor.on_card(_CHIP))
    return _encode(develop(colour * cover[..., None] + (1 - cover[..., None]) * _CHIP_WALL), _CHIP_QUALITY)


def _cut_out(colour: Floats, cover: Floats) -> Image:
    picture = develop(colour)
    picture[cover < 0.02] = 120  # what isn't seen is even, so that it takes no space
    return np.dstack([picture, np.asarray(cover * 255 + 0.5, np.uint8)])


def _encode(picture: Image, quality: int) -> bytes:
    return cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()


def _decode(file: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)


@click.command()
@click.option("--only", type=int, multiple=True, help="Numbers of the people to render; all, if none is given.")
def main(only: tuple[int, ...]) -> None:
    """Render everybody into the pictures folder."""
    cv2.setNumThreads(1)
    weights.fetch([weights.MAKEHUMAN], click.echo)
    people: list[dict[str, Any]] = json.loads(IDENTITIES.read_text(encoding="ascii"))
    for number, entry in enumerate(people):
        if only and number not in only:
            continue
        person = make_person(entry["sex"], entry["genes"])
        for look, picture in live_pictures(person).items():
            (PICTURES / f"{number:02d}-{look}.webp").write_bytes(_encode(picture, _LIVE_QUALITY))
        (PICTURES / f"{number:02d}-chip.webp").write_bytes(_chip_file(person))
        click.echo(f"{number + 1}/{len(people)}")


if __name__ == "__main__":
    main()
