"""回执包: what an office has of a station, by record and digest, what it decided, and whether the station may delete it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError
from kiosk.exchange.known_people import known_in
from kiosk.exchange.parcel import HEAD, Head, Kind, Parcel, piece, write_parcel
from kiosk.records import KnownElsewhere, known_lines

_RECEIVED, _AGAIN, _DECISIONS, _ALIKE = "received.jsonl", "again.jsonl", "decisions.jsonl", "alike.jsonl"
_KNOWN: Final = "others.jsonl"
_LONGEST: Final = 500
_LONGEST_NAME: Final = 32  # of a record, an ID number
_FEWEST_ALIKE: Final = 2
_T = TypeVar("_T")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReceiptHead:
    """Which store it is for, when it was issued, and whether what it confirms may be deleted there."""

    store: str
    issued_at: datetime
    may_delete: bool
    parcels: tuple[str, ...] = ()  # the ids of the 采集包 that it answers


@dataclass(frozen=True)
class Alike:
    """Students, by ID number, who were declared to look alike, and why."""

    id_numbers: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ReceiptParcel:
    """A 回执包: records with the digests that arrived, records to be captured again with the reason, and what was decided.
    `alike`: all declarations that stand and concern the station; `others`: all whom other stations of its school captured, by
    their templates. None where the office says nothing of them."""

    head: ReceiptHead
    received: Pairs
    again: Pairs = ()
    decisions: Pairs = ()
    alike: tuple[Alike, ...] | None = None
    others: tuple[KnownElsewhere, ...] | None = None


def write_receipt(target: Path, to: Sealing, office: OfficeKey, parcel: ReceiptParcel) -> str:
    """Write and sign it; the digest of its head. Raises ExchangeError as `write_parcel` does."""
    key, head = office.signing, parcel.head
    told = {
        "id": secrets.token_hex(16),
        "office_key": key.public.hex(),
        "store": head.store,
        "issued_at": head.issued_at.isoformat(),
        "may_delete": head.may_delete,
        "parcels": list(head.parcels),
    }
    files = {_RECEIVED: parcel.received, _AGAIN: parcel.again, _DECISIONS: parcel.decisions}
    pieces = [piece(key, name, _lines(pairs)) for name, pairs in files.items()]
    if parcel.alike is not None:
        pieces.append(piece(key, _ALIKE, _lines([(one.reason, *one.id_numbers) for one in parcel.alike])))
    if parcel.others is not None:
        pieces.append(piece(key, _KNOWN, known_lines(parcel.others)))
    return write_parcel(target, to, key, Kind.RECEIPT, told, pieces)


def receipt_head(head: Head) -> ReceiptHead:
    """Raises ExchangeError("parcel.unreadable"), ("parcel.other_kind")."""
    if head.kind is not Kind.RECEIPT:
        raise ExchangeError("parcel.other_kind", kind=str(head.kind))
    told: Mapping[str, Any] = head.told
    try:
        issued = datetime.fromisoformat(told["issued_at"])
        if issued.tzinfo is None or not isinstance(told["may_delete"], bool):
            raise ValueError("no receipt")
        return ReceiptHead(str(told["store"]), issued, told["may_delete"], tuple(map(str, told["parcels"])))
    except (KeyError, TypeError, ValueError):
        raise ExchangeError("parcel.unreadable", at=HEAD) from None


def read_receipt(parcel: Parcel) -> ReceiptParcel:
    """All of it; raises ExchangeError as reading a parcel does."""
    head = receipt_head(parcel.head)
    files = {entry.name: content for entry, content in parcel.pieces}
    received, again, decisions = (_read(files.get(name), name, parcel, _pair) for name in (_RECEIVED, _AGAIN, _DECISIONS))
    alike = _read(files[_ALIKE], _ALIKE, parcel, _alike) if _ALIKE in files else None
    others = known_in(files[_KNOWN], parcel, _KNOWN) if _KNOWN in files else None
    return ReceiptParcel(head, received, again, decisions, alike, others)


def _lines(lines: Sequence[tuple[str, ...]]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _read(content: bytes | None, name: str, parcel: Parcel, load: Callable[[Any], _T]) -> tuple[_T, ...]:
    """The lines of a file; raises ExchangeError naming the one that is none."""
    found: list[_T] = []
    try:
        if content is None:
            raise ValueError(name)
        found.extend(load(json.loads(line)) for line in content.decode().splitlines())
    except (ValueError, TypeError, RecursionError):
        raise ExchangeError("parcel.damaged", file=parcel.name, at=f"{name}:{len(found) + 1}") from None
    return tuple(found)


def _pair(told: Any) -> tuple[str, str]:
    record, said = told
    if not (_is_name(record) and _is_said(said)):
        raise ValueError(record)
    return record, said


def _alike(told: Any) -> Alike:
    reason, *numbers = told
    if not (_is_said(reason) and len(set(numbers)) >= _FEWEST_ALIKE and all(map(_is_name, numbers))):
        raise ValueError(reason)
    return Alike(tuple(numbers), reason)


def _is_name(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _LONGEST_NAME


def _is_said(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= _LONGEST
