"""Is it the candidate who was captured? A live face against the captured face and the chip photo, a press against the thumbs.

The two cosines of a face are averaged: what the day of the capture and the years since the card was made do to a face are
different things, and an impostor has to look like both. The limits are this scale's own: `python -m bench.checkin`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np

from kiosk.pipeline.face import Embedding
from kiosk.pipeline.face.compact import unpack as unpack_face
from kiosk.pipeline.face.gallery import Gallery
from kiosk.pipeline.face.verification import SCALE as FACE_SCALE
from kiosk.pipeline.finger import Minutiae, Template, compare, make_template
from kiosk.pipeline.finger.compact import pack as pack_finger
from kiosk.pipeline.finger.compact import unpack as unpack_finger
from kiosk.pipeline.finger.index import DuplicateIndex, entry_of
from kiosk.pipeline.finger.template import RARELY_AT, SELDOM_AT
from kiosk.pipeline.finger.template import SCALE as FINGER_SCALE
from kiosk.records import FingerPosition, Score, Verdict

FUSED: Final = f"{FACE_SCALE} fused"


@dataclass(frozen=True)
class Limits:
    """Where a fused face passes and where it is unsure; where a face, alone against a room or a site, is somebody's; and the
    same of a thumb. docs/explanation/faces.md says how they were found."""

    face_pass: float = 0.41
    face_review: float = 0.36
    face_in_room: float = 0.50  # one against thirty
    face_in_site: float = 0.60  # one against thousands
    thumb_pass: float = SELDOM_AT
    thumb_begun: float = RARELY_AT  # the upper part of a press alone
    thumb_in_site: float = RARELY_AT


@dataclass(frozen=True, eq=False)
class Known:
    """What a candidate's face and thumbs are compared with. `faces`: of the capture first, then the chip's; `thumbs` as the
    package has them: making templates of a whole site's takes seconds, of one candidate's nothing."""

    number: int
    faces: tuple[Embedding, ...]
    thumbs: tuple[tuple[FingerPosition, Minutiae], ...]

    def templates(self) -> list[Template]:
        return [make_template(minutiae) for _, minutiae in self.thumbs]


def known(number: int, face: bytes, chip: bytes, thumbs: Sequence[tuple[FingerPosition, bytes]]) -> Known:
    """Of the package's files; raises ValueError for a torn one."""
    faces = tuple(unpack_face(file) for file in (face, chip) if file)
    return Known(number, faces, tuple((position, unpack_finger(file)) for position, file in thumbs))


class Matcher:
    """Everybody of the site. `learn` may be called from another thread; everything else from one."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._known: dict[int, Known] = {}
        self._faces = Gallery()
        self._district = Gallery()
        self._thumbs: DuplicateIndex | None = None
        self._learning = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def put(self, one: Known) -> None:
        """Get to know a candidate."""
        self._known[one.number] = one
        if one.faces:
            self._faces.put(str(one.number), _mean(one.faces))

    def put_elsewhere(self, number: int, face: Embedding) -> None:
        """Get to know somebody of the district, by a number of theirs."""
        self._district.put(str(number), face)

    def whose_elsewhere(self, live: Embedding) -> list[int]:
        """Whose of the district a face may be, the most alike first. The limit is the site's: of 20,000 strangers one is named
        once in 400 searches."""
        return [int(one.owner) for one in self._district.search(live, self.limits.face_in_site)]

    def learn(self) -> DuplicateIndex:
        """Make ready for searching among everybody's thumbs: 6 ms a candidate, once."""
        with self._learning:
            if self._thumbs is None:
                index = DuplicateIndex()
                for one in self._known.values():
                    for position, minutiae in one.thumbs:
                        index.add(str(one.number), position, entry_of(make_template(minutiae), pack_finger(minutiae)))
                self._thumbs = index
            return self._thumbs

    def face(self, number: int, live: Embedding) -> tuple[Score, Verdict]:
        """A live face against one candidate's: the mean of its cosines with the captured face and with the chip photo."""
        score = fused(live, self._known[number].faces, self.limits.face_pass)
        return score, judge_face(score.value, self.limits)

    def thumb(self, number: int, press: Template, *, whole: bool = True) -> tuple[Score, Verdict]:
        """A press, the `whole` of it or its upper part, against one candidate's thumbs, either hand; the best counts."""
        scores = [compare(press, template).value for template in self._known[number].templates()]
        best = max(scores, default=0.0)
        score = Score(best, FINGER_SCALE, self.limits.thumb_pass if whole else self.limits.thumb_begun)
        return score, Verdict.PASS if score.met else Verdict.FAIL

    def whose_face(self, live: Embedding, among: Collection[int] | None = None) -> list[tuple[int, Score]]:
        """Whose face it is, the most alike first: among those of a room, or of the whole site at a stricter limit."""
        if among is None:
            likely = self._faces.search(live, self.limits.face_in_site)
            return [(int(one.owner), one.score) for one in likely]
        limit = self.limits.face_in_room
        found = [(number, fused(live, self._known[number].faces, limit)) for number in among if self._known[number].faces]
        return sorted((one for one in found if one[1].met), key=lambda one: -one[1].value)

    def whose_thumb(self, press: Template) -> list[tuple[int, Score]]:
        """Whose thumb it is, of the whole site."""
        found: dict[int, Score] = {}
        index = self.learn()
        for position in FingerPosition:
            for suspect in index.search(position, [press], self.limits.thumb_in_site):
                number = int(suspect.owner)
                if number not in found or found[number].value < suspect.score.value:
                    found[number] = suspect.score
        return sorted(found.items(), key=lambda one: -one[1].value)


def fused(live: Embedding, faces: Sequence[Embedding], limit: float) -> Score:
    """The mean of the cosines, -1..1, beside the limit that it is held against."""
    value = float(np.mean([float(live @ one) for one in faces]))
    return Score(value, FUSED if len(faces) > 1 else FACE_SCALE, limit)


def judge_face(value: float, limits: Limits) -> Verdict:
    """Pass, review, fail."""
    if value >= limits.face_pass:
        return Verdict.PASS
    return Verdict.REVIEW if value >= limits.face_review else Verdict.FAIL


def sure(found: Sequence[tuple[int, Score]], margin: float) -> int | None:
    """Who was found, where nobody else comes near; None where two can't be told apart."""
    if not found or (len(found) > 1 and found[0][1].value - found[1][1].value < margin):
        return None
    return found[0][0]


def _mean(faces: Sequence[Embedding]) -> Embedding:
    total = np.sum(faces, axis=0)
    return np.asarray(total / np.linalg.norm(total), np.float32)
