"""A conductor on a real store, with everything else played: no threads, no devices, no networks, nothing that waits.

Whatever is captured carries the record that it was captured for, so that a result in another's record is seen at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, Final, cast

import numpy as np

from kiosk.config import Settings
from kiosk.devices import DeviceEvent, FingerLifted, ImageHeld, ImpressionReady, PressAgreed, StatusChanged
from kiosk.errors import KioskError, StoreError
from kiosk.exchange import Profile, load_profile
from kiosk.pipeline.face.framing import FaceLook
from kiosk.pipeline.face.shutter import Shot
from kiosk.pipeline.finger import compact
from kiosk.pipeline.finger.minutiae import Minutiae
from kiosk.pipeline.finger.quality import PressQuality
from kiosk.pipeline.finger.template import Template, make_template
from kiosk.records import (
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerPosition,
    Frame,
    Impression,
    Message,
    Person,
    Portrait,
    Score,
    Verdict,
)
from kiosk.seeing.events import ShotTaken
from kiosk.seeing.judges import Embedding, FaceJudgement, PressJudgement
from kiosk.snapshot import Command, Order, Snapshot
from kiosk.station.board import Album, Board
from kiosk.station.conductor import Conductor
from kiosk.station.crew import Crew
from kiosk.station.events import JobDone, OrderGiven, StationEvent, TimeUp
from kiosk.station.known import Known
from kiosk.station.steps.base import T
from kiosk.store import Store

_NOTHING: Final = np.zeros((2, 2, 3), np.uint8)
_SFACE: Final = "sface-2021dec cosine"


class Played:
    """The room. Times are counted, not waited for; jobs are done at once, and told when `deliver` says so."""

    def __init__(self, store: Store, settings: Settings | None = None, profile: Profile | None = None) -> None:
        self.store = store
        self.settings = settings or Settings()
        self.numbers = itertools.count(1)
        self.marks = itertools.count(1)  # of everything that is captured
        self.jobs: list[JobDone] = []
        self.deadlines: list[int] = []
        self.look = 0  # what the framer was asked for last
        self.look_for = ""  # on behalf of which record
        self.press: tuple[int, FingerPosition] | None = None
        self.press_for = ""
        self.asks: tuple[bool, int | None] = (
            False,
            None,
        )  # of the press: to keep its features, and which one it may be held against
        self.kept: tuple[int, int, FingerPosition] | None = None  # what the scanner has: the press, and whose finger it was
        self.kept_for = ""  # on behalf of which record
        self.moment = datetime.now(UTC)
        self.disk_full = False
        self.board, self.album = Board(voice=False), Album()
        profile = profile or load_profile(self.settings.station.profile)
        crew = Crew(self.settings, profile, store, self, Known(store), None, self, self, lambda _: None, self.now)  # type: ignore[arg-type]
        self.conductor = Conductor(crew, self, self.board, self.album)
        crew.duty.begin(Person("采集员"), lambda: True)
        for kind in DeviceKind:
            self.plug(kind)

    # -- what the conductor asks for

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def submit(self, work: Callable[[], object]) -> int:
        job = next(self.numbers)
        try:
            self.jobs.append(JobDone(job, work()))
        except KioskError as error:
            self.jobs.append(JobDone(job, error=error))
        return job

    def begin(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(work())
        return future

    def call_after(self, seconds: float) -> int:  # noqa: ARG002
        self.deadlines.append(next(self.numbers))
        return self.deadlines[-1]

    def sit(
        self,
        look: int,
        asked: Collection[object] = (),  # noqa: ARG002
        *,
        behind: bool = False,  # noqa: ARG002
        held: Message | None = None,  # noqa: ARG002
    ) -> None:
        self.look, self.look_for = look, self.record_id()

    def rest(self) -> None:
        self.look = 0

    def shoot(self) -> None:
        pass

    def request(self, number: int, position: FingerPosition, *, keep: bool = False, like: int | None = None) -> None:
        self.press, self.press_for, self.asks = (number, position), self.record_id(), (keep, like)

    def cancel(self) -> None:
        self.press = None

    @property
    def finger_lies(self) -> bool:
        return False

    # -- the networks

    def embed_chip(self, _: object) -> Embedding:
        return face_of(0)

    def judge_shot(self, shot: Shot, *_: object, **__: object) -> FaceJudgement:
        played = cast("PlayedShot", shot)
        score = Score(0.9 if played.passes else 0.1, _SFACE, 0.4)
        verdict = Verdict.PASS if played.passes else Verdict.FAIL
        problems = () if played.passes else (Message("face.unlike_chip_photo"),)
        portrait = Portrait(played.mark, 480, 640, 300)
        return FaceJudgement(portrait, played.mark, score, verdict, problems, face_of(played.person))

    def judge_press(self, impression: Impression) -> PressJudgement:
        played = cast("PlayedImpression", impression)
        quality = PressQuality(Verdict.PASS, Score(0.9, "leader-mq", 0.7), (), None)
        minutiae, template = finger_of(played.person, played.finger)
        return PressJudgement(impression, played.mark, quality, template, compact.pack(minutiae))

    # -- what happens in the room

    def record_id(self) -> str:
        """Of whoever sits there."""
        sitting = getattr(self.conductor.state, "sitting", None)
        return "" if sitting is None else sitting.record.id

    def happen(self, event: StationEvent | DeviceEvent) -> Snapshot:
        self.conductor.handle(event)
        return self.board.newest()

    def deliver(self, which: int = 0) -> None:
        """A job's result arrives; not always the oldest one's."""
        if self.jobs:
            self.happen(self.jobs.pop(which % len(self.jobs)))

    def settle(self) -> None:
        """All results arrive."""
        while self.jobs:
            self.deliver()

    def shot(self, person: int, *, passes: bool = True, late: bool = False) -> None:
        """The shutter fires; `late`: for somebody who has gone."""
        mark = f"{self.look_for}:{next(self.marks)}".encode()
        self.happen(ShotTaken(self.look - late, cast("Shot", PlayedShot(mark, person, passes))))

    def press_finger(self, person: int, finger: FingerPosition | None = None) -> None:
        """A finger is pressed and lifted: the one that is asked for unless another is given. The scanner compares it where it
        may, as a real one does."""
        if self.press is None:
            self.happen(FingerLifted())
            return
        (number, position), (keep, like) = self.press, self.asks
        finger = finger or position
        compares = like is not None and self.kept is not None and self.kept[0] == like
        self.happen(ImageHeld(number, position))
        assert not compares or self.kept_for == self.press_for, "compared with another student's finger"
        if compares and self.kept == (like, person, finger):
            self.happen(PressAgreed(number, position, Score(120, "ef01-match 3"), 0.1, 0.1))
        else:
            mark = f"{self.press_for}:{next(self.marks)}".encode()
            impression = PlayedImpression(mark, person, finger)
            if keep and not compares:
                self.kept, self.kept_for = (number, person, finger), self.press_for
            self.happen(ImpressionReady(number, cast("Impression", impression), 0.1, 0.1, compares))
        self.happen(FingerLifted())

    def time_up(self, which: int = 0) -> None:
        if self.deadlines:
            self.happen(TimeUp(self.deadlines.pop(which % len(self.deadlines))))

    def plug(self, kind: DeviceKind) -> None:
        self.happen(StatusChanged(DeviceStatus(kind, DeviceState.READY, "played")))

    def unplug(self, kind: DeviceKind) -> None:
        if kind is DeviceKind.FINGER:
            self.kept = None
        self.happen(StatusChanged(DeviceStatus(kind, DeviceState.LOST, problem=Message("device.unexpected"))))

    def order(self, command: Command, *, about: int | None = None, by: str = "", **more: Any) -> KioskError | None:
        """Give an order; returns why it was not done."""
        turn = self.board.newest().turn if about is None else about
        given = OrderGiven(Order(command, turn, by=Person(by) if by else None, **more))
        self.happen(given)
        error = given.answer.exception(0)
        assert error is None or isinstance(error, KioskError)
        return error

    @contextmanager
    def faults(self) -> Iterator[None]:
        """While `disk_full` is set, nothing can be written."""
        database = self.store.captures._database
        write = database.write

        @contextmanager
        def write_unless_full() -> Iterator[Any]:
            if self.disk_full:
                raise StoreError("store.disk_full")
            with write() as connection:
                yield connection

        database.write = write_unless_full  # type: ignore[method-assign]
        try:
            yield
        finally:
            database.write = write  # type: ignore[method-assign]


class PlayedShot(SimpleNamespace):
    """A shot of a person, marked with the record that it was made for."""

    def __init__(self, mark: bytes, person: int, passes: bool) -> None:
        look = FaceLook(1, (), Message("hint.face.hold_still"), True, 1.0, None, np.zeros((478, 2), np.float32))
        super().__init__(mark=mark, person=person, passes=passes, best=Frame(_NOTHING, 1, 0.0), look=look, others=())


class PlayedImpression(SimpleNamespace):
    """A press of a person's finger, marked likewise."""

    def __init__(self, mark: bytes, person: int, finger: FingerPosition) -> None:
        super().__init__(mark=mark, person=person, finger=finger)


@cache
def face_of(person: int) -> Embedding:
    """What a person's face is to the network: two people's are unlike."""
    vector = np.random.default_rng(person).normal(size=128).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@cache
def finger_of(person: int, finger: FingerPosition) -> tuple[Minutiae, Template]:
    """A person's finger: the same at each press, and like nobody else's."""
    random = np.random.default_rng(person * 100 + finger)
    count = 16  # enough for the matcher to tell them apart
    xy = random.uniform((20, 20), (236, 268), (count, 2)).round().astype(np.float32)
    direction = random.uniform(0, 2 * np.pi, count).astype(np.float32)
    minutiae = Minutiae(xy, direction, random.random(count) < 0.5, np.full(count, 0.9, np.float32), 256, 288)
    return minutiae, make_template(minutiae)
