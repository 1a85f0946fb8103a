"""Who did what, when: an append-only trail in which every entry seals all that came before it.

The seal is an HMAC of the store's suite under a key derived from the station's, over the entry and the seal before it: an
entry that was changed, put in or taken out breaks the chain, and nobody without the key can mend it. When the machine's clock
jumps, the trail says so before it goes on.

Entries name people by their records' ids or pseudonyms. What somebody wrote in words of their own (a reason, a note) may name
anybody: it lies beside the trail, and the entry seals its salted digest. So it can be deleted with a student's data, and the
trail stays as verifiable as it was; a text that was changed is found as any change is.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, or_, select

from kiosk.ciphers import INTERNATIONAL, SUITES, Suite
from kiosk.clock import steady_s as machine_steady_s
from kiosk.errors import StoreError
from kiosk.records import AuditEntry
from kiosk.store import codec, tables
from kiosk.store.database import Database

CLOCK_JUMP: Final = "clock.jump"
SLACK: Final = timedelta(minutes=2)  # what a clock is put right by without anybody noticing
_LONG_AWAY: Final = timedelta(days=200)  # between two terms; a station that was off for longer is asked about its clock
_START: Final = "0" * 64
_PSEUDONYM_DIGITS: Final = 24
_SPENT_DIGITS: Final = 17
_IN_OWN_WORDS: Final = frozenset({"reason", "note"})
_DIGEST: Final = "digest"
_BATCH: Final = 400


@dataclass(frozen=True)
class SealedEntry:
    """Where a trail stood: the seal stands for all entries up to this one."""

    number: int
    seal: str
    at: datetime


class Audit:
    """The trail of one store."""

    def __init__(
        self,
        database: Database,
        key: bytes,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady_s: Callable[[], float] = machine_steady_s,
        suite: Suite = INTERNATIONAL,
    ) -> None:
        """Against `steady_s`, which nobody sets, the machine's clock is seen to jump."""
        self._database = database
        self._key = key
        self._suite = suite
        self._clock = clock
        self._steady_s = steady_s
        self._base: tuple[datetime, float, int] | None = None  # what both clocks said together, and the last entry then

    def append(self, connection: Connection, action: str, *, actor: str = "", subject: str = "", **detail: object) -> None:
        """Add an entry within a write transaction: it stands exactly when the deed does."""
        now = self._clock().astimezone(UTC)
        self._note_jump(connection, now)
        self._write(connection, now, action, actor, subject, detail)

    def now(self) -> datetime:
        """The machine's time."""
        return self._clock()

    def jumped(self) -> bool:
        """Whether the machine's clock has jumped since the last look at it, or nobody has looked yet."""
        now = self._clock()
        return self._base is None or abs(now - self._should_be(self._base)) > SLACK

    def note_jump(self) -> None:
        """Enter a jump of the clock that was not yet entered."""
        with self._database.write() as connection:
            self._note_jump(connection, self._clock().astimezone(UTC))

    def _note_jump(self, connection: Connection, now: datetime) -> None:
        """A base is left only when the trail has the jump: a transaction that is undone takes its entry with it."""
        last = connection.execute(
            select(tables.audit.c.number, tables.audit.c.at).order_by(tables.audit.c.number.desc()).limit(1)
        ).one_or_none()
        if self._base is not None:
            should = self._should_be(self._base)
            if abs(now - should) <= SLACK:
                return
            jumps = select(tables.audit.c.number).where(tables.audit.c.action == CLOCK_JUMP)
            entered = connection.scalar(jumps.where(tables.audit.c.number > self._base[2]).limit(1)) is not None
        else:
            should = now if last is None else datetime.fromisoformat(last.at)
            entered = should - SLACK <= now <= should + _LONG_AWAY
        if entered:
            self._base = now, self._steady_s(), 0 if last is None else last.number
        else:
            self._write(connection, now, CLOCK_JUMP, "", "", {"should_be": should.isoformat()})

    def _should_be(self, base: tuple[datetime, float, int]) -> datetime:
        return base[0] + timedelta(seconds=self._steady_s() - base[1])

    def _write(
        self, connection: Connection, now: datetime, action: str, actor: str, subject: str, detail: Mapping[str, object]
    ) -> None:
        last = connection.execute(
            select(tables.audit.c.number, tables.audit.c.seal).order_by(tables.audit.c.number.desc()).limit(1)
        ).one_or_none()
        number = 1 if last is None else last.number + 1
        texts: list[dict[str, Any]] = [
            {"number": number, "name": name, "salt": secrets.token_hex(16), "text": str(text)}
            for name, text in detail.items()
            if name in _IN_OWN_WORDS and text
        ]
        detail = {**detail, **{text["name"]: {_DIGEST: self._suite.digest(_salted(text))} for text in texts}}
        entry: dict[str, Any] = {
            "number": number,
            "at": now.isoformat(),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": codec.dump(detail),
        }
        seal = self._seal(_START if last is None else last.seal, entry)
        connection.execute(insert(tables.audit).values(**entry, seal=seal))
        if texts:
            connection.execute(insert(tables.audit_texts), texts)

    def record(self, action: str, *, actor: str = "", subject: str = "", **detail: object) -> None:
        """Add an entry on its own: for looks at data, exports and log-ins, which change nothing in the store."""
        with self._database.write() as connection:
            self.append(connection, action, actor=actor, subject=subject, **detail)

    def entries(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        about: Collection[str] | None = None,
        action: str = "",
    ) -> Iterator[AuditEntry]:
        """Oldest first; from a moment on, before another, of these subjects only, of one action."""
        query = select(tables.audit).order_by(tables.audit.c.number)
        if about is not None:
            query = query.where(tables.audit.c.subject.in_(about))
        if since is not None:
            query = query.where(tables.audit.c.at >= since.astimezone(UTC).isoformat())
        if until is not None:
            query = query.where(tables.audit.c.at < until.astimezone(UTC).isoformat())
        if action:
            query = query.where(tables.audit.c.action == action)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
            texts = _texts_of(connection, rows)
        for row in rows:
            yield _entry(row, texts)

    def latest(
        self, most: int | None, before: int | None = None, *, actor: str = "", action: str = "", day: str = ""
    ) -> list[AuditEntry]:
        """Up to `most`, the newest first; those before a number, of one actor, one action, one day of this machine's (ISO)."""
        columns, query = tables.audit.c, select(tables.audit).order_by(tables.audit.c.number.desc()).limit(most)
        if before is not None:
            query = query.where(columns.number < before)
        for column, wanted in ((columns.actor, actor), (columns.action, action)):
            if wanted:
                query = query.where(column == wanted)
        if day:
            begins = datetime.fromisoformat(day).astimezone()
            ends = begins + timedelta(days=1)
            query = query.where(columns.at >= begins.astimezone(UTC).isoformat(), columns.at < ends.astimezone(UTC).isoformat())
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
            texts = _texts_of(connection, rows)
        return [_entry(row, texts) for row in rows]

    def head(self) -> SealedEntry | None:
        """The last entry with its seal; None before the first."""
        return self._sealed(select(tables.audit).order_by(tables.audit.c.number.desc()).limit(1))

    def sealed_entry(self, number: int) -> SealedEntry | None:
        """An entry with its seal, as it stands there now."""
        return self._sealed(select(tables.audit).where(tables.audit.c.number == number))

    def slice(self, after: int, last: int) -> Iterator[Mapping[str, Any]]:
        """The entries behind one number up to another as they are sealed, each with its seal, and with the texts that lie
        beside it."""
        query = select(tables.audit).where(tables.audit.c.number > after, tables.audit.c.number <= last)
        near = _TEXTS.where(tables.audit_texts.c.number > after, tables.audit_texts.c.number <= last)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(tables.audit.c.number)).mappings().all()
            beside: dict[int, list[dict[str, str]]] = {}
            for one in connection.execute(near.order_by(tables.audit_texts.c.name)):
                beside.setdefault(one.number, []).append({"name": one.name, "salt": one.salt, "text": one.text})
        for row in rows:
            yield {**row, "texts": beside.get(row["number"], [])}

    def _sealed(self, query: Select[Any]) -> SealedEntry | None:
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else SealedEntry(row["number"], row["seal"], datetime.fromisoformat(row["at"]))

    def count(self, connection: Connection, action: str) -> int:
        """How often something was done."""
        query = select(func.count()).select_from(tables.audit).where(tables.audit.c.action == action)
        return connection.scalar(query) or 0

    def known(self) -> tuple[list[str], list[str]]:
        """Who ever did something, and what was ever done."""
        with self._database.read() as connection:
            actors, actions = (
                list(connection.scalars(select(column).distinct().order_by(column)))
                for column in (tables.audit.c.actor, tables.audit.c.action)
            )
        return [actor for actor in actors if actor], actions

    def pseudonym(self, id_number: str) -> str:
        """Names a student in the trail who has no record yet. Nobody without the store's key gets from it to the number."""
        return f"student-{self._suite.mac(self._key, id_number.encode())[:_PSEUDONYM_DIGITS]}"

    def spent(self, number: str) -> str:
        """Stands for a number that must never be given again, and that nobody can read any more; 18 characters."""
        return f"#{self._suite.mac(self._key, f'spent {number}'.encode())[:_SPENT_DIGITS]}"

    def first_broken(self, progress: Callable[[int, int], None] = lambda *_: None) -> int | None:
        """The number of the first entry that is not as it was written, or None when the trail is whole. `progress` is told now
        and then how many of how many entries were looked at."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.audit).order_by(tables.audit.c.number)).mappings().all()
            texts = {
                (one["number"], one["name"]): self._suite.digest(_salted(one)) for one in connection.execute(_TEXTS).mappings()
            }
        seal = _START
        for expected, row in enumerate(rows, start=1):
            if expected % _BATCH == 0:
                progress(expected, len(rows))
            seal = self._seal(seal, row)
            if row["number"] != expected or not hmac.compare_digest(seal, row["seal"]):
                return expected
            sealed = _digests(json.loads(row["detail"]))
            if any(texts.get((expected, name), digest) != digest for name, digest in sealed.items()):
                return expected
        return None

    def forget_texts(self, connection: Connection, subjects: Sequence[str]) -> None:
        """Delete, within a write transaction, what people wrote in entries about these records or pseudonyms. The entries
        themselves stay. Earlier programs sealed such texts with the entry: those can't go."""
        about = tables.audit.c.subject
        for start in range(0, len(subjects), _BATCH):
            batch = subjects[start : start + _BATCH]
            several = about.contains(SEVERAL) & or_(*(about.contains(one) for one in batch))
            entries = select(tables.audit.c.number).where(or_(about.in_(batch), several))
            connection.execute(delete(tables.audit_texts).where(tables.audit_texts.c.number.in_(entries)))

    def _seal(self, before: str, entry: Mapping[str, Any] | RowMapping) -> str:
        told = [before, *(str(entry[name]) for name in ("number", "at", "actor", "action", "subject", "detail"))]
        return self._suite.mac(self._key, codec.dump(told).encode())


