"""Sending packages to the office over the network, and getting its answers (decision 25). Off unless an address is set.

Whatever is written for the office goes in order, each file once: what the office says of it is kept (`Store.delivered`), and
asked again where it is not known. Nothing here holds up a capture: the files are written before, and the rest is one thread.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from kiosk.ciphers.age import Sealing
from kiosk.ciphers.tls import from_a_station, require_usable
from kiosk.clock import moment
from kiosk.config import DeliverySettings
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange.parcel import SUFFIX, Kind, reading
from kiosk.exchange.school_parcel import school_head
from kiosk.office.delivery_line import PIECE, Answer, Line, Waiting
from kiosk.office.jobs import Telling, untold
from kiosk.office.parcels import Parcels
from kiosk.office.receipts import Receipts
from kiosk.private import make_folder
from kiosk.records import Delivered, ReceivedState, WrittenParcel
from kiosk.store import Standing, Store
from kiosk.store.confirming import OFFICE

_log: Final = logging.getLogger(__name__)
_FROM_OFFICE: Final = "from-office"
_WORKED_OFF_S: Final = 60.0  # so long is waited for what the office makes of a file
_LOOK_S: Final = 1.0
_AGAIN_S: Final = (30.0, 900.0)  # after a failure: the first pause, which doubles, and the longest
_IDLE_S: Final = 900.0  # between two looks for answers
_OF_THE_FILE: Final = frozenset({"delivery.too_large", "delivery.changed", "delivery.no_package"})  # the others may go through
_MOST_WRITTEN: Final = 500  # of the newest files, that are looked at
_RANDOM: Final = random.Random()  # 200 stations don't come back in the same second


@dataclass(frozen=True)
class Delivering:
    """What one round came to: files that were sent now; of how many files the office said what; receipts that were taken, and
    what waits for a person; answers that could not be taken, by why. `hurt`: records that stayed behind, damaged."""

    sent: int = 0
    taken: int = 0
    refused: int = 0
    waiting: int = 0
    receipts: int = 0
    to_decide: int = 0
    unfit: tuple[KioskError, ...] = ()
    hurt: int = 0


@dataclass(frozen=True)
class DeliveryStanding:
    """How it stands: `address` is empty where it is off. `at` and `error` are of the last round of all; `words` what the office
    said of each file, by digest; `to_decide` answers that change something here, and wait for a person."""

    address: str
    by_itself: bool
    words: Mapping[str, Delivered] = field(default_factory=dict)
    at: datetime | None = None
    error: KioskError | None = None
    to_decide: Sequence[Path] = ()


class Delivery:
    """Methods may be called from any thread. Raises ExchangeError ("delivery.…") as `Line` does, and ("delivery.off"),
    ("delivery.no_proof") where nothing can be sent at all."""

    def __init__(self, store: Store, parcels: Parcels, receipts: Receipts, rules: DeliverySettings, folder: Path) -> None:
        """`folder`: of the packages that were written; what comes from the office lies in a folder of its own there."""
        self._store = store
        self._parcels = parcels
        self._receipts = receipts
        self._rules = rules
        self._folder = folder / _FROM_OFFICE
        self._one = threading.Lock()  # round at a time
        self._line: Line | None = None
        self._at: datetime | None = None
        self._error: KioskError | None = None
        self._unfit: set[str] = set()  # answers that could not be taken, of this run
        self._stop, self._called = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery")

    def call_at(self, address: str) -> None:
        """From the next round on; empty: nowhere."""
        self._rules = self._rules.model_copy(update={"office": address})

    def start(self) -> None:
        """Deliver by itself from now on, where the settings want it."""
        if self._rules.office and self._rules.by_itself:
            self._thread.start()

    def close(self) -> None:
        """Break off what is under way; it goes on from there the next time. Idempotent."""
        self._stop.set()
        self._called.set()
        if (line := self._line) is not None:
            line.break_off()
        if self._thread.is_alive():
            self._thread.join()

    def written(self) -> None:
        """A package lies there that was not there before."""
        self._called.set()

    def standing(self) -> DeliveryStanding:
        """How it stands; nothing is asked of the office."""
        rules, words = self._rules, self._store.delivered.all()
        return DeliveryStanding(rules.office, rules.by_itself, words, self._at, self._error, self.to_decide())

    def to_decide(self) -> list[Path]:
        """Answers that wait for a person: of each kind the newest alone."""
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def decided(self, path: Path) -> None:
        """One of them was taken, or is to go."""
        if path in self.to_decide():
            path.unlink(missing_ok=True)

    def send(self, to: Sealing, *, actor: str, progress: Telling = untold) -> Delivering:
        """Write what the office has not had yet, and deliver it with whatever else it lacks, also what it has refused. Raises
        what writing raises (`Parcels.write`) too."""
        self._require_on()
        plan, hurt = self._parcels.plan(), 0
        if plan.records:
            hurt = len(self._parcels.write(plan, to, actor=actor, progress=progress).hurt)
        return replace(self.deliver(progress, refused_too=True), hurt=hurt)

    def deliver(self, progress: Telling = untold, *, refused_too: bool = False) -> Delivering:
        """Send what the office does not have, wait for what it makes of it, take its answers. `refused_too`: send once more
        what it has refused. Where it breaks off, the next call goes on."""
        self._require_on()
        if not self._one.acquire(blocking=False):
            raise ExchangeError("delivery.under_way")
        try:
            self._line = self._open()
            done = self._round(self._line, progress, refused_too=refused_too)
            self._error = None
            return done
        except KioskError as error:
            self._error = error
            raise
        finally:
            self._at = self._store.audit.now()
            if self._line is not None:
                self._line.close()
            self._line = None
            self._one.release()

    def _open(self) -> Line:
        """Whatever can be said without asking is said here."""
        signing = self._store.signing
        key, certificate = signing.key(), signing.certificate()
        require_usable(key)
        if certificate is None or certificate.proof is None:
            raise ExchangeError("delivery.no_proof")
        worth = signing.worth(certificate, self._store.timekeeping.now())
        if worth.standing is Standing.EXPIRED:
            raise ExchangeError("delivery.expired", address=self._rules.office, reason=moment(worth.at))
        if worth.standing is Standing.REVOKED:
            raise ExchangeError("delivery.revoked", at=moment(worth.at), reason=worth.reason)
        return Line(self._rules.office, from_a_station(certificate.proof, key, certificate.office_key))

    def _round(self, line: Line, progress: Telling, *, refused_too: bool) -> Delivering:
        words, sent, last = dict(self._store.delivered.all()), 0, []
        settled = {ReceivedState.TAKEN} if refused_too else {ReceivedState.TAKEN, ReceivedState.REFUSED}
        left = [
            (one, path)
            for one in reversed(self._parcels.written(_MOST_WRITTEN))
            if (one.sha256 not in words or words[one.sha256].state not in settled)
            and (path := self._parcels.path_of(one.name)) is not None
        ]
        progress(0, sum(one.size for one, _ in left))
        before = 0
        for one, path in left:
            answer = line.standing(one.sha256)
            if answer.state is None or (refused_too and answer.state is ReceivedState.REFUSED):
                answer = self._sent(line, one, path, answer, partial(_told_from, progress, before))
                sent += 1
            self._note(one.sha256, answer)
            before += one.size
            last.append(one.sha256)
        self._wait_for(line, last)
        words = dict(self._store.delivered.all())
        states = [words[one].state for one in last]
        receipts, unfit = self._take_answers(line)
        counts = {str(state): states.count(state) for state in ReceivedState}
        return Delivering(sent, **counts, receipts=receipts, to_decide=len(self.to_decide()), unfit=unfit)

    def _sent(self, line: Line, one: WrittenParcel, path: Path, answer: Answer, progress: Telling) -> Answer:
        """What the office says of a file that it has not got. What was not the same there as here is sent once more."""
        for last in (False, True):
            try:
                return self._send(line, one, path, answer, progress)
            except ExchangeError as error:
                if error.code not in _OF_THE_FILE:
                    raise
                if last or error.code != "delivery.changed":
                    return Answer(0, ReceivedState.REFUSED, error.code, error.data)
                answer = Answer(0)
        raise AssertionError

    def _send(self, line: Line, one: WrittenParcel, path: Path, answer: Answer, progress: Telling) -> Answer:
        """From where the office has it on."""
        offset = 0 if answer.state is ReceivedState.REFUSED else answer.offset
        with path.open("rb") as file:
            while True:
                self._require_going_on()
                file.seek(offset)
                content = file.read(PIECE)
                if not content:
                    raise ExchangeError("delivery.changed")
                try:
                    answer = line.put(one.sha256, one.name, content, offset=offset, whole=one.size)
                except ExchangeError as error:
                    if error.code != "delivery.elsewhere" or not isinstance(error.data.get("offset"), int):
                        raise
                    answer = Answer(int(str(error.data["offset"])))
                    if answer.offset == offset:
                        raise
                progress(offset := answer.offset)
                if answer.state is not None:
                    return answer

    def _wait_for(self, line: Line, files: Sequence[str]) -> None:
        """Until the office has worked them off, or it takes too long: the next round asks again."""
        for _ in range(round(_WORKED_OFF_S / _LOOK_S)):
            words = self._store.delivered.all()
            waiting = [one for one in files if words[one].state is ReceivedState.WAITING]
            if not waiting or self._stop.wait(_LOOK_S):
                return
            for one in waiting:
                self._note(one, line.standing(one))

    def _note(self, sha256: str, answer: Answer) -> None:
        if answer.state is not None:
            told = answer.reason, answer.reason_data or {}, answer.counts
            self._store.delivered.note(Delivered(sha256, answer.state, self._store.audit.now(), *told))

    def _take_answers(self, line: Line) -> tuple[int, tuple[KioskError, ...]]:
        """Get what is not here yet. A receipt that only says what arrived and what was decided is taken; what permits or
        changes something here waits for a person, who is told before."""
        taken, unfit = 0, list[KioskError]()
        for one in line.waiting():
            self._require_going_on()
            path = self._folder / f"{one.kind}-{one.digest}{SUFFIX}"
            if one.digest in self._unfit or path.exists() or self._store.office_parcels.find(one.digest) is not None:
                continue
            make_folder(self._folder)
            line.fetch(one, path)
            try:
                taken += self._take(path, one)
            except KioskError as error:
                self._unfit.add(one.digest)
                path.unlink(missing_ok=True)
                unfit.append(error)
        return taken, tuple(unfit)

    def _take(self, path: Path, one: Waiting) -> bool:
        """False: it waits, in the place of an earlier one of its kind."""
        with reading(path, self._store.signing.opening()) as parcel:
            head = parcel.head
        if head.kind is not one.kind or head.digest != one.digest:
            raise ExchangeError("delivery.speech")
        if one.kind is Kind.SCHOOL:
            standing = self._store.office_parcels.standing(str(Kind.SCHOOL))
            version = school_head(head).version
            if standing is not None and version <= standing.version:
                raise ExchangeError("parcel.older", version=version, ours=standing.version)
        elif not self._receipts.plan(path).parcel.head.may_delete:
            self._receipts.take(path, by=OFFICE.name)
            path.unlink(missing_ok=True)
            return True
        for earlier in self._folder.glob(f"{one.kind}-*{SUFFIX}"):
            if earlier != path:
                earlier.unlink(missing_ok=True)
        return False

    def _require_on(self) -> None:
        if not self._rules.office:
            raise ExchangeError("delivery.off")

    def _require_going_on(self) -> None:
        if self._stop.is_set():
            raise ExchangeError("delivery.stopped")

    def _run(self) -> None:
        pause_s = _AGAIN_S[0]
        while not self._stop.is_set():
            self._called.clear()
            try:
                self.deliver()
            except KioskError as error:
                _log.warning("nothing was delivered to the office: %s", error)
                wait_s, pause_s = pause_s, min(2 * pause_s, _AGAIN_S[1])
                self._stop.wait(wait_s * _RANDOM.uniform(0.75, 1.25))
                continue
            except Exception:
                _log.exception("delivering to the office failed")
                self._stop.wait(_AGAIN_S[1])
                continue
            pause_s = _AGAIN_S[0]
            self._called.wait(_IDLE_S * _RANDOM.uniform(0.75, 1.25))


def _told_from(progress: Telling, before: int, done: int, total: int = 0) -> None:  # noqa: ARG001 - the whole is known
    progress(before + done)
