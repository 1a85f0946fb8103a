"""Who somebody is: a list of numbers in -1..1 (genes) that choose shape, skin, brows, hair and glasses.

All East Asian in look and of school age. Ranges are kept where faces stay pleasant; the search for people who look unlike each
other (`bench.cohort_search`) moves within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from drivers_sim.people.mesh import Floats, base, target

Colour = Floats  # linear RGB

# (folder and stem, negative end, positive end, strength); {} stands for l and r.
_SLIDERS: Final = (
    ("eyes/{}-eye-bag", "decr", "incr", 0.5),
    ("eyes/{}-eye-corner1", "down", "up", 0.7),
    ("eyes/{}-eye-corner2", "down", "up", 0.7),
    ("eyes/{}-eye-epicanthus", "in", "out", 0.7),
    ("eyes/{}-eye-eyefold", "concave", "convex", 1.0),
    ("eyes/{}-eye-eyefold", "down", "up", 1.0),
    ("eyes/{}-eye-height1", "decr", "incr", 0.45),
    ("eyes/{}-eye-height2", "decr", "incr", 0.45),
    ("eyes/{}-eye-height3", "decr", "incr", 0.45),
    ("eyes/{}-eye-push1", "in", "out", 0.4),
    ("eyes/{}-eye-push2", "in", "out", 0.4),
    ("eyes/{}-eye-scale", "decr", "incr", 0.5),
    ("eyes/{}-eye-trans", "down", "up", 0.55),
    ("eyes/{}-eye-trans", "in", "out", 0.6),
    ("cheek/{}-cheek-bones", "decr", "incr", 1.0),
    ("cheek/{}-cheek-inner", "decr", "incr", 0.8),
    ("cheek/{}-cheek-volume", "decr", "incr", 1.0),
    ("cheek/{}-cheek-trans", "down", "up", 0.6),
    ("ears/{}-ear-scale", "decr", "incr", 0.5),
    ("ears/{}-ear-wing", "decr", "incr", 0.5),
    ("nose/nose-base", "down", "up", 0.8),
    ("nose/nose-compression", "compress", "uncompress", 0.8),
    ("nose/nose-curve", "concave", "convex", 0.8),
    ("nose/nose-flaring", "decr", "incr", 0.9),
    ("nose/nose-greek", "decr", "incr", 0.8),
    ("nose/nose-hump", "decr", "incr", 0.4),
    ("nose/nose-nostrils-width", "decr", "incr", 0.9),
    ("nose/nose-point", "down", "up", 0.8),
    ("nose/nose-point-width", "decr", "incr", 0.9),
    ("nose/nose-scale-depth", "decr", "incr", 0.5),
    ("nose/nose-scale-horiz", "decr", "incr", 0.6),
    ("nose/nose-scale-vert", "decr", "incr", 0.55),
    ("nose/nose-volume", "decr", "incr", 0.8),
    ("nose/nose-width1", "decr", "incr", 0.9),
    ("nose/nose-width2", "decr", "incr", 0.9),
    ("nose/nose-width3", "decr", "incr", 0.9),
    ("nose/nose-trans", "down", "up", 0.6),
    ("mouth/mouth-cupidsbow", "decr", "incr", 0.9),
    ("mouth/mouth-lowerlip-height", "decr", "incr", 0.8),
    ("mouth/mouth-lowerlip-volume", "decr", "incr", 0.8),
    ("mouth/mouth-scale-horiz", "decr", "incr", 0.75),
    ("mouth/mouth-scale-vert", "decr", "incr", 0.8),
    ("mouth/mouth-trans", "down", "up", 0.6),
    ("mouth/mouth-upperlip-height", "decr", "incr", 0.8),
    ("mouth/mouth-upperlip-volume", "decr", "incr", 0.8),
    ("mouth/mouth-philtrum-volume", "decr", "incr", 0.8),
    ("chin/chin-bones", "decr", "incr", 0.9),
    ("chin/chin-height", "decr", "incr", 0.9),
    ("chin/chin-prominent", "decr", "incr", 0.8),
    ("chin/chin-width", "decr", "incr", 0.8),
    ("chin/chin-prognathism", "decr", "incr", 0.3),
    ("chin/chin-jaw-drop", "decr", "incr", 0.5),
    ("head/head-fat", "decr", "incr", 0.75),
    ("head/head-scale-horiz", "decr", "incr", 0.4),
    ("head/head-scale-vert", "decr", "incr", 0.4),
    ("forehead/forehead-scale-vert", "decr", "incr", 0.4),
    ("forehead/forehead-temple", "decr", "incr", 0.5),
    ("forehead/forehead-nubian", "decr", "incr", 0.4),
    ("eyebrows/eyebrows-trans", "down", "up", 0.6),
    ("eyebrows/eyebrows-trans", "backward", "forward", 0.5),
    ("neck/neck-scale-horiz", "decr", "incr", 0.4),
)
_HEADS: Final = ("diamond", "invertedtriangular", "oval", "rectangular", "round", "square", "triangular")
_ASYMMETRIES: Final = ("brown-1", "eye-4", "nose-1", "mouth-1", "jaw-1")
_STYLES: Final = {"2": ("bob", "long", "pony", "bangs"), "1": ("short", "crop", "fringe", "side")}
# Light and shade of a face, bit by bit: no two people's skin is the same. Rows from the brow down, columns from the middle out.
PATCH_ROWS: Final = 13
PATCH_COLUMNS: Final = 6
_MOLES: Final = 4
# How many genes `make_person` reads, and which of them move a face bit by bit; the others choose a style, or something small.
GENES: Final = 115 + PATCH_ROWS * PATCH_COLUMNS
SHAPE_GENES: Final = np.delete(np.arange(14 + len(_SLIDERS)), 7 + len(_SLIDERS))
PATCH_GENES: Final = GENES - 13 - PATCH_ROWS * PATCH_COLUMNS + np.arange(PATCH_ROWS * PATCH_COLUMNS)

# School jackets.
_JACKETS: Final = ((0.03, 0.05, 0.13), (0.10, 0.03, 0.04), (0.02, 0.08, 0.09), (0.05, 0.05, 0.06), (0.04, 0.09, 0.19))


@dataclass(frozen=True, eq=False)
class Person:
    """Shape and colours, ready to be painted and rendered."""

    sex: str  # "1" male, "2" female
    delta: Floats  # (c, 3) moves of the coarse vertices
    style: str
    part: int  # which side the hair is parted on
    glasses: float  # 0 none, else the rims' size
    glasses_round: float
    glasses_colour: Colour
    skin: Colour
    lip: Colour
    hair: Colour
    iris: Colour
    jacket: Colour
    brow_thick: float
    brow_arch: float
    brow_tilt: float
    brow_inner: float
    brow_outer: float
    brow_height: float
    brow_density: float
    blush: float
    lip_strength: float
    under_eye: float
    lid_shade: float
    lid_line: float
    freckles: float
    blotches: float
    patches: tuple[float, ...]  # -1..1 each, row by row
    moles: tuple[tuple[float, float, float], ...]  # x, y, radius
    noise: int


class _Genes:
    """Reads genes one after the other."""

    def __init__(self, genes: Sequence[float]) -> None:
        self._genes = iter(genes)
        self.count = 0

    def signed(self) -> float:
        self.count += 1
        return float(np.clip(next(self._genes), -1, 1))

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * (self.signed() + 1) / 2

    def choice(self, count: int) -> int:
        return min(count - 1, int(self.between(0, count)))


def make_person(sex: str, genes: Sequence[float]) -> Person:
    """Needs `GENES` numbers in -1..1."""
    draw = _Genes(genes)
    delta = np.zeros_like(base().coarse)
    _add_build(delta, draw, "female" if sex == "2" else "male")
    _add_features(delta, draw)
    return _colour(sex, delta, draw)


def random_genes(draw: np.random.Generator) -> Floats:
    """Genes of somebody whom chance made."""
    return np.asarray(np.clip(draw.normal(0, 0.6, GENES), -1, 1))


def _add(delta: Floats, name: str, weight: float) -> None:
    if weight:
        index, move = target(name)
        np.add.at(delta, index, weight * move)


def _add_build(delta: Floats, draw: _Genes, gender: str) -> None:
    """Age between MakeHuman's child of ten and its adult of 25, ancestry mostly Asian, weight and muscle."""
    child = draw.between(0.08, 0.45)
    other = draw.between(0, 0.4)
    african = draw.between(0, 0.12)
    ancestry = {"asian": 1 - other - african, "caucasian": other, "african": african}
    muscle, weight = draw.between(0.1, 0.45), draw.between(0.2, 0.85)
    for age, share in (("young", 1 - child), ("child", child)):
        for people, part in ancestry.items():
            _add(delta, f"macrodetails/{people}-{gender}-{age}", share * part)
        for muscle_name, muscle_share in _three(muscle):
            for weight_name, weight_share in _three(weight):
                name = f"macrodetails/universal-{gender}-{age}-{muscle_name}muscle-{weight_name}weight"
                _add(delta, name, share * muscle_share * weight_share)


