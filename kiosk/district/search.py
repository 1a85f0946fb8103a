"""The one door: partitions and an engine in, suspected pairs out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import closing
from itertools import islice
from typing import Final, Protocol

from kiosk.district.partitions import SIZE, Partition, Plan, partitioned, planned
from kiosk.pipeline.deduplication import Limits, Modality, Subject, Suspect, limits_for, merged

Pair = frozenset[str]
BLOCK: Final = 4 * SIZE  # of those who are known: 80 MB


class Engine(Protocol):
    """Where the work is done."""

    def compared(self, plan: Plan) -> Generator[tuple[Suspect, ...] | None]:
        """The suspects of each of the plan's items, in any order; None now and then, while nothing is done.

        Closing the generator stops the work and lets go of everything.
        """


def find_duplicates(
    partitions: Sequence[Partition],
    engine: Engine,
    *,
    limits: Limits | None = None,
    crossed: bool = False,
    fresh: Collection[str] | None = None,
    twins: Collection[Pair] = (),
    settled: Collection[Pair] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Suspect, ...]:
    """Everybody against everybody: who may be one person, in order of keys, the same with every engine and partitioning.

    `limits`: those for so many subjects when left out. `crossed`: right thumbs are held against left ones too. `fresh`: who
    came since the last search, so that only they are held against everybody. `twins`: pairs of keys of people declared to look
    alike: their faces are left out, their fingers are not. `settled`: pairs that were decided, of one person or two: left out.

    `progress`: called with the items done and all of them, twice a second at least while processes or machines work; what it
    raises stops the search. Raises ValueError for a key that comes twice and for a torn template, and what the engine raises.
    """
    count = sum(len(partition.subjects) for partition in partitions)
    plan = planned(partitions, limits or limits_for(count, crossed=crossed), crossed=crossed, fresh=fresh)
    found: list[tuple[Suspect, ...]] = []
    progress(0, len(plan.items))
    with closing(engine.compared(plan)) as parts:
        for part in parts:
            if part is not None:
                found.append(part)
            progress(len(found), len(plan.items))
    return _without(found, twins, settled)


def find_among(
    fresh: Sequence[Subject],
    known: Iterable[Subject],
    engine: Engine,
    *,
    limits: Limits,
    crossed: bool = False,
    twins: Collection[Pair] = (),
    settled: Collection[Pair] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Suspect, ...]:
    """A few who are new, among each other and against all who are known: what `find_duplicates` finds of them. Who is known
    comes some thousand at a time, so that memory does not grow with them.

    `progress` is called with how many of the known were gone through; what it raises stops the search.
    """
    new = [partition.subjects for partition in partitioned(fresh)]
    left, gone, found = iter(known), 0, list[tuple[Suspect, ...]]()
    items = tuple((one, other) for one in range(len(new)) for other in range(one, len(new)))
    parts = list(new)
    while items:
        progress(gone)
        with closing(engine.compared(Plan(tuple(parts), items, limits, crossed))) as results:
            for result in results:
                found += [result] if result is not None else []
                progress(gone)
        some = list(islice(left, BLOCK))
        gone += len(some)
        parts = [*new, *(partition.subjects for partition in partitioned(some))]
        items = tuple((one, other) for one in range(len(new)) for other in range(len(new), len(parts)))
    return _without(found, twins, settled)


def _without(found: Sequence[tuple[Suspect, ...]], twins: Collection[Pair], settled: Collection[Pair]) -> tuple[Suspect, ...]:
    declared, decided = frozenset(twins), frozenset(settled)
    return tuple(suspect for suspect in merged(found) if not _is_left_out(suspect, declared, decided))


def _is_left_out(suspect: Suspect, twins: frozenset[Pair], settled: frozenset[Pair]) -> bool:
    pair = frozenset((suspect.a, suspect.b))
    return pair in settled or (suspect.modality is Modality.FACE and pair in twins)
