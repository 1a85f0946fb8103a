"""A person before a camera: dressed, combed, posed, lit and rendered."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from drivers_sim.people import glasses, hair, light
from drivers_sim.people.identity import Colour, Person, make_person
from drivers_sim.people.mesh import EYE, GLASSES, HAIR, SHIRT, SKIN, Floats, Ints, base, target
from drivers_sim.people.paint import paint, repaint
from drivers_sim.people.raster import buffers, raster, shade
from kiosk.records import Image

_ARMS_DOWN_DEG: Final = 38.0
_SHIRT_OFF: Final = 0.05  # dm over the body
# Card photos of 358×441: the face 207 wide, hair's top 7 to 21 from the upper edge, eyes at least 207 from the lower one.
_CARD_FACE: Final = 207 / 358
_CARD_HAIR_TOP: Final = 14 / 441
_CARD_LOWEST_EYES: Final = (441 - 207) / 441
_MOUTH_LIGHT: Final = 0.35
_LASH: Final = 0.018  # dm
_LASH_DARK: Final = 0.85
_SLIT: Final = 0.2  # of the open eye
_SHADOW_MAP: Final = 320
_SHADOW_BOX: Final = 2.6
# Joints of the rig: coarse vertices of their helper cubes.
_HEAD_JOINT, _NECK_JOINT, _SHOULDER_JOINT = slice(14070, 14078), slice(14534, 14542), slice(14046, 14054)
_EYES: Final = slice(14598, 14742)
_TRIM: Final = np.array([0.72, 0.72, 0.74])  # the shirt's collar


@dataclass(frozen=True, eq=False)
class View:
    """Camera, pose and expression. Pose: degrees turned to the person's left, chin down, clockwise in the picture."""

    width: int
    height: int
    focal: float  # pixels
    eye_at: tuple[float, float]  # where the eyes are when the head is straight
    distance: float = 10.5  # dm
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)
    expression: Mapping[str, float] = field(default_factory=dict)
    gaze: tuple[float, float] = (0.0, 0.0)
    lamps: str = "room"
    finer: int = 2  # rendered this much larger, then shrunk


@dataclass(frozen=True, eq=False)
class _Topology:
    """What all people of one hair style share. Vertices: base, shell of hair, curtain, glasses."""

    shell_of: Ints
    shell_off: Floats
    curtain: hair.Curtain | None
    triangles: NDArray[np.int32]
    material: NDArray[np.int8]
    edge: NDArray[np.float32]
    rest: NDArray[np.float32]
    head: Floats
    smooth: Any  # sparse (v, v), mean over neighbours
    skin: NDArray[np.int32]
    shirt: NDArray[np.int32]
    shirt_vertices: Ints


