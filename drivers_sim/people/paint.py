"""A person's skin: colour and relief on the rest position seen from the front, 1024×1024."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.people.identity import PATCH_COLUMNS, PATCH_ROWS, Colour, Person
from drivers_sim.people.mesh import SKIN, base, makehuman
from drivers_sim.people.raster import BOTTOM_Y, EYE_Y, LEFT_X, RIGHT_X, TEXTURE_SIZE, TOP_Y, buffers, raster

Layer = NDArray[np.float32]

_NOSTRIL: Final = (0.105, 6.866)
# Where `Person.patches` lie, in decimetres of the rest position: |x| of the first and last column, y of the first and last row.
_PATCHES_X: Final = (0.0, 0.70)
_PATCHES_Y: Final = (7.85, 6.15)
_PATCH_STRENGTH: Final = 0.13


@cache
def _grid() -> tuple[Layer, Layer, Layer]:
    """x, |x| and y of every texel."""
    y, x = np.mgrid[0:TEXTURE_SIZE, 0:TEXTURE_SIZE].astype(np.float32)
    xs = LEFT_X + (x + 0.5) / TEXTURE_SIZE * (RIGHT_X - LEFT_X)
    ys = TOP_Y - (y + 0.5) / TEXTURE_SIZE * (TOP_Y - BOTTOM_Y)
    return xs, np.abs(xs), ys


@cache
def _masks() -> tuple[Layer, Layer]:
    """Lips and eyelids (CC0 masks in MakeHuman's texture space), brought to the front view and softened."""
    quads = base().quads[base().material == SKIN]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    rest = base().rest
    x = (rest[:, 0] - LEFT_X) / (RIGHT_X - LEFT_X) * TEXTURE_SIZE
    y = (TOP_Y - rest[:, 1]) / (TOP_Y - BOTTOM_Y) * TEXTURE_SIZE
    screen = np.stack([x, y, -rest[:, 2]], 1).astype(np.float32)
    depth, seen, inside = buffers(TEXTURE_SIZE, TEXTURE_SIZE)
    raster(screen, triangles, np.zeros(len(triangles), np.int8), np.zeros((len(rest), 4), np.float32), depth, seen, inside)
    share = np.stack([1 - inside.sum(-1), inside[..., 0], inside[..., 1]], -1)
    uv = (base().skin_uv[triangles[np.maximum(seen, 0)]] * share[..., None]).sum(-2).astype(np.float32)

    def read(name: str, soft: float) -> Layer:
        data = np.frombuffer((makehuman() / "mpfb2/textures" / name).read_bytes(), np.uint8)
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float32) / 255
        found = cv2.remap(picture, uv[..., 0] * 2048, (1 - uv[..., 1]) * 2048, cv2.INTER_LINEAR)
        found[seen < 0] = 0
        return np.asarray(cv2.GaussianBlur(found, (0, 0), soft), np.float32)

    return read("mpfb_lips.jpg", 4), read("mpfb_eyelids.jpg", 5)


def _cloud(draw: np.random.Generator, *octaves: tuple[int, float]) -> Layer:
    """Smooth noise: sums of random grids of so many cells, each with its strength."""
    total = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)
    for cells, strength in octaves:
        grid = draw.standard_normal((cells, cells), np.float32)
        total += strength * cv2.resize(grid, (TEXTURE_SIZE, TEXTURE_SIZE), interpolation=cv2.INTER_CUBIC)
    return total


@cache
def _spot(x: float, y: float, wide: float, high: float) -> Layer:
    """A soft spot on both sides of the face."""
    _, across, ys = _grid()
    return np.asarray(np.exp(-(((across - x) / wide) ** 2) - ((ys - y) / high) ** 2), np.float32)


def repaint(texture: Layer, person: Person, changed: Person) -> Layer:
    """The texture of somebody who differs from `person` in the patches only; quick, and nearly what `paint` gives."""
    found = texture.copy()
    found[..., :3] *= _patches(changed) / _patches(person)
    return found


