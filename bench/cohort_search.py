"""Looks for simulated people whom SFace keeps apart, and writes their genes.

`python -m bench.cohort_search [--begin IDENTITIES] [--people N] [--rounds R] [--tries T] [--seed S] [--processes P] OUT`

A round renders each person with each gene a little changed, to know how that moves their embedding. Then, again and again,
somebody who is too much like others gets genes that should make them less alike, as far as that can be foreseen, and stay
small (faces far out look like caricatures); what they really look like decides. Needs the extra `render`; a round over 24
people takes some ten minutes of one core, and a try twenty seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.cohort import POSES, on_card, on_wall
from drivers_sim.people.actor import Actor, View, develop
from drivers_sim.people.faces import CHIP_HEIGHT, CHIP_WIDTH
from drivers_sim.people.identity import PATCH_GENES, SHAPE_GENES, make_person, random_genes
from drivers_sim.people.render import chip_picture, front_picture
from kiosk import weights
from kiosk.errors import KioskError
from kiosk.pipeline.face import FaceMatcher
from kiosk.records import Image

Floats = NDArray[np.float64]

# What everybody is pushed below, looking straight and turned, and above with their own card.
_SEATS: Final = ((1.0, 0.0), (0.97, 0.8), (0.94, -0.6))  # near, and a little further away, leaning: scale, degrees
_LIMITS: Final = np.array([0.34] * len(_SEATS) + [0.38] * len(POSES))
_OWN: Final = 0.60
_MOVED: Final = np.concatenate([SHAPE_GENES, PATCH_GENES])
_STEP: Final = 0.3  # by which a gene is changed to see what it does
# What genes cost: squares of the genes themselves, and of how far they go at a time.
_FAR_OUT: Final = 3e-5
_GOING: Final = 3e-4
_CANDIDATES: Final = 6  # of each try; they differ in how far they go, which genes, and by how much they aim below the limits
_WALL: Final = 0.68
_SMALL: Final = View(320, 360, focal=800, eye_at=(160, 144))
_TURNED_VIEW: Final = View(640, 480, focal=1100, eye_at=(320, 190), finer=1)


@dataclass(frozen=True, eq=False)
class Identity:
    """A row of the identities' file."""

    sex: str
    genes: Floats

    def moved(self, by: Floats) -> Identity:
        genes = self.genes.copy()
        genes[_MOVED] = np.clip(genes[_MOVED] + by, -1, 1)
        return Identity(self.sex, genes.round(2))


@dataclass(frozen=True, eq=False)
class Seen:
    """Embeddings of one person, as pictures of the camera and the card give them."""

    live: Floats  # (seats + poses, 128), straight first
    chip: Floats  # (128,)


@cache
def _matcher() -> FaceMatcher:
    cv2.setNumThreads(1)
    return FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))


def look_at(identity: Identity) -> Seen | None:
    """Render somebody as they will be shown; None if no face is found."""
    person = make_person(identity.sex, identity.genes.tolist())
    actor = Actor(person)
    small = cv2.resize(chip_picture(person), (CHIP_WIDTH, CHIP_HEIGHT), interpolation=cv2.INTER_AREA)
    try:
        turned = [_embed(actor, replace(_TURNED_VIEW, pose=pose)) for pose in POSES]
        front = on_wall(front_picture(actor))
        straight = [_matcher().embed(_seated(front, number)) for number in range(len(_SEATS))]
        chip = _matcher().embed_chip(on_card(np.asarray(small, np.uint8)))
        return Seen(np.array([*straight, *turned], float), chip.astype(float))
    except KioskError:
        return None


def _seated(front: Image, number: int) -> Image:
    """A front picture as the camera would see it from one of the seats, with its noise."""
    scale, lean_deg = _SEATS[number]
    height, width = front.shape[:2]
    warp = cv2.getRotationMatrix2D((width / 2, height / 2), lean_deg, scale)
    moved = cv2.warpAffine(front, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    noise = np.random.default_rng(number).normal(0, 2, front.shape)
    return np.asarray(np.clip(moved + noise, 0, 255), np.uint8)


def slopes(identity: Identity) -> Floats:
    """How each gene moves the embedding: (genes moved, 128) per unit of gene.

    What the detector finds jumps a little from picture to picture; so the face is found once, and its points move as the
    head's do.
    """
    actor = Actor(make_person(identity.sex, identity.genes.tolist()))
    picture = _picture(actor, _SMALL)
    face = _matcher().find(picture)
    middle, points = _matcher().embed_at(picture, face).astype(float), actor.landmarks(_SMALL)
    found = np.zeros((len(_MOVED), len(middle)))
    for row, gene in enumerate(_MOVED):
        step = -_STEP if identity.genes[gene] > 0 else _STEP
        genes = identity.genes.copy()
        genes[gene] += step
        changed = actor.altered(make_person(identity.sex, genes.tolist()))
        there = face.copy()
        there[4:14] += (changed.landmarks(_SMALL) - points).ravel()
        found[row] = (_matcher().embed_at(_picture(changed, _SMALL), there) - middle) / step
    return found


def _picture(actor: Actor, view: View) -> Image:
    colour, cover = actor.render(view)
    return develop(colour * cover[..., None] + (1 - cover[..., None]) * _WALL)


def _embed(actor: Actor, view: View) -> Floats:
    return _matcher().embed(_picture(actor, view)).astype(float)


def propose(person: Identity, seen: Seen, others: Sequence[Seen], slope: Floats, draw: np.random.Generator) -> Identity:
    """The person with other genes, less like the others if the embedding goes as `slope` (genes moved, 128) says."""
    farthest, margin = draw.choice([0.1, 0.2, 0.3, 0.5]), draw.uniform(0, 0.03)
    chosen = slope * (draw.random(len(slope)) < draw.choice([0.4, 0.7, 1.0]))[:, None]
    limits = (_LIMITS - margin)[:, None]
    lives, chips = np.stack([other.live for other in others]), np.stack([other.chip for other in others])
    now = person.genes[_MOVED]

    def cost(by: Floats) -> tuple[float, Floats]:
        going = by @ chosen
        live, live_back = _units(seen.live + going)
        chip, chip_back = _units(seen.chip + going)
        over_live = np.clip(live @ chips.T - limits, 0, None)
        over_chip = np.clip(np.einsum("pkd,d->kp", lives, chip) - limits, 0, None)
        lacking = np.clip(_OWN + margin - live @ chip, 0, None)
        total = (over_live**2).sum() + (over_chip**2).sum() + (lacking**2).sum()
        total += _FAR_OUT * ((now + by) ** 2).sum() + _GOING * (by**2).sum()
        by_live = live_back(2 * over_live @ chips - 2 * lacking[:, None] * chip).sum(axis=0)
        by_chip = chip_back(2 * np.einsum("kp,pkd->d", over_chip, lives) - 2 * lacking @ live)
        return float(total), chosen @ (by_live + by_chip) + 2 * _FAR_OUT * (now + by) + 2 * _GOING * by

    bounds = list(zip(np.maximum(-1 - now, -farthest), np.minimum(1 - now, farthest), strict=True))
    best = minimize(cost, np.zeros(len(now)), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 150})
    return person.moved(np.asarray(best.x) * draw.uniform(0.7, 1.6))


