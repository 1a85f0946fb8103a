"""Files that are written, and entered into their list, while the next ones are made: to have a system make a file takes longer
than to write it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from kiosk.durable import write_ahead

_WAITING: Final = 32  # lots: of some pictures each, some megabytes together
_AHEAD: Final = 64 << 20  # bytes after which the disk is given something to do

Lot = Sequence[tuple[str, bytes]]  # by their paths within the folder: of thousands a `Path` takes as long as the writing


class Behind:
    """Takes lots of files for `folder`. All are there, and told to `enter` one after the other, once the block has ended; where
    one can't be written its OSError is raised, by one of the next lots or at the end. For one thread; `enter` is called in
    another. The disk writes meanwhile what the system would hold back until all is flushed."""

    def __init__(self, folder: Path, enter: Callable[[str, bytes], None]) -> None:
        self._folder = folder
        self._place = str(folder)
        self._enter = enter
        self._held = 0  # bytes that the disk was not told of
        # One: several in the same folder only wait for each other, and some systems spin meanwhile.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="export-files")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="export-disk")
        self._waiting: deque[Future[None]] = deque()

    def write(self, lot: Lot) -> None:
        """Their folders are made where there are none."""
        if len(self._waiting) == _WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._write, lot))
        self._held += sum(len(content) for _, content in lot)
        if self._held > _AHEAD:
            self._held = 0
            self._disk.submit(write_ahead, self._folder)

    def _write(self, lot: Lot) -> None:
        for path, content in lot:
            with _opened(f"{self._place}/{path}") as file:
                file.write(content)
            self._enter(path, content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            while error is None and self._waiting:
                self._waiting.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)
            self._disk.shutdown(cancel_futures=True)


def _opened(path: str) -> BinaryIO:
    """Of most files the folder is there."""
    try:
        return open(path, "wb")  # noqa: PTH123  # see `Lot`
    except FileNotFoundError:
        folder = Path(path).parent
        folder.mkdir(parents=True, exist_ok=True)
        return open(path, "wb")  # noqa: PTH123
