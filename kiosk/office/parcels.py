"""采集包 out: what the office has not had yet, split into files that are each whole, signed, and sealed to the office.

A part is entered as sent when it lies on the disk: whatever breaks it off, the next call goes on with the rest, and a part that
was written and not yet entered is sent twice, which changes nothing where it arrives.
"""

from __future__ import annotations

import json
import math
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import SigningKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange.captures_parcel import RECORD, STAFF, TRAIL
from kiosk.exchange.file_names import MADE_UP, free_name, marked
from kiosk.exchange.parcel import SUFFIX, Kind, Piece, piece, room_of, sha256_of, write_parcel
from kiosk.office.jobs import Telling
from kiosk.office.known_people import staff_here
from kiosk.office.stamps import stamp_of
from kiosk.records import WrittenParcel, known_lines
from kiosk.store import DAMAGED, Store
from kiosk.store.inbox import HEARD
from kiosk.store.outgoing import OutgoingRecord

LEAST_PART: Final = 10_000_000  # bytes: the largest record with everything fits many times
USUAL_PART: Final = 2_000_000_000  # what FAT32 and every stick takes
_MOST_RECORDS: Final = 1000  # whose texts are held in memory together
_WRITTEN: Final = "captures"
_SEALING: Final = 0.001  # what the seal adds: 16 bytes to each 64 KiB, and its header
_HEAD: Final = 12_000  # bytes, but for the list of its parts


class Which(StrEnum):
    """What goes into a 采集包."""

    NEW = "new"  # what changed since it was last sent, or never was
    UNCONFIRMED = "unconfirmed"  # whatever the office has not confirmed as it is: a file was lost
    ALL = "all"


@dataclass(frozen=True)
class ParcelPlan:
    """What would be written: the records of each part, and about how many bytes that is. `is_whole`: they are everything that
    the office has not confirmed."""

    parts: tuple[tuple[str, ...], ...]
    size: int
    is_whole: bool = False

    @property
    def records(self) -> int:
        return sum(map(len, self.parts))


@dataclass(frozen=True)
class ParcelStanding:
    """Complete records that were never sent, and those that were sent and the office has not confirmed."""

    waiting: int
    unconfirmed: int


@dataclass(frozen=True)
class ParcelResult:
    """What was written, and the records that stayed behind because a piece of them is damaged."""

    written: tuple[WrittenParcel, ...]
    hurt: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        return sum(one.records for one in self.written)