def _three(value: float) -> tuple[tuple[str, float], ...]:
    return ("min", max(0.0, 1 - 2 * value)), ("average", 1 - abs(2 * value - 1)), ("max", max(0.0, 2 * value - 1))


def _add_features(delta: Floats, draw: _Genes) -> None:
    for stem, down, up, strength in _SLIDERS:
        weight = draw.signed() * strength
        for side in "lr" if "{}" in stem else ("",):
            _add(delta, f"{stem.format(side)}-{up if weight > 0 else down}", abs(weight))
    # Corners of the mouth that hang, and brows that meet over the nose, look cross: only the friendly side is drawn.
    _add(delta, "mouth/mouth-angles-up", draw.between(0.1, 0.6))
    _add(delta, "eyebrows/eyebrows-angle-up", draw.between(0.0, 0.35))
    shape = draw.choice(len(_HEADS))
    _add(delta, f"head/head-{_HEADS[shape]}", draw.between(0.1, 0.8))
    for name in _ASYMMETRIES:
        weight = draw.signed() * 0.3
        _add(delta, f"asym/asym-{name}-{'l' if weight > 0 else 'r'}", abs(weight))


def _colour(sex: str, delta: Floats, draw: _Genes) -> Person:
    female = sex == "2"
    tone = draw.between(0, 1)
    skin = (1 - tone) * np.array([0.70, 0.48, 0.36]) + tone * np.array([0.46, 0.28, 0.185])
    skin = skin * (1 + 0.04 * np.array([draw.signed(), draw.signed(), draw.signed()])) * (1.04 if female else 1.0)
    lip = skin * (np.array([0.95, 0.46, 0.48]) if female else np.array([0.88, 0.54, 0.53])) * draw.between(0.85, 1.1)
    hair = np.array([0.032, 0.026, 0.024]) * draw.between(0.6, 2.4)
    glasses = max(0.0, draw.between(-1.0, 1.0))
    return Person(
        sex=sex,
        delta=delta,
        style=_STYLES[sex][draw.choice(4)],
        part=1 if draw.signed() > 0 else -1,
        glasses=0.85 + 0.3 * glasses if glasses > 0.2 else 0.0,
        glasses_round=draw.between(2, 5),
        glasses_colour=np.array([0.02, 0.02, 0.025]) + max(0.0, draw.signed()) * np.array([0.25, 0.12, 0.06]),
        skin=skin,
        lip=lip,
        hair=hair,
        iris=np.array([0.10, 0.055, 0.03]) * draw.between(0.6, 1.6),
        jacket=np.array(_JACKETS[draw.choice(len(_JACKETS))]),
        brow_thick=draw.between(0.03, 0.075) * (0.85 if female else 1.1),
        brow_arch=draw.between(0.0, 0.05),
        brow_tilt=draw.between(-0.06, 0.02),
        brow_inner=draw.between(0.10, 0.20),
        brow_outer=draw.between(0.47, 0.64),
        brow_height=draw.between(0.195, 0.28),
        brow_density=draw.between(0.65, 1.15),
        blush=draw.between(0, 0.22),
        lip_strength=draw.between(0.4, 0.9),
        under_eye=draw.between(0, 0.3),
        lid_shade=draw.between(0.05, 0.3),
        lid_line=draw.between(0.45, 1.0),
        freckles=max(0.0, draw.between(-0.5, 0.5)),
        blotches=draw.between(0.03, 0.09),
        patches=tuple(draw.signed() for _ in range(PATCH_ROWS * PATCH_COLUMNS)),
        moles=tuple(
            (0.55 * draw.signed(), draw.between(6.35, 7.8), max(0.0, draw.between(-0.02, 0.02))) for _ in range(_MOLES)
        ),
        noise=int(draw.between(0, 1 << 20)),
    )
