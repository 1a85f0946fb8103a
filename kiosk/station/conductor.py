"""Takes one student through the steps. Every step is durable before the next begins. Runs in the station's thread only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kiosk.devices import CardPresented, CardRemoved, CardUnreadable, StatusChanged
from kiosk.errors import KioskError, StoreError
from kiosk.pipeline.pictures import png
from kiosk.records import (
    REFUSED_BY,
    BiometricKind,
    CardData,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    Message,
    Person,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.snapshot import Command, Phase, Tone
from kiosk.station.arrival import OPENED_BY_PRINT, Arrival, Returning, open_record, read_from, typed_in
from kiosk.station.board import Album, Board
from kiosk.station.confirm_step import ConfirmStep
from kiosk.station.crew import Background, Crew
from kiosk.station.decisions import declare_lookalikes
from kiosk.station.events import CardTyped, CommandGiven, StationEvent, TimeUp
from kiosk.station.face_step import FaceStep
from kiosk.station.finger_step import FingerStep
from kiosk.station.kinds import NEEDED_DEVICE, PICTURE_KINDS
from kiosk.station.steps import Sitting, StepOutcome, StepRun
from kiosk.station.view import View, compose
from kiosk.store import OUT_OF_TIME

log = logging.getLogger(__name__)

# How long 已保存 stays when the card was taken away before: long enough to be read.
_SAVED_SHOWN_S: Final = 2.0
# How long a refusal stays when no card lies there whose removal would end it: the operator may want to give a reason.
_REFUSAL_SHOWN_S: Final = 30.0


class Conductor:
    """The state machine. `handle` takes one event and publishes what the screens should show."""

    def __init__(self, crew: Crew, background: Background, board: Board, album: Album) -> None:
        self.settings = crew.settings
        self.judges = crew.judges
        self.known = crew.known
        self.passive = crew.passive
        self.photo = crew.profile.photo
        self.now = crew.now
        self.submit = background.submit
        self.call_after = background.call_after
        self._crew = crew
        self._background = background
        self._board = board
        self._album = album
        self._view = View()
        self._sitting: Sitting | None = None
        self._run: StepRun | None = None
        self._outcome: StepOutcome | None = None  # what a person has to decide about
        self._again: Callable[[], None] | None = None  # a save that failed, to be tried again
        self._next: Arrival | None = None  # laid down while another student was under way
        self._card_lies = False
        self._leave: int | None = None
        self._count()
        self._wait_for_card()

    # -- the desk that steps work at

    @property
    def sitting(self) -> Sitting:
        if self._sitting is None:
            raise KioskError("station.nobody_sits")
        return self._sitting

    def say(self, instruction: Message, tone: Tone = Tone.NEUTRAL) -> None:
        self._view.instruction, self._view.tone = instruction, tone

    def notify(self, notice: Message | None) -> None:
        self._view.notice = notice

    def show_picture(self, kind: BiometricKind, data: bytes | None) -> None:
        self._album.put(kind, data)

    def finished(self, outcome: StepOutcome) -> None:
        def go_on() -> None:
            self._save(outcome)
            self.known.learn(self.sitting.record, outcome.result.step)
            self._next_step()

        self._durably(go_on)

    def undecided(self, outcome: StepOutcome) -> None:
        def ask() -> None:
            self._save(outcome)
            self._outcome = outcome
            self._view.phase = Phase.DECISION
            self.say(Message("station.call_operator"), Tone.STOP)

        self._durably(ask)

    # -- events

    def handle(self, event: StationEvent) -> None:
        """Take one event. A fault of the store stops the student at this step, never the station."""
        try:
            self._dispatch(event)
        except KioskError as error:
            log.error("station: %s", error.code)
            problem = error.message
            if self._sitting is None and self._card_lies:
                self._refuse(problem)  # the student must not be told to lay down a card that lies there
            else:
                self.notify(problem)
        self.publish()

    def publish(self) -> None:
        """Show the screens where things stand."""
        self._board.show(compose(self._view, self.settings, self._sitting, self._run, self._outcome, self._album.keys()))

    def _dispatch(self, event: StationEvent) -> None:
        match event:
            case StatusChanged(status):
                self._device_changed(status)
            case CardPresented():
                self._card_laid(event)
            case CardUnreadable(error):
                self._card_unreadable(error)
            case CardRemoved():
                self._card_taken()
            case CommandGiven():
                self._obey(event)
            case CardTyped():
                self._typed(event)
            case TimeUp(deadline) if deadline == self._leave:
                self._leave_student()
            case _ if self._run is not None and self._again is None:
                self._run.handle(event)

    def _device_changed(self, status: DeviceStatus) -> None:
        before = self._view.devices.get(status.kind)
        self._view.devices[status.kind] = status
        ready = status.state is DeviceState.READY
        if status.kind is DeviceKind.CARD and not ready:
            self._card_lies = False
        if self._view.phase is Phase.WAITING:
            self._wait_for_card()
        elif self._run is not None and NEEDED_DEVICE.get(self._run.view().step) is status.kind:
            if not ready:
                self.say(Message("station.device_lost"), Tone.STOP)
            elif before is not None and before.state is not DeviceState.READY:
                self._run.device_back()

    # -- cards

    def _card_laid(self, event: CardPresented) -> None:
        self._card_lies = True
        arrival = read_from(event)
        if self._sitting is None:
            self._admit(arrival)
        elif self._view.phase is Phase.SAVED:
            self._leave_student()
            self._admit(arrival)
        elif event.card.id_number != self._sitting.card.id_number:
            self._next = arrival
            self.notify(Message("station.other_card_waits"))

    def _card_unreadable(self, error: KioskError) -> None:
        self._card_lies = True
        problem = error.message
        if self._sitting is not None and self._view.phase is not Phase.SAVED:
            self.notify(problem)
            return
        self._leave_student()
        self._refuse(problem)
        self._view.document_closed = error.code in OPENED_BY_PRINT

    def _typed(self, event: CardTyped) -> None:
        if self._sitting is None:
            arrival = typed_in(event, self._crew.store.roster.find)
            self._leave_student()
            self._admit(arrival)

    def _card_taken(self) -> None:
        self._card_lies = False
        self._next = None
        if self._view.phase in {Phase.REFUSED, Phase.SAVED}:
            self._leave_student()

    def _admit(self, event: Arrival) -> None:
        """Who is it, and may he or she be captured now?"""
        card, store = event.card, self._crew.store
        student = store.roster.find(card.id_number)
        if student is None:
            self._turn_away(card, Message("station.not_on_roster"))
        elif (unfinished := store.captures.unfinished(card.id_number)) is not None:
            self._sit_down(Sitting(unfinished, card, resumed=True))
        elif (captured := store.captures.latest_complete(card.id_number)) is not None:
            self._refuse(Message("station.already_captured"))
            self._show_again(Returning(event, student, captured))
        else:
            self._begin(event, student)

    def _turn_away(self, card: CardData, reason: Message) -> None:
        """Refuse somebody and count it."""
        by = Person(self.settings.station.operator)
        why = REFUSED_BY[reason.code]
        self._crew.store.refusals.add(why, by=by, at=self.now(), name=card.name, id_number=card.id_number)
        self._count()
        self._refuse(reason)

    def _show_again(self, returning: Returning) -> None:
        """Who was captured already, when and with which portrait; that it was looked at is kept."""
        self._view.returning = returning
        self.notify(returning.notice())
        by, record_id = self.settings.station.operator, returning.record.id
        self._crew.store.audit.record("record.look", actor=by, subject=record_id, why="already_captured")
        self._show_chip(returning.arrival.card)
        if (portrait := self._crew.store.captures.biometric(record_id, BiometricKind.PORTRAIT)) is not None:
            self._album.put(BiometricKind.PORTRAIT, portrait)

    def _refuse(self, reason: Message) -> None:
        self._view.phase = Phase.REFUSED
        self._view.document_closed = False
        self._leave = None if self._card_lies else self.call_after(_REFUSAL_SHOWN_S)
        self.say(reason, Tone.STOP)

    def _begin(self, event: Arrival, student: Student, recapture_reason: str = "") -> None:
        crew = self._crew
        try:
            record = open_record(event, student, crew.store, self.settings, crew.profile, self.now, recapture_reason)
        except StoreError as error:
            if error.code not in OUT_OF_TIME:
                raise
            self._turn_away(event.card, error.message)
            return
        self._sit_down(Sitting(record, event.card))

    def _sit_down(self, sitting: Sitting) -> None:
        self._album.clear()
        self._sitting = sitting
        self._view.returning = self._leave = None
        self.notify(Message("station.resumed") if sitting.resumed else sitting.card.photo_problem)
        self._show_chip(sitting.card)
        if (photo := sitting.card.photo) is not None:
            sitting.chip = self._background.begin(lambda: self.judges.embed_chip(photo))
        if sitting.resumed:
            self._recall(sitting)
        self._count()
        self._next_step()

    def _show_chip(self, card: CardData) -> None:
        if card.photo is not None:
            self._album.put(BiometricKind.CHIP_PHOTO, png(card.photo.pixels))

    def _recall(self, sitting: Sitting) -> None:
        """Bring back the pictures and templates of the steps that were finished before the interruption."""
        for step, wanted in PICTURE_KINDS.items():
            if (result := sitting.record.result(step)) is None or not sitting.record.is_settled(step):
                continue
            pictures = (self._crew.store.captures.biometric(sitting.record.id, kind) for kind in wanted)
            found = [picture for picture in pictures if picture is not None]
            self._album.put(wanted[0], next(iter(found), None))
            if result.position is not None:
                sitting.thumbs[result.position] = [self.judges.template_of(picture) for picture in found]

    # -- steps

    def _next_step(self) -> None:
        if self._run is not None:
            self._run.stop()
        self._run = self._outcome = None
        record = self.sitting.record
        step = next((step for step in self.settings.workflow.steps if not record.is_settled(step)), None)
        if step is None:
            self._finish()
            return
        self._view.phase = Phase.CONFIRM if step is Step.CONFIRM else Phase.STEP
        self._run = self._make(step)
        self._run.start()
        needed = NEEDED_DEVICE.get(step)
        status = self._view.devices.get(needed) if needed else None
        if status is not None and status.state is not DeviceState.READY:
            self.say(Message("station.device_lost"), Tone.STOP)

    def _make(self, step: Step) -> StepRun:
        if step is Step.FACE:
            return FaceStep(self, self._crew.framer)
        if step is Step.CONFIRM:
            return ConfirmStep(self)
        return FingerStep(self, self._crew.scanner, step)

    def _save(self, outcome: StepOutcome) -> None:
        captures, sitting = self._crew.store.captures, self.sitting
        sitting.record = captures.save_step(sitting.record.id, outcome.result, outcome.biometrics)

    def _finish(self) -> None:
        sitting = self.sitting
        sitting.record = self._crew.store.captures.finish(sitting.record.id, self.now())
        self._count()
        self._view.phase = Phase.SAVED
        self.notify(None)
        if self._next is not None:
            waiting, self._next = self._next, None
            self._leave_student()
            self._admit(waiting)
        elif self._card_lies:
            self.say(Message("station.saved_take_card"), Tone.GOOD)
        else:
            self.say(Message("station.next_please"), Tone.GOOD)
            self._leave = self.call_after(_SAVED_SHOWN_S)

    def _durably(self, work: Callable[[], None]) -> None:
        """Do something that ends in the store; when the store can't, nothing goes on until it can."""
        if self._run is not None:
            self._run.stop()
        try:
            work()
        except KioskError as error:
            log.error("store: %s", error.code)
            self._again = work
            self._view.phase = Phase.DECISION
            self.say(Message("station.call_operator"), Tone.STOP)
            self.notify(error.message)
        else:
            self._again = None

    # -- the operator

    def _obey(self, given: CommandGiven) -> None:
        given = replace(given, by=given.by or self.settings.station.operator)
        match given.command:
            case Command.RECAPTURE if (again := self._view.returning) is not None:
                self._begin(again.arrival, again.student, given.reason)
            case Command.ABANDON if self._sitting is not None:
                self._leave_student()
                if self._card_lies:
                    self._refuse(Message("station.abandoned"))
            case Command.RETRY if self._again is not None:
                self._durably(self._again)
            case Command.RETRY if self._run is not None:
                self._next_step()
            case Command.ACCEPT if self._outcome is not None:
                self._decided(replace(self._outcome.result, verdict=Verdict.REVIEW), given)
            case Command.DECLARE_LOOKALIKES if self._outcome is not None and self._outcome.result.alike:
                self._declare_lookalikes(self._outcome, given)
            case Command.EXCEPTION if self._run is not None:
                step = self._run.view()
                result = StepResult(step.step, Verdict.REVIEW, self.now(), step.attempts, problems=step.problems)
                self._decided(result, given)
            case _ if self._run is not None:
                self._run.handle(given)

    def _declare_lookalikes(self, outcome: StepOutcome, given: CommandGiven) -> None:
        store, record = self._crew.store, self.sitting.record
        result = declare_lookalikes(store, record, outcome.result, reason=given.reason, by=given.by)
        if result.problems:
            self._outcome = replace(outcome, result=result)
            self._save(StepOutcome(result))
        else:
            self._decided(result, given)

    def _decided(self, result: StepResult, given: CommandGiven) -> None:
        decided = replace(result, at=self.now(), decided_by=given.by, reason=given.reason)
        self.finished(StepOutcome(decided))

    # -- coming and going

    def _leave_student(self) -> None:
        """Nobody sits here any more; nothing of the student stays in memory."""
        if self._run is not None:
            self._run.stop()
        self._sitting = self._run = self._outcome = self._again = self._view.returning = self._leave = None
        self._album.clear()
        self.notify(None)
        self._count()
        self._wait_for_card()

    def _wait_for_card(self) -> None:
        self._view.phase = Phase.WAITING
        self._view.document_closed = False
        reader = self._view.devices.get(DeviceKind.CARD)
        if reader is not None and reader.state is DeviceState.READY:
            self.say(Message("station.lay_card"))
        else:
            self.say(Message("station.not_ready"), Tone.STOP if reader is not None else Tone.NEUTRAL)

    def _count(self) -> None:
        self._view.counts = self._crew.store.progress.counts(self.now())
