"""Scenes that a station must not fall for, and scenes that make a picture hard: what the simulated camera shows instead.

Rendered attacks are not real ones: paper and screens here are geometry, and what a real camera makes of a real screen is not in
it. They show what a check does by its design, not how often it is fooled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.camera.instruments import Pose, Surface, corners, hold
from drivers_sim.camera.scene import HEIGHT, SIT_S, WIDTH, Act, Place, compose, eyes_at, place, stand_before
from drivers_sim.people import Look
from kiosk.records import Image


class Attack(StrEnum):
    """What goes on before the camera."""

    PRINTED_PHOTO = "printed_photo"  # held up by a hand that trembles
    TURNED_PHOTO = "turned_photo"  # a print that is turned where a turn is asked for, and nods where anything else is
    BENT_PHOTO = "bent_photo"  # the same round a bottle or a face, so that the nose stands out
    CUT_OUT = "cut_out"  # a print along the head's outline, with holes for the eyes of whoever wears it
    SCREEN_PHOTO = "screen_photo"  # a photo on a tablet
    PHONE_REPLAY = "phone_replay"  # a recording on a phone: somebody who sits and blinks
    RECORDED_ACTS = "recorded_acts"  # a recording on a tablet of somebody who does one thing after the other, whatever is asked
    STEERED_REPLAY = "steered_replay"  # on a tablet, by somebody who plays the recording of what is asked
    CLOSE_REPLAY = "close_replay"  # the same, so near that neither edge nor hand is seen
    SECOND_PERSON = "second_person"  # walks in beside the student
    FACE_MASK = "face_mask"
    SUNGLASSES = "sunglasses"
    BACK_LIGHT = "back_light"
    DARK_ROOM = "dark_room"


@dataclass(frozen=True)
class Moment:
    """When a scene is looked at: so long after it began, and which picture that is. `act`: what was asked of whoever is there
    (SIT: nothing), of which `share` is over."""

    at_s: float
    number: int
    act: Act = Act.SIT
    share: float = 0.0


@dataclass(frozen=True)
class _Instrument:
    """What is held: its size in the picture, how far away in metres, and the colour and width of what is around its picture."""

    size: tuple[int, int]
    away: float
    border: tuple[int, int, int] = (22, 20, 20)
    border_px: int = 0
    glows: bool = True


_PAPER: Final = (226, 230, 232)
_PRINT: Final = _Instrument((470, 620), 0.6, _PAPER, 14, glows=False)
_TABLET: Final = _Instrument((520, 690), 0.45, border_px=26)
_INSTRUMENTS: Final = {
    Attack.PRINTED_PHOTO: _PRINT,
    Attack.TURNED_PHOTO: _PRINT,
    Attack.BENT_PHOTO: _PRINT,
    Attack.CUT_OUT: _Instrument((470, 620), 0.6, glows=False),
    Attack.SCREEN_PHOTO: _TABLET,
    Attack.PHONE_REPLAY: _Instrument((360, 690), 0.35, border_px=12),
    Attack.RECORDED_ACTS: _TABLET,
    Attack.STEERED_REPLAY: _TABLET,
    Attack.CLOSE_REPLAY: _Instrument((WIDTH + 120, HEIGHT + 120), 0.3),
}
# Presentation attack instruments, in the words of ISO/IEC 30107; the other scenes are rooms and things that students wear.
PRESENTED: Final = tuple(_INSTRUMENTS)
_TURNED_BY_HAND: Final = {Attack.TURNED_PHOTO, Attack.BENT_PHOTO, Attack.CUT_OUT}
_SIDES: Final = {Act.TURN_LEFT: -1.0, Act.TURN_RIGHT: 1.0}
_EYES_DOWN: Final = 0.42  # of the height of what is shown
_EYES: Final = (640.0, 286.0)  # of somebody who sits there
_EYE_TO_CHIN: Final = 173.0
_FINGER: Final = (122, 150, 196)
_EDGE_PX: Final = 5  # of paper around what is cut out
_HOLE: Final = (0.30, 0.17, 0.11)  # shares of the eye-to-chin distance: how far aside the holes are, and half their size
# A recording of acts: the person sits for a moment, then does the next.
_ACTS: Final = (Act.BLINK, Act.TURN_LEFT, Act.TURN_RIGHT, Act.OPEN_MOUTH)
_REST_S: Final = 0.5
_ACT_S: Final = 1.5
LOOP_S: Final = len(_ACTS) * (_REST_S + _ACT_S)  # after which every scene repeats, a whole number of times the sitting's
# The window behind the student, and what its light leaves of everything else.
_WINDOW: Final = ((330, 0), (950, 560))
_DIM: Final = 0.20
_HAZE: Final = 0.06


def attack(kind: Attack, face: int, other: int, moment: Moment, seed: int = 0) -> Image:
    """uint8 (720, 1280, 3); `face` is who sits or is shown, `other` who walks in or holds what is shown. `seed`: the hand, the
    paper or screen, the lamp."""
    if kind in _INSTRUMENTS:
        return _presented(kind, face, other, moment, seed)
    number, share = moment.number, moment.at_s / SIT_S % 1
    sitting = compose(face, Act.SIT, share, number)
    match kind:
        case Attack.SECOND_PERSON:
            beside = Place(620 - 250 * min(1.0, 2 * share), 12, 0.92, 0, Look.FRONT)
            shown = stand_before(sitting, other, beside)
        case Attack.FACE_MASK:
            shown = _covered(sitting, share, _mask_shape(), (228, 214, 200))
        case Attack.SUNGLASSES:
            shown = _covered(sitting, share, _glasses_shape(), (18, 16, 16))
        case Attack.BACK_LIGHT:
            shown = _back_lit(face, share, number)
        case _:  # a dark room
            grain = np.random.default_rng(number).normal(0, 5, sitting.shape)
            shown = np.asarray(np.clip(sitting * np.float32(0.16) + grain, 0, 255), np.uint8)
    return shown


def _presented(kind: Attack, face: int, other: int, moment: Moment, seed: int) -> Image:
    """An instrument before whoever holds it, or before the empty room."""
    chance = np.random.default_rng(seed)
    instrument, worn = _INSTRUMENTS[kind], kind is Attack.CUT_OUT
    surface = _surface(instrument, chance)
    pose = _in_hand(kind, instrument, moment, chance)
    sheet = _cut_out(face) if worn else _framed(instrument, _pictured(kind, face, moment, chance))
    if worn:
        behind = compose(other, moment.act, moment.share, moment.number)
    else:
        behind = compose(other, Act.SIT if chance.random() < 0.5 else Act.EMPTY, 0.1, moment.number)
    picture = hold(behind, sheet, surface, pose, moment.at_s)
    for x, y in () if worn else corners(sheet, pose)[2:]:
        cv2.ellipse(picture, (round(x), round(y) - 6), (20, 34), 0, 0, 360, _FINGER, -1, cv2.LINE_AA)
    return picture


def _surface(instrument: _Instrument, chance: np.random.Generator) -> Surface:
    """Paper or a screen, under some lamp."""
    lamp = float(chance.uniform(-16, 16)), float(chance.uniform(-14, 4))
    pitch, grain, glare = chance.uniform(0.07e-3, 0.26e-3), chance.uniform(0.01, 0.05), chance.uniform(0, 0.4)
    if instrument.glows:
        return Surface(pitch, grain, glare, lamp, chance.uniform(1.5, 4), glows=True, band=chance.uniform(0, 0.02))
    return Surface(0.17e-3, grain, glare / 2, lamp, chance.uniform(5, 12), glows=False)


def _in_hand(kind: Attack, instrument: _Instrument, moment: Moment, chance: np.random.Generator) -> Pose:
    """Where a hand holds it just now: no hand is quite still, and some do what is asked as far as paper can."""
    phase, pace, reach = chance.uniform(0, 2 * np.pi, 5), chance.integers(1, 10, 5) / SIT_S, chance.uniform(0.5, 1.5)
    sway = reach * np.sin(2 * np.pi * pace * moment.at_s + phase) * np.array((4, 3, 1.5, 1.2, 0.8))
    lean, radius = chance.uniform(-3, 3, 3), chance.uniform(0.05, 0.15)
    most, nod = chance.uniform(28, 42), chance.uniform(20, 35)
    dx, dy, yaw, pitch, roll = (float(one) for one in sway + np.array((0, 0, *lean)))
    if kind in _TURNED_BY_HAND and moment.act is not Act.SIT:
        swing = float(np.sin(np.pi * moment.share))
        yaw += _SIDES.get(moment.act, 0.0) * most * swing
        pitch += nod * swing if moment.act not in _SIDES and kind is not Attack.CUT_OUT else 0.0
    high = instrument.size[1]
    if high < HEIGHT:
        dy += _EYES[1] + (0.5 - _EYES_DOWN) * high - HEIGHT / 2
    bent = {Attack.BENT_PHOTO: radius, Attack.CUT_OUT: 4 * radius}.get(kind, 0.0)
    return Pose(dx, dy, instrument.away, yaw, pitch, roll, bent)


def _pictured(kind: Attack, face: int, moment: Moment, chance: np.random.Generator) -> Image:
    """What the instrument shows: uint8 (720, 1280, 3)."""
    act, share, number = Act.SIT, 0.2, 0
    match kind:
        case Attack.PHONE_REPLAY:
            share, number = moment.at_s / SIT_S % 1, moment.number
        case Attack.RECORDED_ACTS:
            order, passed_s = chance.permutation(len(_ACTS)), moment.at_s + chance.uniform(0, LOOP_S)
            turn, since_s = divmod(passed_s, _REST_S + _ACT_S)
            act, share = _ACTS[order[int(turn) % len(_ACTS)]], (since_s - _REST_S) / _ACT_S
            act, share = (act, share) if share >= 0 else (Act.SIT, 0.2)
            number = moment.number
        case Attack.STEERED_REPLAY | Attack.CLOSE_REPLAY:
            act, number = moment.act, moment.number
            share = moment.share if act is not Act.SIT else 0.7 * (moment.at_s / SIT_S % 1)  # no blink that nobody asked for
    return compose(face, act, share, number)


def _framed(instrument: _Instrument, picture: Image) -> Image:
    """What is shown, on paper or on a screen of this size: uint8 (h, w, 4)."""
    wide, high = instrument.size
    x, y = _EYES if high < HEIGHT else (WIDTH / 2, HEIGHT / 2)
    down = _EYES_DOWN if high < HEIGHT else 0.5
    warp = np.array([(1, 0, wide / 2 - x), (0, 1, down * high - y)])
    cut = cv2.warpAffine(picture, warp, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if instrument.border_px:
        cv2.rectangle(cut, (0, 0), (wide - 1, high - 1), instrument.border, 2 * instrument.border_px)
    toned = cv2.convertScaleAbs(cut, alpha=1.08, beta=10) if instrument.glows else _printed(np.asarray(cut, np.uint8))
    return np.asarray(cv2.cvtColor(toned, cv2.COLOR_BGR2BGRA), np.uint8)


def _printed(picture: Image) -> Image:
    """Ink on paper: paler, with no black, and a little soft."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    paler = cv2.addWeighted(picture, 0.76, grey, 0.12, 22)
    return np.asarray(cv2.GaussianBlur(paler, (0, 0), 0.7), np.uint8)


