"""数据包: what a station wrote for its office, and what it had from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kiosk.records.district import ReceivedCounts, ReceivedState


@dataclass(frozen=True)
class WrittenParcel:
    """A part of a 采集包. `sha256` and `size` (bytes) are those of the sealed file; `entry` and `seal` are the last of
    the audit trail that is in it."""

    id: str
    name: str
    sha256: str
    size: int
    entry: int
    seal: str
    by: str
    at: datetime
    records: int = 0


@dataclass(frozen=True)
class Delivered:
    """A file of ours as the office over the network has it: there and waiting, taken with what came of its records, or refused
    with a message's code and data. `at` is when it said so."""

    sha256: str
    state: ReceivedState
    at: datetime
    reason: str = ""
    reason_data: Mapping[str, Any] = field(default_factory=dict)
    counts: ReceivedCounts = field(default_factory=ReceivedCounts)


@dataclass(frozen=True)
class TakenParcel:
    """A 名单包 or 回执包 that was taken. `digest` is that of its `head`, the signed text itself. `left_at`: somebody went
    back from it. `number` is given by the store."""

    kind: str
    version: int
    office_key: bytes
    digest: str
    head: bytes
    by: str
    at: datetime
    number: int = 0
    left_at: datetime | None = None


@dataclass(frozen=True)
class OfficeWord:
    """What the office said of a record: `again`, to be captured again, and why; or `decision`. `done`: the student was captured
    again since."""

    record_id: str
    id_number: str
    kind: str
    text: str
    at: datetime
    done: bool