def _patches(person: Person) -> Layer:
    """By what the skin's colour is multiplied: patches are lighter or darker, and beyond the face they fade away."""
    _, across, ys = _grid()
    grid = np.asarray(person.patches, np.float32).reshape(PATCH_ROWS, PATCH_COLUMNS)
    grid = np.pad(grid, 1)
    grid[:, 0] = grid[:, 2]  # the other half of the face is like this one
    columns = 1 + (across - _PATCHES_X[0]) / (_PATCHES_X[1] - _PATCHES_X[0]) * (PATCH_COLUMNS - 1)
    rows = 1 + (ys - _PATCHES_Y[0]) / (_PATCHES_Y[1] - _PATCHES_Y[0]) * (PATCH_ROWS - 1)
    lighter = cv2.remap(grid, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    # Shade on skin is warm.
    return np.asarray(1 + _PATCH_STRENGTH * lighter[..., None] * np.array([0.85, 1.0, 1.05], np.float32), np.float32)


def _mix(skin: Layer, mask: NDArray[np.floating[Any]], colour: Colour) -> None:
    """Lay a colour over the skin where the mask is 1."""
    skin += np.clip(mask, 0, 1)[..., None] * (colour.astype(np.float32) - skin)


@lru_cache(maxsize=2)
def paint(person: Person) -> Layer:
    """float32 (1024, 1024, 5): linear RGB, pores' height, creases' depth."""
    draw = np.random.default_rng(person.noise)
    skin = np.tile(person.skin.astype(np.float32), (TEXTURE_SIZE, TEXTURE_SIZE, 1))
    pores = _cloud(draw, (480, 0.10), (700, 0.10), (1024, 0.08))
    creases = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)
    _paint_complexion(skin, person, draw)
    _paint_eyes(skin, person)
    lips, _ = _masks()
    _mix(skin, person.lip_strength * lips, person.lip)
    xs, _, ys = _grid()
    creases += 0.10 * lips * (0.5 + 0.5 * np.sin(xs * 260 + 2 * np.sin(ys * 30)))
    nostril = ((_grid()[1] - _NOSTRIL[0]) / 0.040) ** 2 + ((ys - _NOSTRIL[1]) / 0.018) ** 2
    _mix(skin, 0.75 * np.exp(-(nostril**1.5)), person.skin * 0.18)
    for x, y, radius in person.moles:
        if radius > 0.006:
            _mix(skin, 0.7 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / radius**2), person.skin * 0.35)
    _paint_brows(skin, person, draw)
    return np.ascontiguousarray(np.dstack([np.clip(skin, 0, 1), pores, creases]), np.float32)


def _paint_complexion(skin: Layer, person: Person, draw: np.random.Generator) -> None:
    skin *= 1 + 0.03 * _cloud(draw, (6, 0.6), (14, 0.5), (40, 0.4), (160, 0.4), (400, 0.5))[..., None]
    redness = _cloud(draw, (10, 1), (30, 0.6), (90, 0.4))
    skin *= 1 + 0.022 * redness[..., None] * np.array([0.2, 1, 1], np.float32)
    freckles = np.clip(_cloud(draw, (220, 1.0)) - 1.6, 0, 1) * person.freckles * _spot(0.35, 6.95, 0.45, 0.3)
    skin *= 1 - 0.35 * freckles[..., None]
    blotches = _cloud(draw, (5, 0.7), (9, 0.6), (16, 0.4))
    blotches = 0.4 * (blotches + blotches[:, ::-1]) + 0.4 * blotches  # faces are nearly symmetric
    skin *= 1 + person.blotches * blotches[..., None] * np.array([0.8, 1.0, 1.1], np.float32)
    skin *= _patches(person)
    red = person.skin * np.array([1.0, 0.72, 0.68])
    _mix(skin, person.blush * 2.0 * _spot(0.42, 6.92, 0.24, 0.2), red)
    _mix(skin, 0.20 * _spot(0, 6.92, 0.16, 0.14), red)
    _mix(skin, 0.08 * _spot(0, 6.3, 0.2, 0.12), red)


def _paint_eyes(skin: Layer, person: Person) -> None:
    _, across, ys = _grid()
    _, lids = _masks()
    _mix(skin, person.under_eye * _spot(0.31, 7.12, 0.17, 0.07), person.skin * np.array([0.74, 0.64, 0.66]))
    _mix(skin, 0.14 * _spot(0.3, 7.38, 0.22, 0.07), person.skin * np.array([0.78, 0.66, 0.62]))
    _mix(skin, person.lid_shade * lids, person.skin * np.array([0.68, 0.54, 0.5]))
    lash_line = np.exp(-(((ys - EYE_Y - 0.047 - 0.02 * (1 - ((across - 0.33) / 0.17) ** 2)) / 0.012) ** 2))
    _mix(skin, 0.4 * person.lid_line * lash_line * (across > 0.17) * (across < 0.5), person.skin * 0.2)


def _paint_brows(skin: Layer, person: Person, draw: np.random.Generator) -> None:
    """Single hairs that fan out: upright at the inner end, lying down towards the temple."""
    xs, across, ys = _grid()
    along = np.clip((across - person.brow_inner) / (person.brow_outer - person.brow_inner), -0.2, 1.2)
    middle = EYE_Y + person.brow_height + 4.8 * person.brow_arch * along * (1 - along) + person.brow_tilt * (along - 0.5)
    thick = person.brow_thick * (1.05 - 0.65 * np.clip(along, 0, 1) ** 2)
    thick = thick * np.clip((along + 0.12) / 0.2, 0, 1) * np.clip((1.08 - along) / 0.25, 0, 1)
    lean = np.interp(along, [0, 0.2, 0.5, 1], [1.25, 0.8, 0.35, 0.1])
    across_hair = -across * np.sin(lean) + (ys - middle) * np.cos(lean)
    wobble = _cloud(draw, (60, 1.0), (30, 0.6)) + 0.4 * np.sign(xs)
    strand = np.sin(across_hair * 610 + 1.1 * wobble) + 0.5 * np.sin(across_hair * 290 + 1.4 * wobble)
    body = np.exp(-((np.abs(ys - middle) / np.maximum(thick * 0.95, 1e-3)) ** 3)) * np.clip((thick - 0.003) / 0.012, 0, 1)
    mask = body * np.clip(person.brow_density * (0.80 + 0.22 * strand), 0, 1) * np.clip((along + 0.18) / 0.45, 0.25, 1)
    _mix(skin, np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.2), np.float32), person.hair * 0.6)
