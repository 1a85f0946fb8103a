"""The seam between the security module and its cable."""

from __future__ import annotations

from typing import Protocol


class ByteStream(Protocol):
    """An open line. Every method raises TemporaryFault when the line is gone."""

    def write(self, data: bytes, /) -> None:
        """Send bytes."""

    def read(self, timeout_s: float, /) -> bytes:
        """What has come, waiting at most that long for the first byte; b"" when nothing came."""

    def close(self) -> None:
        """Let the line go; never raises."""


class StreamOpener(Protocol):
    """Finds and opens a line."""

    def __call__(self) -> tuple[ByteStream, str]:
        """An open line and its name for the operator. Raises TemporaryFault or PermanentFault."""