SEVERAL: Final = "、"  # between the subjects of an entry about more than one
_TEXTS: Final = select(tables.audit_texts)


def _texts_of(connection: Connection, rows: Sequence[RowMapping]) -> Mapping[tuple[int, str], str]:
    """What people wrote in these entries, as far as it is still there."""
    if not rows:
        return {}
    numbers = [row["number"] for row in rows]
    near = tables.audit_texts.c.number.between(min(numbers), max(numbers))
    return {(one.number, one.name): one.text for one in connection.execute(_TEXTS.where(near))}


def _entry(row: RowMapping, texts: Mapping[tuple[int, str], str]) -> AuditEntry:
    values = {name: row[name] for name in ("number", "actor", "action", "subject")}
    detail = json.loads(row["detail"])
    written = {name: texts.get((row["number"], name), "") for name in _digests(detail)}
    return AuditEntry(**values, at=datetime.fromisoformat(row["at"]), detail=detail | written)


def _digests(detail: Mapping[str, Any]) -> dict[str, str]:
    """The digests of what lies beside an entry. Earlier programs had the texts themselves in it."""
    return {name: value[_DIGEST] for name, value in detail.items() if name in _IN_OWN_WORDS and isinstance(value, dict)}


def _salted(text: Mapping[str, Any] | RowMapping) -> bytes:
    return f"{text['salt']}{text['text']}".encode()


def suite_of(database: Database, key: bytes) -> Suite | None:
    """The suite that a trail was begun with, the store's key being this one; None where no suite fits, or there is no trail."""
    with database.read() as connection:
        first = connection.execute(select(tables.audit).where(tables.audit.c.number == 1)).mappings().one_or_none()
    if first is None:
        return None
    for suite in SUITES.values():
        if hmac.compare_digest(of_store(database, key, suite)._seal(_START, first), first["seal"]):
            return suite
    return None


def of_store(database: Database, key: bytes, suite: Suite, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Audit:
    """The trail of a store by the store's key."""
    return Audit(database, suite.derive(key, "audit"), clock, suite=suite)


def require_reason(reason: str) -> None:
    """Raises StoreError where a person's decision comes without one."""
    if not reason.strip():
        raise StoreError("store.reason_missing")
