"""The one door: partitions and an engine in, suspected pairs out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from typing import Protocol

from kiosk.district.partitions import Partition, Plan, planned
from kiosk.pipeline.deduplication import Limits, Modality, Suspect, limits_for, merged

Pair = frozenset[str]


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
    declared, decided = frozenset(twins), frozenset(settled)
    return tuple(suspect for suspect in merged(found) if not _is_left_out(suspect, declared, decided))


def _is_left_out(suspect: Suspect, twins: frozenset[Pair], settled: frozenset[Pair]) -> bool:
    pair = frozenset((suspect.a, suspect.b))
    return pair in settled or (suspect.modality is Modality.FACE and pair in twins)
