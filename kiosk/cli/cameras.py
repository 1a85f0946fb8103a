"""`kiosk devices camera`: what the camera really gives, and whether a photo can be made of it."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from kiosk import weights
from kiosk.config import CameraSettings, FaceSettings
from kiosk.devices.camera import CameraDevice
from kiosk.devices.camera.judge import too_small
from kiosk.errors import KioskError
from kiosk.pipeline.face import FaceAnalyser, FaceLook, FaceMatcher, least_picture
from kiosk.records import Frame, Image, PhotoSpec, Verdict
from kiosk.words import say, say_error, say_message

_WATCH_S: Final = 2.0
_LOOKS: Final = 8
_SURER: Final = 0.02  # of YuNet's score, before a camera that seems to stand is said to hang
# What would put a picture right: the setting, and how to try it.
_TURNS: Final[dict[int, int | None]] = {
    0: None,
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, eq=False)
class CameraLook:
    """What a camera was like for two seconds. `turn`: degrees by which its picture would stand upright, None without a face.

    `problem` beside a `size`: the camera works, and is not good enough.
    """

    model: str = ""
    fps: float = 0.0
    size: tuple[int, int] = (0, 0)
    turn: int | None = None
    face: FaceLook | None = None
    problem: KioskError | None = None


def look(settings: CameraSettings, photo: PhotoSpec) -> CameraLook:
    """Open the camera and look through it. Never raises KioskError: `problem` has it."""
    device = CameraDevice(settings)
    stop = threading.Event()
    try:
        model = device.open()
        serving = threading.Thread(target=_serve, args=(device, stop), name="camera-look", daemon=True)
        serving.start()
        frames = _watch(device)
        stop.set()
        serving.join()
    except KioskError as error:
        return CameraLook(problem=error)
    finally:
        device.close()
    if len(frames) < 2:
        return CameraLook(model, problem=KioskError("camera.lost"))
    fps = (frames[-1].number - frames[0].number) / (frames[-1].at_s - frames[0].at_s)
    height, width = frames[-1].pixels.shape[:2]
    small = too_small(frames[-1].pixels, least_picture(photo))
    turn = upright(frames[-1].pixels)
    analyser = FaceAnalyser(FaceSettings(), photo)
    looks = [analyser.analyse(frame) for frame in frames[-_LOOKS:]] if turn == 0 else []
    return CameraLook(model, fps, (width, height), turn, looks[-1] if looks else None, small)


def upright(pixels: Image) -> int | None:
    """By how many degrees clockwise a picture has to be turned so that the face in it stands upright; None without a face.

    The detector finds faces that lie or hang too, and is surest of one that stands.
    """
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    sure: dict[int, float] = {}
    for degrees, code in _TURNS.items():
        turned = pixels if code is None else np.asarray(cv2.rotate(pixels, code), np.uint8)
        with contextlib.suppress(KioskError):
            sure[degrees] = float(matcher.find(turned)[-1])
    if not sure:
        return None
    likeliest = max(sure, key=lambda degrees: sure[degrees])
    return likeliest if sure[likeliest] - sure.get(0, 0.0) > _SURER else 0


def report(found: CameraLook, language: str) -> str:
    """As text to paste."""

    def line(code: str, **data: Any) -> str:
        return say(language, f"cli.camera.{code}", **data)

    lines = []
    if found.model:
        width, height = found.size
        lines.append(line("model", model=found.model, fps=f"{found.fps:.1f}", width=width, height=height))
    if found.problem is not None:
        said = "works_but" if found.size[0] else "problem"
        lines.append(line(said, problem=say_error(language, found.problem), error=found.problem.code))
        if not found.size[0]:
            return "\n".join(lines)
    if found.turn is None:
        lines.append(line("nobody"))
    elif found.turn:
        lines.append(line("turned", degrees=found.turn))
    if found.face is not None:
        lines += [f"  {measure.name} {measure.value:.2f}" for measure in found.face.measures]
        wrong = [measure.hint for measure in found.face.measures if measure.verdict is Verdict.FAIL and measure.hint]
        lines += [f"  ! {say_message(language, hint)}" for hint in wrong] or ([] if found.problem else [line("good")])
    return "\n".join(lines)


def _serve(device: CameraDevice, stop: threading.Event) -> None:
    with contextlib.suppress(KioskError):  # too few pictures come of it, and that is told
        device.serve(lambda _: None, stop)


def _watch(device: CameraDevice) -> list[Frame]:
    frames: list[Frame] = []
    until_s = time.monotonic() + _WATCH_S
    while (left_s := until_s - time.monotonic()) > 0:
        frame = device.newest(frames[-1].number if frames else 0, left_s)
        if frame is not None:
            frames = [*frames[-_LOOKS:], frame] if len(frames) <= _LOOKS else [frames[0], *frames[-_LOOKS:], frame]
    return frames