@lru_cache(maxsize=2)
def _cut_out(face: int) -> Image:
    """A printed head along its outline with a little paper around, and holes for eyes: uint8 (h, w, 4)."""
    still = place(Act.SIT, 0.2)
    black = stand_before(np.zeros((HEIGHT, WIDTH, 3), np.uint8), face, still)
    white = stand_before(np.full((HEIGHT, WIDTH, 3), 255, np.uint8), face, still)
    there = 255 - cv2.absdiff(white, black).max(axis=2)
    x, y = _EYES
    head = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(head, (round(x), round(y)), (round(1.0 * _EYE_TO_CHIN), round(1.08 * _EYE_TO_CHIN)), 0, 0, 360, 255, -1)
    inside = cv2.min(there, head)
    cover = cv2.dilate(inside, np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8))
    paper = np.full((HEIGHT, WIDTH, 3), _PAPER, np.uint8)
    picture = np.where(inside[..., None] > 127, _printed(compose(face, Act.SIT, 0.2, 0)), paper)
    aside, half_wide, half_high = (share * _EYE_TO_CHIN for share in _HOLE)
    for side in (-1, 1):
        cv2.ellipse(cover, (round(x + side * aside), round(y)), (round(half_wide), round(half_high)), 0, 0, 360, 0, -1)
    wide, high = _INSTRUMENTS[Attack.CUT_OUT].size
    left, top = round(x - wide / 2), round(y - _EYES_DOWN * high)
    whole = cv2.copyMakeBorder(np.dstack([picture, cover]), 0, high, 0, 0, cv2.BORDER_CONSTANT)
    return np.asarray(whole[top : top + high, left : left + wide], np.uint8)


