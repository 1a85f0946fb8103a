"""Which browser belongs to whom: sessions, kept in the server's memory and gone with it.

A cookie carries a random token and nothing else. Screens that ask for news by themselves keep nobody logged in: what counts is
what a person does, and a student at the desk.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.records import Account

_MOST: Final = 64  # sessions; the one that was idle for the longest gives way


@dataclass
class Session:
    """A browser that somebody logged in with."""

    account: Account
    active_s: float  # when its person last did something
    locked: bool = False  # the person must prove again who they are


class Presence:
    """May be used from any thread."""

    def __init__(self, idle_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        """After `idle_s` in which nothing was done a session is locked."""
        self._idle_s = idle_s
        self._now_s = now_s
        self._sessions: dict[str, Session] = {}
        self._changing = threading.Lock()

    def begin(self, account: Account, token: str = "") -> str:
        """Somebody has logged in; the token for their browser, made here unless it has one already."""
        token = token or secrets.token_urlsafe(24)
        with self._changing:
            if len(self._sessions) >= _MOST:
                del self._sessions[min(self._sessions, key=lambda other: self._sessions[other].active_s)]
            self._sessions[token] = Session(account, self._now_s())
        return token

    def find(self, token: str, *, active: bool) -> Session | None:
        """The session of a token; `active`: its person did something just now, or a student is at the desk."""
        with self._changing:
            session = self._sessions.get(token)
            if session is None:
                return None
            now_s = self._now_s()
            session.locked = session.locked or now_s - session.active_s > self._idle_s
            if active and not session.locked:
                session.active_s = now_s
            return session

    def is_awake(self, token: str) -> bool:
        """Whether a session is there and not locked."""
        found = self.find(token, active=False)
        return found is not None and not found.locked

    def lock(self, token: str) -> None:
        """Its person leaves the screen, and means to come back."""
        with self._changing:
            if (session := self._sessions.get(token)) is not None:
                session.locked = True

    def end(self, token: str) -> None:
        """Its person has logged out."""
        with self._changing:
            self._sessions.pop(token, None)

    def end_all_of(self, account_id: str, *, but: str = "") -> None:
        """An account was ended, or has another PIN; `but`: the token of the browser that it was changed in."""
        with self._changing:
            for token in [token for token, session in self._sessions.items() if session.account.id == account_id]:
                if token != but:
                    del self._sessions[token]
