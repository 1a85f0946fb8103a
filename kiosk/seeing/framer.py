"""The framing thread: looks at the newest camera frame, tells the student what to do, fires the shutter."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final, Protocol

from kiosk.config import FaceSettings
from kiosk.pipeline.face.cues import cue_of
from kiosk.pipeline.face.framing import HOLD_STILL, FaceAnalyser, FaceLook
from kiosk.pipeline.face.liveness import NOT_FOLLOWED, Challenge, Outcome, ProofOfLife, answerable
from kiosk.pipeline.face.shutter import Shot, Shutter
from kiosk.records import Cue, Frame, Message, PhotoSpec, Verdict
from kiosk.seeing.ahead import Ahead
from kiosk.seeing.events import GuideSaid, ShotTaken
from kiosk.seeing.judges import Glance

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 0.5  # without a frame, then it is looked whether anybody still waits
_PAUSE_S: Final = 1.0  # after an unexpected error, which may come again with the next frame
_PACE_WEIGHT: Final = 0.2  # of the newest gap between two looks in their average
# Of the answer to a challenge so many frames are kept for a passive check, the newest: more don't help it and cost memory.
_ANSWER_FRAMES: Final = 16
_ANSWER_EVERY_S: Final = 0.25
_NEXT: Final = Message("station.run.next_comes")  # while whoever was shot before still sits there
# A picture that the operator took by hand was followed by no challenge: a person has to look.
NOT_ASKED: Final = Outcome(Verdict.REVIEW, Message("problem.liveness.not_asked"))


class FrameSource(Protocol):
    """The camera, as the framing sees it."""

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> Frame | None:
        """The newest frame with a number above `after`, or None when none came in time."""


class Framer:
    """Runs while a student sits for the picture; costs nothing otherwise."""

    def __init__(
        self,
        camera: FrameSource,
        settings: FaceSettings,
        photo: PhotoSpec,
        emit: Callable[[GuideSaid | ShotTaken], None],
        *,
        liveness: bool,
        prepare: Callable[[Frame, FaceLook], Glance],
    ) -> None:
        """`prepare`: judges a good frame before it is known whether it makes the photo."""
        self._camera = camera
        self._settings = settings
        self._photo = photo
        self._emit = emit
        self._liveness = liveness
        self._ahead = Ahead(prepare)
        self._wanted = threading.Condition()
        self._sitting = 0  # 0: nobody sits
        self._asked: frozenset[Challenge] = frozenset()
        self._by_hand = self._behind = False
        self._held: Message | None = None
        self._quit = False
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="framing", daemon=True)

    def start(self) -> None:
        """Load the networks in the framing's own thread; `ready` is set when that is done."""
        self._thread.start()

    def stop(self) -> None:
        with self._wanted:
            self._quit = True
            self._wanted.notify()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._ahead.close()

    def sit(
        self, sitting: int, asked: Collection[Challenge] = (), *, behind: bool = False, held: Message | None = None
    ) -> None:
        """Begin to look, on behalf of a sitting (a number above 0); what is emitted carries it.

        `asked`: challenges that this student has had. None comes twice: a recording that happens to show one is no use again.
        `behind`: somebody else may still sit there; nobody is shot before the place was seen empty, but by hand. `held`: as of
        `hold`.
        """
        with self._wanted:
            self._asked = frozenset(asked)
            self._behind = behind
            self._held = held
            self._sitting = sitting
            self._by_hand = False
            self._wanted.notify()

    def hold(self, told: Message | None) -> None:
        """Shoot nobody, but by hand, while the student puts something right, and say what; None: go on."""
        with self._wanted:
            self._held = told

    def rest(self) -> None:
        """Stop looking."""
        with self._wanted:
            self._sitting = 0

    def shoot(self) -> None:
        """Take the next frame that shows one face, good or not: the operator wants it."""
        with self._wanted:
            self._by_hand = True

    def _run(self) -> None:
        analyser = FaceAnalyser(self._settings, self._photo)
        self.ready.set()
        while (sitting := self._wait()) is not None:
            try:
                self._look_at(analyser, sitting)
                self._ahead.forget()
            except Exception:
                log.exception("framing: unexpected error")
                with self._wanted:
                    self._wanted.wait_for(lambda: self._quit, _PAUSE_S)

    def _wait(self) -> int | None:
        """The sitting to look for; None at the end."""
        with self._wanted:
            self._wanted.wait_for(lambda: self._quit or self._sitting)
            return None if self._quit else self._sitting

    def _look_at(self, analyser: FaceAnalyser, sitting: int) -> None:
        """One sitting, until the shot is taken or nobody wants it any more."""
        analyser.reset()
        self._ahead.forget()
        behind = self._behind
        shutter = Shutter(self._settings.hold_s)
        said: Message | None = None
        last: Frame | None = None
        pace_s = 0.0  # average time between two looks
        while self._sitting == sitting and not self._quit:
            frame = self._camera.newest(last.number if last else 0, _PATIENCE_S)
            if frame is None:
                continue
            if last is not None and last.opening != frame.opening:
                shutter.reset()  # the camera was away: what it saw before is no part of the same burst
            elif last is not None:
                pace_s += ((frame.at_s - last.at_s) - pace_s) * (_PACE_WEIGHT if pace_s else 1.0)
            last = frame
            look = analyser.analyse(frame)
            by_hand = self._hand_shot(frame, look)
            behind = behind and look.faces > 0
            waits = _NEXT if behind else self._held
            if waits is not None:
                shutter.reset()
            shot = by_hand or (None if waits is not None else shutter.consider(frame, look))
            self._ahead.follow(shutter.since_s, frame, look, over=shot is not None)
            if (told := waits or look.instruction) != said:
                said = told
                self._emit(GuideSaid(sitting, said, said == HOLD_STILL, Cue.LOOK if waits is not None else cue_of(said)))
            if shot is not None:
                if by_hand is not None:
                    taken = ShotTaken(sitting, by_hand, NOT_ASKED if self._liveness else None)
                else:
                    taken = ShotTaken(sitting, self._ahead.chosen(shot, more_time=self._liveness))
                    taken = self._challenge(taken, frame, analyser, pace_s) if self._liveness else taken
                taken = replace(taken, ahead=self._ahead.of(taken.shot))
                with self._wanted:
                    if self._sitting != sitting:
                        return
                    self._sitting = 0
                self._emit(taken)
                return

    def _challenge(self, taken: ShotTaken, frame: Frame, analyser: FaceAnalyser, pace_s: float) -> ShotTaken:
        """Ask for what nobody could foresee, and follow the face from the shot until it is answered.

        `pace_s`: time between two looks. Nothing is asked whose answer would be missed.
        """
        visible = [one for one in Challenge if answerable(one, pace_s)] or list(Challenge)
        first = secrets.choice([one for one in visible if one not in self._asked] or visible)
        proof = ProofOfLife(first, secrets.choice, frame.at_s, self._settings.liveness_s)
        self._ask(taken.sitting, first)
        outcome: Outcome | None = None
        answered: deque[Frame] = deque(maxlen=_ANSWER_FRAMES if self._settings.passive_check else 0)
        opening, kept_s = frame.opening, frame.at_s
        while outcome is None and self._sitting == taken.sitting and not self._quit:
            newer = self._camera.newest(frame.number, _PATIENCE_S)
            if newer is None:
                continue  # the operator knows that the camera is away; the student is asked again when it is back
            frame = newer
            if frame.opening != opening:
                outcome = NOT_FOLLOWED
                break
            if frame.at_s - kept_s >= _ANSWER_EVERY_S:
                answered.append(frame)
                kept_s = frame.at_s
            look = analyser.analyse(frame)
            if by_hand := self._hand_shot(frame, look):
                return ShotTaken(taken.sitting, by_hand, NOT_ASKED)
            asked = proof.challenge
            outcome = proof.consider(look, frame.at_s)
            if proof.challenge is not asked:
                self._ask(taken.sitting, proof.challenge)
        return replace(taken, liveness=outcome, challenge=first, answered=tuple(answered))

    def _ask(self, sitting: int, challenge: Challenge) -> None:
        self._emit(GuideSaid(sitting, challenge.instruction, True, Cue(challenge.value), self._settings.liveness_s))

    def _hand_shot(self, frame: Frame, look: FaceLook) -> Shot | None:
        with self._wanted:
            if not self._by_hand or look.faces != 1 or look.landmarks is None:
                return None
            self._by_hand = False
        return Shot(frame, look, ())
