"""What is in a 数据包, who signed it, whether it is whole and, where not, at which place it is damaged: in words.

It needs no store: an office looks with its own key alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.ciphers.age import Opening
from kiosk.ciphers.certificates import Certificate, Revocations, fingerprint
from kiosk.clock import moment
from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange.attendance_parcel import attendance_head
from kiosk.exchange.captures_parcel import CapturesHead, captures_head, received
from kiosk.exchange.exam_parcel import exam_head
from kiosk.exchange.file_names import plain
from kiosk.exchange.parcel import Head, Kind, Parcel, reading, sha256_of
from kiosk.exchange.receipt_parcel import receipt_head
from kiosk.exchange.school_parcel import school_head
from kiosk.office.certificates import standing
from kiosk.office.verifying import Line, Tone, Verdict
from kiosk.records import Message
from kiosk.store import Standing, Store
from kiosk.store.offices import known_offices
from kiosk.store.signing import worth_of


@dataclass(frozen=True)
class Belief:
    """What whoever looks knows: the offices that are believed, and their list of revoked certificates."""

    offices: frozenset[bytes] = frozenset()
    revocations: Revocations | None = None


def look(path: Path, by: Opening, belief: Belief, name: str = "", progress: Callable[[int], None] = lambda _: None) -> Verdict:
    """Raises ExchangeError where it can't be looked at: it is none, or it is sealed to others."""
    name = name or path.name
    lines: list[Line] = []
    try:
        with reading(path, by, name) as parcel:
            lines += _about(parcel.head, belief)
            count = _through(parcel, progress)
            lines.append(Line(Tone.GOOD, Message("parcel.whole", {"count": count})))
    except ExchangeError as error:
        if error.code.startswith("package."):
            raise
        lines.insert(0, Line(Tone.BAD, error.message))
    except OSError as error:  # the stick was pulled
        lines.insert(
            0, Line(Tone.BAD, Message("parcel.unreadable_file", {"file": name, "reason": error.strerror or str(error)}))
        )
    return Verdict(name, tuple(lines))


def look_here(store: Store, path: Path, name: str = "") -> Verdict:
    """The same at a station: what the office sent it, and its own 采集包, which only the office opens: whether they are
    still as they were written. Raises ExchangeError."""
    name = name or path.name
    own = store.parcels.known(sha256_of(path))
    if own is not None:
        told = {"file": name, "at": moment(own.at), "records": own.records, "by": plain(own.by)}
        return Verdict(name, (Line(Tone.GOOD, Message("parcel.own", told)),))
    believed = known_offices(store) | {store.signing.key().public}  # what this station signed itself
    return look(path, store.signing.opening(), Belief(believed), name)


def _through(parcel: Parcel, progress: Callable[[int], None]) -> int:
    """Read all of it; how many parts there were."""
    inside = received(parcel) if parcel.head.kind is Kind.CAPTURES else parcel.pieces
    for done, _ in enumerate(inside, start=1):
        progress(done)
    return len(parcel.head.entries)


def _about(head: Head, belief: Belief) -> Iterator[Line]:
    if head.kind is Kind.SCHOOL:
        yield from _about_school(head, belief)
        return
    if head.kind is Kind.RECEIPT:
        answer = receipt_head(head)
        yield _office(head, belief)
        about = {"at": moment(answer.issued_at), "store": plain(answer.store[:8]), "parcels": len(answer.parcels)}
        yield Line(Tone.GOOD, Message("parcel.receipt_may_delete" if answer.may_delete else "parcel.receipt", about))
        return
    if head.kind is Kind.EXAM:
        day = exam_head(head)
        yield _office(head, belief)
        about = {"title": plain(day.title), "site": plain(day.site) or "—", "until": moment(day.expires_at)}
        yield Line(Tone.GOOD, Message("parcel.exam", about | {"sessions": len(day.sessions)}))
        return
    if head.kind is Kind.ATTENDANCE:
        came = attendance_head(head)
        yield _office(head, belief)
        yield Line(Tone.GOOD, Message("parcel.attendance", {"station": plain(came.station), "at": moment(came.made_at)}))
        return
    told = captures_head(head)
    yield _whose(head, told, belief)
    school = plain(told.school) or plain(told.school_code) or "—"
    about = {"school": school, "station": plain(told.station), "at": moment(told.made_at), "id": plain(told.id[:8])}
    counts = {"part": told.part, "parts": told.parts, "records": len(told.records)}
    yield Line(Tone.GOOD, Message("parcel.captures", about | counts))
    if told.before:
        yield Line(Tone.GOOD, Message("parcel.follows", {"before": plain(told.before[:8])}))
    yield Line(Tone.GOOD, Message("parcel.trail", {"number": told.entry, "seal": plain(told.seal[:16])}))
    if told.simulated:
        yield Line(Tone.DOUBT, Message("parcel.simulated"))


def _about_school(head: Head, belief: Belief) -> Iterator[Line]:
    told = school_head(head)
    yield _office(head, belief)
    school = " ".join(filter(None, map(plain, told.school)))
    about = {"version": told.version, "school": school, "at": moment(told.issued_at), "windows": len(told.windows)}
    yield Line(Tone.GOOD, Message("parcel.school", about | {"deadline": moment(told.deadline) or "—"}))


def _office(head: Head, belief: Belief) -> Line:
    told = {"fingerprint": fingerprint(head.signer)}
    if head.signer in belief.offices:
        return Line(Tone.GOOD, Message("parcel.of_office", told))
    return Line(Tone.DOUBT, Message("parcel.of_unknown_office", told))


def _whose(head: Head, told: CapturesHead, belief: Belief) -> Line:
    """Which station signed it, and whose word there is on that."""
    if not told.certificate:
        station = {"station": plain(told.station) or "—", "fingerprint": fingerprint(head.signer)}
        return Line(Tone.DOUBT, Message("verify.uncertified", station))
    try:
        certificate = Certificate.read(told.certificate.encode())
    except StoreError as error:
        return Line(Tone.BAD, error.message)
    if certificate.public_key != head.signer:
        return Line(Tone.BAD, Message("verify.certificate_of_another"))
    worth = worth_of(certificate, told.made_at, belief.offices, belief.revocations)
    tone = {Standing.VALID: Tone.GOOD, Standing.UNKNOWN_OFFICE: Tone.DOUBT}.get(worth.standing, Tone.BAD)
    return Line(tone, standing(certificate, worth))