class Actor:
    """One person prepared for rendering; `style` other than their own for another day, `jacket` likewise."""

    def __init__(self, person: Person, style: str = "", jacket: Colour | None = None) -> None:
        self._person = person
        self._style = style or person.style
        self._jacket = person.jacket if jacket is None else jacket
        self._shape = _topology(self._style, person.part)
        self._coarse = base().coarse + person.delta
        self._eye = self._coarse[_EYES].mean(0)
        self._texture = paint(person)
        vertices = self._vertices({})
        normals = light.vertex_normals(vertices, self._shape.triangles)
        reach = light.transfer(normals, _visible(self._style, person.part)[: len(vertices)])
        for _ in range(2):
            reach = 0.5 * reach + 0.5 * (self._shape.smooth @ reach)
        # Between the lips it is never quite dark: light comes through cheeks and teeth.
        reach[base().mouth, 0] = np.maximum(reach[base().mouth, 0], _MOUTH_LIGHT)
        self._reach = reach

    def altered(self, person: Person) -> Actor:
        """The person a little changed in shape and patches; how light reaches the skin is kept as it was."""
        other = copy.copy(self)
        other._person = person
        other._coarse = base().coarse + person.delta
        other._eye = other._coarse[_EYES].mean(0)
        if person.patches != self._person.patches:
            other._texture = repaint(self._texture, self._person, person)
        return other

    def render(self, view: View) -> tuple[Floats, Floats]:
        """Linear colour (h, w, 3), as if only the person were there, and cover (h, w) 0..1."""
        shape, person = self._shape, self._person
        vertices = self._vertices(view.expression)
        normals = light.vertex_normals(vertices, shape.triangles)
        turn = np.asarray(cv2.Rodrigues(np.radians([view.pose[1], view.pose[0], -view.pose[2]]))[0], float)
        lit: Floats = self._reach @ light.environment(view.lamps, np.eye(3))
        if any(view.pose):
            head = shape.head[:, None]
            lit = lit * (1 - head) + (self._reach @ light.environment(view.lamps, turn.T)) * head
            vertices, normals = self._turned(vertices, normals, view.pose)
        screen = self._project(vertices, view)
        height, width = view.height * view.finer, view.width * view.finer
        depth, seen, inside = buffers(height, width)
        raster(screen, shape.triangles, shape.material, shape.edge, depth, seen, inside)
        out, cover = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
        colours = np.zeros((6, 3))
        colours[0], colours[1], colours[2], colours[4], colours[5] = (
            person.iris,
            person.hair * 0.6,
            self._jacket,
            person.glasses_colour,
            _TRIM,
        )
        colours[3, :2] = view.gaze
        shade(
            seen, inside, shape.triangles, shape.material, shape.edge, shape.rest, normals.astype(np.float32),
            np.maximum(lit, 0).astype(np.float32), light.main_lamp(view.lamps), self._texture, colours, out, cover,
        )  # fmt: skip
        lashes = self._lashes(seen, round(_LASH * view.focal * view.finer / view.distance))
        out *= (1 - min(1.0, _LASH_DARK * self._person.lid_line) * lashes)[..., None]
        size = (view.width, view.height)
        small, covered = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (out, cover))
        return np.asarray(small / np.maximum(covered, 1e-3)[..., None], float), np.asarray(covered, float)

    def landmarks(self, view: View) -> Floats:
        """Eyes' middles, nose's tip and mouth's corners, the person's right first, looking straight: (5, 2) pixels."""
        eyes = self._coarse[_EYES].reshape(2, -1, 3).mean(1)
        points = np.concatenate([eyes[np.argsort(eyes[:, 0])], self._coarse[list(_nose_and_mouth())]])
        return np.asarray(self._project(points, view)[:, :2] / view.finer, float)

    def _lashes(self, seen: NDArray[np.int32], height: int) -> NDArray[np.float32]:
        """The upper lid's edge, 0..1: skin right over the eyeball, `height` pixels high."""
        material = np.where(seen >= 0, self._shape.material[seen], -1)
        above = (material == EYE).astype(np.float32)
        edge = np.zeros_like(above)
        for step in range(1, height + 1):
            edge[:-step] = np.maximum(edge[:-step], above[step:] * (1 - 0.6 * step / (height + 1)))
        return np.asarray(edge * (material == SKIN), np.float32)

    def on_card(self, view: View) -> View:
        """A view of a card's photo, moved so that the face is as wide and the hair as high as there (GA 461-2004)."""
        vertices = self._vertices({})
        face = vertices[base().face]
        away = view.distance - float(face[:, 2].min())
        focal = _CARD_FACE * view.width * away / float(np.ptp(face[:, 0]))
        hair = vertices[len(base().rest) : len(base().rest) + len(self._shape.shell_of), 1]
        crown = (float(hair.max()) - float(self._eye[1])) / view.distance
        room = (_CARD_LOWEST_EYES - _CARD_HAIR_TOP) * view.height
        focal = min(focal, room / crown)
        return replace(view, focal=focal, eye_at=(view.width / 2, _CARD_HAIR_TOP * view.height + focal * crown))

    def blink_strength(self, view: View) -> float:
        """The smallest blink that leaves but a slit: narrow eyes need less, and quite without a slit no lid's edge shows."""
        eyes = self._eyes_seen(view, 0)
        return next((float(one) for one in np.arange(0.3, 1.3, 0.02) if self._eyes_seen(view, float(one)) <= _SLIT * eyes), 1.3)

    def _eyes_seen(self, view: View, strength: float) -> int:
        """Pixels of the eyeballs, in a blink of this strength."""
        screen = self._project(self._vertices(blink(strength)), replace(view, finer=1))
        depth, seen, inside = buffers(view.height, view.width)
        raster(screen, self._shape.triangles, self._shape.material, self._shape.edge, depth, seen, inside)
        return int((self._shape.material[seen[seen >= 0]] == EYE).sum())

    def _vertices(self, expression: Mapping[str, float]) -> Floats:
        shape, coarse = self._shape, self._coarse
        if expression:
            coarse = coarse.copy()
            for unit, strength in expression.items():
                index, move = target(f"face/{unit}")
                np.add.at(coarse, index, strength * move)
        vertices = np.asarray(base().subdivide @ coarse)
        off = light.vertex_normals(vertices, shape.shirt)
        vertices[shape.shirt_vertices] += _SHIRT_OFF * off[shape.shirt_vertices]
        out = light.vertex_normals(vertices, shape.skin)
        strands = vertices[shape.shell_of] + out[shape.shell_of] * shape.shell_off[:, None]
        parts = [vertices, strands]
        if shape.curtain:
            parts.append(shape.curtain.hang(strands, shape.shell_of, float(self._eye[1])))
        eyes = coarse[_EYES].reshape(2, -1, 3).mean(1)
        eyes = eyes[np.argsort(-eyes[:, 0])]
        size = self._person.glasses or 0.9
        frame = glasses.place(eyes, size, self._person.glasses_round)
        parts.append(frame if self._person.glasses else np.full_like(frame, -50.0))  # out of sight
        whole = np.concatenate(parts)
        self._lower_arms(whole)
        return whole

    def _lower_arms(self, vertices: Floats) -> None:
        joint = self._coarse[_SHOULDER_JOINT].mean(0)
        for side in (1, -1):
            weight = base().arm[side]
            moved = np.where(weight > 0.001)[0]
            angle = -side * np.radians(_ARMS_DOWN_DEG) * weight[moved]
            dx, dy = vertices[moved, 0] - side * joint[0], vertices[moved, 1] - joint[1]
            vertices[moved, 0] = side * joint[0] + dx * np.cos(angle) - dy * np.sin(angle)
            vertices[moved, 1] = joint[1] + dx * np.sin(angle) + dy * np.cos(angle)

    def _turned(self, vertices: Floats, normals: Floats, pose: tuple[float, float, float]) -> tuple[Floats, Floats]:
        axis = np.radians([pose[1], pose[0], -pose[2]])
        angle = np.linalg.norm(axis)
        axis = axis / angle
        pivot = 0.5 * self._coarse[_HEAD_JOINT].mean(0) + 0.5 * self._coarse[_NECK_JOINT].mean(0)
        angles = (angle * self._shape.head)[:, None]

        def turn(vectors: Floats) -> Floats:
            along = (vectors @ axis)[:, None]
            turned = vectors * np.cos(angles) + np.cross(axis, vectors) * np.sin(angles) + axis * along * (1 - np.cos(angles))
            return np.asarray(turned)

        return pivot + turn(vertices - pivot), turn(normals)

    def _project(self, vertices: Floats, view: View) -> NDArray[np.float32]:
        away = view.distance - vertices[:, 2]
        focal = view.focal * view.finer
        x = view.eye_at[0] * view.finer + focal * (vertices[:, 0] - 0) / away
        y = view.eye_at[1] * view.finer - focal * (vertices[:, 1] - self._eye[1]) / away
        return np.stack([x, y, away], 1).astype(np.float32)


