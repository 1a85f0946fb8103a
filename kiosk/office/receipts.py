"""回执包 at a station: what the office has of it, told before it is taken; what it wants captured again; what may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.ciphers.age import Opening
from kiosk.ciphers.certificates import fingerprint
from kiosk.clock import moment
from kiosk.errors import ExchangeError
from kiosk.exchange.file_names import plain
from kiosk.exchange.parcel import Head, Kind, reading
from kiosk.exchange.receipt_parcel import Alike, ReceiptParcel, read_receipt, receipt_head
from kiosk.office.plan_words import PlanWords
from kiosk.records import KnownElsewhere, OfficeWord, Part, TakenParcel
from kiosk.store import Store
from kiosk.store.confirming import OFFICE
from kiosk.store.elsewhere_rows import STUDENTS
from kiosk.store.offices import believed
from kiosk.words import say

_KIND: Final = str(Kind.RECEIPT)
_MOST_TOLD: Final = 10
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_TEMPLATES: Final = frozenset({Part.TEMPLATES, Part.IDENTITY})


@dataclass(frozen=True)
class ReceiptPlan:
    """What a receipt says. `current` of its records are here as they arrived, `stale` have changed since, `unknown` are not
    here. `again` and `decisions` name the student, and say what."""

    parcel: ReceiptParcel
    head: Head
    current: int
    stale: int
    unknown: int
    again: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, str], ...]


class Receipts:
    """Raises ExchangeError ("parcel.…", "package.…"), StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def kind_of(self, path: Path, *, password: str = "") -> Kind:
        """What a file is that the office sent."""
        with reading(path, self._opening(password)) as found:
            return found.head.kind

    def plan(self, path: Path, *, password: str = "") -> ReceiptPlan:
        """What one says; nothing changes. Refused are another signer's, another station's, what was taken already, and what is
        damaged."""
        with reading(path, self._opening(password)) as found:
            told = receipt_head(found.head)
            believed(self._store, found.head.signer, "")
            parcel = read_receipt(found)
        if told.store != self._store.id():
            raise ExchangeError("parcel.other_station")
        if self._store.office_parcels.find(found.head.digest) is not None:
            raise ExchangeError("parcel.receipt_already", issued=moment(told.issued_at))
        here = self._store.confirming.known([record for record, _ in parcel.received])
        mine = [(record, digest) for record, digest in parcel.received if record in here]
        now = {one.id: one.digest for one in self._store.outgoing.load([record for record, _ in mine])}
        lessened = self._store.outgoing.lessened()
        current = sum(now.get(record) == digest or record in lessened for record, digest in mine)
        return ReceiptPlan(
            parcel,
            found.head,
            current,
            len(mine) - current,
            len(parcel.received) - len(mine),
            self._named(parcel.again),
            self._named(parcel.decisions),
        )

    def take(self, path: Path, *, password: str = "", by: str) -> ReceiptPlan:
        """Take one; what it said. Raises as `plan` does."""
        plan, at = self.plan(path, password=password), self._store.audit.now()
        taken = TakenParcel(_KIND, _issued(plan.parcel), plan.head.signer, plan.head.digest, plan.head.content, by, at)
        told = {"again": plan.parcel.again, "decisions": plan.parcel.decisions}
        self._declare(plan.parcel.alike)  # first: it may be done twice, and a receipt is taken once
        self._know(plan.parcel)
        self._store.confirming.take(taken, plan.parcel.received, may_delete=plan.parcel.head.may_delete, **told)
        return plan

    def _declare(self, alike: Sequence[Alike] | None) -> None:
        """What the office declares of students who look alike, and no longer declares; not what was declared here."""
        if alike is None:
            return
        lookalikes, listed = self._store.lookalikes, {frozenset(one.id_numbers) for one in alike}
        for known in lookalikes.declarations():
            if known.by == OFFICE.name and frozenset(known.id_numbers) not in listed:
                lookalikes.withdraw(known.number, reason=known.reason, by=OFFICE.name)
        for one in alike:
            lookalikes.declare(one.id_numbers, reason=one.reason, by=OFFICE.name)

    def _know(self, parcel: ReceiptParcel) -> None:
        """Whom the school's other stations captured, unless a later receipt has said so already: they come in any order."""
        if parcel.others is None or any(one.version > _issued(parcel) for one in self.taken()):
            return
        store = self._store
        erased, consents = store.retention.erased_since(_EVER), store.consents.newest()

        def may_be_known(one: KnownElsewhere) -> bool:
            """Nobody comes back who was deleted here, or whose consent was not given here or was taken back."""
            said = consents.get(one.id_number)
            gone = erased.get(store.audit.pseudonym(one.id_number), frozenset())
            return gone.isdisjoint(_TEMPLATES) and (said is None or said.agreed)

        store.elsewhere.take(STUDENTS, [one for one in parcel.others if may_be_known(one)], parcel.head.issued_at)

    def taken(self) -> Sequence[TakenParcel]:
        """The newest first."""
        return self._store.office_parcels.all(_KIND)

    def words(self) -> Sequence[tuple[str, OfficeWord]]:
        """What the office said of records, each with the student's name, the newest first."""
        said = self._store.confirming.words()
        names = self._names([one.record_id for one in said])
        return [(names.get(one.record_id, ""), one) for one in said]

    def _opening(self, password: str) -> Opening:
        return Opening(passphrase=password) if password else self._store.signing.opening()

    def _named(self, said: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        names = self._names([record for record, _ in said])
        return tuple((names.get(record, record[:8]), text) for record, text in said)

    def _names(self, record_ids: Sequence[str]) -> dict[str, str]:
        return {one.id: one.student.name for one in self._store.captures.without_steps(list(dict.fromkeys(record_ids)))}


def _issued(parcel: ReceiptParcel) -> int:
    return int(parcel.head.issued_at.timestamp())


def receipt_in_words(language: str, plan: ReceiptPlan) -> PlanWords:
    """When it was issued, how many records arrived, what is wanted again, and whether they may be deleted."""
    head = plan.parcel.head
    told = {"issued": moment(head.issued_at), "fingerprint": fingerprint(plan.head.signer)}
    counts = {"current": plan.current, "stale": plan.stale}
    lines = [say(language, "plan.receipt.issued", **told), say(language, "plan.receipt.received", **counts)]
    lines.append(say(language, "plan.receipt.may_delete" if head.may_delete else "plan.receipt.keep"))
    if plan.parcel.alike:
        lines.append(say(language, "plan.receipt.alike", count=len(plan.parcel.alike)))
    if plan.parcel.others:
        lines.append(say(language, "plan.receipt.others", count=len(plan.parcel.others)))
    for code, said in (("again", plan.again), ("decision", plan.decisions)):
        for name, text in said[:_MOST_TOLD]:
            lines.append(say(language, f"plan.receipt.{code}", name=plain(name), text=plain(text)))
        if (more := len(said) - _MOST_TOLD) > 0:
            lines.append(say(language, "plan.receipt.more", count=more))
    unknown = (say(language, "plan.receipt.unknown", count=plan.unknown),) if plan.unknown else ()
    return PlanWords(tuple(lines), unknown)
