"""Doors of one site that tell each other who is in, over the local network, where the settings want it.

Each listens, and calls the others. Who is called says who it is, then tells all that has happened at its own door and goes on
as things happen; who calls takes it into its register, as from a results file. Both sides are stations of the same 考场包, by
TLS with the keys that it names. No door ever waits for another: where the line is down each goes on alone, and what was missed
comes when it is back, or with the results files.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from kiosk.checkin.register import Register
from kiosk.ciphers import SigningKey
from kiosk.ciphers.tls import PEER, Peers, among
from kiosk.errors import KioskError
from kiosk.exchange.attendance_parcel import event_of, event_told
from kiosk.exchange.told import moment_of, text_of
from kiosk.listening import host_and_port
from kiosk.records import DoorEvent, Message

log = logging.getLogger(__name__)

_FORM: Final = 1
_CALL_S: Final = 3.0
_BEAT_S: Final = 2.0  # something is said at least so often
_SILENCE_S: Final = 6.0  # a line that says nothing for so long is down
_AGAIN_S: Final = (0.5, 1.0, 2.0, 5.0)  # between two calls, longer while nobody answers
_MOST_CALLERS: Final = 32
_BATCH: Final = 50  # events that are told at once, and taken in one transaction
_LONGEST: Final = 64 * 1024 * 1024  # bytes of a line: a batch of photographs


_UNREACHED: Final = Message("checkin.lan.unreached")


@dataclass(frozen=True)
class Neighbour:
    """Another door: its address, its name once it has said it, and what is wrong where it can't be heard. `ahead_s`: by how
    much its clock is ahead of this computer's."""

    address: str
    door: str = ""
    problem: Message | None = _UNREACHED
    ahead_s: float = 0.0


