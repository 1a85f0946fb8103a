"""同意: on what basis a student is captured, entered beforehand; signed papers in the vault; notices by version.

Nothing is overwritten: what is entered last of a student counts, and what was before stays.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select

from kiosk.errors import StoreError
from kiosk.records import Basis, Biometric, BiometricKind, Consent, Notice, Person, StoredBiometric
from kiosk.store import codec, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.vault import Vault

_CONSENTS, _PAPERS, _NOTICES = tables.consents, tables.papers, tables.notices
_KIND: Final = BiometricKind.CONSENT_PAPER


class Consents:
    """What people said about being captured, beside what they said at the desk, which is in the record."""

    def __init__(self, database: Database, vault: Vault, audit: Audit) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit

    def enter(self, consents: Mapping[str, Consent], *, by: Person) -> None:
        """Enter what is known, by ID number; all or none.

        Raises StoreError where a guardian's consent lacks name, relation or telephone number: whoever agreed must be found.
        """
        at = self._audit.now()
        for consent in consents.values():
            if (
                consent.agreed
                and consent.basis is Basis.GUARDIAN
                and not all((consent.guardian, consent.relation, consent.phone))
            ):
                raise StoreError("store.guardian_lacks")
        with self._database.write() as connection:
            if consents:
                connection.execute(insert(_CONSENTS), [_values(number, one, by, at) for number, one in consents.items()])
            for number, one in consents.items():
                self._audit.append(
                    connection,
                    "consent.enter",
                    actor=by.name,
                    subject=self._audit.pseudonym(number),
                    basis=one.basis,
                    agreed=one.agreed,
                    notice=one.notice,
                )

    def withdraw(self, id_number: str, *, reason: str, asked_by: Person, by: Person) -> None:
        """The consent is taken back. Raises StoreError without a reason, or when both people are one."""
        require_reason(reason)
        if asked_by.same_as(by):
            raise StoreError("retention.same_person", name=by.name)
        before = self.of(id_number)
        was = before[-1] if before else Consent(Basis.OWN, agreed=True)
        taken = Consent(was.basis, False, was.guardian, was.relation, was.phone, was.notice, reason)
        with self._database.write() as connection:
            connection.execute(insert(_CONSENTS).values(_values(id_number, taken, by, self._audit.now())))
            self._audit.append(
                connection,
                "consent.withdraw",
                actor=by.name,
                subject=self._audit.pseudonym(id_number),
                asked_by=asked_by.name,
                reason=reason,
            )

    def of(self, id_number: str) -> list[Consent]:
        """A student's, the oldest first."""
        query = select(_CONSENTS).where(_CONSENTS.c.id_number == id_number).order_by(_CONSENTS.c.number)
        with self._database.read() as connection:
            return [_load(row) for row in connection.execute(query)]

    def newest(self, of: Collection[str] | None = None) -> Mapping[str, Consent]:
        """What counts, by ID number: of these few students, or of all."""
        query = select(_CONSENTS).order_by(_CONSENTS.c.number)
        if of is not None:
            query = query.where(_CONSENTS.c.id_number.in_(of))
        with self._database.read() as connection:
            return {row.id_number: _load(row) for row in connection.execute(query)}

    def attach(self, id_numbers: Iterable[str], data: bytes, *, by: Person) -> None:
        """Keep a signed paper (JPEG or PDF) of each of these students."""
        at = self._audit.now()
        with self._database.write() as connection:
            for number in id_numbers:
                owner = secrets.token_hex(16)
                (stored,) = self._vault.put(connection, owner, [Biometric(_KIND, data)])
                values = {"owner": owner, "id_number": number, "blob_id": stored.blob_id, "size": stored.size}
                connection.execute(insert(_PAPERS).values(**values, digest=stored.digest, by=by.name, at=at))
                self._audit.append(connection, "consent.paper", actor=by.name, subject=self._audit.pseudonym(number))

    def papers(self) -> Mapping[str, int]:
        """How many papers there are, by ID number."""
        with self._database.read() as connection:
            return Counter(connection.scalars(select(_PAPERS.c.id_number)))

    def papers_of(self, id_number: str) -> list[tuple[str, datetime]]:
        """A student's papers by their owner ids, with when each was added, the oldest first."""
        query = select(_PAPERS.c.owner, _PAPERS.c.at).where(_PAPERS.c.id_number == id_number).order_by(_PAPERS.c.at)
        with self._database.read() as connection:
            return [(row.owner, row.at) for row in connection.execute(query)]

    def paper(self, owner: str) -> bytes | None:
        """One paper; None when there is none. Raises StoreError when it was tampered with."""
        with self._database.read() as connection:
            row = connection.execute(select(_PAPERS).where(_PAPERS.c.owner == owner)).one_or_none()
        if row is None:
            return None
        return self._vault.open(StoredBiometric(owner, _KIND, row.blob_id, row.size, row.digest))

    def keep_notice(self, notice: Notice) -> None:
        """Keep the text that is shown from now on; a version that is known stays as it is."""
        with self._database.write() as connection:
            known = connection.scalar(select(_NOTICES.c.version).where(_NOTICES.c.version == notice.version))
            if known is None:
                told = codec.dump(asdict(notice))
                connection.execute(insert(_NOTICES).values(version=notice.version, told=told, since=self._audit.now()))
                self._audit.append(connection, "consent.notice", notice=notice.version)

    def notices(self) -> Sequence[tuple[Notice, datetime]]:
        """Every text that was ever shown, the newest first, with since when."""
        with self._database.read() as connection:
            rows = connection.execute(select(_NOTICES).order_by(_NOTICES.c.since.desc())).all()
        return [(Notice(**json.loads(row.told)), row.since) for row in rows]


def _values(id_number: str, one: Consent, by: Person, at: datetime) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("basis", "agreed", "guardian", "relation", "phone", "notice", "reason")}
    return {"id_number": id_number, **told, "by": by.name, "account": by.account, "at": at}


def _load(row: Row[Any]) -> Consent:
    who = row.guardian, row.relation, row.phone
    return Consent(Basis(row.basis), row.agreed, *who, row.notice, row.reason, Person(row.by, row.account), row.at)
