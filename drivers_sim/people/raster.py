"""A small software renderer: which triangle each pixel sees, then its colour. Compiled by numba."""

# ruff: noqa: PLR1714 -- numba compiles plain functions of arrays and numbers

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

# The texture is painted on the rest position seen from the front.
LEFT_X, RIGHT_X, BOTTOM_Y, TOP_Y = -1.05, 1.05, 5.3, 8.6
TEXTURE_SIZE = 1024
EYE_X, EYE_Y = 0.305, 7.285  # the pupil at rest
CHIN_Y, CHIN_Z, JAW_RISE = 6.12, 1.45, 0.53  # the jaw's edge at rest, from the chin backwards


def buffers(height: int, width: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Depth, triangle (-1: none) and barycentric coordinates of every pixel."""
    depth = np.full((height, width), 1e9, np.float32)
    return depth, np.full((height, width), -1, np.int32), np.zeros((height, width, 2), np.float32)


@njit(cache=True, fastmath=True)
def _hidden(m, e, s, q, jitter):  # type: ignore[no-untyped-def]
    """Whether a point of hair (4), shirt (1) or skin (0) is not there; e: how far inside its edge."""
    if m == 4:
        if e >= 14:
            return False
        n = (
            np.sin(s * 2.3 + 3 * np.sin(s * 0.71 + q * 0.05))
            + np.sin(s * 5.1 + 1.3 + q * 0.08)
            + 0.8 * np.sin(s * 11.3 + q * 0.2)
        )
        n += 0.9 * np.sin(s * 31.0 + q * 0.4)
        return e + 1.2 * n + 3.0 * (jitter - 0.6) < 0
    return e < 0


@njit(cache=True, fastmath=True)
def raster(screen, triangles, material, edge, depth, seen, inside):  # type: ignore[no-untyped-def]
    """Fill the buffers. `screen` (v, 3): pixel x, pixel y, distance."""
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0:
            continue
        xa, xb = max(int(min(x0, x1, x2)), 0), min(int(max(x0, x1, x2)) + 1, width - 1)
        ya, yb = max(int(min(y0, y1, y2)), 0), min(int(max(y0, y1, y2)) + 1, height - 1)
        for y in range(ya, yb + 1):
            for x in range(xa, xb + 1):
                px, py = x + 0.5 - x0, y + 0.5 - y0
                u = (px * (y2 - y0) - (x2 - x0) * py) / area
                v = ((x1 - x0) * py - px * (y1 - y0)) / area
                w = 1 - u - v
                if u < 0 or v < 0 or w < 0:
                    continue
                z = w * screen[a, 2] + u * screen[b, 2] + v * screen[c, 2]
                if z >= depth[y, x]:
                    continue
                m = material[t]
                if m == 0 or m == 1 or m == 4:
                    e = w * edge[a, 0] + u * edge[b, 0] + v * edge[c, 0]
                    s = w * edge[a, 1] + u * edge[b, 1] + v * edge[c, 1]
                    q = w * edge[a, 2] + u * edge[b, 2] + v * edge[c, 2]
                    mixed = np.uint32(x * 73856093) ^ np.uint32(y * 19349663)
                    mixed = np.uint32(mixed * np.uint32(2654435761))
                    if _hidden(m, e, s, q, (mixed >> np.uint32(8)) / 16777216.0):
                        continue
                depth[y, x] = z
                seen[y, x] = t
                inside[y, x, 0], inside[y, x, 1] = u, v


@njit(cache=True, fastmath=True)
def _paint_at(texture, rx, ry, dim, out):  # type: ignore[no-untyped-def]
    """Bilinear colour of the skin, dimmed, and the slope of its relief."""
    size = texture.shape[0]
    fx = min(max((rx - LEFT_X) / (RIGHT_X - LEFT_X) * size - 0.5, 0.0), size - 1.01)
    fy = min(max((TOP_Y - ry) / (TOP_Y - BOTTOM_Y) * size - 0.5, 0.0), size - 1.01)
    ix, iy = int(fx), int(fy)
    fx -= ix
    fy -= iy
    for k in range(5):
        top = texture[iy, ix, k] * (1 - fx) + texture[iy, ix + 1, k] * fx
        low = texture[iy + 1, ix, k] * (1 - fx) + texture[iy + 1, ix + 1, k] * fx
        out[k] = top * (1 - fy) + low * fy
    out[0] *= 1 - 0.26 * dim  # what little light comes there is warm
    out[1] *= 1 - 0.33 * dim
    out[2] *= 1 - 0.35 * dim


@njit(cache=True, fastmath=True)
def _under_jaw(y, z):  # type: ignore[no-untyped-def]
    """How much the jaw keeps the light from a point at rest, 0..1: without it chin and neck run into one."""
    below = CHIN_Y + JAW_RISE * (CHIN_Z - z) - y
    return np.exp(-max(below, 0.0) / 0.45) / (1 + np.exp(-below / 0.035))


@njit(cache=True, fastmath=True)
def _eye_colour(rx, ry, rz, gaze, iris, out):  # type: ignore[no-untyped-def]
    """White, iris, pupil, glint, and the lid's shadow."""
    side = 1.0 if rx > 0 else -1.0
    dx, dy = rx - side * EYE_X - gaze[0] * 0.14, ry - EYE_Y - gaze[1] * 0.14
    d = np.sqrt(dx * dx + dy * dy)
    out[0], out[1], out[2], out[3] = 0.62, 0.58, 0.56, 0.0
    if rz > 1.2:
        ring = min(max((0.074 - d) / 0.008, 0.0), 1.0)
        bright = 0.55 + 0.9 * d / 0.07 if d < 0.062 else 0.5
        pupil = 1 - 0.95 * min(max((0.030 - d) / 0.006, 0.0), 1.0)
        for k in range(3):
            out[k] = (out[k] * (1 - ring) + ring * iris[k] * bright) * pupil
        if (dx + 0.022) ** 2 + (dy - 0.024) ** 2 < 0.011**2:
            out[3] = 0.75
    lid = 1 - 0.55 * min(max((ry - EYE_Y - 0.015) / 0.05, 0.0), 1.0)
    for k in range(3):
        out[k] *= lid


@njit(cache=True, fastmath=True)
def shade(seen, inside, triangles, material, edge, rest, normals, light, half, texture, colours, out, cover):  # type: ignore[no-untyped-def]
    """Linear colour of every covered pixel. `colours`: rows iris, hair, shirt, gaze, glasses, trim."""
    height, width = seen.shape
    skin, eye = np.zeros(5), np.zeros(4)
    n, p, lit, e = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    for y in range(height):
        for x in range(width):
            t = seen[y, x]
            if t < 0:
                continue
            cover[y, x] = 1
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            u, v = inside[y, x, 0], inside[y, x, 1]
            w = 1 - u - v
            for k in range(3):
                p[k] = w * rest[a, k] + u * rest[b, k] + v * rest[c, k]
                n[k] = w * normals[a, k] + u * normals[b, k] + v * normals[c, k]
                lit[k] = w * light[a, k] + u * light[b, k] + v * light[c, k]
                e[k] = w * edge[a, k] + u * edge[b, k] + v * edge[c, k]
            length = np.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2) + 1e-9
            gloss = max((n[0] * half[0] + n[1] * half[1] + n[2] * half[2]) / length, 0.0)
            m = material[t]
            r, g, bl, shine = 0.0, 0.0, 0.0, 0.0
            if m == 0:
                _paint_at(texture, p[0], p[1], _under_jaw(p[1], p[2]), skin)
                relief = 1 + skin[3] * 0.5 - skin[4] * 0.35
                r, g, bl = skin[0] * relief, skin[1] * relief, skin[2] * relief
                # Light scatters in skin: shadows' rims turn warm.
                r *= 1 + 0.10 * max(0.0, 0.55 - lit[1])
                shine = (0.05 * gloss**18 + 0.03 * gloss**60) * lit[1] * (1 + 3 * skin[3])
            elif m == 1:
                band = 0.10 - abs(p[0]) * 0.02
                row = 5 if e[0] < band else 2
                k = 1 + 0.05 * np.sin(p[0] * 130) * np.sin(p[1] * 130)
                k *= 0.55 if abs(e[0] - band) < 0.008 else 1.0
                r, g, bl = colours[row, 0] * k, colours[row, 1] * k, colours[row, 2] * k
            elif m == 2:
                _eye_colour(p[0], p[1], p[2], colours[3], colours[0], eye)
                r, g, bl = eye[0], eye[1], eye[2]
                shine = eye[3] + 0.25 * gloss**120
            elif m == 3:
                r, g, bl = 0.7, 0.66, 0.58
            elif m == 5:
                r, g, bl = colours[4, 0], colours[4, 1], colours[4, 2]
                shine = 0.25 * gloss**30
            else:
                s, q = e[1], e[2]
                wave = 0.4 * np.sin(s * 2.3 + 3 * np.sin(s * 0.71 + q * 0.05)) + 0.3 * np.sin(s * 5.1 + 1.3 + q * 0.08)
                wave += (
                    0.35 * np.sin(s * 13.7 + q * 0.15) + 0.3 * np.sin(s * 29.0 + q * 0.3) + 0.25 * np.sin(s * 61.0 + q * 0.5)
                )
                k = 1 + 0.38 * wave
                r, g, bl = colours[1, 0] * k, colours[1, 1] * k, colours[1, 2] * k
                shine = (0.026 * gloss**10 + 0.018 * gloss**40) * max(0.0, 1 + 0.9 * wave) * lit[1]
            out[y, x, 0] = r * lit[0] + shine
            out[y, x, 1] = g * lit[1] + shine
            out[y, x, 2] = bl * lit[2] + shine
