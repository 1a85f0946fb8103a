"""The station's side of a kit that a module of somebody's wraps: every call with a deadline, every end in words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from kiosk.config import KitSettings
from kiosk.devices.vendor import host
from kiosk.devices.vendor.process import Died, Hung, Process
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault

_OPENS_S: Final = 20.0  # kits look for licences and load firmware


class Kit:
    """What a factory made, in a process of its own; for one thread."""

    def __init__(self, reference: str, settings: KitSettings) -> None:
        """`reference` is `package.module:factory`."""
        self._reference = reference
        self._settings = settings
        self._process: Process | None = None

    def open(self) -> Any:
        """Start the process and call `open`. Raises PermanentFault("device.kit.load"), and what `call` raises."""
        # Where a module may lie beside the settings; another Python has packages of its own.
        folders = [str(Path(folder).resolve()) for folder in sys.path if folder] if not self._settings.python else []
        folders = [str(self._settings.folder.resolve())] * (self._settings.folder is not None) + folders  # type: ignore[union-attr]
        try:
            self._process = Process(Path(host.__file__), [self._reference, *folders], self._settings.python)
        except OSError as error:
            raise PermanentFault("device.kit.load", kit=self._reference, details=str(error)) from None
        return self.call("open", _OPENS_S)

    def call(self, name: str, deadline_s: float | None = None) -> Any:
        """What a method returns.

        Raises DeviceError("device.kit.raised") when it raises, TemporaryFault("device.kit.hangs") or ("device.kit.died").
        """
        if self._process is None:
            raise TemporaryFault("device.kit.died", kit=self._reference)
        try:
            header, data = self._process.ask({"call": name}, deadline_s=deadline_s or self._settings.timeout_s)
        except Hung:
            raise TemporaryFault("device.kit.hangs", kit=self._reference, call=name) from None
        except Died:
            raise TemporaryFault("device.kit.died", kit=self._reference) from None
        if header.get("error") == "load":
            raise PermanentFault("device.kit.load", kit=self._reference, details=header.get("text", ""))
        if "error" in header:
            raise DeviceError("device.kit.raised", kit=self._reference, call=name, details=header.get("text", ""))
        try:
            return host.unpacked(header, data)
        except (ValueError, TypeError, KeyError):
            raise DeviceError("device.kit.raised", kit=self._reference, call=name, details="answer") from None

    def close(self) -> None:
        """End the process, with a last `close`. Raises nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.close({"call": "close"})