@cache
def _nose_and_mouth() -> tuple[int, int, int]:
    """Coarse vertices of the nose's tip, which goes farthest when it rises, and the mouth's corners, when it grows."""
    tip, rise = target("nose/nose-point-up")
    lips, wider = target("mouth/mouth-scale-horiz-incr")
    return int(tip[rise[:, 1].argmax()]), int(lips[wider[:, 0].argmin()]), int(lips[wider[:, 0].argmax()])


def blink(strength: float) -> dict[str, float]:
    """Both lids down."""
    return {"eyeBlinkLeft": strength, "eyeBlinkRight": strength}


def develop(linear: Floats) -> Image:
    """As a webcam would show linear light: uint8 BGR, with soft highlights."""
    bright = np.clip(linear * 0.80, 0, None)
    bright = bright * (1 + bright * 0.12) / (1 + bright * 0.32)
    return np.asarray(np.clip(bright, 0, 1)[..., ::-1] ** (1 / 2.2) * 255 + 0.5, np.uint8)


@cache
def _topology(style: str, part: int) -> _Topology:
    head_mesh = base()
    count = len(head_mesh.rest)
    inside, off = hair.shell(style, part)
    quads = head_mesh.scalp[(inside[head_mesh.scalp] > -6).any(1)]
    shell_of = np.unique(quads)
    renamed = np.full(count, -1)
    renamed[shell_of] = np.arange(len(shell_of)) + count
    all_quads = np.concatenate([head_mesh.quads, renamed[quads]])
    kinds = np.concatenate([head_mesh.material, np.full(len(quads), HAIR)])
    triangles = [np.concatenate([all_quads[:, [0, 1, 2]], all_quads[:, [0, 2, 3]]])]
    material = [np.tile(kinds, 2)]
    edge, shirt_vertices = _edges(shell_of, inside)
    edges, rests, heads = (
        [edge],
        [np.concatenate([head_mesh.rest, head_mesh.rest[shell_of]])],
        [np.concatenate([head_mesh.head, head_mesh.head[shell_of]])],
    )
    curtain = hair.curtain_of(style)
    if curtain:
        columns = len(curtain.azimuths)
        grid = np.arange(columns * curtain.rows).reshape(curtain.rows, columns) + len(rests[0])
        cells = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], -1).reshape(-1, 4)
        triangles.append(np.concatenate([cells[:, [0, 2, 1]], cells[:, [0, 3, 2]]]))
        from_side = (np.abs(curtain.column_azimuth) - curtain.begins_deg) * 3 - 1
        hem = np.minimum((curtain.rows - 1 - curtain.row) * 6.0 - 2, 6 + from_side)
        edges.append(np.stack([hem, curtain.column_azimuth * 0.35, -curtain.row * 3], 1))
        rests.append(np.zeros((columns * curtain.rows, 3)))
        heads.append(np.clip(1 - curtain.row / curtain.rows * (0.75 if curtain.lowest_y < 6 else 0.2), 0, 1))
        material.append(np.full(len(triangles[-1]), HAIR))
    triangles.append(glasses.triangles() + sum(len(rest) for rest in rests))
    material.append(np.full(len(triangles[-1]), GLASSES))
    for parts, filler in (
        (edges, np.zeros((glasses.COUNT, 3))),
        (rests, np.zeros((glasses.COUNT, 3))),
        (heads, np.ones(glasses.COUNT)),
    ):
        parts.append(filler)
    all_triangles = np.concatenate(triangles).astype(np.int32)
    all_material = np.concatenate(material).astype(np.int8)
    return _Topology(
        shell_of=shell_of,
        shell_off=off[shell_of],
        curtain=curtain,
        triangles=all_triangles,
        material=all_material,
        edge=np.ascontiguousarray(np.concatenate(edges), np.float32),
        rest=np.concatenate(rests).astype(np.float32),
        head=np.concatenate(heads),
        smooth=_neighbours(all_triangles, sum(len(rest) for rest in rests)),
        skin=all_triangles[all_material == SKIN],
        shirt=all_triangles[all_material == SHIRT],
        shirt_vertices=shirt_vertices,
    )