def _covered(picture: Image, share: float, shape: NDArray[np.float64], colour: tuple[int, int, int]) -> Image:
    """Something over a part of the face; `shape` in shares of the eye-to-chin distance off the eyes' middle."""
    x, y, size = eyes_at(share)
    corners = np.rint(shape * size + (x, y)).astype(np.int32)
    layer = picture.copy()
    cv2.fillPoly(layer, [corners], colour, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(layer, 0.96, picture, 0.04, 0), np.uint8)


def _mask_shape() -> NDArray[np.float64]:
    return np.array(
        [
            (-0.62, 0.22),
            (-0.3, 0.17),
            (0, 0.14),
            (0.3, 0.17),
            (0.62, 0.22),
            (0.52, 0.8),
            (0.2, 1.08),
            (-0.2, 1.08),
            (-0.52, 0.8),
        ]
    )


def _glasses_shape() -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, 40)
    right, left = (np.column_stack([side * 0.33 + 0.27 * np.cos(turn), 0.03 + 0.2 * np.sin(turn)]) for side in (-1, 1))
    return np.concatenate([right, left])


def _back_lit(face: int, share: float, number: int) -> Image:
    """A bright window behind; the student in the room's shadow, with some of the glare over all."""
    black = _someone_before(np.zeros((HEIGHT, WIDTH, 3), np.uint8), face, share)
    white = _someone_before(np.full((HEIGHT, WIDTH, 3), 255, np.uint8), face, share)
    through = (white.astype(np.float32) - black) / 255
    room = compose(face, Act.EMPTY, 0, number).astype(np.float32) * 0.5
    cv2.rectangle(room, *_WINDOW, (255, 255, 252), -1)
    cv2.line(room, (640, 0), (640, _WINDOW[1][1]), (150, 150, 148), 10)
    glare = cv2.GaussianBlur(cv2.resize(room, (WIDTH // 8, HEIGHT // 8)), (0, 0), 12)
    shown = black * _DIM + room * through + cv2.resize(glare, (WIDTH, HEIGHT)) * _HAZE
    return np.asarray(np.clip(shown, 0, 255), np.uint8)


def _someone_before(wall: Image, face: int, share: float) -> Image:
    return stand_before(wall, face, place(Act.SIT, share))
