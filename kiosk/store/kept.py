"""What was worked out of the identities, kept for as long as nobody writes anything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sized
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from kiosk.store import pairing, tables
from kiosk.store.database import is_writing

MOST: Final = 10_000  # students of a large school, some 20 MB; who looks at a whole county waits for it each time

T = TypeVar("T", bound=Sized)


class Kept(Generic[T]):
    """The last of what `make` found, with the identities' generation at which it did.

    Every transaction that writes moves the generation on, in whichever process. It is asked for within the transaction that
    reads: what is given is what stands there at that moment, never an older one. Nobody changes what was given. Safe to use
    from any thread; who asks while another works it out waits for that.
    """

    def __init__(self, make: Callable[[Connection], T], most: int = MOST) -> None:
        """What has more than `most` parts is given, and not kept."""
        self._make = make
        self._most = most
        self._lock = threading.Lock()
        self._last: tuple[int, T] | None = None

    def get(self, connection: Connection) -> T:
        """As it is in a transaction on the identities that only reads: what a writer sees may be undone."""
        assert not is_writing(connection)
        with self._lock:
            generation = pairing.generation_of(connection, tables.identity_pair)
            if self._last is not None and self._last[0] == generation:
                return self._last[1]
            found = self._make(connection)
            self._last = (generation, found) if len(found) <= self._most else None
            return found

    def if_there(self, connection: Connection) -> T | None:
        """The same for those who have a quicker way than to work all of it out; None where it is not kept."""
        with self._lock:
            if self._last is None or self._last[0] != pairing.generation_of(connection, tables.identity_pair):
                return None
            return self._last[1]
