"""A door with its devices: one thread that takes what they tell, a small pool for the networks, snapshots for the screens."""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from kiosk.checkin.door import Door
from kiosk.checkin.state import FREE, Order, Post, Searching, State
from kiosk.config import Settings
from kiosk.devices import (
    CardPresented,
    CardRemoved,
    CardUnreadable,
    Device,
    DeviceEvent,
    DeviceWorker,
    ImageHeld,
    ImpressionComing,
    ImpressionReady,
    PressFailed,
    StatusChanged,
)
from kiosk.errors import KioskError
from kiosk.pipeline.face import EXAM_PHOTO, Embedding
from kiosk.pipeline.face.verification import mean_face
from kiosk.pipeline.finger import Template, template
from kiosk.records import Cue, DeviceKind, DeviceStatus, FingerPosition, FoundBy, Frame, Impression, Message, PhotoSpec, Verdict
from kiosk.seeing import Framer, Judges
from kiosk.seeing.events import GuideSaid, ShotTaken
from kiosk.seeing.framer import FrameSource
from kiosk.seeing.judges import PressJudgement

log = logging.getLogger(__name__)

T = TypeVar("T")

# A face at a door is compared and not printed: smaller, further away, less still than a photo wants it.
DOOR_PHOTO: Final = PhotoSpec(240, 320, 300, 1, 60, 40, EXAM_PHOTO.head_share, EXAM_PHOTO.eye_line)
_HOLD_S: Final = 0.25
_ANSWER_S: Final = 10.0
_LIFT: Final = Message("checkin.lift")
_PRESS: Final = Message("checkin.press")


class Scanner(Protocol):
    """The fingerprint scanner, as a door sees it."""

    def request(self, number: int, position: FingerPosition, *, begun: bool = False) -> None: ...

    def cancel(self) -> None: ...


@dataclass(frozen=True, eq=False)
class DoorSnapshot:
    """What the screens show. `guide`: what the student is asked to do before the camera, beyond the state's own words, and
    `cue` the same as an act; `press`: on the scanner; `session` the place of the session that is shown."""

    number: int
    turn: int
    state: State
    post: Post
    session: int
    guide: Message | None = None
    press: Message | None = None
    cue: Cue | None = None
    devices: tuple[DeviceStatus, ...] = ()


@dataclass(frozen=True, eq=False)
class _Called:
    """Somebody wants something done in the desk's thread."""

    work: Callable[[Door, datetime], object]
    answer: Future[object] = field(default_factory=Future)


@dataclass(frozen=True, eq=False)
class _FaceSeen:
    sitting: int
    face: Embedding | None
    jpeg: bytes


@dataclass(frozen=True, eq=False)
class _PressJudged:
    request: int
    judgement: PressJudgement | None
    problem: Message | None = None


@dataclass(frozen=True, eq=False)
class _PressBegun:
    request: int
    template: Template


@dataclass(frozen=True)
class _TimeOver:
    turn: int


@dataclass(frozen=True)
class _Changed:
    pass


@dataclass(frozen=True)
class _Quit:
    pass


_Event = DeviceEvent | GuideSaid | ShotTaken | _Called | _FaceSeen | _PressJudged | _PressBegun | _TimeOver | _Changed | _Quit


