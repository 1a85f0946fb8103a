"""Cutting the work: partitions of whole schools, and which of them are held against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from kiosk.pipeline.deduplication import Limits, Subject

SIZE: Final = 1000  # subjects: a shelf takes 15 MB, and two are compared within some seconds, for which a stop waits


@dataclass(frozen=True, eq=False)
class Partition:
    """Subjects that are kept together, all of some schools or a part of one."""

    name: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """`items`: which two parts are held against each other, or one against itself; no pair of subjects lies in two."""

    parts: tuple[tuple[Subject, ...], ...]
    items: tuple[tuple[int, int], ...]
    limits: Limits
    crossed: bool


def partitioned(subjects: Iterable[Subject], size: int = SIZE) -> tuple[Partition, ...]:
    """Small schools share a partition, large ones are cut into several."""
    ordered = sorted(subjects, key=lambda subject: (subject.school, subject.key))
    found: list[Partition] = []
    names: list[str] = []
    kept: list[Subject] = []
    for school, of_school in groupby(ordered, key=lambda subject: subject.school):
        some = list(of_school)
        if kept and len(kept) + len(some) > size:
            found.append(_named(names, kept))
            names, kept = [], []
        while len(some) > size:
            found.append(_named([school], some[:size]))
            some = some[size:]
        names, kept = [*names, school], kept + some
    return (*found, _named(names, kept)) if kept else tuple(found)


def planned(partitions: Sequence[Partition], limits: Limits, *, crossed: bool, fresh: Collection[str] | None) -> Plan:
    """What there is to do. `fresh`: only pairs with one of these keys in them; all pairs when None. Raises ValueError for a key
    that comes twice."""
    keys = [subject.key for partition in partitions for subject in partition.subjects]
    if len(set(keys)) < len(keys):
        raise ValueError("a key comes twice")
    new = set(keys) if fresh is None else set(fresh)
    parts: list[tuple[Subject, ...]] = []
    is_new: list[bool] = []
    for partition in partitions:
        for wanted in (True, False):
            some = tuple(subject for subject in partition.subjects if (subject.key in new) is wanted)
            if some:
                parts.append(some)
                is_new.append(wanted)
    numbers = range(len(parts))
    items = tuple((one, other) for one in numbers for other in numbers[one:] if is_new[one] or is_new[other])
    used = {number for item in items for number in item}
    return Plan(tuple(part if number in used else () for number, part in enumerate(parts)), items, limits, crossed)


def _named(schools: list[str], subjects: list[Subject]) -> Partition:
    return Partition(schools[0] if len(schools) == 1 else f"{schools[0]}–{schools[-1]}", tuple(subjects))
