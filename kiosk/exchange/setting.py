"""Papers set side by side: Typst lets others work while it sets one, so the next one's pictures are opened meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

_AT_ONCE: Final = 2  # each holds the pictures of a batch

_T = TypeVar("_T")


def set_ahead(papers: Iterable[tuple[_T, Callable[[], bytes]]]) -> Generator[tuple[_T, bytes], None, None]:
    """Each paper's PDF beside what was given with it, in their order; those after it are being set while it is written. What
    the setting of one raises ends it. Close it: others are not begun then."""
    ahead: deque[tuple[_T, Future[bytes]]] = deque()
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="papers")
    try:
        for told, setting in papers:
            ahead.append((told, pool.submit(setting)))
            if len(ahead) > _AT_ONCE:
                first, pdf = ahead.popleft()
                yield first, pdf.result()
        for first, pdf in ahead:
            yield first, pdf.result()
    finally:
        pool.shutdown(cancel_futures=True)