class Parcels:
    """Writes 采集包."""

    def __init__(self, store: Store, folder: Path, station: str, *, with_staff: bool = False) -> None:
        """`folder` is where they go when nothing else is asked for; `with_staff`: the staff's templates go with each."""
        self._with_staff = with_staff
        self._store = store
        self._folder = folder
        self._station = station

    def written(self, most: int | None = None) -> Sequence[WrittenParcel]:
        """The newest first."""
        return self._store.parcels.all(most)

    def standing(self) -> ParcelStanding:
        """How many records wait; whether those that were sent changed since is looked at when they are written."""
        sent, confirmed = self._store.parcels.sent(), self._store.parcels.confirmed()
        ids = self._store.outgoing.ids()
        return ParcelStanding(
            sum(one not in sent for one in ids),
            sum(one in sent and not sent[one] & confirmed.get(one, frozenset()) for one in ids),
        )

    def plan(self, which: Which = Which.NEW, *, day: date | None = None, part_size: int = USUAL_PART) -> ParcelPlan:
        """What is to be sent. Raises ExchangeError("parcel.part_small")."""
        if part_size < LEAST_PART:
            raise ExchangeError("parcel.part_small", least=LEAST_PART // 1_000_000)
        last, head = self._store.parcels.last(), self._store.audit.head()
        trail = len(self._trail(last.entry if last is not None else 0, head.number if head is not None else 0))
        most, filled = part_size * (1 - _SEALING) - _HEAD, trail  # which goes with the first part
        if filled > most:
            raise ExchangeError("parcel.part_small", least=math.ceil((trail + _HEAD) / (1 - _SEALING) / 1_000_000))
        staff = room_of(len(self._staff())) + _LISTED
        parts: list[list[str]] = [[]]
        filled = whole = trail + staff
        for record in self._wanted(which, day):
            room = _room_of(record)
            if len(parts[-1]) == _MOST_RECORDS or filled + room > most:
                parts.append([])
                filled = staff
            parts[-1].append(record.id)
            filled, whole = filled + room, whole + room
        return ParcelPlan(tuple(map(tuple, parts)), whole, is_whole=which is not Which.NEW and day is None)

    def write(
        self, plan: ParcelPlan, to: Sealing, out: Path | None = None, *, actor: str, progress: Telling | None = None
    ) -> ParcelResult:
        """Write the parts of a plan, one after the other; with nothing to send one without records, which still has the trail
        and the figures. A record with a damaged piece stays behind, is told, and is tried again the next time. Raises
        ExchangeError, StoreError: parts that lie there by then are whole and count."""
        written: list[WrittenParcel] = []
        hurt: list[str] = []
        done, total = 0, plan.records
        for number, record_ids in enumerate(plan.parts, start=1):
            place, left = (number, len(plan.parts)), list(record_ids)
            while True:
                try:
                    is_whole = plan.is_whole and not hurt
                    written.append(self._write_part(left, place, to, self._place(out), actor, is_whole=is_whole))
                    break
                except StoreError as error:
                    if error.code not in DAMAGED or error.data.get("record") not in left:
                        raise
                    hurt.append(str(error.data["record"]))
                    left.remove(hurt[-1])
            done += len(record_ids)
            if progress is not None:
                progress(done, total)
        return ParcelResult(tuple(written), tuple(hurt))

    def path_of(self, name: str) -> Path | None:
        """Where one lies that was written to the usual folder."""
        path = self._folder / name
        return path if any(one.name == name for one in self.written()) and path.is_file() else None

    def _wanted(self, which: Which, day: date | None) -> Iterator[OutgoingRecord]:
        """A record of which something was deleted since it was sent, or confirmed, never takes the place of the whole one."""
        known: Mapping[str, frozenset[str]] = {}
        if which is not Which.ALL:
            known = self._store.parcels.sent() if which is Which.NEW else self._store.parcels.confirmed()
        lessened = self._store.outgoing.lessened()
        for record in self._store.outgoing.load(self._store.outgoing.ids(day=day)):
            before = known.get(record.id, frozenset())
            if record.digest not in before and not (before and record.id in lessened):
                yield record

    def _write_part(
        self, record_ids: Sequence[str], place: tuple[int, int], to: Sealing, out: Path, actor: str, *, is_whole: bool
    ) -> WrittenParcel:
        store = self._store
        stamp, last = stamp_of(store, self._station), store.parcels.last()
        records = list(store.outgoing.load(record_ids))
        pieces = [piece(stamp.key, TRAIL, self._trail(last.entry if last is not None else 0, stamp.trail.number))]
        if self._with_staff:
            pieces.append(piece(stamp.key, STAFF, self._staff()))
        for record in records:
            pieces += self._pieces(stamp.key, record)
        digests = {record.id: record.digest for record in records}
        parcel_id, school = secrets.token_hex(16), store.school.get()
        told = stamp.told() | {
            "id": parcel_id,
            "made_at": stamp.at.isoformat(),
            "part": place[0],
            "parts": place[1],
            "before": last.id if last is not None else "",
            "recipient": store.signing.recipient(),
            "school": {"name": school.name, "code": school.code},
            "formats": store.formats(),
            "program": version("exam-capture-kiosk"),
            "figures": self._figures(),
            "simulated": store.simulated,
            "whole": is_whole,
            "records": [[one, digest] for one, digest in digests.items()],
        }
        name = f"captures-{stamp.at.astimezone():%Y%m%d-%H%M%S}-{parcel_id[:8]}-{place[0]}{SUFFIX}"
        path = free_name(out, marked(name, simulated=store.simulated))
        manifest = write_parcel(path, to, stamp.key, Kind.CAPTURES, told, pieces)
        parcel = WrittenParcel(
            parcel_id,
            path.name,
            sha256_of(path),
            path.stat().st_size,
            stamp.trail.number,
            stamp.trail.seal,
            actor,
            stamp.at,
            len(records),
        )
        store.parcels.note(parcel, digests, manifest=manifest)
        store.written.note(_WRITTEN, path, {record.id_number for record in records}, by=actor)
        return parcel

    def _pieces(self, key: SigningKey, record: OutgoingRecord) -> Iterator[Piece]:
        yield piece(key, f"{record.id}/{RECORD}", record.told)
        for place, blob in enumerate(record.blobs):
            name = f"{record.id}/{place:03d}-{blob.kind}"
            yield Piece(name, blob.size, blob.digest, lambda blob=blob: self._store.outgoing.open(blob))  # type: ignore[misc]

    def _trail(self, after: int, last: int) -> bytes:
        lines = (json.dumps(one, sort_keys=True) + "\n" for one in self._store.audit.slice(after, last))
        return "".join(lines).encode()

    def _staff(self) -> bytes:
        return known_lines(staff_here(self._store)) if self._with_staff else b""

    def _figures(self) -> dict[str, int]:
        """How far the station is, for whoever watches over many."""
        store = self._store
        receipts = store.office_parcels.all(str(Kind.RECEIPT))
        return {
            "roster": store.roster.count(),
            "captured": store.captures.count(),
            "open": len(store.captures.unfinished_records()),
            "refused": len(store.refusals.all()),
            "disk_free_mb": shutil.disk_usage(store.folder).free // 1_000_000,
            **({HEARD: max(receipt.version for receipt in receipts)} if receipts else {}),
            **({"test_faults": len(test.failed) + len(test.missing)} if (test := store.device_tests.latest()) else {}),
        }

    def _place(self, out: Path | None) -> Path:
        """Simulated ones never lie beside real ones."""
        if out is None:
            return self._folder
        return out / MADE_UP if self._store.simulated else out


def _room_of(record: OutgoingRecord) -> int:
    """Bytes in the file, with what the head says of each part."""
    sizes = [len(record.told), *(blob.size for blob in record.blobs)]
    return sum(room_of(size) + _LISTED for size in sizes)


_LISTED: Final = 180  # a line of the head


def bytes_of(text: str) -> int:
    """`4GB`, `700 MB`, a number of bytes; raises ExchangeError("parcel.size_unreadable")."""
    units: dict[str, Any] = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "K": 10**3, "M": 10**6, "G": 10**9}
    number = text.strip().upper().replace(" ", "")
    digits = number.rstrip("BKMG")
    unit = number[len(digits) :].removesuffix("B") if number != "B" else number
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15 or unit not in units:
        raise ExchangeError("parcel.size_unreadable", text=text[:40])
    return int(digits) * int(units[unit])
