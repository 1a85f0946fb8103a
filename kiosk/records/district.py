"""What an office has of its stations: packages that came in, what they brought, and what contradicts each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.records.people import Person


class ReceivedState(StrEnum):
    """What became of a 采集包 that came in."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True)
class ReceivedCounts:
    """What its records were: `new` ones, `newer` states of known ones, `same` and `older` ones that changed nothing, and those
    that were set `aside` because they contradict what is here. `whole`: it had everything of the station's day that this
    office had not confirmed."""

    new: int = 0
    newer: int = 0
    same: int = 0
    older: int = 0
    aside: int = 0
    whole: bool = False


@dataclass(frozen=True)
class ReceivedParcel:
    """A file that came in. `reason` is a message's code and its data, of what was refused. `missing`: the package before it
    was never taken, and nothing came since that has everything. What only its inside tells is empty until it was opened."""

    number: int
    sha256: str
    name: str
    size: int
    state: ReceivedState
    by: str
    at: datetime
    id: str = ""
    store: str = ""
    station: str = ""
    school: str = ""
    school_code: str = ""
    part: int = 0
    parts: int = 0
    before: str = ""
    made_at: datetime | None = None
    reason: str = ""
    reason_data: Mapping[str, Any] = field(default_factory=dict)
    counts: ReceivedCounts = ReceivedCounts()
    done_at: datetime | None = None
    missing: bool = False


@dataclass(frozen=True)
class ParcelOrigin:
    """Which package a record came in, and from which station: what the head of a 采集包 says, and `number`, the file's in the
    inbox. `entry` is the last of the station's trail in it: what comes from the same data with a higher one is newer. `whole`:
    it has, or all parts of it together have, whatever the station knows not to be here. `turned_away`: by the hours of its
    trail, in ISO 8601, how often somebody was turned away or broken off."""

    number: int
    id: str
    store: str
    station: str
    school: str
    school_code: str
    certificate: str
    recipient: str
    part: int
    parts: int
    before: str
    entry: int
    seal: str
    made_at: datetime
    figures: Mapping[str, Any]
    whole: bool = False
    turned_away: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SeenStation:
    """A station as its newest package tells of it. `entry` and `seal` are the last of its trail; `figures` what it counted.
    `skew`: seconds that its clock was ahead of the office's; below zero, that it went back between two packages, or is behind
    at least, since it has taken a receipt that was issued later by the office's."""

    store: str
    name: str
    school: str
    school_code: str
    certificate: str
    recipient: str
    parcel: str
    entry: int
    seal: str
    made_at: datetime
    seen_at: datetime
    figures: Mapping[str, Any]
    skew_s: float


class SuspicionState(StrEnum):
    """What two people said of two who are alike."""

    OPEN = "open"
    SAME = "same"  # one person under two numbers
    DIFFERENT = "different"
    TWINS = "twins"  # different, and alike for good


@dataclass(frozen=True)
class Likeness:
    """What two are alike in (face, finger, two_fingers): `score` has reached `limit`."""

    modality: str
    score: float
    limit: float


@dataclass(frozen=True)
class Suspicion:
    """Two records that may be one person's, and what was decided."""

    number: int
    first: str
    second: str
    likenesses: tuple[Likeness, ...]
    found_at: datetime
    state: SuspicionState = SuspicionState.OPEN
    decided_at: datetime | None = None
    reason: str = ""
    asked_by: Person | None = None
    decided_by: Person | None = None

    @property
    def is_open(self) -> bool:
        return self.state is SuspicionState.OPEN


class ConflictKind(StrEnum):
    """Why two captures can't both count."""

    TWO_STATIONS = "two_stations"  # one number, captured at two stations
    TWO_STATES = "two_states"  # one record, told in two ways that don't follow on each other
    NAME = "name"  # the roster has another name for the number


@dataclass(frozen=True)
class Conflict:
    """`first` counts until somebody decides (of a name, the roster does, and `first` is what was set aside); `second` was set
    aside. Both are ids of records as the office keeps them. `chosen` is what counts from the decision on; empty: neither."""

    number: int
    kind: ConflictKind
    first: str
    second: str
    found_at: datetime
    decided_at: datetime | None = None
    chosen: str = ""
    reason: str = ""
    asked_by: Person | None = None
    decided_by: Person | None = None

    @property
    def is_open(self) -> bool:
        return self.decided_at is None

    @property
    def is_for_neither(self) -> bool:
        return not self.is_open and not self.chosen