def _edges(shell_of: Ints, inside: Floats) -> tuple[Floats, Ints]:
    """What `raster` needs to know about edges: how far inside, across and along the strands."""
    head_mesh = base()
    rest = head_mesh.rest
    edge = np.zeros((len(rest) + len(shell_of), 3))
    # The neckline, lower in front than behind.
    height = rest[:, 1] - (5.72 + 0.22 * np.clip((0.25 - rest[:, 2]) / 0.6, -1.2, 0.6))
    height = height - 3 * np.clip(np.abs(rest[:, 0]) - 0.5, 0, None) ** 2
    shirt = np.unique(head_mesh.quads[head_mesh.material == SHIRT])
    skin = np.unique(head_mesh.quads[head_mesh.material == SKIN])
    edge[shirt, 0] = -height[shirt]
    edge[skin, 0] = height[skin] + 0.03
    azimuth, elevation = head_mesh.azimuth_deg[shell_of] * head_mesh.side[shell_of], head_mesh.elevation_deg[shell_of]
    edge[len(rest) :, 0] = inside[shell_of]
    edge[len(rest) :, 1] = rest[shell_of, 0] * 14 + 0.10 * azimuth * (elevation < 35)
    edge[len(rest) :, 2] = elevation
    return edge, shirt


def _neighbours(triangles: NDArray[np.int32], count: int) -> Any:
    a = np.concatenate([triangles[:, k] for k in (0, 1, 1, 2, 2, 0)])
    b = np.concatenate([triangles[:, k] for k in (1, 0, 2, 1, 0, 2)])
    matrix = sp.csr_matrix((np.ones(len(a)), (a, b)), (count, count))
    return sp.diags(1 / np.maximum(np.asarray(matrix.sum(1)).ravel(), 1)) @ matrix


