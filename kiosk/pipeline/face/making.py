"""A finished photo out of one picture: cut with room for the hair, judged as it was cut, its background replaced where the
profile allows it and the wall needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import KioskError
from kiosk.pipeline.face.backdrop import REPLACED, replace_background
from kiosk.pipeline.face.finished import judge_cut
from kiosk.pipeline.face.mask import Mask
from kiosk.pipeline.face.portrait import cut_with_hair, encode
from kiosk.records import Image, Measure, Message, PhotoSpec, Portrait, Verdict

BACKGROUND_REPLACED: Final = "BackgroundReplaced"
_BACKGROUND: Final = "Background"  # how the measures of the wall begin
_LAYOUT: Final = "layout"  # what a hint of framing is called where a photo is already taken


@dataclass(frozen=True, eq=False)
class MadePhoto:
    """A photo, and how its cut and its background are."""

    portrait: Portrait
    measures: tuple[Measure, ...]
    not_replaced: Message | None = None  # why the background stayed though the profile allows another one

    @property
    def background_replaced(self) -> bool:
        """Whether another background was put behind the person: stands in the measures, and as a comment in the file."""
        return any(measure.name == BACKGROUND_REPLACED for measure in self.measures)


def make_photo(pixels: Image, landmarks: NDArray[np.float32], mask: Mask, spec: PhotoSpec) -> MadePhoto:
    """`mask`: where the person is in the picture. Raises KioskError("portrait.outside"), ("portrait.size")."""
    cut = cut_with_hair(pixels, landmarks, mask, spec)
    measures = tuple(quality.measure for quality in judge_cut(cut, spec))
    wall = [measure for measure in measures if measure.name.startswith(_BACKGROUND)]
    if not spec.replace_background or all(measure.verdict is Verdict.PASS for measure in wall):
        return MadePhoto(encode(cut.photo, spec), measures)
    try:
        photo = replace_background(cut.photo, cut.mask, cut.landmarks, spec.backgrounds[0])
    except KioskError as error:
        return MadePhoto(encode(cut.photo, spec), measures, error.message)
    judged = tuple(quality.measure for quality in judge_cut(replace(cut, photo=photo), spec))
    return MadePhoto(encode(photo, spec, REPLACED), (*judged, Measure(BACKGROUND_REPLACED, 1, None, None, Verdict.PASS)))


def judge_for_others(
    pixels: Image, landmarks: NDArray[np.float32], mask: Mask, others: Mapping[str, PhotoSpec]
) -> tuple[Measure, ...]:
    """What of a picture other systems would refuse, by their profiles' titles: only what is wrong, and only with the cut and
    the wall, while both can still be changed."""
    found: list[Measure] = []
    for title, spec in others.items():
        try:
            measures = [quality.measure for quality in judge_cut(cut_with_hair(pixels, landmarks, mask, spec), spec)]
        except KioskError:
            measures = [Measure("HeadSize", 0, 1, None, Verdict.FAIL, Message("hint.photo.outside"))]
        for measure in measures:
            if measure.verdict is Verdict.FAIL and measure.hint is not None:
                about = measure.hint.code.removeprefix("hint.photo.") if "hint.photo." in measure.hint.code else _LAYOUT
                found.append(replace(measure, hint=Message(f"hint.other_profile.{about}", {"profile": title})))
    return tuple(found)
