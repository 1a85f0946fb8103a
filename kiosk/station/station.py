"""The station's thread: one queue of events, a small pool for the networks, and what the other threads may ask of it."""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from kiosk import manual
from kiosk.config import Settings
from kiosk.devices import Device, DeviceEvent, DeviceWorker
from kiosk.devices.card import AccessKey
from kiosk.errors import KioskError
from kiosk.exchange import Profile, unprintable
from kiosk.manual import TypedIn
from kiosk.memory import give_back
from kiosk.pipeline.finger import template
from kiosk.records import ClassKey, FingerPosition, Frame, GroupCount, Notice, Person
from kiosk.seeing.framer import Framer, FrameSource
from kiosk.seeing.judges import Judges
from kiosk.snapshot import NEEDS_DATA, Command, Order, Phase, Snapshot
from kiosk.station.board import Album, Board
from kiosk.station.conductor import Conductor
from kiosk.station.crew import Crew, FingerScanner
from kiosk.station.events import Check, CheckAsked, DutyChanged, JobDone, OrderGiven, Quit, StationEvent, ThumbAsked, TimeUp
from kiosk.station.known import Known
from kiosk.station.passive import PassiveGuard
from kiosk.station.steps.base import T
from kiosk.store import Store

log = logging.getLogger(__name__)

# How long an order may wait for the station's thread: it is free many times a second, but for a slow disk.
_ANSWER_S: Final = 10.0


def _now() -> datetime:
    return datetime.now().astimezone()


