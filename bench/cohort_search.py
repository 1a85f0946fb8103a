"""Looks for simulated people whom SFace keeps apart, and writes their genes.

`python -m bench.cohort_search --people N --minutes M [--seed S] [--turned] [--begin IDENTITIES] OUT`

Chance draws genes for as many people as wanted; then, again and again, somebody who is much like others gets some genes anew,
and keeps them if that makes them less alike. What counts is their live pictures against
the photos on the others' cards. Needs the extra `render`; run it with `nice`, for it takes hours.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.cohort import POSES, on_card
from drivers_sim.people.actor import Actor, View, develop
from drivers_sim.people.faces import CHIP_HEIGHT, CHIP_WIDTH
from drivers_sim.people.identity import GENES, make_person, random_genes
from drivers_sim.people.render import chip_picture
from kiosk import weights
from kiosk.errors import KioskError
from kiosk.pipeline.face import Embedding, FaceMatcher

Genes = NDArray[np.float64]

VIEW: Final = View(288, 320, focal=720, eye_at=(144, 128), finer=1)
WALL: Final = 0.68
# What everybody is pushed below, looking straight and turned, and above with their own card.
_STRAIGHT: Final = 0.335
_TURNED: Final = 0.375
_OWN: Final = 0.58
_SEXES: Final = "12"
# Somebody a little worse by what was looked at first may be better by the rest.
_LENIENCE: Final = 1.05
_WAYS: Final = 400
_ENOUGH_SEEN: Final = 60
_RIDGE: Final = 20.0
_NOBODY: Final = np.zeros(128, np.float32)


@dataclass(frozen=True, eq=False)
class Somebody:
    """One person: live embeddings, straight first, then turned, if that is looked at; and the card's."""

    sex: str
    genes: Genes
    live: NDArray[np.float32]  # (1 + poses, 128)
    chip: Embedding


class Search:
    """Keeps the people, and makes them less alike."""

    def __init__(self, matcher: FaceMatcher, draw: np.random.Generator, *, turned: bool) -> None:
        self._matcher, self._draw = matcher, draw
        self._poses = POSES if turned else ()
        self._seen: list[tuple[Genes, Embedding]] = []
        self.people: list[Somebody] = []

    def add(self, sex: str, genes: Genes) -> None:
        found = self._meet(sex, genes, None, [])
        if found is not None:
            self.people.append(found)

    def add_random(self, sex: str, tries: int = 12) -> None:
        """The least alike of some whom chance made."""
        best: Somebody | None = None
        for _ in range(tries):
            best = self._meet(sex, random_genes(self._draw), best, self.people) or best
        if best is not None:
            self.people.append(best)

    def step(self) -> bool:
        """Try to change one person for the better; True if that worked."""
        costs = np.array([sum(_costs(one, self._others(number))) for number, one in enumerate(self.people)])
        number = int(self._draw.choice(len(costs), p=(costs + 1e-4) / (costs + 1e-4).sum()))
        somebody, others = self.people[number], self._others(number)
        genes = self._propose(somebody, others)
        found = self._meet(somebody.sex, genes, somebody, others)
        if found is None:
            return False
        self.people[number] = found
        return True

    def _propose(self, somebody: Somebody, others: Sequence[Somebody]) -> Genes:
        """Some genes anew: of many ways, the one after which, going by everybody seen so far, they would be least alike."""
        ways = np.tile(somebody.genes, (_WAYS, 1))
        for way in ways:
            changed = self._draw.choice(GENES, int(self._draw.integers(2, 40)), replace=False)
            way[changed] += self._draw.normal(0, 0.5, len(changed))
        ways = np.clip(ways, -1, 1).round(2)
        if len(self._seen) < _ENOUGH_SEEN:
            return np.asarray(ways[0])
        genes, faces = (np.array(column) for column in zip(*self._seen, strict=True))
        genes, faces = genes - genes.mean(axis=0), faces - faces.mean(axis=0)
        # How faces go with genes, by ridge regression.
        weights_of = np.linalg.solve(genes.T @ genes + _RIDGE * np.eye(GENES), genes.T @ faces)
        moves = (ways - somebody.genes) @ weights_of
        chips, lives = np.array([other.chip for other in others]), np.array([other.live[0] for other in others])
        live, chip = _units(somebody.live[0] + moves), _units(somebody.chip + moves)
        costs = [_over(a, _STRAIGHT) + _over(b, _STRAIGHT) for a, b in zip(live @ chips.T, chip @ lives.T, strict=True)]
        return np.asarray(ways[int(np.argmin(costs))])

    def _others(self, number: int) -> list[Somebody]:
        return self.people[:number] + self.people[number + 1 :]

    def _meet(self, sex: str, genes: Genes, best: Somebody | None, others: Sequence[Somebody]) -> Somebody | None:
        """Render and embed somebody; None when they are not better than `best`, which is noticed as early as possible."""
        limits = np.cumsum(_costs(best, others)) if best else np.full(3, np.inf)
        person = make_person(sex, genes.tolist())
        actor = Actor(person)
        try:
            found = Somebody(sex, genes, np.stack([self._see(actor, VIEW)]), _NOBODY)
            self._seen.append((genes, found.live[0]))
            if _costs(found, others)[0] > limits[0] * _LENIENCE:
                return None
            small = cv2.resize(chip_picture(person, finer=1), (CHIP_WIDTH, CHIP_HEIGHT), interpolation=cv2.INTER_AREA)
            found = replace(found, chip=self._matcher.embed_chip(on_card(np.asarray(small, np.uint8))))
            if sum(_costs(found, others)[:2]) > limits[1] * _LENIENCE:
                return None
            turned = [self._see(actor, replace(VIEW, pose=pose)) for pose in self._poses]
        except KioskError:
            return None
        found = replace(found, live=np.stack([found.live[0], *turned]))
        return found if sum(_costs(found, others)) < limits[2] else None

    def _see(self, actor: Actor, view: View) -> Embedding:
        colour, cover = actor.render(view)
        return self._matcher.embed(develop(colour * cover[..., None] + (1 - cover[..., None]) * WALL))