class _Broken(Exception):
    """The line is down, or says what it must not."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.message = Message(f"checkin.lan.{code}", data)


class Neighbours:
    """Threads of its own between `start` and `stop`; everything may be called from any thread."""

    def __init__(
        self,
        register: Register,
        own: SigningKey,
        *,
        listen: str,
        doors: Sequence[str],
        changed: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`listen`: HOST:PORT for the others, empty: nobody calls here; `doors`: the others' addresses; `changed` is called
        when one has told something, or came or went."""
        self._register = register
        self._own = own
        self._listen = listen
        self._changed = changed
        self._now = now
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._found = {address: Neighbour(address) for address in dict.fromkeys(doors)}
        self._threads: list[threading.Thread] = []
        self.port = 0  # that this one listens on
        self.problem: Message | None = None  # why nobody can call here

    @property
    def all(self) -> tuple[Neighbour, ...]:
        return tuple(self._found.values())

    def start(self) -> None:
        """Raises nothing: a door without its network is a door."""
        try:
            peers = among(self._own, [bytes.fromhex(one) for one in self._register.day.stations])
        except KioskError:
            self.problem = Message("checkin.lan.suite")
            for one in self.all:
                self._tell(replace(one, problem=self.problem))
            return
        if self._listen:
            self._serve(peers)
        for address in self._found:
            self._begin(f"door-calls-{address}", lambda address=address: self._keep_calling(address, peers))  # type: ignore[misc]

    def stop(self) -> None:
        """Idempotent."""
        self._ending.set()
        self._register.stir()
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        for thread in self._threads:
            thread.join(_SILENCE_S)

    # -- telling

    def _serve(self, peers: Peers) -> None:
        try:
            host, port = address_of(self._listen)
            listening = socket.create_server((host, port))
        except (OSError, ValueError) as error:
            log.warning("check-in: can't listen on %s: %s", self._listen, error)
            self.problem = Message("checkin.lan.no_port", {"address": self._listen})
            return
        self.port = listening.getsockname()[1]
        self._keep(listening)
        self._begin("door-listens", lambda: self._accept(listening, peers))

    def _accept(self, listening: socket.socket, peers: Peers) -> None:
        while not self._ending.is_set():
            try:
                line, _ = listening.accept()
            except OSError:
                return
            self._threads = [one for one in self._threads if one.is_alive()]
            if len(self._threads) > _MOST_CALLERS + len(self._found):
                line.close()
            else:
                self._begin("door-tells", lambda line=line: self._answer(line, peers))  # type: ignore[misc]

    def _answer(self, line: socket.socket, peers: Peers) -> None:
        try:
            with self._open(line, lambda: peers.listening.wrap_socket(line, server_side=True)) as secured:
                hello = {
                    "form": _FORM,
                    "exam": self._register.exam,
                    "door": self._register.door,
                    "now": self._now().isoformat(),
                }
                _send(secured, hello)
                with secured.makefile("rb") as told:
                    after = int(_line(told)["after"])
                while not self._ending.is_set():
                    events = self._register.wait_own(after, _BEAT_S)[:_BATCH]
                    _send(secured, {"events": [_told(one) for one in events]})
                    after = events[-1].sequence if events else after
        except (OSError, _Broken, KeyError, TypeError, ValueError, KioskError) as error:
            log.info("check-in: a line to another door has ended: %s", error)

    # -- hearing

    def _keep_calling(self, address: str, peers: Peers) -> None:
        failed = 0
        while not self._ending.is_set():
            try:
                self._call(address, peers)
            except (OSError, KioskError, _Broken, KeyError, TypeError, ValueError) as error:
                problem = _problem(error)
                failed = failed + 1 if self._found[address].problem is not None else 0
                if not self._ending.is_set():
                    log.info("check-in: door %s: %s", address, error)
                    self._tell(replace(self._found[address], problem=problem))
            if self._ending.wait(_AGAIN_S[min(failed, len(_AGAIN_S) - 1)]):
                return

    def _call(self, address: str, peers: Peers) -> None:
        line = socket.create_connection(address_of(address), _CALL_S)
        with (
            self._open(line, lambda: peers.calling.wrap_socket(line, server_hostname=PEER)) as secured,
            secured.makefile("rb") as told,
        ):
            hello = _line(told)
            door = text_of(hello["door"])
            if hello["form"] != _FORM or text_of(hello["exam"]) != self._register.exam:
                raise _Broken("other_exam")
            if door == self._register.door:
                raise _Broken("itself")
            ahead_s = (moment_of(hello["now"]) - self._now()).total_seconds()
            _send(secured, {"after": self._register.newest_of(door)})
            self._tell(Neighbour(address, door, None, ahead_s))
            while not self._ending.is_set():
                events = [_event(one) for one in _line(told)["events"]]
                if any(one.door != door for one in events):
                    raise _Broken("other_door")
                if events and self._register.merge(events):
                    self._changed()

    def _tell(self, one: Neighbour) -> None:
        with self._lock:
            before, self._found[one.address] = self._found[one.address], one
        if before != one:
            self._changed()

    # -- lines

    @contextmanager
    def _open(self, line: socket.socket, secure: Callable[[], ssl.SSLSocket]) -> Iterator[ssl.SSLSocket]:
        """A line under TLS, which `stop` ends."""
        line.settimeout(_SILENCE_S)
        self._keep(line)
        try:
            with secure() as secured:
                self._keep(secured)
                try:
                    yield secured
                finally:
                    self._forget(secured)
        finally:
            self._forget(line)
            line.close()

    def _keep(self, line: socket.socket) -> None:
        with self._lock:
            self._lines.add(line)
        if self._ending.is_set():
            line.close()

    def _forget(self, line: socket.socket) -> None:
        with self._lock:
            self._lines.discard(line)

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()


def address_of(text: str) -> tuple[str, int]:
    """HOST:PORT; raises ValueError."""
    host, port = host_and_port(text)
    if not host:
        raise ValueError(text)
    return host, port


def _send(line: ssl.SSLSocket, told: dict[str, Any]) -> None:
    line.sendall(json.dumps(told, ensure_ascii=False).encode() + b"\n")


def _line(told: Any) -> dict[str, Any]:
    content = told.readline(_LONGEST)
    if not content.endswith(b"\n"):
        raise _Broken("unreached")
    found: dict[str, Any] = json.loads(content)
    return found


def _told(event: DoorEvent) -> dict[str, Any]:
    return event_told(event) | {"picture": base64.b64encode(event.picture).decode()}


def _event(told: dict[str, Any]) -> DoorEvent:
    return replace(event_of(told), picture=base64.b64decode(told["picture"], validate=True))


def _problem(error: Exception) -> Message:
    match error:
        case _Broken():
            return error.message
        case ssl.SSLError():
            return Message("checkin.lan.stranger")
        case KioskError():
            return error.message
        case OSError():
            return _UNREACHED
    return Message("checkin.lan.other_exam")
