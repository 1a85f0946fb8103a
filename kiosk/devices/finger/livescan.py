"""ID-card fingerprint collectors behind a vendor's GA/T 626.1 library (`LIVESCAN_*`), as a scanner.

The library runs in a process of its own (`livescan_host.py`). Unverified: nobody here has such a collector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from kiosk.config import KitSettings
from kiosk.devices.facts import ScannerFacts
from kiosk.devices.finger.scanner import Begun, Look, Scan
from kiosk.devices.vendor.kit import Kit
from kiosk.devices.vendor.process import Died, Hung, Process
from kiosk.errors import DeviceError, PermanentFault, TemporaryFault
from kiosk.records import Image, Score

SCHEME: Final = "livescan:"
_HOST: Final = Path(__file__).with_name("livescan_host.py")
_DPI: Final = 500  # GA/T 1011 collectors
_OPEN_S: Final = 10.0  # some libraries load firmware into the collector
_FRAME_S: Final = 3.0
_NO_DEVICE: Final = -4  # GA/T 626.1, table of return codes
_BLOCK: Final = 16  # pixels
_RIDGE_SPREAD: Final = 18.0  # grey levels of standard deviation that a block with ridges has
_FINGER_SHARE: Final = 0.18  # of the blocks: a fingertip that can be judged
_SETTLED: Final = 1.06  # the contact grows by no more from one frame to the next


class FrameSource(Protocol):
    """Whatever gives pictures of the glass, one after the other."""

    def open(self) -> "Collector":
        """Find it. Raises TemporaryFault or PermanentFault."""

    def frame(self) -> bytes:
        """8 bits a pixel, rows from top to bottom."""

    def close(self) -> None:
        """Let it go; never raises."""


@dataclass(frozen=True)
class Collector:
    """What a frame source says of itself."""

    name: str
    width: int
    height: int
    dpi: int = _DPI


class FrameScanner:
    """`kiosk.devices.finger.scanner.Scanner` over pictures of the glass."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self._collector = Collector("", 0, 0)
        self._held: Image | None = None
        self._contact = 0.0

    @property
    def facts(self) -> ScannerFacts:
        """The collector, as it says itself. Its library has the wire: nobody can tell how fast that is."""
        found = self._collector
        return ScannerFacts(profile=found.name, size=(found.width, found.height), dpi=found.dpi if found.name else 0)

    def open(self) -> str:
        """Raises what the source raises."""
        self._collector = self._source.open()
        self._held, self._contact = None, 0.0
        return f"{self._collector.name} · {self._collector.width}×{self._collector.height}"

    def look(self) -> Look:
        """Takes a frame. The standard knows no question for a finger: ridges in the picture that have stopped growing are
        one.
        """
        pixels = self._frame()
        contact, before = _contact_share(pixels), self._contact
        self._contact = contact
        if contact < _FINGER_SHARE:
            self._held = None
            return Look.NO_FINGER
        if contact > before * _SETTLED:
            return Look.FAILED  # the finger is still coming down
        self._held = pixels
        return Look.HELD

    def fetch(self, begun: Begun | None = None) -> Scan:  # noqa: ARG002 - a frame is there at once
        if self._held is None:
            raise TemporaryFault("finger.not_found")
        return Scan(self._held, self._collector.dpi, self._collector.name)

    def keep(self) -> bool:
        """Neither the standard nor a kit compares; and a picture of theirs is there at once."""
        return False

    def compare(self) -> Score | None:
        return None

    def pulse(self) -> None:
        self._frame()

    def close(self) -> None:
        self._source.close()

    def _frame(self) -> Image:
        data, collector = self._source.frame(), self._collector
        if len(data) != collector.width * collector.height:
            raise TemporaryFault("finger.frame_size", received=len(data), width=collector.width, height=collector.height)
        return np.frombuffer(data, np.uint8).reshape(collector.height, collector.width)


class LivescanLibrary:
    """A `FrameSource` for a `livescan:PATH` port."""

    def __init__(self, port: str, interpreter: str = "") -> None:
        self._library = port.removeprefix(SCHEME)
        self._interpreter = interpreter
        self._process: Process | None = None

    def open(self) -> Collector:
        """Raises PermanentFault("finger.library_missing") or ("finger.library_wrong"), TemporaryFault("finger.not_found")."""
        if not Path(self._library).is_file():
            raise PermanentFault("finger.library_missing", path=self._library)
        self._process = Process(_HOST, [self._library], self._interpreter)
        header, _ = self._ask("open", _OPEN_S)
        return Collector(header["name"] or Path(self._library).stem, int(header["width"]), int(header["height"]))

    def frame(self) -> bytes:
        return self._ask("frame", _FRAME_S)[1]

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close({"call": "close"})

    def _ask(self, call: str, deadline_s: float) -> tuple[dict[str, Any], bytes]:
        if self._process is None:
            raise TemporaryFault("finger.not_found")
        try:
            header, data = self._process.ask({"call": call}, deadline_s=deadline_s)
        except Hung:
            raise TemporaryFault("finger.library_hangs", path=self._library) from None
        except Died:
            raise TemporaryFault("finger.library_died", path=self._library) from None
        match header.get("error"):
            case None:
                return header, data
            case "code" if header["code"] == _NO_DEVICE:
                raise TemporaryFault("finger.not_found")
            case "code":
                raise TemporaryFault("finger.library_refused", reason=header["text"] or str(header["code"]))
            case _:
                raise PermanentFault("finger.library_wrong", path=self._library, reason=header["text"])


class KitFrames:
    """A `FrameSource` over a kit: `open`, `frame` and `close` of what the factory made (docs/how-to/vendor-kits.md)."""

    def __init__(self, reference: str, settings: KitSettings) -> None:
        self._kit = Kit(reference, settings)
        self._reference = reference

    def open(self) -> Collector:
        """`open` answers name, width, height and perhaps dpi. Raises what `Kit.open` raises; what isn't there is temporary."""
        said = self._called(self._kit.open)
        try:
            return Collector(
                str(said.get("name") or self._reference), int(said["width"]), int(said["height"]), int(said.get("dpi", _DPI))
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise PermanentFault("finger.library_wrong", path=self._reference, reason="open") from None

    def frame(self) -> bytes:
        found = self._called(lambda: self._kit.call("frame"))
        return found if isinstance(found, bytes) else b""

    def close(self) -> None:
        self._kit.close()

    def _called(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (TemporaryFault, PermanentFault):
            raise
        except DeviceError as error:
            raise TemporaryFault(error.code, **error.data) from error


def _contact_share(pixels: Image) -> float:
    """Share of the picture's blocks that hold ridges, 0–1."""
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    blocks = pixels[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return float((blocks.std(axis=(1, 3)) > _RIDGE_SPREAD).mean())