class Station:
    """Everything between the devices and the screens. Public methods may be called from any thread."""

    def __init__(
        self,
        *,
        settings: Settings,
        profile: Profile,
        store: Store,
        judges: Judges,
        camera: FrameSource,
        scanner: FingerScanner,
        give_key: Callable[[AccessKey], None],
        passive: PassiveGuard | None = None,
        listener: Callable[[DeviceEvent], None] | None = None,
        now: Callable[[], datetime] = _now,
        notice: Notice | None = None,
    ) -> None:
        """`listener` hears what the devices tell, beside the station and in the devices' threads; `notice` is what students
        are shown, where it isn't the profile's."""
        self._listener = listener
        self._events: queue.SimpleQueue[StationEvent] = queue.SimpleQueue()
        self._deadlines: list[tuple[float, int]] = []
        self._numbers = itertools.count(1)
        self._board = Board(voice=settings.station.voice)
        self._album = Album()
        self._camera = camera
        self._find_student = store.roster.find
        self._classes = store.photo_runs.groups
        self._required_fields = profile.required_fields
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="judge")
        liveness = profile.liveness if settings.face.liveness is None else settings.face.liveness
        prepare = partial(judges.prepare, photo=profile.photo)
        self._framer = Framer(camera, settings.face, profile.photo, self._events.put, liveness=liveness, prepare=prepare)
        known = Known(store)
        crew = Crew(settings, profile, store, judges, known, passive, self._framer, scanner, give_key, now, notice=notice)
        self._conductor = Conductor(crew, self, self._board, self._album)
        self._workers: list[DeviceWorker] = []
        self._ending = threading.Event()
        self._learner = threading.Thread(target=known.follow, args=(self._ending,), name="known", daemon=True)
        self._thread = threading.Thread(target=self._run, name="station", daemon=True)

    def start(self, devices: Sequence[Device]) -> None:
        """Begin: networks, devices, then students."""
        self._framer.start()
        self._workers = [DeviceWorker(device, self.tell) for device in devices]
        self._thread.start()
        self._learner.start()
        self._pool.submit(unprintable, ())  # so that the first card need not wait for the font's table
        self._pool.submit(template.load)  # nor the first thumb for SciPy
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """End all threads; finished steps are in the store already. Idempotent."""
        self._ending.set()
        for worker in self._workers:
            worker.stop()
        self._framer.stop()
        self._events.put(Quit())
        if self._thread.is_alive():
            self._thread.join(10.0)
        if self._learner.is_alive():
            self._learner.join(10.0)
        self._pool.shutdown(wait=True, cancel_futures=True)

    # -- for the devices

    def tell(self, event: DeviceEvent) -> None:
        """Take a device's event."""
        if self._listener is not None:
            self._listener(event)
        self._events.put(event)

    # -- for the screens

    def snapshot(self) -> Snapshot:
        return self._board.newest()

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        """The newest snapshot as soon as its number is above `after`, or the same one when the time is over."""
        return self._board.wait(after, timeout_s)

    def give(self, order: Order) -> None:
        """Have an order carried out; returns when it is done.

        Raises KioskError when it was not: ("station.order_late") when what it was about is over, and what
        `kiosk.station.orders.judge` says; ("station.busy") when there was no answer in time, then it is not done later either.
        """
        if order.command in NEEDS_DATA:
            raise KioskError("station.command_unavailable", command=order.command.value)
        self._ask(OrderGiven(order))

    def type_in(self, typed: TypedIn, order: Order) -> None:
        """Take a student without a readable card; a name that is left out comes from the roster.

        `order`: TYPE_IN; its reason says in words why nothing was read. Raises as `give` does, and what `manual.check` and, of
        somebody on the roster, `manual.require` say.
        """
        student = self._find_student(manual.clean_number(typed.number))
        manual.check(typed, student)
        if student is not None:
            manual.require(typed, student, self._required_fields)
        self._ask(OrderGiven(replace(order, command=Command.TYPE_IN), typed=typed))

    def open_document(self, key: AccessKey, order: Order) -> None:
        """Read the passport on the reader with what is printed on it. `order`: OPEN_DOCUMENT.

        Raises as `give` does, and KioskError("card.passport.mrz").
        """
        self._ask(OrderGiven(replace(order, command=Command.OPEN_DOCUMENT), key=key))

    def hand_in(self, given: object, about: int) -> None:
        """Give the step what was done on its panel, as JSON gave it.

        Raises as `give` does, and what the step says of it.
        """
        self._ask(OrderGiven(Order(Command.HAND_IN, about, given=given)))

    def classes(self) -> list[GroupCount]:
        """The classes of the roster, in its order, for a photo run."""
        return self._classes()

    def begin_run(self, group: ClassKey, about: int) -> None:
        """Have a class stand before the camera, without cards; one that was left goes on where it was.

        Raises as `give` does, KioskError("station.run.profile") where the profile wants more than a photo, and StoreError
        where the roster has nobody of the class.
        """
        self._ask(OrderGiven(Order(Command.BEGIN_RUN, about, given=group)))

    def call_child(self, id_number: str, about: int) -> None:
        """Call one of the class. Raises as `give` does, and KioskError("station.run.not_in_class")."""
        self._ask(OrderGiven(Order(Command.FIND_CHILD, about, given=id_number)))

    # -- for the test of the devices

    def begin_test(self) -> None:
        """Hold everybody back. Raises KioskError("station.occupied") while somebody is under way."""
        self._ask(CheckAsked(Check.BEGIN))

    def keep_testing(self) -> None:
        """Somebody still looks at the test: without a word for a while it is over."""
        self._events.put(CheckAsked(Check.KEEP))

    def ask_press(self, number: int, position: FingerPosition) -> None:
        """Have the scanner capture one press; it is told to the listener under this number, below 0.

        Raises KioskError("station.test_over").
        """
        self._ask(CheckAsked(Check.PRESS, number, position))

    def end_test(self) -> None:
        """Let students come again. Idempotent."""
        self._ask(CheckAsked(Check.END))

    # -- for the staff

    def lend_scanner(self, number: int | None) -> None:
        """Have the scanner capture one press of somebody of the staff; it is told to the listener under this number, below 0.

        Asked again with the same number it changes nothing, but where a student needed the scanner meanwhile. None: nobody
        waits for a press any more. Raises KioskError("station.scanner_busy") while a student's step or a test has it.
        """
        self._ask(ThumbAsked(number))

    def _ask(self, given: OrderGiven | CheckAsked | ThumbAsked) -> None:
        self._events.put(given)
        try:
            given.answer.result(_ANSWER_S)
        except TimeoutError:
            if given.answer.cancel():
                raise KioskError("station.busy") from None
            given.answer.result()  # it is being carried out right now

    def go_on_duty(self, person: Person, awake: Callable[[], bool] = lambda: True) -> None:
        """Somebody sits down at the station. While `awake` says no, nobody else is admitted."""
        self._events.put(DutyChanged(person, awake))

    def set_voice(self, *, on: bool) -> None:
        """Let the student's screen speak, or be silent."""
        self._board.set_voice(on=on)

    def picture(self, key: str) -> bytes | None:
        """A picture that a snapshot names, PNG or JPEG; None when the student has gone."""
        return self._album.get(key)

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        """The newest camera frame with a number above `after`."""
        return self._camera.newest(after, timeout_s)

    # -- for the conductor, in the station's own thread

    def submit(self, work: Callable[[], object]) -> int:
        """Run in the pool; the result comes back as JobDone with this number."""
        job = next(self._numbers)

        def done(future: Future[object]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is None:
                self._events.put(JobDone(job, future.result()))
            elif isinstance(error, KioskError):
                self._events.put(JobDone(job, error=error))
            else:
                log.error("judge: unexpected error", exc_info=error)
                self._events.put(JobDone(job, error=KioskError("station.unexpected")))

        self._pool.submit(work).add_done_callback(done)
        return job

    def begin(self, work: Callable[[], T]) -> Future[T]:
        """Run in the pool; for work that a later job waits for."""
        return self._pool.submit(work)

    def call_after(self, seconds: float) -> int:
        """Come back with TimeUp and this number."""
        deadline = next(self._numbers)
        heapq.heappush(self._deadlines, (time.monotonic() + seconds, deadline))
        return deadline

    def _run(self) -> None:
        self._conductor.publish()
        while not isinstance(event := self._next_event(), Quit):
            before = self._board.newest().phase
            try:
                self._conductor.handle(event)
            except Exception:
                # A bug must not cost the day: what is saved is saved, the operator can retry or go on.
                log.exception("station: unexpected error")
            if before is not Phase.WAITING and self._board.newest().phase is Phase.WAITING:
                self._pool.submit(give_back)  # what the student who has gone took

    def _next_event(self) -> StationEvent:
        """The next event, or TimeUp when a deadline comes first."""
        while True:
            left_s = self._deadlines[0][0] - time.monotonic() if self._deadlines else None
            try:
                return self._events.get(timeout=None if left_s is None else max(left_s, 0))
            except queue.Empty:
                return TimeUp(heapq.heappop(self._deadlines)[1])