def _units(vectors: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Unit vectors, and what takes a slope by them back to a slope by `vectors`."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units = vectors / length
    return units, lambda slope: np.asarray((slope - units * (slope * units).sum(-1, keepdims=True)) / length)


def _table(seen: Sequence[Seen]) -> Floats:
    """Live pictures against cards: (seats + poses, people, people)."""
    return np.asarray(np.einsum("pkd,qd->kpq", np.stack([one.live for one in seen]), np.stack([one.chip for one in seen])))


def blame(seen: Sequence[Seen]) -> Floats:
    """By how much each person is too much like others and too little like their own card."""
    table, own = _table(seen), np.arange(len(seen))
    lacking = np.clip(_OWN - table[:, own, own], 0, None) ** 2
    table[:, own, own] = -1
    over = (np.clip(table - _LIMITS[:, None, None], 0, None) ** 2).sum(axis=0)
    return np.asarray(over.sum(axis=0) + over.sum(axis=1) + lacking.sum(axis=0))


def say(people: Sequence[Identity], seen: Sequence[Seen]) -> str:
    """The figures that decide."""
    table, own = _table(seen), np.eye(len(seen), dtype=bool)
    straight, turned = table[: len(_SEATS), ~own].max(axis=0), table[len(_SEATS) :, ~own]
    shape = np.array([one.genes[SHAPE_GENES] for one in people])
    return (
        f"impostor straight {straight.max():.3f}, {(straight >= 0.36).sum()} at 0.36; turned {turned.max():.3f}, "
        f"{(turned >= 0.40).sum()} at 0.40; genuine {table[:, own].min():.3f}; shape {np.sqrt((shape**2).mean()):.2f}"
    )


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--begin", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Identities to begin with.")
@click.option("--people", "count", default=24, show_default=True)
@click.option("--rounds", default=4, show_default=True)
@click.option("--tries", default=80, show_default=True, help="In each round.")
@click.option("--seed", default=1, show_default=True)
@click.option("--processes", default=2, show_default=True)
def main(out: Path, begin: Path | None, count: int, rounds: int, tries: int, seed: int, processes: int) -> None:
    """Write the best people found to OUT."""
    draw = np.random.default_rng(seed)
    rows = json.loads(begin.read_text(encoding="ascii")) if begin else []
    people = [Identity(row["sex"], np.array(row["genes"], float)) for row in rows]
    people += [Identity("12"[number % 2], random_genes(draw).round(2)) for number in range(len(people), count)]
    with ProcessPoolExecutor(processes) as pool:
        looks = list(pool.map(look_at, people))
        seen = [one for one in looks if one is not None]
        if len(seen) < len(people):
            raise click.ClickException("no face is found in somebody's pictures: begin with other people, or another seed")
        for _ in range(rounds):
            slope_of = list(pool.map(slopes, people))
            for _ in range(tries):
                blamed = blame(seen)
                if not blamed.any():
                    break
                number = int(draw.choice(len(people), p=blamed / blamed.sum()))
                others = seen[:number] + seen[number + 1 :]
                ways = [propose(people[number], seen[number], others, slope_of[number], draw) for _ in range(_CANDIDATES)]
                for way, look in zip(ways, pool.map(look_at, ways), strict=True):
                    if look and blame([*seen[:number], look, *seen[number + 1 :]]).sum() < blame(seen).sum():
                        people[number], seen[number] = way, look
            click.echo(say(people, seen))
            write(out, people)


def write(out: Path, people: Sequence[Identity]) -> None:
    rows = [f' {{"sex": "{one.sex}", "genes": {json.dumps([float(gene) for gene in one.genes])}}}' for one in people]
    out.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="ascii")


if __name__ == "__main__":
    main()