@cache
def _visible(style: str, part: int) -> Floats:
    """Which of `light.sphere` each vertex sees, (v, DIRECTIONS) of 0 and 1: shadow maps of an average head with this hair."""
    shape = _topology(style, part)
    average = Actor.__new__(Actor)
    average._person = make_person("2", [0.0] * 200)
    average._shape, average._coarse = shape, base().coarse + average._person.delta
    average._eye = average._coarse[_EYES].mean(0)
    vertices = average._vertices({})
    normals = light.vertex_normals(vertices, shape.triangles)
    centre = np.array([0, average._coarse[_NECK_JOINT].mean(0)[1] + 0.5, 0.3])
    visible = np.ones((len(vertices), light.DIRECTIONS), np.float32)
    for number, towards in enumerate(light.sphere(light.DIRECTIONS)):
        across = np.cross([0, 1, 0.01], towards)
        across /= np.linalg.norm(across)
        axes = np.stack([across, np.cross(towards, across)], 1)
        flat = ((vertices - centre) @ axes / _SHADOW_BOX + 1) * _SHADOW_MAP / 2
        depth, seen, inside = buffers(_SHADOW_MAP, _SHADOW_MAP)
        screen = np.column_stack([flat, -(vertices - centre) @ towards]).astype(np.float32)
        raster(screen, shape.triangles, shape.material, shape.edge, depth, seen, inside)
        probe = vertices + normals * 0.03 - centre
        x, y = (((probe @ axes / _SHADOW_BOX + 1) * _SHADOW_MAP / 2).astype(int)).T
        within = (x >= 0) & (y >= 0) & (x < _SHADOW_MAP) & (y < _SHADOW_MAP)
        visible[within, number] = -(probe[within] @ towards) <= depth[y[within], x[within]] + 0.035
    return np.asarray(visible)