class Desk:
    """Everything between the devices and the screens of a door. Public methods may be called from any thread."""

    def __init__(
        self,
        door: Door,
        judges: Judges,
        camera: FrameSource,
        scanner: Scanner,
        settings: Settings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._door = door
        self._judges = judges
        self._camera = camera
        self._scanner = scanner
        self._now = now
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._deadlines: list[tuple[float, int]] = []
        face = settings.face.model_copy(
            update={"hold_s": _HOLD_S, "max_yaw_deg": 20.0, "max_pitch_deg": 20.0, "max_roll_deg": 15.0, "min_sharpness": 25.0}
        )
        self._liveness = bool(settings.face.liveness) or door.register.day.alive
        self._framer = Framer(camera, face, DOOR_PHOTO, self._events.put, liveness=self._liveness, prepare=judges.glance)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="door-judge")
        self._workers: list[DeviceWorker] = []
        self._devices: dict[DeviceKind, DeviceStatus] = {}
        self._sitting = self._request = 0  # 0: nobody sits, no press is wanted or being judged
        self._looked_at = False  # until what the sitting's shot shows was told
        self._turn = 0  # the one that the clock was last set to
        self._guide: Message | None = None
        self._press: Message | None = None
        self._cue: Cue | None = None
        self._waiting: CardPresented | None = None  # a card that was laid down while another candidate was under way
        self._board = threading.Condition()
        self._newest = DoorSnapshot(0, door.turn, door.state, door.post, door.session_at(now()))
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)

    def start(self, devices: Sequence[Device]) -> None:
        """Begin: networks, devices, then candidates."""
        self._framer.start()
        self._workers = [DeviceWorker(device, self._events.put) for device in devices]
        self._pool.submit(template.load)
        self._pool.submit(self._door.learn)
        self._thread.start()
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """End all threads. Idempotent."""
        for worker in self._workers:
            worker.stop()
        self._framer.stop()
        self._events.put(_Quit())
        if self._thread.is_alive():
            self._thread.join(10.0)
        self._pool.shutdown(wait=True, cancel_futures=True)

    # -- for the screens

    @property
    def door(self) -> Door:
        """To be looked at from any thread: counts, attendance, who may be meant. What changes it goes by `call`."""
        return self._door

    def now(self) -> datetime:
        return self._now()

    def snapshot(self) -> DoorSnapshot:
        return self._newest

    def wait(self, after: int, timeout_s: float) -> DoorSnapshot:
        """The newest snapshot as soon as its number is above `after`, or the same one when the time is over."""
        with self._board:
            self._board.wait_for(lambda: self._newest.number > after, timeout_s)
            return self._newest

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        """The newest camera frame with a number above `after`."""
        return self._camera.newest(after, timeout_s)

    def ask(self, order: Order, turn: int, *, by: str = "") -> None:
        """Have an order carried out. Raises KioskError("checkin.late") where what it was about is over, ("checkin.not_now")."""

        def work(door: Door, at: datetime) -> None:
            if turn != door.turn:
                raise KioskError("checkin.late")
            door.ask(order, at, by=by)

        self.call(work)

    def choose(self, number: int, found_by: FoundBy, turn: int) -> None:
        """Say who stands there. Raises as `ask` does."""

        def work(door: Door, at: datetime) -> None:
            if turn != door.turn or not isinstance(door.state, FREE):
                raise KioskError("checkin.late")
            door.chosen(number, found_by, at)

        self.call(work)

    def call(self, work: Callable[[Door, datetime], T]) -> T:
        """Have something done with the door in its own thread. Raises what it raises, and KioskError("checkin.busy")."""
        called = _Called(work)
        self._events.put(called)
        try:
            answer: object = called.answer.result(_ANSWER_S)
        except TimeoutError:
            if called.answer.cancel():
                raise KioskError("checkin.busy") from None
            answer = called.answer.result()
        return answer  # type: ignore[return-value]

    def look_again(self) -> None:
        """Something beside this door has changed: the screens show it."""
        self._events.put(_Changed())

    # -- the thread

    def _run(self) -> None:
        self._publish()
        while not isinstance(event := self._next(), _Quit):
            try:
                self._take(event)
                self._follow()
                if self._seat_waiting():
                    self._follow()
            except Exception:
                log.exception("door: unexpected error")  # what is kept is kept; the next event goes on
            self._publish()

    def _next(self) -> _Event:
        while True:
            left_s = self._deadlines[0][0] - time.monotonic() if self._deadlines else None
            try:
                return self._events.get(timeout=None if left_s is None else max(left_s, 0))
            except queue.Empty:
                return _TimeOver(heapq.heappop(self._deadlines)[1])

    def _take(self, event: _Event) -> None:  # noqa: C901, PLR0912 - what is told, line by line
        door, at = self._door, self._now()
        match event:
            case _Called():
                self._answer(event, at)
            case StatusChanged(status):
                self._devices[status.kind] = status
                if status.kind is DeviceKind.CARD and status.problem is not None:
                    self._waiting = None
            case CardPresented(card) if isinstance(door.state, FREE):
                if not event.again:
                    door.card(card.id_number, card.name, at)
            case CardPresented():
                self._waiting = event
            case CardUnreadable(error):
                door.card_unread(error.message, at)
            case CardRemoved():
                self._waiting = None
                door.card_gone(at)
            case GuideSaid(sitting, instruction) if sitting == self._sitting:
                self._guide, self._cue = instruction, event.cue
            case ShotTaken(sitting) if sitting == self._sitting:
                self._look(event, at)
            case _FaceSeen(sitting, face, jpeg) if sitting == self._sitting:
                self._looked_at = False
                if face is None:
                    door.no_face(Message("error.face.not_found"), at)
                else:
                    door.face(face, jpeg, at)
            case ImageHeld(request) if request == self._request:
                self._press = _LIFT
            case ImpressionComing(request, impression) if request == self._request:
                self._pool.submit(self._begin, request, impression)
            case _PressBegun(request, template) if request == self._request:
                door.press_begun(template, at)
            case ImpressionReady(request, impression) if request == self._request:
                self._pool.submit(self._judge, request, impression)
            case PressFailed(request, _, error) if request == self._request:
                self._request = 0
                door.poor_press(error.message, at)
            case _PressJudged(request, judgement, problem) if request == self._request:
                self._request = 0
                if judgement is None or judgement.quality.verdict is Verdict.FAIL:
                    hint = judgement.quality.hint if judgement is not None else problem
                    door.poor_press(hint or _PRESS, at)
                else:
                    door.press(judgement.template, at)
            case _TimeOver(turn):
                door.time_over(turn, at)

    def _answer(self, called: _Called, at: datetime) -> None:
        if not called.answer.set_running_or_notify_cancel():
            return
        try:
            called.answer.set_result(called.work(self._door, at))
        except Exception as error:
            called.answer.set_exception(error)

    def _seat_waiting(self) -> bool:
        """The card that lies there already, once the one before has gone; whether there was one."""
        if self._waiting is None or not isinstance(self._door.state, FREE):
            return False
        card, self._waiting = self._waiting.card, None
        self._door.card(card.id_number, card.name, self._now())
        return True

    def _look(self, taken: ShotTaken, at: datetime) -> None:
        """A face was held still: those of its frames that were embedded already are enough."""
        seen = [one for one in taken.ahead if one.face is not None]
        jpeg = next((one.live_jpeg for one in taken.ahead if one.frame.number == taken.shot.best.number), b"")
        jpeg = jpeg or (seen[0].live_jpeg if seen else b"")
        self._looked_at = False
        if self._liveness and taken.liveness is not None and taken.liveness.verdict is not Verdict.PASS:
            problem = taken.liveness.problem or Message("checkin.face_failed")
            if taken.liveness.counts:
                self._door.not_alive(problem, jpeg, at)
            else:
                self._door.no_face(problem, at)
        elif seen:
            faces = [one.face for one in seen if one.face is not None]
            self._door.face(mean_face(faces), jpeg, at)
        else:
            self._looked_at = True
            self._pool.submit(self._embed, taken)

    def _embed(self, taken: ShotTaken) -> None:
        glance = self._judges.glance(taken.shot.best, taken.shot.look)
        self._events.put(_FaceSeen(taken.sitting, glance.face, glance.live_jpeg))

    def _begin(self, request: int, impression: Impression) -> None:
        self._events.put(_PressBegun(request, self._judges.press_begun(impression)))

    def _judge(self, request: int, impression: Impression) -> None:
        try:
            judged = self._judges.judge_press(impression)
        except KioskError as error:
            self._events.put(_PressJudged(request, None, error.message))
        else:
            self._events.put(_PressJudged(request, judged))

    def _follow(self) -> None:
        """Set camera, scanner and clock to the state that is there now. A look or a press that is under way and still wanted
        goes on."""
        door, state = self._door, self._door.state
        self._follow_face()
        self._follow_thumb()
        if door.turn != self._turn:
            self._turn = door.turn
            if state.lasts_s is not None:
                heapq.heappush(self._deadlines, (time.monotonic() + state.lasts_s, door.turn))

    def _follow_face(self) -> None:
        if not self._door.wants_face:
            if self._sitting:
                self._sitting, self._guide, self._cue, self._looked_at = 0, None, None, False
                self._framer.rest()
        elif not self._looked_at:
            self._sitting, self._guide, self._cue, self._looked_at = next(self._numbers), None, None, True
            self._framer.sit(self._sitting)

    def _follow_thumb(self) -> None:
        if not self._door.wants_thumb:
            self._press = None
            if self._request:
                self._request = 0
                self._scanner.cancel()
        elif not self._request:
            self._request, self._press = next(self._numbers), _PRESS
            expected = not isinstance(self._door.state, Searching)  # of one candidate the upper rows may be enough
            self._scanner.request(self._request, FingerPosition.RIGHT_THUMB, begun=expected)

    def _publish(self) -> None:
        door = self._door
        with self._board:
            self._newest = DoorSnapshot(
                self._newest.number + 1,
                door.turn,
                door.state,
                door.post,
                door.session_at(self._now()),
                self._guide,
                self._press,
                self._cue,
                tuple(self._devices.values()),
            )
            self._board.notify_all()
