"""The limits of the doors on exam day, and what they let through.

    python -m bench.checkin --images LFW/images --pairs LFW/pairs.txt [--fingers FVC2002/DB1_B] [--chip webp1k] [--json FILE]

Faces: of each person of the pairs' file one photo is the live one, another the captured portrait, a third (the second, where
there are only two) the chip photo. Everybody's live photo is held against everybody's portrait and chip, the cosines averaged,
as a door does. The limits come from the people of half A by a fixed rule: the lowest hundredth at which at most 1e-4 (pass) and
1e-3 (unsure) of half A's comparisons of two people are accepted. What they accept is reported for half B, and how often a wrong
person passes the whole decision: a sure face, or an unsure face and a thumb. Thumbs of strangers are independent of faces here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.chip import CONDITIONS, make_chip
from bench.figures import json_option, kept, note
from bench.impressions import open_sets
from bench.pairs import Photo, half_of, read_pairs, read_photo
from kiosk import weights
from kiosk.checkin.matching import Limits
from kiosk.errors import KioskError
from kiosk.pipeline.face import Embedding, FaceMatcher
from kiosk.pipeline.finger import MinutiaeExtractor, compare, make_template

_PASS_FAR: Final = 1e-4
_REVIEW_FAR: Final = 1e-3
_STEP: Final = 100  # limits are hundredths
_Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Person:
    """One of the set: live face, captured portrait, chip photo."""

    name: str
    live: Embedding
    portrait: Embedding
    chip: Embedding


def people(images: Path, pairs: Path, condition: str) -> list[Person]:
    """Everybody with two photos that show a face."""
    photos: dict[str, set[Photo]] = defaultdict(set)
    for pair in read_pairs(pairs):
        for photo in (pair.a, pair.b):
            photos[photo[0]].add(photo)
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    found = []
    for name, several in sorted(photos.items()):
        if len(several) < 2:
            continue
        chosen = sorted(several)[:3]
        pictures = [read_photo(images, photo) for photo in chosen]
        try:
            live, portrait, of_chip = (one for one in (*pictures, pictures[1])[:3])
            if live is None or portrait is None or of_chip is None:
                continue
            chip = matcher.embed_chip(make_chip(of_chip, matcher.find(of_chip), condition))
            found.append(Person(name, matcher.embed(live), matcher.embed(portrait), chip))
        except KioskError:
            continue
    return found


def scores(some: list[Person]) -> tuple[_Scores, _Scores]:
    """Of each with his own, and of each with everybody else's."""
    live = np.stack([one.live for one in some])
    both = (live @ np.stack([one.portrait for one in some]).T + live @ np.stack([one.chip for one in some]).T) / 2
    own = np.eye(len(some), dtype=bool)
    return both[own].astype(np.float64), both[~own].astype(np.float64)


def limit_for(impostor: _Scores, far: float) -> float:
    """The lowest hundredth that accepts at most this share."""
    allowed = int(far * impostor.size)
    highest_refused = float(np.sort(impostor)[::-1][allowed])
    return ceil((highest_refused + 1e-6) * _STEP) / _STEP


def thumbs(folder: Path) -> tuple[_Scores, _Scores]:
    """Each impression against one finger's other presses, the best of two as a package has: genuine and impostor."""
    threadpool_limits(1, user_api="blas")
    extractor = MinutiaeExtractor(weights.path(weights.LEADER))
    shots = open_sets([folder])[0].fingers()
    made = {
        finger: [make_template(extractor.extract(one.pixels(), 500)) for one in several] for finger, several in shots.items()
    }
    genuine, impostor = list[float](), list[float]()
    for owner, enrolled in made.items():
        for finger, presses in made.items():
            for press in presses[2:] if finger == owner else presses:
                best = max(compare(press, one).value for one in enrolled[:2])
                (genuine if finger == owner else impostor).append(best)
    return np.array(genuine), np.array(impostor)


@click.command()
@click.option("--images", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--fingers", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--chip", type=click.Choice(CONDITIONS), default="webp1k", show_default=True)
@json_option
def main(images: Path, pairs: Path, fingers: Path | None, chip: str, json_to: str | None) -> None:
    """Derive the limits, and say what the shipped ones let through."""
    cv2.setNumThreads(1)
    with kept("checkin", json_to, "kiosk/checkin/matching.py", "kiosk/pipeline/face", "kiosk/pipeline/finger"):
        _measure(people(images, pairs, chip), fingers)


def _measure(everybody: list[Person], fingers: Path | None) -> None:
    shipped = Limits()
    half = {name: [one for one in everybody if half_of(one.name) == name] for name in "AB"}
    _, impostor = scores(half["A"])
    passes, review = limit_for(impostor, _PASS_FAR), limit_for(impostor, _REVIEW_FAR)
    click.echo(f"half A: {len(half['A'])} people, {impostor.size} comparisons of two people")
    click.echo(f"derived: pass {passes:.2f}, review {review:.2f}")
    click.echo(f"highest of two people in half A: {impostor.max():.3f}")
    of_a = f"from {impostor.size:,} comparisons of two of {len(half['A'])} people"
    note("face limit that the rule gives, pass", passes, "", f"{of_a}; shipped {shipped.face_pass}")
    note("face limit that the rule gives, review", review, "", f"{of_a}; shipped {shipped.face_review}")
    genuine, impostor = scores(half["B"])
    click.echo(f"half B: {len(half['B'])} people, {genuine.size} genuine, {impostor.size} comparisons of two people")
    rates = {}
    for name, limit in (("pass", shipped.face_pass), ("review", shipped.face_review), ("in room", shipped.face_in_room)):
        rates[name] = np.mean(impostor >= limit)
        taken, count = np.mean(genuine >= limit), int(np.sum(impostor >= limit))
        click.echo(f"shipped {name} {limit:.2f}: accepts {taken:.1%} of genuine, {rates[name]:.1e} of others ({count})")
        note(f"faces, {name} {limit:.2f}: own face accepted", float(100 * taken), "%", f"of {genuine.size:,}")
        note(f"faces, {name} {limit:.2f}: another's accepted", float(100 * rates[name]), "%", f"{count} of {impostor.size:,}")
    if fingers is not None:
        own, other = thumbs(fingers)
        wrong, taken = np.mean(other >= shipped.thumb_pass), np.mean(own >= shipped.thumb_pass)
        click.echo(f"thumbs: {own.size} genuine, {other.size} of other fingers; {highest(other)}")
        click.echo(f"shipped {shipped.thumb_pass}: {taken:.1%} accepted, {wrong:.1e} wrongly")
        name = f"thumbs, {shipped.thumb_pass}"
        note(f"{name}: own thumb accepted", float(100 * taken), "%", f"of {own.size:,} presses")
        note(f"{name}: another's accepted", float(100 * wrong), "%", f"of {other.size:,}; {highest(other)}")
        both = float(rates["pass"] + (rates["review"] - rates["pass"]) * wrong)
        click.echo(f"fused decision: {both:.1e} of comparisons with another person let in; three attempts {3 * both:.1e}")
        note("fused decision: another person let in", 100 * both, "%", "one attempt: a sure face, or an unsure one and a thumb")
        note("fused decision, three attempts", 300 * both, "%", "at most: attempts are not independent")


def highest(values: _Scores) -> str:
    return f"the highest {values.max():.3f}"


if __name__ == "__main__":
    main()
