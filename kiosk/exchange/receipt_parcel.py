"""回执包: what an office has of a station, by record and digest, what it decided, and whether the station may delete it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError
from kiosk.exchange.parcel import HEAD, Head, Kind, Parcel, piece, write_parcel

_RECEIVED, _AGAIN, _DECISIONS = "received.jsonl", "again.jsonl", "decisions.jsonl"
_LONGEST: Final = 500
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReceiptHead:
    """Which store it is for, when it was issued, and whether what it confirms may be deleted there."""

    store: str
    issued_at: datetime
    may_delete: bool
    parcels: tuple[str, ...] = ()  # the ids of the 采集包 that it answers


@dataclass(frozen=True)
class ReceiptParcel:
    """A 回执包: records with the digests that arrived, records to be captured again with the reason, and what was decided."""

    head: ReceiptHead
    received: Pairs
    again: Pairs = ()
    decisions: Pairs = ()


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
    return ReceiptParcel(head, *(_pairs(files.get(name), name, parcel) for name in (_RECEIVED, _AGAIN, _DECISIONS)))


def _lines(pairs: Sequence[tuple[str, str]]) -> bytes:
    return "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs).encode()


def _pairs(content: bytes | None, name: str, parcel: Parcel) -> Pairs:
    found: list[tuple[str, str]] = []
    try:
        if content is None:
            raise ValueError(name)
        for line in content.decode().splitlines():
            record, said = json.loads(line)
            if not (isinstance(record, str) and isinstance(said, str) and len(record) <= 32 and 0 < len(said) <= _LONGEST):
                raise ValueError(line)
            found.append((record, said))
    except (ValueError, TypeError, RecursionError):
        raise ExchangeError("parcel.damaged", file=parcel.name, at=f"{name}:{len(found) + 1}") from None
    return tuple(found)
