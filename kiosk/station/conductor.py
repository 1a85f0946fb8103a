"""Takes one student after the other through the steps. Runs in the station's thread only.

`_follow` is the whole machine: which event leads from which state to which. A student has left, and everything of theirs is
kept, before the next one is admitted.
"""

from __future__ import annotations

import logging

from kiosk.devices import CardPresented, CardRemoved, CardSeen, CardUnreadable, StatusChanged
from kiosk.errors import KioskError
from kiosk.records import STEPS, DayCounts, DeviceKind, DeviceState, DeviceStatus, FingerPosition, Line, Message
from kiosk.station.arrival import OPENED_BY_PRINT, Arrival, read_from
from kiosk.station.board import Album, Board
from kiosk.station.crew import Crew
from kiosk.station.events import CheckAsked, DutyChanged, JobDone, OrderGiven, StationEvent, ThumbAsked, TimeUp
from kiosk.station.orders import carry_out, judge
from kiosk.station.state import (
    Called,
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
    lends_scanner,
    line_of,
)
from kiosk.station.steps.base import Background, Sitting
from kiosk.station.testing import CheckDesk
from kiosk.station.usher import Usher
from kiosk.station.view import compose

log = logging.getLogger(__name__)


class Conductor:
    """The state machine. `handle` takes one event and publishes what the screens should show."""

    def __init__(self, crew: Crew, background: Background, board: Board, album: Album) -> None:
        self._crew = crew
        self._usher = Usher(crew, background, album)
        self._view = self._usher.view
        self._state: State = self._usher.waiting()
        self._turn = 1  # which state, for orders
        self._background = background
        self._board = board
        self._test = CheckDesk(crew, self._usher, background)
        self._next: Arrival | None = None  # a card that was laid down while another student was under way
        self._counting: int | None = None  # the job
        self._lent: int | None = None  # the press that the staff were lent the scanner for
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
                self._usher.leave()
                self._go(self._usher.admit(waiting))
        except KioskError as error:
            log.error("station: %s", error.code)
            self._view.notify(error.message)
        self.publish()

    def _follow(self, event: StationEvent) -> State:  # noqa: C901, PLR0911, PLR0912 - the whole machine, on one page
        """The state that an event leads to; the same one where nothing follows."""
        match self._state, event:
            case _, OrderGiven() | CheckAsked() | ThumbAsked():
                return self._obey(event)
            case _, StatusChanged(status):
                return self._device_changed(status)
            case _, CardRemoved():
                return self._card_taken()
            case _, DutyChanged(person, awake):
                self._crew.duty.begin(person, awake)
                return self._attended()
            case _, JobDone(job, counts) if job == self._counting:
                self._counting = None
                if isinstance(counts, DayCounts):
                    self._view.counts = counts
            case _, CardSeen() | CardPresented() | CardUnreadable() if line_of(self._state) is not None:
                self._usher.card_lies = not isinstance(event, CardSeen)
                self._view.notify(Message("station.run.no_cards"))
            case Saved(Sitting(line=Line() as line), until), TimeUp(deadline) if deadline == until:
                return self._usher.call_next(line)
            case Testing(until), TimeUp(deadline) if deadline == until:
                return self._test.time_up()
            case Testing(), CardPresented() | CardUnreadable():
                self._usher.card_lies = True
            case Waiting() | Refused() | Saved(), CardSeen():
                return Reading()
            case Saved(), CardPresented(again=True):
                self._usher.card_lies = True  # the reader was away for a moment
            case Waiting() | Reading() | Refused() | Saved(), CardPresented():
                self._usher.card_lies = True
                self._usher.leave()
                return self._usher.admit(read_from(event))
            case Waiting() | Reading() | Refused() | Saved(), CardUnreadable(error):
                self._usher.card_lies = True
                self._usher.leave()
                closed = error.code in OPENED_BY_PRINT
                return self._usher.refuse(Refused(error.message, Message("station.ask_teacher"), document_closed=closed))
            case Seated(sitting) | Undecided(sitting) | Unsaved(sitting), CardPresented(card):
                self._usher.card_lies = True
                if sitting.card is not None and card.id_number == sitting.card.id_number:
                    pass
                elif (colleague := self._usher.admission.colleague(card.id_number)) is not None:
                    self._view.notify(Message("station.staff_card_beside", {"name": colleague.name}))
                else:
                    self._next = read_from(event)
                    self._view.notify(Message("station.other_card_waits"))
            case Seated() | Undecided() | Unsaved(), CardUnreadable(error):
                self._usher.card_lies = True
                self._view.notify(error.message)
            case Refused(until=until) | Saved(until=until), TimeUp(deadline) if deadline == until:
                return self._usher.waiting()
            case Seated(sitting, run), _:
                if (outcome := run.handle(event)) is not None:
                    return self._usher.keep(sitting, outcome)
        return self._state

    def _obey(self, given: OrderGiven | CheckAsked | ThumbAsked) -> State:
        """Judge an order against what is so now, carry it out, and answer."""
        if not given.answer.set_running_or_notify_cancel():
            return self._state  # whoever gave it waits no more, and must not find it done later
        try:
            if isinstance(given, CheckAsked):
                self._go(self._test.follow(given, self._state))
            elif isinstance(given, ThumbAsked):
                self._lend(given.number)
            else:
                judge(given.order, self._state, self._turn, self._crew.duty.operator)
                self._go(carry_out(given, self._state, self._usher))
        except KioskError as error:
            given.answer.set_exception(error)
        except BaseException:
            given.answer.set_exception(KioskError("station.unexpected"))
            raise
        else:
            self.publish()
            given.answer.set_result(None)
        return self._state

    def _lend(self, number: int | None) -> None:
        """Have the scanner capture a thumb of the staff, or have it back. Raises KioskError("station.scanner_busy")."""
        if number is not None and not lends_scanner(self._state):
            raise KioskError("station.scanner_busy")
        if number == self._lent:
            return
        if number is not None:
            self._crew.scanner.request(number, FingerPosition.RIGHT_THUMB)
        elif lends_scanner(self._state):
            self._crew.scanner.cancel()
        self._lent = number

    def _go(self, state: State) -> None:
        """Leave a state for another: what ran is stopped, what begins begins, what a student leaves is forgotten."""
        before, self._state = self._state, state
        if state is before:
            return
        self._turn += 1
        if self._lent is not None and not (lends_scanner(before) and lends_scanner(state)):
            self._crew.scanner.cancel()  # the student's step asks for its own; whoever waits asks again
            self._lent = None
        if isinstance(before, Seated) and not (isinstance(state, Seated) and state.run is before.run):
            before.run.stop()
        if isinstance(before, Testing) and not isinstance(state, Testing):
            self._crew.scanner.cancel()
        if isinstance(state, Waiting | Reading):
            self._usher.leave()
        if isinstance(state, Saved):
            self._view.notify(None)
        if isinstance(before, UnderWay) is not isinstance(state, UnderWay) or isinstance(state, Refused):
            self._count()
        self._say_where_we_stand()

    # -- cards and plugs

    def _card_taken(self) -> State:
        self._usher.card_lies = False
        self._next = None
        stays = isinstance(self._state, UnderWay | Testing) or line_of(self._state) is not None
        return self._state if stays else self._usher.waiting()

    def _attended(self) -> State:
        """Whoever waits for an operator is admitted as soon as there is one."""
        match self._state:
            case Waiting():
                self._say_where_we_stand()
                if self._crew.duty.present and (line := self._usher.caller.interrupted()) is not None:
                    return self._usher.call(line)
            case Called(line, waits_for_operator=True):
                return self._usher.call(line)
            case Refused(arrival=Arrival() as arrival, waits_for_operator=True):
                self._usher.leave()
                return self._usher.admit(arrival)
        return self._state

    def _device_changed(self, status: DeviceStatus) -> State:
        before = self._view.devices.get(status.kind)
        self._view.devices[status.kind] = status
        ready = status.state is DeviceState.READY
        if status.kind is DeviceKind.CARD and not ready:
            self._usher.card_lies = False
            self._next = None
        match self._state:
            case Waiting():
                self._say_where_we_stand()
            case Reading() if not self._usher.card_lies:
                return self._usher.waiting()
            case Refused(until=None) as refused if not self._usher.card_lies:
                return self._usher.refuse(refused)
            case Saved(Sitting(line=None) as sitting, None) if not self._usher.card_lies:
                return self._usher.saved(sitting)
            case Seated(_, run) if STEPS[run.step].device is status.kind:
                if not ready:
                    self._view.say_lost()
                elif before is not None and before.state is not DeviceState.READY:
                    run.device_back()
        return self._state

    # -- what the screens show

    def publish(self) -> None:
        """Show the screens where things stand."""
        self._board.show(compose(self._state, self._turn, self._view, self._crew.settings))

    def _say_where_we_stand(self) -> None:
        self._view.say_of(self._state, card_lies=self._usher.card_lies, attended=self._crew.duty.present)
        if isinstance(self._state, Seated):
            run = self._state.run
            run.start()
            needed = STEPS[run.step].device
            if needed is not None and self._view.is_lost(needed):
                self._view.say_lost()

    def _count(self) -> None:
        """Count the day afresh, beside everything else: nobody is held up for a number. The newest answer counts."""
        at = self._crew.now()
        self._counting = self._background.submit(lambda: self._crew.store.progress.counts(at))
