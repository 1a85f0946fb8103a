"""Templates of impressions, and how alike two of them are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.finger.agreement import Layout, agreement
from kiosk.pipeline.finger.mcc import Cylinders, Floats, cylinders, similarity
from kiosk.pipeline.finger.minutiae import Minutiae
from kiosk.pipeline.finger.relaxation import best_pairs
from kiosk.records import Score

SCALE: Final = "leader-mcc-relax v3"
_MOST: Final = 100  # minutiae that are looked at, the surest first
_LEAST_FOR_HULL: Final = 4

# Weights of `evidence` and what to add, by logistic regression over genuine and impostor pairs: what `python -m
# bench.finger_weights` prints for FVC2002 DB1_B, whole, cut to the sensors' sizes, and degraded.
WEIGHTS: Final = np.array([1.274, 1.194, 1.28, -4.57])
BIAS: Final = 8.814
SOFTENING: Final = 4.0  # log-odds by which the score moves over its middle half


@dataclass(frozen=True, eq=False)
class Template:
    """特征: where the minutiae lie and, for those with a known neighbourhood, their cylinders. Without any, it matches
    nothing.
    """

    xy: Floats  # of the minutiae with cylinders
    direction: Floats
    cylinders: Cylinders
    layout: Layout

    def __len__(self) -> int:
        return len(self.direction)


def load() -> None:
    """Import what templates are made and compared with: most of a second, which a station takes before the first student."""
    for name in ("scipy.spatial", "scipy.special"):
        import_module(name)


def make_template(minutiae: Minutiae) -> Template:
    """The template of an impression, about 1.5 ms."""
    used = minutiae.kept(np.arange(min(len(minutiae), _MOST)))
    made = cylinders(used)
    place = used.xy[:, 0] + 1j * used.xy[:, 1].astype(np.float64)
    layout = Layout(place, used.direction.astype(np.float64), used.score.astype(np.float64), _hull(used.xy))
    return Template(used.xy[made.kept], used.direction[made.kept], made, layout)


def compare(a: Template, b: Template) -> Score:
    """How sure it is that both are of one finger, 0–1, even odds at 0.5; 0 for an empty template. About 0.6 ms, symmetric."""
    from scipy.special import expit  # here, as SciPy takes most of a second: whoever compares nothing does not wait for it

    facts = evidence(a, b)
    value = 0.0 if facts is None else float(expit((facts @ WEIGHTS + BIAS) / SOFTENING))
    return Score(value, SCALE)


def evidence(a: Template, b: Template) -> NDArray[np.float64] | None:
    """What speaks for one finger: the logarithm of the relaxed score, that of the matched minutiae and its square, and that
    of the minutiae that were to be expected in the common area. None when one of the templates is empty.
    """
    if not len(a) or not len(b):
        return None
    likeness = similarity(a.cylinders, b.cylinders, a.direction, b.direction)
    pairs = best_pairs(likeness, a.xy, b.xy, a.direction, b.direction)
    found = agreement(a.layout, b.layout, pairs, a.cylinders.kept, b.cylinders.kept)
    matched = np.log(found.matched + 0.5)
    expected = np.log(found.expected_a * found.expected_b + 1) / 2
    return np.array([np.log(pairs.score + 1e-3), matched, matched**2, expected])


def _hull(xy: Floats) -> NDArray[np.float64]:
    from scipy.spatial import ConvexHull, QhullError

    if len(xy) < _LEAST_FOR_HULL:
        return np.zeros((0, 3))
    try:
        return np.asarray(ConvexHull(xy).equations)
    except QhullError:  # all on one line
        return np.zeros((0, 3))
