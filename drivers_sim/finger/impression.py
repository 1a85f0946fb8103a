"""What a finger leaves on the glass: turned, shifted, stretched, pressed, dry or wet, never twice the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.fft import dctn, idctn

from drivers_sim.finger.anatomy import HEIGHT, WIDTH, Finger
from kiosk.records import Image

_STREAM: Final = 991
_PAD_CENTRE: Final = 0.47  # of the finger's height: where the pad touches the glass first
_SCRATCH_PX: Final = 1.3

_Field = NDArray[np.float64]


@dataclass(frozen=True)
class Press:
    """How a finger is pressed. The defaults are a willing student; each knob, turned far enough, earns a refusal."""

    rotation_deg: float = 8  # at most, either way
    shift_px: float = 14
    stretch_px: float = 2.0
    moisture: float | None = None  # -1 bone dry … +1 dripping; None: an ordinary day's
    pressure: float = 1.0  # of the usual contact: 0.5 barely touches
    cleanliness: float = 1.0  # 0: worn, scratched, noisy
    off_centre_px: tuple[float, float] = (0.0, 0.0)  # right, down
    blur_px: float = 0.0  # moved while pressing
    blank: bool = False  # nothing but the glass
    bits: int = 4  # a pixel: 4 as a ZFM-20, 8 as an ID-card collector


ORDINARY: Final = Press()
VERY_DRY: Final = Press(moisture=-1.75, cleanliness=0.5)
VERY_WET: Final = Press(moisture=1.9)
BARELY_TOUCHED: Final = Press(pressure=0.42)
OFF_CENTRE: Final = Press(off_centre_px=(95.0, 100.0))
MOVED: Final = Press(blur_px=4.5)
BLANK: Final = Press(blank=True)


def impression(finger: Finger, number: int, press: Press = ORDINARY, size: tuple[int, int] = (256, 288)) -> Image:
    """uint8 (H, W) of `size` = (W, H) at 500 dpi, dark ridges on light ground; always the same for the same arguments."""
    rng = np.random.default_rng([finger.seed, number, _STREAM])
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    centre_x = width / 2 + rng.uniform(-1, 1) * press.shift_px + press.off_centre_px[0]
    centre_y = height / 2 + rng.uniform(-1, 1) * press.shift_px + press.off_centre_px[1]
    ridges = _placed(finger, press, rng, columns - centre_x, rows - centre_y)
    contact, edge = _contact(press, rng, columns - centre_x, rows - centre_y, size)
    ink = _ink(ridges, press, rng)
    weight = np.clip((1 - 0.25 * edge + _smooth(rng, ridges.shape, 35, 0.10)) * min(1.0, 0.5 + press.pressure / 2), 0.2, 1.1)
    glass = rng.uniform(225, 245) + _smooth(rng, ridges.shape, 60, 3)
    picture = glass - ink * contact * weight * rng.uniform(165, 200) * (not press.blank)
    picture = ndimage.gaussian_filter(picture, np.hypot(rng.uniform(0.5, 0.8), press.blur_px))
    picture += rng.normal(0, 3 + 7 * (1 - press.cleanliness), picture.shape)
    eight: Image = np.clip(picture, 0, 255).astype(np.uint8)
    return eight if press.bits == 8 else np.asarray((eight >> 4) * 17, np.uint8)


def _placed(finger: Finger, press: Press, rng: np.random.Generator, x: _Field, y: _Field) -> _Field:
    """The ridges under the glass: turned, shifted, and the skin stretched unevenly."""
    angle = np.radians(rng.uniform(-1, 1) * press.rotation_deg)
    across = x * np.cos(angle) + y * np.sin(angle) + WIDTH / 2 + _smooth(rng, x.shape, 40, press.stretch_px)
    down = -x * np.sin(angle) + y * np.cos(angle) + HEIGHT * _PAD_CENTRE + _smooth(rng, x.shape, 40, press.stretch_px)
    return np.asarray(ndimage.map_coordinates(finger.ridges, [down, across], order=1, mode="constant"), np.float64)


def _contact(press: Press, rng: np.random.Generator, x: _Field, y: _Field, size: tuple[int, int]) -> tuple[_Field, _Field]:
    """Where skin meets glass (0–1), and the squared distance from its middle in units of its radius."""
    half_width = rng.uniform(0.40, 0.47) * min(size[0], 300) * press.pressure
    half_height = rng.uniform(0.43, 0.49) * min(size[1], 420) * press.pressure
    edge = (x / half_width) ** 2 + (y / half_height) ** 2
    return 1 / (1 + np.exp(np.clip((edge + _smooth(rng, x.shape, 9, 0.05) - 1) * 22, -60, 60))), np.minimum(edge, 4)


def _ink(ridges: _Field, press: Press, rng: np.random.Generator) -> _Field:
    """How dark the ridges print (0–1): wet ones run together, dry and worn ones break up."""
    moisture = rng.normal(0, 0.25) if press.moisture is None else press.moisture
    threshold = -moisture * 0.55 + _smooth(rng, ridges.shape, 22, 0.18)
    ink = 1 / (1 + np.exp(-(ridges - threshold) * 5.5))
    worn = 1 - press.cleanliness
    if moisture < 0 or worn:
        gaps = _smooth(rng, ridges.shape, 1.3, 1.0)
        ink *= 1 - 0.9 / (1 + np.exp(-(gaps - (1.9 - 1.1 * max(0.0, -moisture) - 0.9 * worn)) * 4))
    rows, columns = np.mgrid[0 : ridges.shape[0], 0 : ridges.shape[1]]
    for _ in range(rng.poisson(0.5 + 3 * worn)):
        x, y, angle = rng.uniform(0, ridges.shape[1]), rng.uniform(0, ridges.shape[0]), rng.uniform(0, np.pi)
        off = np.abs((columns - x) * np.sin(angle) - (rows - y) * np.cos(angle))
        along = np.abs((columns - x) * np.cos(angle) + (rows - y) * np.sin(angle))
        ink *= 1 - 0.9 * np.exp(-((off / _SCRATCH_PX) ** 2)) * (along < rng.uniform(15, 60))
    return np.asarray(ink)


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], sigma: float, amplitude: float) -> _Field:
    """Smooth noise of a given standard deviation: blurred by a Gaussian that is mirrored at the edges, which in the cosine
    transform is a product, and costs the same however wide it is."""
    noise = dctn(rng.normal(0, 1, shape))
    for axis, length in enumerate(shape):
        decay = np.exp(-0.5 * (np.pi * sigma / length * np.arange(length)) ** 2)
        noise *= np.expand_dims(decay, 1 - axis)
    noise = idctn(noise)
    return np.asarray(noise * (amplitude / (noise.std() + 1e-9)))
