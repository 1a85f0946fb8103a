"""The networks and what they judge, for the station's pool. Loaded once, before the first student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.config import FaceSettings, FingerSettings
from kiosk.errors import KioskError
from kiosk.memory import give_back
from kiosk.pipeline.face.framing import FaceLook
from kiosk.pipeline.face.liveness import Outcome
from kiosk.pipeline.face.making import judge_for_others, make_photo
from kiosk.pipeline.face.mask import PersonMask
from kiosk.pipeline.face.shutter import Shot
from kiosk.pipeline.face.verification import FaceMatcher, judge, mean_face
from kiosk.pipeline.finger.compact import pack
from kiosk.pipeline.finger.images import PictureFormat, encoded
from kiosk.pipeline.finger.minutiae import MinutiaeExtractor
from kiosk.pipeline.finger.quality import PressQuality, assess
from kiosk.pipeline.finger.template import Template, make_template
from kiosk.pipeline.pictures import jpeg
from kiosk.records import (
    ChipPhoto,
    Frame,
    Image,
    Impression,
    Measure,
    Message,
    PhotoSpec,
    Portrait,
    Resemblance,
    Score,
    Verdict,
)

Embedding = NDArray[np.float32]

_NONE: Final[Mapping[str, PhotoSpec]] = MappingProxyType({})
# Of a burst that are embedded: more frames steady the score, and each costs 35 ms.
_FRAMES: Final = 2


@dataclass(frozen=True, eq=False)
class Glance:
    """A frame and the face in it. `face`: None when the network found none."""

    frame: Frame
    look: FaceLook
    live_jpeg: bytes
    face: Embedding | None


@dataclass(frozen=True, eq=False)
class Prepared(Glance):
    """What of one frame need not wait for the shutter. `measures`: of the cut and its background."""

    portrait: Portrait
    measures: tuple[Measure, ...]


@dataclass(frozen=True, eq=False)
class FaceJudgement:
    """What became of one shot. `score` is None when there was nothing to compare with."""

    portrait: Portrait
    live_jpeg: bytes
    score: Score | None
    verdict: Verdict
    problems: tuple[Message, ...]
    face: Embedding | None = None  # of the live face; None when the network found none
    alike: tuple[Resemblance, ...] = ()
    measures: tuple[Measure, ...] = ()  # of the frame that the portrait is cut from, of the cut and of its background
    proofs: tuple[Outcome, ...] = ()  # of life: what the challenge and a passive check said
    passive: Score | None = None  # the passive check's


@dataclass(frozen=True, eq=False)
class PressJudgement:
    """What became of one press."""

    impression: Impression
    png: bytes
    quality: PressQuality
    template: Template
    file: bytes  # the template's compact form
    request: int = 0  # which press of the scanner it is, where the step needs to know
    compared: bool = False  # the scanner had made features of the image before it handed it out


class Judges:
    """Everything that needs a network. Methods may be called from any thread of the pool."""

    def __init__(
        self,
        *,
        yunet: Path,
        sface: Path,
        leader: Path,
        face: FaceSettings,
        finger: FingerSettings,
        others: Mapping[str, PhotoSpec] = _NONE,
    ) -> None:
        """`others`: the photo standards of other profiles, by their titles, that each shot is judged by as well."""
        self._face = face
        self._others = others
        self._finger = finger
        self._matcher = FaceMatcher(yunet, sface)  # one: another would hold 55 MB to spare a student 35 ms
        self._matching = Lock()
        self._cutter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="portrait")
        self._mask = self._cutter.submit(PersonMask)  # a network for that thread alone
        self._cutter.submit(self._matcher.load_for_chips)
        self._minutiae = MinutiaeExtractor(leader)
        self._cutter.submit(give_back)  # what loading took

    def embed_chip(self, photo: ChipPhoto) -> Embedding:
        """Raises KioskError("face.not_found")."""
        with self._matching:
            return self._matcher.embed_chip(photo.pixels)

    def embed_face(self, frames: Sequence[Frame]) -> Embedding:
        """What a face before the camera is to the network; raises KioskError("face.not_found")."""
        return self._embed(frames[:_FRAMES])

    def glance(self, frame: Frame, look: FaceLook) -> Glance:
        """Embed the face of a frame, and nothing more: where no photo is to be made of it."""
        return Glance(frame, look, jpeg(frame.pixels), self._face_of(frame))

    def prepare(self, frame: Frame, look: FaceLook, photo: PhotoSpec) -> Prepared:
        """Embed the face of a frame and cut the portrait, at the same time. Raises KioskError where no portrait can be cut."""
        if look.landmarks is None:
            raise KioskError("face.not_found")
        picture = self._cutter.submit(self._cut, frame.pixels, look.landmarks, photo)
        face = self._face_of(frame)
        portrait, measures = picture.result()
        return Prepared(frame, look, jpeg(frame.pixels), face, portrait, measures)

    def judge_shot(
        self,
        shot: Shot,
        chip: Future[Embedding] | None,
        photo: PhotoSpec,
        *,
        compared: bool = True,
        ahead: Sequence[Glance] = (),
    ) -> FaceJudgement:
        """Verify the live face against the chip photo and cut the portrait. Without a chip photo a person must look, where one
        is wanted (`compared`). `ahead`: what is known of some of the shot's frames already."""
        known = {one.frame.number: one for one in ahead if isinstance(one, Prepared)}
        best = known.get(shot.best.number) or self.prepare(shot.best, shot.look, photo)
        score: Score | None = None
        live: Embedding | None = None
        verdict = Verdict.REVIEW
        problems: tuple[Message, ...] = (Message("face.no_chip_photo"),)
        try:
            live = self._live(best, shot.others, known)
            if not compared:
                verdict, problems = Verdict.PASS, ()
            elif chip is not None:
                score = FaceMatcher.compare(live, chip.result(), self._face.pass_at)
                verdict = judge(score, self._face)
                problems = () if verdict is Verdict.PASS else (Message("face.unlike_chip_photo"),)
        except KioskError as error:
            problems = (error.message,)
        looked = {measure.name for measure in best.measures}
        measures = (*(measure for measure in shot.look.measures if measure.name not in looked), *best.measures)
        return FaceJudgement(best.portrait, best.live_jpeg, score, verdict, problems, live, measures=measures)

    def _live(self, best: Prepared, others: Sequence[Frame], known: Mapping[int, Prepared]) -> Embedding:
        """The face of a shot, as `_embed`: of its best frame and of another, one that is known already where there is one."""
        more = sorted(others, key=lambda frame: frame.number not in known)[: _FRAMES - 1]
        faces = [best.face, *(known[one.number].face if one.number in known else self._face_of(one) for one in more)]
        found = [face for face in faces if face is not None]
        if not found:
            raise KioskError("face.not_found")
        return mean_face(found)

    def _embed(self, frames: Sequence[Frame]) -> Embedding:
        """The mean of the frames that show a face; raises KioskError("face.not_found") when none does."""
        found = [face for frame in frames if (face := self._face_of(frame)) is not None]
        if not found:
            raise KioskError("face.not_found")
        return mean_face(found)

    def _face_of(self, frame: Frame) -> Embedding | None:
        try:
            with self._matching:
                return self._matcher.embed(frame.pixels)
        except KioskError:
            return None

    def _cut(self, pixels: Image, landmarks: NDArray[np.float32], photo: PhotoSpec) -> tuple[Portrait, tuple[Measure, ...]]:
        """The portrait, how it is cut and what is behind it, for the other profiles too; beside the networks, as a portrait is
        tried at many qualities."""
        mask = self._mask.result().find(pixels)
        made = make_photo(pixels, landmarks, mask, photo)
        return made.portrait, (*made.measures, *judge_for_others(pixels, landmarks, mask, self._others))

    def press_begun(self, impression: Impression) -> Template:
        """What the upper rows of a press show, while the others are still to come."""
        return make_template(self._minutiae.extract(impression.pixels, impression.dpi).above_cut())

    def judge_press(self, impression: Impression) -> PressJudgement:
        """Find the minutiae of a press and say how good it is."""
        minutiae = self._minutiae.extract(impression.pixels, impression.dpi)
        quality = assess(impression.pixels, minutiae, self._finger, impression.dpi)
        picture = encoded(impression.pixels, PictureFormat.PNG, impression.dpi)
        return PressJudgement(impression, picture, quality, make_template(minutiae), pack(minutiae))
