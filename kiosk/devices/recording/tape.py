"""Where taps write what they hear. Kept in memory only: nothing reaches a disk before it has been cleaned."""

from __future__ import annotations

import re
import threading
import time
from typing import Any, Final

from kiosk.devices.recording.file import FROM, TO, Entry

_ADDRESS: Final = re.compile(r"\b\w+://\S+")
_FOLDERS: Final = re.compile(r"\S*[/\\](?=\S)")


class Tape:
    """Entries in the order in which they happened. For any thread."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def to(self, data: bytes) -> None:
        """The station sends something."""
        self._put(TO, data, {})

    def came(self, data: bytes) -> None:
        """The device says something."""
        if data:
            self._put(FROM, data, {})

    def note(self, what: str, **told: Any) -> None:
        """Anything else that happened."""
        self._put(what, b"", told)

    @property
    def entries(self) -> list[Entry]:
        """What was heard so far, as it was."""
        with self._lock:
            return list(self._entries)

    def _put(self, what: str, data: bytes, told: dict[str, Any]) -> None:
        with self._lock:
            self._entries.append(Entry(time.monotonic() - self._began_s, what, data, told))


def harmless(name: str) -> str:
    """A device's or port's name without folders and addresses: those tell whose machine it is."""
    return _FOLDERS.sub("", _ADDRESS.sub("network", name))
