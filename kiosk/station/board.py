"""The numbered stream of snapshots, and the pictures that they name."""

from __future__ import annotations

import dataclasses
import secrets
import threading

from kiosk.records import BiometricKind, Message
from kiosk.snapshot import Phase, Snapshot


class Board:
    """Holds the newest snapshot; screens wait for the next. Thread-safe."""

    def __init__(self, *, voice: bool) -> None:
        self._changed = threading.Condition()
        self._voice = voice
        self._snapshot = Snapshot(number=1, phase=Phase.WAITING, instruction=Message("station.starting"), voice=voice)

    def show(self, snapshot: Snapshot) -> None:
        """Publish a snapshot under the next number, unless it says nothing new."""
        with self._changed:
            fresh = dataclasses.replace(snapshot, number=self._snapshot.number, voice=self._voice)
            if fresh != self._snapshot:
                self._snapshot = dataclasses.replace(fresh, number=fresh.number + 1)
                self._changed.notify_all()

    def set_voice(self, *, on: bool) -> None:
        """Let the student's screen speak, or be silent, from now on."""
        with self._changed:
            self._voice = on
        self.show(self.newest())

    def newest(self) -> Snapshot:
        with self._changed:
            return self._snapshot

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        """The newest snapshot as soon as its number is above `after`, or the same one when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot.number > after, timeout_s)
            return self._snapshot


class Album:
    """The pictures of the student at hand, in memory only, under keys that can't be guessed. Thread-safe.

    One that was replaced stays until the next of its kind is: a slow screen may still be about to fetch it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pictures: dict[str, bytes] = {}
        self._keys: dict[str, str] = {}
        self._replaced: dict[str, str] = {}

    def put(self, kind: BiometricKind, data: bytes | None) -> None:
        """Show a picture, or with None nothing, in place of an earlier one of its kind."""
        with self._lock:
            self._pictures.pop(self._replaced.pop(kind, ""), None)
            if (before := self._keys.pop(kind, None)) is not None:
                self._replaced[kind] = before
            if data is None:
                return
            key = secrets.token_urlsafe(12)
            self._keys[kind] = key
            self._pictures[key] = data

    def keys(self) -> dict[str, str]:
        with self._lock:
            return dict(self._keys)

    def get(self, key: str) -> bytes | None:
        with self._lock:
            return self._pictures.get(key)

    def clear(self) -> None:
        """The student has gone: nothing stays."""
        with self._lock:
            self._pictures.clear()
            self._keys.clear()
            self._replaced.clear()
