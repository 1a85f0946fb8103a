"""One program, several runs of the station: started anew when somebody asks on a page, and led back to the settings with which
it came up last when it can't come up with those that were changed."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.config import SettingsFile
from kiosk.errors import KioskError
from kiosk.records import Message

if TYPE_CHECKING:
    from kiosk.store import Unlock

_POLL_S: Final = 0.5  # short: on Windows a signal does not end a long wait


class Runs:
    """What lasts from one run to the next. `stop` and `ask` may be called from any thread and from a signal's handler."""

    def __init__(self, file: SettingsFile, fixed_port: int | None = None) -> None:
        """`fixed_port`: where the screens are, whatever the settings say."""
        self.file = file
        self.fixed_port = fixed_port
        self.first = True
        self.stopped = threading.Event()
        self.taken_back: Message | None = None  # why the settings are those of the run before
        self._asked = threading.Event()
        self._good = b""
        self._unlocks: dict[Path, Unlock] = {}
        self._ports: dict[int, int] = {}

    def stop(self) -> None:
        """End the program."""
        self.stopped.set()

    def ask(self) -> None:
        """Have another run after this one."""
        self._asked.set()

    def wait(self) -> bool:
        """Until somebody ends the program, or asks for another run: whether there is to be one."""
        while not self.stopped.is_set():
            if self._asked.wait(_POLL_S):
                self._asked.clear()
                self.first = False
                return True
        return False

    def note_up(self) -> None:
        """The station is up, with the settings as the file says them now."""
        with suppress(OSError):
            self._good = self.file.path.read_bytes()

    def take_back(self, error: KioskError) -> bool:
        """The station could not come up. True: the settings are again those with which it did; try once more."""
        if self.first or not self._good or self.file.path.read_bytes() == self._good:
            return False
        self.file.put_back(self._good)
        self.taken_back = error.message
        return True

    def unlock_of(self, data: Path) -> Unlock | None:
        """What opened a data folder in a run before: nobody is asked twice."""
        return self._unlocks.get(data)

    def keep_unlock(self, data: Path, unlock: Unlock) -> None:
        self._unlocks[data] = unlock

    def port(self, wanted: int) -> int:
        """Where a run before was found that wanted the same port: any free one, for instance."""
        if self.fixed_port is not None:
            wanted = self.fixed_port
        return self._ports.get(wanted, wanted)

    def keep_port(self, wanted: int, port: int) -> None:
        self._ports[wanted if self.fixed_port is None else self.fixed_port] = port
