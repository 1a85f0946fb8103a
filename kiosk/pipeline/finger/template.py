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

SCALE: Final = "leader-mcc-relax v5"
# The score's scale, whatever sensor saw the fingers: how often different ones reach which score.
SELDOM, SELDOM_AT = 1e-4, 0.67
RARELY, RARELY_AT = 1e-6, 0.84
_MOST: Final = 100  # minutiae that are looked at, the surest first
_LEAST_FOR_HULL: Final = 4

# Weights of `evidence`, by logistic regression over genuine and impostor pairs: what `python -m bench.finger_weights` prints
# for FVC2002 DB1_B, UPEK, FVC2004 DB1_B and generated fingers.
WEIGHTS: Final = np.array([0.875, 0.66, 0.258, -1.132, 3.189, -0.642])
# The less a sensor shows, the more alike different fingers are. By the pixels (at 500 dpi) of a picture: the weighted evidence
# that generated fingers reach seldom and rarely, which that bench prints, too.
SIZES: Final = np.array([25_600, 36_864, 73_728])  # 160x160, R503, ZFM-20: larger ones show no more of a thumb
REACHED_SELDOM: Final = np.array([-2.537, -3.001, -3.184])
REACHED_RARELY: Final = np.array([-1.045, -1.668, -1.934])

# What partners of different fingers are like on average: few partners say little about the whole.
_BY_CHANCE: Final = 5  # so many are taken to be like this
_SAME_KIND_BY_CHANCE: Final = 0.6
_UNEVEN_BY_CHANCE_PX: Final = 4.4

# What `evidence` would say without a single partner.
NO_EVIDENCE: Final = np.array([np.log(1e-3), np.log(0.5), np.log(0.5) ** 2, 0.0, _SAME_KIND_BY_CHANCE, _UNEVEN_BY_CHANCE_PX])


@dataclass(frozen=True, eq=False)
class Template:
    """特征: where the minutiae lie and, for those with a known neighbourhood, their cylinders. Without any, it matches
    nothing.
    """

    xy: Floats  # of the minutiae with cylinders
    direction: Floats
    cylinders: Cylinders
    layout: Layout
    size: int  # of the picture, pixels at 500 dpi

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
    direction, sure = used.direction.astype(np.float64), used.score.astype(np.float64)
    layout = Layout(place, direction, sure, used.ending, _hull(used.xy))
    return Template(used.xy[made.kept], used.direction[made.kept], made, layout, minutiae.width * minutiae.height)


def compare(a: Template, b: Template) -> Score:
    """How sure it is that both are of one finger, 0–1, by the stricter scale of both pictures' sizes: different fingers reach
    0.67 once in 10,000 times, 0.84 once in a million; 0 for an empty template. About 0.8 ms, symmetric.
    """
    facts = evidence(a, b)
    value = 0.0 if facts is None else float(scaled(facts @ WEIGHTS, min(a.size, b.size)))
    return Score(value, SCALE)


def scaled(weighed: NDArray[np.float64] | np.float64, size: int) -> NDArray[np.float64]:
    """The score of weighted evidence, where the smaller picture has so many pixels at 500 dpi: between the sizes that were
    measured, and the two points that were measured of each, linear in the log-odds."""
    from scipy.special import expit, logit  # here, as SciPy takes most of a second: whoever compares nothing does not wait

    seldom, rarely = np.interp(size, SIZES, REACHED_SELDOM), np.interp(size, SIZES, REACHED_RARELY)
    at_seldom, at_rarely = logit(SELDOM_AT), logit(RARELY_AT)
    return np.asarray(expit(at_seldom + (weighed - seldom) / (rarely - seldom) * (at_rarely - at_seldom)))


def evidence(a: Template, b: Template) -> NDArray[np.float64] | None:
    """What speaks for one finger, float64 (6,): the logarithm of the relaxed score, that of the number of partners and its
    square, that of the minutiae that were to be expected in the common area; the share of partners that are of one kind, and
    how much lengths between neighbours differ. None when one of the templates is empty.
    """
    if not len(a) or not len(b):
        return None
    if _order(b) < _order(a):  # growing from either side is not the same
        a, b = b, a
    likeness = similarity(a.cylinders, b.cylinders, a.direction, b.direction)
    pairs = best_pairs(likeness, a.xy, b.xy, a.direction, b.direction)
    found = agreement(a.layout, b.layout, pairs, a.cylinders.kept, b.cylinders.kept)
    count = len(found.a)
    matched = np.log(count + 0.5)
    expected = np.log(found.expected_a * found.expected_b + 1) / 2
    same_kind = float((a.layout.ending[found.a] == b.layout.ending[found.b]).sum()) + _BY_CHANCE * _SAME_KIND_BY_CHANCE
    uneven_px = found.uneven_px * count + _BY_CHANCE * _UNEVEN_BY_CHANCE_PX
    among = count + _BY_CHANCE
    return np.array([np.log(pairs.score + 1e-3), matched, matched**2, expected, same_kind / among, uneven_px / among])


def _order(template: Template) -> tuple[int, float]:
    return len(template.layout.place), float(template.layout.place.sum().real)


def _hull(xy: Floats) -> NDArray[np.float64]:
    from scipy.spatial import ConvexHull, QhullError

    if len(xy) < _LEAST_FOR_HULL:
        return np.zeros((0, 3))
    try:
        return np.asarray(ConvexHull(xy).equations)
    except QhullError:  # all on one line
        return np.zeros((0, 3))
