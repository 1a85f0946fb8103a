"""采集包 as the office reads it: whose it is, how far the station was, its records, its slice of the trail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kiosk.errors import ExchangeError
from kiosk.exchange.known_people import known_in
from kiosk.exchange.parcel import HEAD, Entry, Head, Parcel
from kiosk.records import KnownElsewhere

RECORD: Final = "record.json"
TRAIL: Final = "trail.jsonl"
STAFF: Final = "staff.jsonl"


@dataclass(frozen=True)
class CapturesHead:
    """What a 采集包 says of itself. `part` of `parts`; `before` is the id of the one before it, empty for the first: where
    that is not known, one has not arrived. `recipient` is what answers for this station are sealed to. `records`
    have their digests."""

    id: str
    made_at: datetime
    part: int
    parts: int
    before: str
    station: str
    store: str
    certificate: str
    recipient: str
    school: str
    school_code: str
    entry: int
    seal: str
    records: Mapping[str, str]
    simulated: bool
    figures: Mapping[str, int]
    formats: Mapping[str, str]
    program: str  # its version; empty in packages of earlier ones
    whole: bool  # with its other parts everything that the station has no receipt for


@dataclass(frozen=True)
class ReceivedRecord:
    """A record with what was told of it, and its pieces: by place, as `told["blobs"]` lists them."""

    id: str
    digest: str
    told: Mapping[str, Any]
    blobs: tuple[bytes, ...]


def captures_head(head: Head) -> CapturesHead:
    """Raises ExchangeError("parcel.unreadable")."""
    told = head.told
    try:
        station, trail, made = told["station"], told["trail"], datetime.fromisoformat(told["made_at"])
        if made.tzinfo is None:
            raise ValueError(told["made_at"])
        return CapturesHead(
            str(told["id"]),
            made,
            int(told["part"]),
            int(told["parts"]),
            str(told["before"]),
            str(station["name"]),
            str(station["store"]),
            str(station["certificate"]),
            str(told["recipient"]),
            str(told["school"]["name"]),
            str(told["school"]["code"]),
            int(trail["number"]),
            str(trail["seal"]),
            {str(one): str(digest) for one, digest in told["records"]},
            bool(told["simulated"]),
            {str(name): int(value) for name, value in told["figures"].items()},
            {str(room): str(form) for room, form in told["formats"].items()},
            str(told.get("program", "")),
            bool(told.get("whole", False)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ExchangeError("parcel.unreadable", at=HEAD) from None


def received(
    parcel: Parcel,
    staff: Callable[[Iterable[KnownElsewhere]], object] = lambda _: None,
    trail: Callable[[Iterable[Mapping[str, Any]]], object] = lambda _: None,
) -> Iterator[ReceivedRecord]:
    """The records, one at a time, each whole and as it was signed; the trail's slice is looked at on the way, `trail` told its
    entries, and `staff` whom of them the package has. Raises ExchangeError as reading a parcel does: whoever keeps what came
    before keeps nothing that is not genuine."""
    head = captures_head(parcel.head)
    waiting = dict(head.records)
    left = iter(parcel.pieces)
    for entry, content in left:
        if entry.name == TRAIL:
            trail(_entries(head, parcel, content))
            continue
        if entry.name == STAFF:
            staff(known_in(content, parcel, STAFF))
            continue
        record_id, _, name = entry.name.partition("/")
        digest = waiting.pop(record_id, None)
        if name != RECORD or digest != entry.digest:
            raise ExchangeError("parcel.damaged", file=parcel.name, at=entry.name)
        told = _told(content, parcel, entry)
        blobs = [next(left, None) for _ in told["blobs"]]
        for said, found in zip(told["blobs"], blobs, strict=True):
            if found is None or not found[0].name.startswith(f"{record_id}/") or found[0].digest != said["digest"]:
                raise ExchangeError("parcel.damaged", file=parcel.name, at=entry.name)
        yield ReceivedRecord(record_id, digest, told, tuple(content for _, content in filter(None, blobs)))
    if waiting:
        raise ExchangeError("parcel.damaged", file=parcel.name, at=next(iter(waiting)))


def _told(content: bytes, parcel: Parcel, entry: Entry) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(content)
        _ = [(one["kind"], one["digest"]) for one in told["blobs"]], told["record"]["id"], told["steps"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ExchangeError("parcel.damaged", file=parcel.name, at=entry.name) from None
    return told


def _entries(head: CapturesHead, parcel: Parcel, content: bytes) -> list[Mapping[str, Any]]:
    """The slice has every entry between its first and the one that the head names, whose seal is the head's."""
    number = seal = None
    found: list[Mapping[str, Any]] = []
    try:
        for line in content.splitlines():
            told = json.loads(line)
            if number is not None and told["number"] != number + 1:
                break
            number, seal = int(told["number"]), told["seal"]
            found.append(told)
    except (ValueError, KeyError, TypeError, RecursionError):
        number = None
    if content and (number, seal) != (head.entry, head.seal):
        raise ExchangeError("parcel.trail_broken", file=parcel.name)
    return found
