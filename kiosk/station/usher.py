"""Leads a student from step to step: seated or refused, each step kept, the next one begun, the desk cleared.

What is finished is on the disk before anything follows from it. What the disk refused stays in the state `Unsaved` until it can
be kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kiosk.errors import KioskError
from kiosk.pipeline.finger.minutiae import Minutiae
from kiosk.pipeline.finger.template import make_template
from kiosk.pipeline.pictures import png
from kiosk.records import (
    STEPS,
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    ChildState,
    FingerPosition,
    Line,
    Message,
    Step,
)
from kiosk.station.admission import Admission
from kiosk.station.agreed import at_odds, is_asked, is_left_out, left_out, refusal_reason, released
from kiosk.station.arrival import Arrival
from kiosk.station.board import Album
from kiosk.station.caller import Caller
from kiosk.station.crew import Crew
from kiosk.station.state import Called, LineOver, Refused, Saved, Seated, State, Undecided, Unsaved, Waiting
from kiosk.station.steps.base import Background, Desk, Fingers, Outcome, Sitting
from kiosk.station.steps.table import RUNS
from kiosk.station.view import View

log = logging.getLogger(__name__)

# How long 已保存 stays when the card was taken away before: long enough to be read.
_SAVED_SHOWN_S: Final = 2.0
# How long a child in line sees the photo: the next one stands up meanwhile.
SHOT_SHOWN_S: Final = 0.8
# How long a refusal stays when no card lies there whose removal would end it: the operator may want to give a reason.
_REFUSAL_SHOWN_S: Final = 30.0


class Usher:
    """Each act answers with the state that it leads to; none of them changes the state."""

    def __init__(self, crew: Crew, background: Background, album: Album) -> None:
        self.crew = crew
        self.admission = Admission(crew)
        self.caller = Caller(crew)
        self.view = View(album, crew.needed)
        self.card_lies = False
        self._background = background
        self._album = album
        self._desk = Desk.of(crew, self.view, background)

    # -- who comes and goes

    def admit(self, arrival: Arrival) -> State:
        """Seat somebody, or refuse; the store's own faults are a refusal that can be tried again."""
        try:
            return self.seat(self.admission.admit(arrival))
        except KioskError as error:
            log.error("station: %s", error.code)
            return self.refuse(Refused(error.message, Message("station.ask_teacher"), arrival, may_retry=True))

    def seat(self, found: Sitting | Refused) -> State:
        """Show what the admission found, and begin."""
        if isinstance(found, Refused):
            return self.refuse(found)
        problem = found.card.photo_problem if found.card is not None else None
        self.view.notify(Message("station.resumed") if found.resumed else problem)
        if found.card is not None:
            self._show(found.card)
        if found.recalled:
            recalled = found.recalled  # made in the pool: the first templates of a day wait for SciPy, a student need not
            found = replace(found, recalling=self._background.begin(lambda: _templates(recalled)))
        if found.resumed:
            for step, spec in STEPS.items():
                if found.record.is_settled(step):
                    self._show_kept(found.record.id, spec.pictures[:1])
        return self.proceed(found)

    def refuse(self, refused: Refused) -> Refused:
        """Show why, for as long as the card lies there, or for a while where none does."""
        if refused.arrival is not None:
            self._show(refused.arrival.card)
        if refused.captured is not None:
            self._show_kept(refused.captured.id, (BiometricKind.PORTRAIT,))
        return replace(refused, until=None if self.card_lies else self._background.call_after(_REFUSAL_SHOWN_S))

    def waiting(self) -> Waiting:
        """For a card, or for a class."""
        return Waiting(self.caller.possible)

    # -- a class in line

    def call(self, line: Line) -> State:
        """Call whose turn it is; the store's own faults can be tried again."""
        self.leave()
        try:
            return self.seat_called(self.caller.call(line))
        except KioskError as error:
            log.error("station: %s", error.code)
            return Called(line, error.message, Message("station.ask_teacher"), may_retry=True)

    def seat_called(self, found: Sitting | Called) -> State:
        """Show whoever was called, and begin."""
        if isinstance(found, Called):
            if found.captured is not None:
                self._show_kept(found.captured.id, (BiometricKind.PORTRAIT,))
            return found
        return self.seat(found)

    def call_next(self, line: Line) -> State:
        """Call the next one who is still to be shot."""
        following = line.next_to_shoot()
        if following is not None:
            return self.call(following)
        self.leave()
        return LineOver(line)

    def leave(self) -> None:
        """Whoever was here has gone, and nothing of theirs stays."""
        self._album.clear()
        self.view.notify(None)

    # -- what is done, and kept

    def keep(self, sitting: Sitting, outcome: Outcome) -> State:
        """Save a step that is over, and go on; or stay until it can be saved."""
        outcome = self._by_device(outcome)
        try:
            biometrics = (*outcome.biometrics, *released(outcome.result, sitting.held))
            record = self._kept(sitting, outcome, biometrics)
        except KioskError as error:
            log.error("store: %s", error.code)
            return Unsaved(sitting, outcome, error.message)
        sitting = sitting.after(record, outcome)
        if sitting.line is not None and outcome.biometrics:
            self.caller.shot(record.student.id_number)
        if outcome.open:
            return Undecided(sitting, outcome)
        self.crew.known.learn(record, outcome.result.step)
        return self.proceed(sitting)

    def _kept(self, sitting: Sitting, outcome: Outcome, biometrics: Sequence[Biometric]) -> CaptureRecord:
        """The record with the step in it. Of somebody in line it begins with the first one: who is skipped leaves no trace."""
        captures, record = self.crew.store.captures, sitting.record
        if record.id:
            return captures.save_step(record.id, outcome.result, biometrics)
        return captures.begin(
            record.student,
            None,
            station=record.station,
            operator=record.operator,
            profile=record.profile,
            profile_hash=record.profile_hash,
            at=record.started_at,
            recapture_reason=record.recapture_reason,
            recapture_by=sitting.again_by,
            first=(outcome.result, biometrics),
        )

    def proceed(self, sitting: Sitting) -> State:
        """On to the first step that is not settled; when all are, the record is closed."""
        crew, steps = self.crew, sitting.steps(self.crew.settings.workflow.steps)
        try:
            if contrary := at_odds(sitting.record, steps):
                by, why = crew.duty.operator.name, refusal_reason(sitting.record)
                record = crew.store.captures.redo(sitting.record.id, contrary, by=by, reason=why, at=crew.now())
                sitting = replace(sitting, record=record)
            step = next((step for step in steps if not sitting.record.is_settled(step)), None)
            if step is not None and is_left_out(sitting.record, step):
                return self.keep(sitting, Outcome(left_out(sitting.record, step, crew.now())))
            if step is not None:
                return self.at(step, self._looked_at(sitting))
            record = crew.store.captures.finish(sitting.record.id, crew.now())
        except KioskError as error:
            log.error("store: %s", error.code)
            return Unsaved(sitting, None, error.message)
        line = sitting.line.marked(ChildState.SHOT) if sitting.line is not None else None
        return self.saved(Sitting(record, sitting.card, resumed=sitting.resumed, line=line))

    def at(self, step: Step, sitting: Sitting) -> Seated:
        """Begin a step, from its start."""
        return Seated(sitting, RUNS[step](self._desk, sitting))

    def saved(self, sitting: Sitting) -> Saved:
        """Say that all is kept, for as long as the card lies there, or for a moment."""
        if sitting.line is not None:
            return Saved(sitting, self._background.call_after(SHOT_SHOWN_S))
        return Saved(sitting, None if self.card_lies else self._background.call_after(_SAVED_SHOWN_S))

    def _by_device(self, outcome: Outcome) -> Outcome:
        """With the name of the device that the step was done with."""
        result, kind = outcome.result, STEPS[outcome.result.step].device
        status = self.view.devices.get(kind) if kind is not None else None
        if status is None or result.device or not result.device_s:
            return outcome
        return replace(outcome, result=replace(result, device=status.model))

    # -- what the operator sees of it

    def _show(self, card: CardData) -> None:
        if card.photo is not None:
            self._album.put(BiometricKind.CHIP_PHOTO, png(card.photo.pixels))

    def _show_kept(self, record_id: str, kinds: tuple[BiometricKind, ...]) -> None:
        for kind in kinds:
            if (picture := self.crew.store.captures.biometric(record_id, kind)) is not None:
                self._album.put(kind, picture)

    def _looked_at(self, sitting: Sitting) -> Sitting:
        """With what the chip photo is to the network under way, as soon as that may be computed."""
        photo = sitting.card.photo if sitting.card is not None else None
        judges, record = self.crew.judges, sitting.record
        if photo is None or sitting.chip is not None or record.refusals or is_asked(record, self.crew.settings.workflow.steps):
            return sitting
        return replace(sitting, chip=self._background.begin(lambda: judges.embed_chip(photo)))


def _templates(recalled: Mapping[FingerPosition, tuple[Minutiae, ...]]) -> Fingers:
    return {position: tuple(map(make_template, minutiae)) for position, minutiae in recalled.items()}
