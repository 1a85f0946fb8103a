"""Fingers that nobody has: a field of ridge directions from its cores and deltas, and ridges grown along it.

Directions follow the zero-pole model (Sherlock and Monro, 1993) with its piecewise-linear correction (Vizcaya and Gerhardt,
1996); ridges are grown out of noise by oriented filters (Cappelli, Maio and Maltoni, 2002), which makes minutiae where ridges
don't fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

WIDTH: Final = 352  # pixels at 500 dpi: the whole pad of a thumb
HEIGHT: Final = 480
_TWISTS: Final = 9  # nodes of the piecewise-linear correction
_DIRECTIONS: Final = 32  # of the filter bank
_ROUNDS: Final = 9
_STREAM: Final = 77  # keeps these random numbers apart from those of the impressions

Field = NDArray[np.float64]


class Pattern(StrEnum):
    """Henry classes."""

    RIGHT_LOOP = "right_loop"
    LEFT_LOOP = "left_loop"
    WHORL = "whorl"
    DOUBLE_LOOP = "double_loop"
    TENTED_ARCH = "tented_arch"
    ARCH = "arch"


# Shares in the population (Wilson, Candela and Watson, 1994), double loops taken from the whorls.
_SHARES: Final = {
    Pattern.RIGHT_LOOP: 0.317,
    Pattern.LEFT_LOOP: 0.338,
    Pattern.WHORL: 0.240,
    Pattern.DOUBLE_LOOP: 0.040,
    Pattern.TENTED_ARCH: 0.029,
    Pattern.ARCH: 0.036,
}


@dataclass(frozen=True, eq=False)
class Finger:
    """`ridges`: float32 (480, 352) at 500 dpi, +1 on a ridge, -1 in a valley."""

    seed: int
    pattern: Pattern
    ridges: NDArray[np.float32]


def grow(seed: int, pattern: Pattern | None = None) -> Finger:
    """The finger of a seed, always the same one; its pattern is drawn in natural shares unless it is given."""
    rng = np.random.default_rng([seed, _STREAM])
    drawn = Pattern(rng.choice(list(_SHARES), p=np.array(list(_SHARES.values())) / sum(_SHARES.values())))
    period = rng.uniform(8.3, 10.2)  # pixels from ridge to ridge: 0.42–0.52 mm
    chosen = pattern or drawn
    field = _directions(chosen, rng)
    waver = ndimage.gaussian_filter(rng.normal(0, 1, field.shape), 45)
    field = (field + waver * (0.16 / waver.std())) % np.pi
    return Finger(seed, chosen, _ridges(field, period, rng))


def _directions(pattern: Pattern, rng: np.random.Generator) -> Field:
    """Ridge directions in radians, [0, pi), counter-clockwise with y upwards."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    centre = (WIDTH / 2 + rng.normal(0, 6), HEIGHT * 0.46 + rng.normal(0, 10))
    if pattern is Pattern.ARCH:
        steepness = rng.uniform(0.9, 1.35)
        across = np.clip((columns - centre[0]) / (WIDTH / 2), -1.9, 1.9)
        down = (rows - HEIGHT * 0.25) / (HEIGHT * 0.75)
        strength = steepness * np.clip(1.1 - 1.1 * np.abs(down - 0.45), 0.05, 1)
        return np.asarray(np.arctan(-1.2 * strength * np.sin(np.pi / 2 * across)) % np.pi)
    cores, deltas = _singularities(pattern, centre, rng)
    turn = np.zeros((HEIGHT, WIDTH))
    for sign, points in ((1.0, deltas), (-1.0, cores)):
        for x, y in points:
            turn += sign * _twisted(np.arctan2(y - rows, columns - x), rng)
    return np.asarray((-turn / 2) % np.pi)


Points = list[tuple[float, float]]


def _singularities(pattern: Pattern, centre: tuple[float, float], rng: np.random.Generator) -> tuple[Points, Points]:
    """Cores and deltas, (x, y) in pixels."""
    x, y = centre

    def near(right: float, down: float, spread: float) -> tuple[float, float]:
        return x + right + rng.normal(0, spread), y + down + rng.normal(0, spread)

    match pattern:
        case Pattern.RIGHT_LOOP:
            return [near(0, 0, 5)], [near(-78, 105, 9)]
        case Pattern.LEFT_LOOP:
            return [near(0, 0, 5)], [near(78, 105, 9)]
        case Pattern.WHORL:
            gap = rng.uniform(8, 26)
            return [near(0, -gap, 3), near(0, gap, 3)], [near(-100, 115, 11), near(100, 115, 11)]
        case Pattern.DOUBLE_LOOP:
            gap = rng.uniform(28, 44)
            return [near(-14, -gap, 3), near(14, gap, 3)], [near(-100, 125, 11), near(100, 125, 11)]
        case _:
            return [near(0, 0, 3)], [near(0, rng.uniform(70, 110), 2)]


def _twisted(angle: Field, rng: np.random.Generator) -> Field:
    """An angle about a singularity, bent piecewise linearly: no two loops curve alike."""
    nodes = np.linspace(-np.pi, np.pi, _TWISTS)
    values = nodes + rng.normal(0, 0.09, _TWISTS)
    values[-1] = values[0] + 2 * np.pi
    return np.asarray(np.interp(angle, nodes, values))


def _ridges(field: Field, period: float, rng: np.random.Generator) -> NDArray[np.float32]:
    kernels = _filters(period)
    reach = kernels[0].shape[0] // 2
    size = (fft.next_fast_len(HEIGHT + 2 * reach, real=True), fft.next_fast_len(WIDTH + 2 * reach, real=True))
    spectra = []
    for kernel in kernels:
        padded = np.zeros(size, np.float32)
        padded[: kernel.shape[0], : kernel.shape[1]] = kernel
        spectra.append(fft.rfft2(np.roll(padded, (-reach, -reach), (0, 1))))
    place = field / np.pi * _DIRECTIONS
    lower = np.floor(place).astype(int)
    share = (place - lower).astype(np.float32)
    weights = [
        np.where(lower % _DIRECTIONS == i, 1 - share, 0) + np.where((lower + 1) % _DIRECTIONS == i, share, 0)
        for i in range(_DIRECTIONS)
    ]
    used = [
        (np.nonzero(weight), weight[np.nonzero(weight)], spectrum) for weight, spectrum in zip(weights, spectra, strict=True)
    ]
    image = rng.normal(0, 1, field.shape).astype(np.float32)
    image[rng.random(field.shape) < 0.985] *= 0.15
    for _ in range(_ROUNDS):
        spectrum = fft.rfft2(image, size)
        grown = np.zeros(field.shape, np.float32)
        for where, weight, kernel in used:
            if weight.size:
                grown[where] += weight * fft.irfft2(spectrum * kernel, size)[where]
        spread = np.sqrt(ndimage.uniform_filter(grown * grown, 33)) + 1e-6
        image = np.tanh(1.6 * grown / spread).astype(np.float32)
    return image


def _filters(period: float) -> list[NDArray[np.float32]]:
    """Even Gabor filters, one per direction."""
    sigma = 0.5 * period * 1.05
    reach = int(np.ceil(3 * sigma))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    filters = []
    for i in range(_DIRECTIONS):
        angle = np.pi * i / _DIRECTIONS
        across = right * np.sin(angle) + down * np.cos(angle)
        kernel = np.exp(-(right**2 + down**2) / (2 * sigma**2)) * np.cos(2 * np.pi * across / period)
        kernel -= kernel.mean()
        filters.append((kernel / np.abs(kernel).sum()).astype(np.float32))
    return filters
