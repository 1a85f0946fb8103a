"""回执包 for what an office took: all that it has of each station, and what was decided there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing, is_recipient
from kiosk.exchange.file_names import free_name
from kiosk.exchange.parcel import SUFFIX
from kiosk.exchange.receipt_parcel import Alike, Pairs, ReceiptHead, ReceiptParcel, write_receipt
from kiosk.office.known_people import others_of
from kiosk.records import SeenStation
from kiosk.store import Store
from kiosk.words import say

PREFIX: Final = "receipt-"


@dataclass(frozen=True)
class Answer:
    """A receipt that was written."""

    station: SeenStation
    path: Path
    records: int


def write_answers(
    store: Store,
    key: OfficeKey,
    out: Path,
    *,
    may_delete: bool,
    language: str,
    with_templates: bool = False,
    of: Callable[[SeenStation], bool] = lambda _: True,
) -> list[Answer]:
    """One for each station that sent something; `with_templates`: of whom the other stations of its school captured. Raises
    ExchangeError."""
    issued = store.audit.now()
    out.mkdir(parents=True, exist_ok=True)
    done = []
    for station in store.inbox.stations():
        if of(station) and is_recipient(station.recipient):
            parcel = answer_to(store, station, issued, may_delete=may_delete, language=language)
            path = free_name(out, f"{PREFIX}{issued.astimezone():%Y%m%d-%H%M%S}-{station.store[:8]}{SUFFIX}")
            seal_answer(store, parcel, path, station, key, with_templates=with_templates)
            done.append(Answer(station, path, len(parcel.received)))
    return done


def answer_to(
    store: Store, station: SeenStation, issued: datetime, *, may_delete: bool = False, language: str
) -> ReceiptParcel:
    """All that the office has of a station, and what was decided there; but for templates."""
    received = store.inbox.received(station.store)
    head = ReceiptHead(station.store, issued, may_delete, tuple(store.inbox.parcels_of(station.store)))
    own = store.inbox.own_ids(station.store)
    decisions = _decisions(store, own, {record for record, _ in received}, language)
    return ReceiptParcel(head, tuple(received), (), decisions, _alike(store, station, own))


def seal_answer(
    store: Store, parcel: ReceiptParcel, path: Path, station: SeenStation, key: OfficeKey, *, with_templates: bool
) -> str:
    """Write it for the station, with the templates where they are wanted, and for the office itself; the digest of its head.
    Raises ExchangeError."""
    to = Sealing(recipients=tuple(filter(None, (station.recipient, key.recipient))))
    others = others_of(store, station) if with_templates else ()
    return write_receipt(path, to, key, replace(parcel, others=others))


def _alike(store: Store, station: SeenStation, own: Mapping[str, str]) -> tuple[Alike, ...]:
    """Who of the station's school, or of those it captured, were declared to look alike: it suspects nobody else of being one
    of them."""
    found = []
    for one in store.lookalikes.declarations():
        records, schools = store.captures.counting(of=one.id_numbers), store.roster.on_it(one.id_numbers)
        members = [
            number
            for number in one.id_numbers
            if records.get(number) in own
            or (station.school_code and number in schools and schools[number].school_code == station.school_code)
        ]
        if len(members) > 1:
            found.append(Alike(tuple(members), one.reason[:500]))
    return tuple(found)


def _decisions(store: Store, own: Mapping[str, str], known: Collection[str], language: str) -> Pairs:
    """What was decided about a station's records (`own`), by their ids there (`known`)."""
    said: dict[str, str] = {}
    for conflict in reversed(store.conflicts.all()):
        for record in filter(None, (conflict.first, conflict.second)):
            if conflict.reason and record in own:
                code = "district.decision_for" if conflict.chosen == record else "district.decision"
                said[own[record]] = say(language, code, reason=conflict.reason)[:500]
    for suspicion in reversed(store.suspects.all()):
        for record in () if suspicion.is_open else (suspicion.first, suspicion.second):
            if record in own:
                said[own[record]] = say(language, f"district.suspect.{suspicion.state}", reason=suspicion.reason)[:500]
    return tuple((record, text) for record, text in said.items() if record in known)
