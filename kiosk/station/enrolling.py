"""Enrolment of the staff at the desk: a card, both thumbs, the face, each as far as it is wanted.

The station holds everybody back meanwhile, as in a test of the devices. Nothing is kept before an officer says so, and nothing
of it outlives the page.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from kiosk.config import Settings
from kiosk.devices import CardPresented, CardUnreadable, DeviceEvent, FingerLifted, ImageHeld, ImpressionReady, PressFailed
from kiosk.errors import KioskError
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger.thumbs import other_finger, same_finger
from kiosk.records import (
    Account,
    Biometric,
    BiometricKind,
    CardData,
    FingerPosition,
    Frame,
    Impression,
    Message,
    Person,
    Verdict,
    name_key,
)
from kiosk.seeing.judges import PressJudgement
from kiosk.snapshot import LentStation, Phase
from kiosk.station.staff_gallery import StaffGallery
from kiosk.store import Store

log = logging.getLogger(__name__)

# Presses are told under numbers below this; the log-in's begin elsewhere (`kiosk.station.staff_desk`).
_FIRST: Final = 1_000
_LAST: Final = 1_000_000
_PRESSES: Final = 2  # of each thumb
_KINDS: Final = {
    FingerPosition.RIGHT_THUMB: (BiometricKind.RIGHT_THUMB_TEMPLATE, BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE),
    FingerPosition.LEFT_THUMB: (BiometricKind.LEFT_THUMB_TEMPLATE, BiometricKind.LEFT_THUMB_SECOND_TEMPLATE),
}


class Part(StrEnum):
    """What somebody may give."""

    CARD = "card"
    RIGHT_THUMB = "right_thumb"
    LEFT_THUMB = "left_thumb"
    FACE = "face"


_THUMBS: Final = {Part.RIGHT_THUMB: FingerPosition.RIGHT_THUMB, Part.LEFT_THUMB: FingerPosition.LEFT_THUMB}


class Judging(Protocol):
    """The networks, as far as they are needed."""

    def judge_press(self, impression: Impression) -> PressJudgement: ...

    def embed_face(self, frames: list[Frame]) -> Embedding: ...


@dataclass(frozen=True)
class PartSeen:
    """One part: `done`, how many presses came, and what was wrong with the last try."""

    done: bool = False
    presses: int = 0
    problem: Message | None = None


@dataclass
class _Given:
    """What one person has given so far."""

    account: Account
    parts: dict[Part, PartSeen] = field(default_factory=lambda: dict.fromkeys(Part, PartSeen()))
    card: CardData | None = None
    presses: dict[Part, list[PressJudgement]] = field(default_factory=lambda: {part: [] for part in _THUMBS})
    face: Embedding | None = None
    wanted: Part | None = None  # the thumb that is waited for
    request: int | None = None
    finger_on: bool = False  # the sensor has an image, and the finger has not left yet


@dataclass(frozen=True)
class Enrolling:
    """How far an enrolment is. `wanted`: the thumb that is to be pressed now, once the finger that may lie there has left
    (`finger_on`); `card_name`: the name on the card."""

    account: Account
    parts: dict[Part, PartSeen]
    wanted: Part | None
    card_name: str = ""
    finger_on: bool = False

    @property
    def card_differs(self) -> bool:
        """Whether the card bears another name than the account."""
        return bool(self.card_name) and name_key(self.card_name) != name_key(self.account.name)

    @property
    def any_done(self) -> bool:
        return any(part.done for part in self.parts.values())


class Enroller:
    """One station's. Methods may be called from any thread."""

    def __init__(self, store: Store, judges: Judging, settings: Settings, station: LentStation) -> None:
        self._store = store
        self._judges = judges
        self._settings = settings
        self._station = station
        self._gallery = StaffGallery(store)
        self._lock = threading.RLock()
        self._numbers = itertools.count(_FIRST)
        self._given: _Given | None = None
        self._work = ThreadPoolExecutor(max_workers=1, thread_name_prefix="enrol")

    def begin(self, account: Account) -> None:
        """Somebody sits down to be enrolled. Raises KioskError("station.occupied") while a student, a test or another enrolment
        is under way."""
        with self._lock:
            sits = self._given is not None and self._given.account.id == account.id
            if self._station.snapshot().phase is Phase.TESTING and not sits:
                raise KioskError("station.occupied")
            self._station.begin_test()
            self._given = _Given(account)

    def status(self) -> Enrolling | None:
        """How far it is; None when it is over. Whoever asks keeps it going."""
        with self._lock:
            given = self._given
            if given is not None and self._station.snapshot().phase is not Phase.TESTING:
                given = self._given = None  # nobody looked at it for a while
            if given is None:
                return None
            self._station.keep_testing()
            card_name = given.card.name if given.card is not None else ""
            return Enrolling(given.account, dict(given.parts), given.wanted, card_name, given.finger_on)

    def press(self, part: Part) -> None:
        """Begin with a thumb, from its start. Raises KioskError("station.test_over")."""
        with self._lock:
            given = self._running()
            if part not in _THUMBS:
                raise KioskError("web.command_unknown")
            given.presses[part].clear()
            given.parts[part] = PartSeen()
            given.wanted = part
            self._ask(given)

    def shoot(self) -> None:
        """Take the face that is before the camera now. Raises KioskError."""
        with self._lock:
            given = self._running()
        first = self._station.preview(0, 1.0)
        second = self._station.preview(first.number, 1.0) if first is not None else None
        frames = [frame for frame in (first, second) if frame is not None]
        if not frames:
            raise KioskError("staff.no_picture")
        face = self._judges.embed_face(frames)
        alike = self._gallery.whose_face(face, self._settings.face.seen_before_at, excluding=(given.account.id,))
        with self._lock:
            if alike:
                given.parts[Part.FACE] = PartSeen(problem=Message("staff.known_face", {"name": alike[0].name}))
                return
            given.face = face
            given.parts[Part.FACE] = PartSeen(done=True)

    def keep(self, by: Person) -> Account:
        """Keep what was given. Raises KioskError("staff.nothing_given"), ("station.test_over"), or StoreError."""
        with self._lock:
            given = self._running()
            card = given.card.id_number if given.card is not None else None
            templates = [
                Biometric(kind, press.file)
                for part, position in _THUMBS.items()
                if given.parts[part].done
                for kind, press in zip(_KINDS[position], given.presses[part], strict=True)
            ]
            if given.face is not None:
                templates.append(Biometric(BiometricKind.FACE_TEMPLATE, pack_face(given.face)))
            if card is None and not templates:
                raise KioskError("staff.nothing_given")
            self._store.staff.keep(given.account.id, card=card, templates=templates, by=by)
            self.stop()
            return given.account

    def stop(self) -> None:
        """End it without keeping anything. Idempotent."""
        with self._lock:
            if self._given is not None:
                self._given = None
                self._station.end_test()

    def close(self) -> None:
        """Idempotent."""
        self._work.shutdown(wait=True, cancel_futures=True)

    # -- what the devices tell, in their threads

    def take(self, event: DeviceEvent) -> None:
        """Take what a device tells."""
        if self._given is None:
            return
        match event:
            case CardPresented(card):
                self._work.submit(self._guarded, Part.CARD, lambda: self._laid(card))
            case CardUnreadable(error):
                self._say(Part.CARD, error.message)
            case ImageHeld() | FingerLifted():
                self._touched(on=isinstance(event, ImageHeld))
            case ImpressionReady(request, impression) if _FIRST <= -request < _LAST:
                self._work.submit(self._guarded, None, lambda: self._pressed(-request, impression))
            case PressFailed(request, _, error) if _FIRST <= -request < _LAST:
                self._work.submit(self._guarded, None, lambda: self._failed(-request, error.message))

    def _guarded(self, part: Part | None, work: Callable[[], None]) -> None:
        try:
            work()
        except KioskError as error:
            if part is not None:
                self._say(part, error.message)
        except Exception:
            log.exception("staff: unexpected error")

    def _say(self, part: Part, problem: Message) -> None:
        with self._lock:
            if self._given is not None:
                self._given.parts[part] = PartSeen(problem=problem)

    def _touched(self, *, on: bool) -> None:
        with self._lock:
            if self._given is not None:
                self._given.finger_on = on

    def _laid(self, card: CardData) -> None:
        if self._store.roster.find(card.id_number) is not None:
            raise KioskError("staff.card_of_student")
        holder = self._store.staff.of_card(card.id_number)
        with self._lock:
            given = self._running()
            if holder not in (None, given.account.id):
                raise KioskError("staff.card_taken")
            given.card = card
            given.parts[Part.CARD] = PartSeen(done=True)

    def _failed(self, number: int, problem: Message) -> None:
        with self._lock:
            given = self._running()
            if number == given.request and given.wanted is not None:
                self._again(given, given.wanted, problem)

    def _pressed(self, number: int, impression: Impression) -> None:
        with self._lock:
            given = self._running()
            part = given.wanted
            if number != given.request or part is None:
                return
        judgement = self._judges.judge_press(impression)
        alike = self._gallery.whose_thumb(
            [judgement.template], self._settings.finger.seen_before_at, excluding=given.account.id
        )
        with self._lock:
            if self._given is not given or number != given.request:
                return
            if judgement.quality.verdict is not Verdict.PASS:
                self._again(given, part, judgement.quality.hint or Message("finger.press_again"))
                return
            if alike:
                given.presses[part].clear()
                self._again(given, part, Message("staff.known_thumb", {"name": alike[0].name}))
                return
            self._good(given, part, judgement)

    def _good(self, given: _Given, part: Part, judgement: PressJudgement) -> None:
        limits, presses = self._settings.finger, given.presses[part]
        others = [press for other, found in given.presses.items() if other is not part for press in found]
        if any(other_finger(judgement.template, press.template, limits)[1] is not Verdict.PASS for press in others):
            self._again(given, part, Message("checkup.same_thumb"))
            return
        if presses and same_finger(presses[0].template, judgement.template, limits)[1] is not Verdict.PASS:
            presses.clear()
            self._again(given, part, Message("finger.presses_differ"))
            return
        presses.append(judgement)
        if len(presses) < _PRESSES:
            self._again(given, part, None)
            return
        given.parts[part] = PartSeen(done=True, presses=len(presses))
        rest = [other for other in _THUMBS if not given.parts[other].done]
        given.wanted, given.request = (rest[0] if rest else None), None
        if given.wanted is not None:
            self._ask(given)

    def _again(self, given: _Given, part: Part, problem: Message | None) -> None:
        given.parts[part] = PartSeen(presses=len(given.presses[part]), problem=problem)
        self._ask(given)

    def _ask(self, given: _Given) -> None:
        assert given.wanted is not None
        given.request = next(self._numbers)
        self._station.ask_press(-given.request, _THUMBS[given.wanted])

    def _running(self) -> _Given:
        if self._given is None:
            raise KioskError("station.test_over")
        return self._given