def _costs(somebody: Somebody, others: Sequence[Somebody]) -> tuple[float, float, float]:
    """How much somebody is too much like others, or too little like their own card: straight; their card; turned."""
    chips = np.array([other.chip for other in others]).reshape(-1, 128)
    seen = somebody.live @ chips.T
    own = np.clip(_OWN - somebody.live @ somebody.chip, 0, None) ** 2
    straight = [other.live[0] @ somebody.chip for other in others]
    turned = [score for other in others for score in other.live[1:] @ somebody.chip]
    card = _over(np.array(straight), _STRAIGHT) + float(own[0]) * bool(somebody.chip.any())
    return _over(seen[0], _STRAIGHT), card, _over(seen[1:], _TURNED) + _over(np.array(turned), _TURNED) + float(own[1:].sum())


def _units(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _over(scores: NDArray[np.floating], limit: float) -> float:
    return float((np.clip(scores - limit, 0, None) ** 2).sum())


def say(people: Sequence[Somebody]) -> str:
    """The figures that decide."""
    live = np.stack([somebody.live for somebody in people])
    table = np.einsum("ipd,jd->pij", live, np.stack([somebody.chip for somebody in people]))
    own = np.eye(len(people), dtype=bool)
    straight, turned = table[0][~own], table[1:, ~own]
    return (
        f"{len(people)} people, impostor straight {straight.max(initial=-1):.3f}, {(straight >= 0.36).sum()} at 0.36, "
        f"turned {turned.max(initial=-1):.3f}, {(turned >= 0.40).sum()} at 0.40, genuine {table[:, own].min():.3f}"
    )


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--people", "count", default=26, show_default=True)
@click.option("--minutes", default=60.0, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--turned", is_flag=True, help="Look at turned heads, too: four times as slow.")
@click.option("--begin", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Identities to begin with.")
def main(out: Path, count: int, minutes: float, seed: int, turned: bool, begin: Path | None) -> None:
    """Write the best people found to OUT."""
    cv2.setNumThreads(1)
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    search = Search(matcher, np.random.default_rng(seed), turned=turned)
    until_s = time.monotonic() + 60 * minutes
    for row in json.loads(begin.read_text(encoding="ascii"))[:count] if begin else []:
        search.add(row["sex"], np.array(row["genes"], float))
    while len(search.people) < count and time.monotonic() < until_s:
        search.add_random(_SEXES[len(search.people) % 2])
        click.echo(say(search.people))
    tried = better = 0
    while time.monotonic() < until_s:
        tried += 1
        if search.step():
            better += 1
            if better % 5 == 0:
                click.echo(f"{tried} tried, {better} better: {say(search.people)}")
                write(out, search.people)
    write(out, search.people)


def write(out: Path, people: Sequence[Somebody]) -> None:
    rows = [f' {{"sex": "{one.sex}", "genes": {json.dumps([round(float(gene), 2) for gene in one.genes])}}}' for one in people]
    out.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="ascii")


if __name__ == "__main__":
    main()
