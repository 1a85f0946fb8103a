"""Takes one student after the other through the steps. Runs in the station's thread only.

`_next` is the whole machine: which event leads from which state to which. What is finished is on the disk before anything
follows from it; what the disk refused stays in the state `Unsaved` until it can be kept. A student has left, and everything of
theirs is kept, before the next one is admitted.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from kiosk.devices import CardPresented, CardRemoved, CardSeen, CardUnreadable, StatusChanged
from kiosk.errors import KioskError
from kiosk.pipeline.pictures import png
from kiosk.records import STEPS, BiometricKind, CardData, DayCounts, DeviceKind, DeviceState, DeviceStatus, Message, Step
from kiosk.station.admission import Admission
from kiosk.station.agreed import at_odds, is_asked, is_left_out, left_out, refusal_reason, released
from kiosk.station.arrival import OPENED_BY_PRINT, Arrival, read_from
from kiosk.station.board import Album, Board
from kiosk.station.crew import Crew
from kiosk.station.events import CheckAsked, JobDone, OrderGiven, StationEvent, TimeUp
from kiosk.station.orders import carry_out, judge
from kiosk.station.state import (
    Empty,
    Reading,
    Refused,
    Saved,
    Seated,
    State,
    Testing,
    Undecided,
    UnderWay,
    Unsaved,
    Waiting,
)
from kiosk.station.steps.base import Background, Desk, Outcome, Sitting
from kiosk.station.steps.table import RUNS
from kiosk.station.testing import CheckDesk
from kiosk.station.view import View, compose

log = logging.getLogger(__name__)

# How long 已保存 stays when the card was taken away before: long enough to be read.
_SAVED_SHOWN_S: Final = 2.0
# How long a refusal stays when no card lies there whose removal would end it: the operator may want to give a reason.
_REFUSAL_SHOWN_S: Final = 30.0


class Conductor:
    """The state machine. `handle` takes one event and publishes what the screens should show."""

    def __init__(self, crew: Crew, background: Background, board: Board, album: Album) -> None:
        self.crew = crew
        self.admission = Admission(crew)
        self.view = View(album)
        self._state: State = Waiting()
        self._turn = 1  # which state, for orders
        self._background = background
        self._board = board
        self._album = album
        self._desk = Desk.of(crew, self.view, background)
        self._test = CheckDesk(self, background)
        self._card_lies = False
        self._next: Arrival | None = None  # a card that was laid down while another student was under way
        self._counting: int | None = None  # the job
        self._count()
        self._say_where_we_stand()

    @property
    def state(self) -> State:
        return self._state

    # -- the machine

    def handle(self, event: StationEvent) -> None:
        """Take one event. A fault of the store changes nothing and is told; it stops the student, never the station."""
        try:
            self._go(self._follow(event))
            if self._next is not None and isinstance(self._state, Empty):
                waiting, self._next = self._next, None
                self.leave()
                self._go(self.admit(waiting))
        except KioskError as error:
            log.error("station: %s", error.code)
            self.view.notify(error.message)
        self.publish()

    def _follow(self, event: StationEvent) -> State:  # noqa: C901, PLR0911, PLR0912 - the whole machine, on one page
        """The state that an event leads to; the same one where nothing follows."""
        match self._state, event:
            case _, OrderGiven() | CheckAsked():
                return self._obey(event)
            case _, StatusChanged(status):
                return self._device_changed(status)
            case _, CardRemoved():
                return self._card_taken()
            case _, JobDone(job, counts) if job == self._counting:
                self._counting = None
                if isinstance(counts, DayCounts):
                    self.view.counts = counts
            case Testing(until), TimeUp(deadline) if deadline == until:
                return self._test.time_up(card_lies=self._card_lies)
            case Testing(), CardPresented() | CardUnreadable():
                self._card_lies = True
            case Waiting() | Refused() | Saved(), CardSeen():
                return Reading()
            case Saved(), CardPresented(again=True):
                self._card_lies = True  # the reader was away for a moment
            case Waiting() | Reading() | Refused() | Saved(), CardPresented():
                self._card_lies = True
                self.leave()
                return self.admit(read_from(event))
            case Waiting() | Reading() | Refused() | Saved(), CardUnreadable(error):
                self._card_lies = True
                self.leave()
                closed = error.code in OPENED_BY_PRINT
                return self.refuse(Refused(error.message, Message("station.ask_teacher"), document_closed=closed))
            case Seated(sitting) | Undecided(sitting) | Unsaved(sitting), CardPresented(card):
                self._card_lies = True
                if card.id_number != sitting.card.id_number:
                    self._next = read_from(event)
                    self.view.notify(Message("station.other_card_waits"))
            case Seated() | Undecided() | Unsaved(), CardUnreadable(error):
                self._card_lies = True
                self.view.notify(error.message)
            case Refused(until=until) | Saved(until=until), TimeUp(deadline) if deadline == until:
                return Waiting()
            case Seated(sitting, run), _:
                if (outcome := run.handle(event)) is not None:
                    return self.keep(sitting, outcome)
        return self._state

    def _obey(self, given: OrderGiven | CheckAsked) -> State:
        """Judge an order against what is so now, carry it out, and answer."""
        if not given.answer.set_running_or_notify_cancel():
            return self._state  # whoever gave it waits no more, and must not find it done later
        try:
            if isinstance(given, CheckAsked):
                self._go(self._test.follow(given, self._state, card_lies=self._card_lies))
            else:
                judge(given.order, self._state, self._turn, self.crew.operator)
                self._go(carry_out(given, self._state, self))
        except KioskError as error:
            given.answer.set_exception(error)
        except BaseException:
            given.answer.set_exception(KioskError("station.unexpected"))
            raise
        else:
            self.publish()
            given.answer.set_result(None)
        return self._state

    def _go(self, state: State) -> None:
        """Leave a state for another: what ran is stopped, what begins begins, what a student leaves is forgotten."""
        before, self._state = self._state, state
        if state is before:
            return
        self._turn += 1
        if isinstance(before, Seated) and not (isinstance(state, Seated) and state.run is before.run):
            before.run.stop()
        if isinstance(before, Testing) and not isinstance(state, Testing):
            self.crew.scanner.cancel()
        if isinstance(state, Waiting | Reading):
            self._album.clear()
            self.view.notify(None)
        if isinstance(state, Saved):
            self.view.notify(None)
        if isinstance(before, UnderWay) is not isinstance(state, UnderWay) or isinstance(state, Refused):
            self._count()
        self._say_where_we_stand()

    # -- what is done, and kept

    def keep(self, sitting: Sitting, outcome: Outcome) -> State:
        """Save a step that is over, and go on; or stay until it can be saved."""
        try:
            biometrics = (*outcome.biometrics, *released(outcome.result, sitting.held))
            record = self.crew.store.captures.save_step(sitting.record.id, outcome.result, biometrics)
        except KioskError as error:
            log.error("store: %s", error.code)
            return Unsaved(sitting, outcome, error.message)
        sitting = sitting.after(record, outcome)
        if outcome.open:
            return Undecided(sitting, outcome)
        self.crew.known.learn(record, outcome.result.step)
        return self.proceed(sitting)

    def proceed(self, sitting: Sitting) -> State:
        """On to the first step that is not settled; when all are, the record is closed."""
        crew, steps = self.crew, self.crew.settings.workflow.steps
        try:
            if contrary := at_odds(sitting.record, steps):
                by, why = crew.operator.name, refusal_reason(sitting.record)
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
        return self._saved(Sitting(record, sitting.card, resumed=sitting.resumed))

    def at(self, step: Step, sitting: Sitting) -> Seated:
        """Begin a step, from its start."""
        return Seated(sitting, RUNS[step](self._desk, sitting))

    def _saved(self, sitting: Sitting) -> Saved:
        return Saved(sitting, None if self._card_lies else self._background.call_after(_SAVED_SHOWN_S))

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
        self.view.notify(Message("station.resumed") if found.resumed else found.card.photo_problem)
        self._show(found.card)
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
        return replace(refused, until=None if self._card_lies else self._background.call_after(_REFUSAL_SHOWN_S))

    def leave(self) -> None:
        """Whoever was here has gone, and nothing of theirs stays."""
        self._go(Waiting())

    def _card_taken(self) -> State:
        self._card_lies = False
        self._next = None
        return self._state if isinstance(self._state, UnderWay | Testing) else Waiting()

    def _device_changed(self, status: DeviceStatus) -> State:
        before = self.view.devices.get(status.kind)
        self.view.devices[status.kind] = status
        ready = status.state is DeviceState.READY
        if status.kind is DeviceKind.CARD and not ready:
            self._card_lies = False
            self._next = None
        match self._state:
            case Waiting():
                self._say_where_we_stand()
            case Reading() if not self._card_lies:
                return Waiting()
            case Refused(until=None) as refused if not self._card_lies:
                return self.refuse(refused)
            case Saved(sitting, None) if not self._card_lies:
                return self._saved(sitting)
            case Seated(_, run) if STEPS[run.step].device is status.kind:
                if not ready:
                    self.view.say_lost()
                elif before is not None and before.state is not DeviceState.READY:
                    run.device_back()
        return self._state

    # -- what the screens show

    def publish(self) -> None:
        """Show the screens where things stand."""
        self._board.show(compose(self._state, self._turn, self.view, self.crew.settings))

    def _say_where_we_stand(self) -> None:
        self.view.say_of(self._state, card_lies=self._card_lies)
        if isinstance(self._state, Seated):
            run = self._state.run
            run.start()
            needed = STEPS[run.step].device
            if needed is not None and self.view.is_lost(needed):
                self.view.say_lost()

    def _show(self, card: CardData) -> None:
        if card.photo is not None:
            self._album.put(BiometricKind.CHIP_PHOTO, png(card.photo.pixels))

    def _show_kept(self, record_id: str, kinds: tuple[BiometricKind, ...]) -> None:
        for kind in kinds:
            if (picture := self.crew.store.captures.biometric(record_id, kind)) is not None:
                self._album.put(kind, picture)

    def _looked_at(self, sitting: Sitting) -> Sitting:
        """With what the chip photo is to the network under way, as soon as that may be computed."""
        photo, judges, record = sitting.card.photo, self.crew.judges, sitting.record
        if photo is None or sitting.chip is not None or record.refusals or is_asked(record, self.crew.settings.workflow.steps):
            return sitting
        return replace(sitting, chip=self._background.begin(lambda: judges.embed_chip(photo)))

    def _count(self) -> None:
        """Count the day afresh, beside everything else: nobody is held up for a number. The newest answer counts."""
        at = self.crew.now()
        self._counting = self._background.submit(lambda: self.crew.store.progress.counts(at))
