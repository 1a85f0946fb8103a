"""Who of the staff lays a card on the reader or a thumb on the scanner: to log in, or to answer for a decision.

One screen at a time is waited for: the one that asked last. A thumb that was laid down for a decision opens no other screen's
door. A thumb that is nobody's locks nobody out, since it names nobody; but each one in a row makes the next wait longer, and
stands in the trail.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from kiosk.config import AccountSettings
from kiosk.devices import CardPresented, CardRemoved, CardUnreadable, DeviceEvent, ImpressionReady, PressFailed, StatusChanged
from kiosk.errors import KioskError, StoreError
from kiosk.pipeline.finger.quality import PressQuality
from kiosk.pipeline.finger.template import Template
from kiosk.records import Account, DeviceKind, DeviceState, Impression, Message, Verdict
from kiosk.station.staff_gallery import StaffGallery
from kiosk.store import Store

log = logging.getLogger(__name__)

# Presses of the staff are told under numbers below this; the test of the devices counts down from 0.
_FIRST: Final = 1_000_000
_ASK_S: Final = 0.4  # how often a screen that waits asks for the scanner, which a student may have needed meanwhile
_GOOD_S: Final = 3.0  # a thumb that no screen has asked about for so long was pressed for none
# How long the next press waits after so many thumbs in a row that were nobody's.
_RESTS_S: Final = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
_FORGOTTEN_S: Final = 600.0  # after so long without any, they are no row


class Judgement(Protocol):
    """What a judge of presses says (`kiosk.seeing.judges`)."""

    @property
    def quality(self) -> PressQuality: ...
    @property
    def template(self) -> Template: ...


class Lender(Protocol):
    """The station, as it is asked for its scanner."""

    def lend_scanner(self, number: int | None) -> None: ...


class Scanner(StrEnum):
    """How it is with the scanner, for a screen that waits for a thumb."""

    READY = "ready"  # lay a thumb on it
    BUSY = "busy"  # a student needs it, or a test
    RESTING = "resting"  # after thumbs that were nobody's
    ABSENT = "absent"  # it is not plugged in, or ill
    ELSEWHERE = "elsewhere"  # another screen asked later


@dataclass(frozen=True)
class Seen:
    """What came, for one screen. `number` rises with everything that comes."""

    number: int
    scanner: Scanner
    card: Account | None = None  # whose card lies there
    thumb: Account | None = None  # whose thumb was pressed, for the screen that waits
    problem: Message | None = None  # with the last press or card


class StaffDesk:
    """One station's. Methods may be called from any thread."""

    def __init__(
        self, store: Store, judge: Callable[[Impression], Judgement], settings: AccountSettings, station: Lender
    ) -> None:
        self._store = store
        self._judge = judge
        self._settings = settings
        self._station = station
        self._gallery = StaffGallery(store)
        self._changed = threading.Condition()
        self._claims = itertools.count(1)
        self._numbers = itertools.count(_FIRST)
        self._claim = 0  # of the screen that is waited for; 0: none
        self._request: int | None = None  # the press that was asked for, for that screen
        self._judging = False
        self._absent = False
        self._seen = Seen(1, Scanner.READY)
        self._misses = 0
        self._missed_s = self._pressed_s = 0.0
        self._judges = ThreadPoolExecutor(max_workers=1, thread_name_prefix="staff")

    def begin(self) -> int:
        """A screen begins to wait for somebody; every other one waits no more. Its number, for `wait`."""
        with self._changed:
            self._claim = next(self._claims)
            self._request = None
            self._seen = replace(self._seen, number=self._seen.number + 1, thumb=None, problem=None)
            self._changed.notify_all()
            return self._claim

    def wait(self, claim: int, after: int, timeout_s: float) -> Seen:
        """What a screen sees as soon as its number is above `after`, at the latest after `timeout_s`.

        The scanner is asked for meanwhile. A thumb is told once, and at once: a page that was hidden meanwhile gets none.
        """
        ends_s = time.monotonic() + timeout_s
        while True:
            scanner = self._ask_for_thumb(claim)
            with self._changed:
                if claim != self._claim:
                    return Seen(self._seen.number, Scanner.ELSEWHERE)
                if scanner is not self._seen.scanner:
                    self._see(scanner=scanner)
                left_s = ends_s - time.monotonic()
                if self._seen.number > after or left_s <= 0:
                    found = self._seen
                    self._seen = replace(found, thumb=None)
                    is_late = time.monotonic() - self._pressed_s > _GOOD_S
                    return self._seen if is_late else found
                self._changed.wait_for(lambda: self._seen.number > after or claim != self._claim, min(left_s, _ASK_S))

    def leave(self, claim: int) -> None:
        """A screen waits no more."""
        with self._changed:
            if claim != self._claim:
                return
            self._claim, self._request = 0, None
        self._give_back()

    def close(self) -> None:
        """Idempotent."""
        self._judges.shutdown(wait=True, cancel_futures=True)

    # -- what the devices tell, in their threads

    def take(self, event: DeviceEvent) -> None:
        """Take what a device tells."""
        match event:
            case CardPresented(card):
                self._card(card.id_number)
            case CardRemoved() | CardUnreadable():
                with self._changed:
                    if self._seen.card is not None:
                        self._see(card=None, problem=None)
            case StatusChanged(status) if status.kind is DeviceKind.FINGER:
                self._absent = status.state is not DeviceState.READY
            case ImpressionReady(request, impression) if self._is_ours(request):
                self._judges.submit(self._look_at, -request, impression)
            case PressFailed(request, _, error) if self._is_ours(request):
                self._end_press(-request, problem=error.message)

    def _is_ours(self, request: int) -> bool:
        return -request >= _FIRST

    def _card(self, number: str) -> None:
        try:
            account_id = self._store.staff.of_card(number)
            account = self._store.accounts.find(account_id) if account_id is not None else None
        except StoreError as error:  # the device's thread goes on, whatever the store says
            log.error("staff: %s", error.code)
            return
        with self._changed:
            if account is not None or self._seen.card is not None:
                self._see(card=account, problem=None)

    # -- presses

    def _ask_for_thumb(self, claim: int) -> Scanner:
        with self._changed:
            if claim != self._claim:
                return Scanner.ELSEWHERE
            if self._judging:
                return Scanner.READY
            if time.monotonic() < self._rests_until_s():
                return Scanner.RESTING
            if self._request is None:
                self._request = next(self._numbers)
            request = self._request
        try:
            self._station.lend_scanner(-request)
        except KioskError:
            return Scanner.BUSY
        return Scanner.ABSENT if self._absent else Scanner.READY

    def _give_back(self) -> None:
        try:
            self._station.lend_scanner(None)
        except KioskError as error:
            log.info("staff: %s", error.code)

    def _look_at(self, number: int, impression: Impression) -> None:
        """In a thread of its own: whose thumb is it?"""
        with self._changed:
            if number != self._request:
                return  # the screen that it was for waits no more
            self._judging = True
        account: Account | None = None
        problem: Message | None = None
        try:
            account, problem = self._identify(impression)
        except KioskError as error:
            problem = error.message
        except Exception:
            log.exception("staff: unexpected error")
            problem = Message("error.station.unexpected")
        finally:
            with self._changed:
                self._judging = False
        self._end_press(number, account, problem)

    def _identify(self, impression: Impression) -> tuple[Account | None, Message | None]:
        judgement = self._judge(impression)
        if judgement.quality.verdict is Verdict.FAIL:
            return None, judgement.quality.hint or Message("finger.press_again")
        alike = self._gallery.whose_thumb([judgement.template], self._settings.thumb_at)
        account = self._store.accounts.find(alike[0].account) if len(alike) == 1 else None
        if account is None:
            self._miss()
            return None, Message("staff.thumb_unknown")
        with self._changed:
            self._misses = 0
        if account.issued:
            return None, Message("staff.change_pin_first", {"name": account.name})
        if account.valid_until is not None and self._store.timekeeping.now() >= account.valid_until:
            return None, Message("staff.run_out", {"name": account.name})
        return account, None

    def _miss(self) -> None:
        with self._changed:
            now_s = time.monotonic()
            self._misses = self._misses + 1 if now_s - self._missed_s < _FORGOTTEN_S else 1
            self._missed_s = now_s
            misses = self._misses
        self._store.audit.record("staff.thumb_unknown", misses=misses)

    def _rests_until_s(self) -> float:
        return self._missed_s + _RESTS_S[min(self._misses, len(_RESTS_S) - 1)]

    def _end_press(self, number: int, thumb: Account | None = None, problem: Message | None = None) -> None:
        with self._changed:
            if number != self._request:
                return
            self._request = None  # the next one is asked for under another number
            self._pressed_s = time.monotonic()
            self._see(thumb=thumb, problem=problem)

    def _see(self, **changes: object) -> None:
        """Within the lock."""
        self._seen = replace(self._seen, number=self._seen.number + 1, **changes)  # type: ignore[arg-type]
        self._changed.notify_all()
