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

    def __init__(self, file: SettingsFile, fixed_port: int | None = None, *, simulated: bool = False) -> None:
        """`fixed_port`: where the screens are, whatever the settings say. `simulated`: the next run plays its devices."""
        self.file = file
        self.fixed_port = fixed_port
        self.simulated = simulated
        self._up_simulated = simulated
        self.exam_door: tuple[str, str] | None = None  # the package and room of whose door the next run is; None: a station
        self.first = True
        self.stopped = threading.Event()
        self.taken_back: Message | None = None  # why the settings are those of the run before
        self._asked = threading.Event()
        self._good: bytes | None = None
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
        self._up_simulated = self.simulated
        with suppress(OSError):
            self._good = self.file.path.read_bytes()

    def take_back(self, error: KioskError) -> bool:
        """The station could not come up. True: devices or settings are again those with which it did; try once more."""
        if not self.first and self.exam_door is not None:
            self.exam_door, self.taken_back = None, error.message
            return True
        if not self.first and self.simulated != self._up_simulated:
            self.simulated, self.taken_back = self._up_simulated, error.message
            return True
        if self.first or self._good is None or self.file.path.read_bytes() == self._good:
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
        wanted = self._wanted(wanted)
        return self._ports.get(wanted, wanted)

    def keep_port(self, wanted: int, port: int) -> None:
        self._ports[self._wanted(wanted)] = port

    def _wanted(self, by_settings: int) -> int:
        return by_settings if self.fixed_port is None else self.fixed_port
