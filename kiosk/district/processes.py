"""All cores of one machine: processes that share the prepared partitions, each of which lies in memory once."""

from __future__ import annotations

import atexit
import multiprocessing
import os
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing.context import BaseContext
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Final

from threadpoolctl import threadpool_limits

from kiosk.district.partitions import Plan
from kiosk.pipeline.deduplication import Limits, Shelf, Subject, Suspect, compare_shelves
from kiosk.pipeline.deduplication.shelf import Layout, fill, laid_out, size_of

_TICK_S: Final = 0.5
_LOST: Final = 3  # times that processes may be killed before this is given up
_OPEN: Final = 64  # shelves that a process has open

Task = tuple[Any, ...]


class ProcessesEngine:
    """`workers` processes, one for each core when left out. One that is killed is replaced, and what it did is done again.

    `context`: how they are started; where that may be chosen, from a server that has imported everything already.
    """

    def __init__(self, workers: int | None = None, context: BaseContext | None = None) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._context = context or _quickest_context()

    def compared(self, plan: Plan) -> Generator[tuple[Suspect, ...] | None]:
        """Raises BrokenProcessPool when processes are killed again and again."""
        with ExitStack() as blocks:
            shelves = [_block(part, blocks) for part in plan.parts]
            filling = [(fill_block, *shelf, part) for shelf, part in zip(shelves, plan.parts, strict=True) if part]
            comparing = [
                (compare_blocks, *shelves[one], *shelves[other], plan.limits, plan.crossed) for one, other in plan.items
            ]
            with _Pool(self._workers, self._context) as pool:
                for _ in pool.done(filling):
                    yield None
                yield from pool.done(comparing)


class _Pool:
    """An executor that is made anew when one of its processes is lost."""

    def __init__(self, workers: int, context: BaseContext) -> None:
        self._workers = workers
        self._context = context
        self._lost = 0
        self._executor = self._made()

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def done(self, tasks: Sequence[Task]) -> Generator[Any]:
        """What each task gave, as they are done; None every half second while none is."""
        left = dict(enumerate(tasks))
        while left:
            futures: dict[Future[Any], int] = {}
            try:
                for number, (call, *given) in left.items():
                    futures[self._executor.submit(call, *given)] = number
                while futures:
                    finished, _ = wait(futures, _TICK_S, FIRST_COMPLETED)
                    if not finished:
                        yield None
                    for future in finished:
                        number = futures.pop(future)
                        result = future.result()
                        del left[number]
                        yield result
            except BrokenProcessPool:
                self._lost += 1
                if self._lost > _LOST:
                    raise
                self._executor.shutdown(cancel_futures=True)
                self._executor = self._made()

    def _made(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, self._context, _begin)


def _quickest_context() -> BaseContext:
    """Never a fork of this process, which would copy whatever locks other threads hold at that moment."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "scipy.special", "scipy.spatial"])  # what takes a second is imported once
    return context


def _block(part: Sequence[Subject], blocks: ExitStack) -> tuple[str, Layout]:
    """Shared memory for a part's shelf: its name and what lies where."""
    layout, size = size_of(part)
    block = SharedMemory(create=True, size=size)
    blocks.callback(block.unlink)
    blocks.callback(block.close)
    return block.name, layout


def _begin() -> None:
    threadpool_limits(1)
    atexit.register(_end)


def fill_block(name: str, layout: Layout, part: Sequence[Subject]) -> None:
    """Prepare a part in its block."""
    fill(_opened(name, layout), part)


def compare_blocks(
    one: str, layout: Layout, other: str, other_layout: Layout, limits: Limits, crossed: bool
) -> tuple[Suspect, ...]:
    """One item."""
    a = _opened(one, layout)
    return compare_shelves(a, a if one == other else _opened(other, other_layout), limits, crossed=crossed)


def _opened(name: str, layout: Layout) -> Shelf:
    """A shelf in shared memory. What was asked for longest ago is let go of."""
    if name not in _shelves:
        if len(_shelves) == _OPEN:
            _let_go(next(iter(_shelves)))
        block = SharedMemory(name)
        _shelves[name] = (laid_out(layout, block.buf), block)
    _shelves[name] = _shelves.pop(name)
    return _shelves[name][0]


def _let_go(name: str) -> None:
    shelf, block = _shelves.pop(name)
    del shelf  # its arrays lie in the block
    block.close()


def _end() -> None:
    for name in list(_shelves):
        _let_go(name)


_shelves: dict[str, tuple[Shelf, SharedMemory]] = {}
