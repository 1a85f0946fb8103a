"""佐证: cases with their students, documents in the vault, and every step of them. Nothing is overwritten."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, insert, select, update

from kiosk.errors import StoreError
from kiosk.records import (
    FOLLOWING,
    PENDING,
    Biometric,
    BiometricKind,
    Case,
    CaseAct,
    CaseKind,
    CasePaper,
    CaseState,
    CaseStudent,
    Person,
    SharedNumber,
    StoredBiometric,
    name_key,
)
from kiosk.store import case_papers, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.vault import Vault

_CASES, _STUDENTS, _ACTS, _PAPERS = tables.cases, tables.case_students, tables.case_acts, tables.case_papers
_KIND: Final = BiometricKind.CASE_PAPER


class Cases:
    """What the school has to prove, and what the exam office decided."""

    def __init__(self, database: Database, vault: Vault, audit: Audit) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit

    def open(self, kind: CaseKind, students: Sequence[CaseStudent], text: str, *, by: Person) -> int:
        """A new case; its number. Raises StoreError without a text, without students, and while another case of one of them
        and of this kind is under way."""
        require_reason(text)
        if not students:
            raise StoreError("store.case_nobody")
        if kind is CaseKind.DUPLICATE_NUMBER and len({one.name for one in students}) < 2:
            raise StoreError("store.case_two_people")
        with self._database.write() as connection:
            for one in students:
                if (other := _under_way(connection, kind, one)) is not None:
                    raise StoreError("store.case_under_way", name=one.name, number=other)
            values = {"kind": kind, "state": CaseState.OPEN, "text": text}
            number: int | None = connection.scalar(insert(_CASES).values(values).returning(_CASES.c.number))
            assert number is not None
            connection.execute(insert(_STUDENTS), [{"case": number, **_dump(one)} for one in students])
            self._act(connection, number, CaseState.OPEN, text, by)
        return number

    def move(self, number: int, state: CaseState, *, reason: str, by: Person, keeps: str = "") -> None:
        """The next step. Where a number of two people is accepted, `keeps` names who goes on with it.

        Raises StoreError without a reason, when the step doesn't follow, or when nobody of the case is called so.
        """
        require_reason(reason)
        with self._database.write() as connection:
            row = connection.execute(select(_CASES).where(_CASES.c.number == number)).one_or_none()
            if row is None:
                raise StoreError("store.nothing_there")
            if state not in FOLLOWING[CaseState(row.state)]:
                raise StoreError("store.case_step", number=number)
            of_case = _STUDENTS.c.case == number
            if state is CaseState.ACCEPTED and row.kind == CaseKind.DUPLICATE_NUMBER:
                if connection.scalar(select(_STUDENTS.c.name).where(of_case, _STUDENTS.c.name == keeps)) is None:
                    raise StoreError("store.case_keeper")
                connection.execute(update(_STUDENTS).where(of_case).values(keeps=False))
                values = {"keeps": True, "key": _STUDENTS.c.id_number}
                connection.execute(update(_STUDENTS).where(of_case, _STUDENTS.c.name == keeps).values(values))
            connection.execute(update(_CASES).where(_CASES.c.number == number).values(state=state))
            self._act(connection, number, state, reason, by)

    def attach(self, number: int, data: bytes, *, title: str, about: str = "", by: Person) -> str:
        """Keep a document (JPEG or PDF) of a case, sealed; what names it. Raises StoreError once the case is closed."""
        owner = secrets.token_hex(16)
        with self._database.write() as connection:
            state = connection.scalar(select(_CASES.c.state).where(_CASES.c.number == number))
            if state is None:
                raise StoreError("store.nothing_there")
            if state not in PENDING:
                raise StoreError("store.case_closed", number=number)
            (stored,) = self._vault.put(connection, owner, [Biometric(_KIND, data)])
            named = {"owner": owner, "case": number, "title": title, "about": about, "blob_id": stored.blob_id}
            told = {"size": stored.size, "digest": stored.digest, "by": by.name, "at": self._audit.now()}
            connection.execute(insert(_PAPERS).values(**named, **told))
            self._audit.append(connection, "case.paper", actor=by.name, subject=case_papers.subject(number), note=title)
        return owner

    def paper(self, owner: str) -> tuple[int, bytes] | None:
        """One document, with the case that it is of; None when there is none. Raises StoreError when it was tampered with."""
        with self._database.read() as connection:
            row = connection.execute(select(_PAPERS).where(_PAPERS.c.owner == owner)).one_or_none()
        if row is None:
            return None
        return row.case, self._vault.open(StoredBiometric(owner, _KIND, row.blob_id, row.size, row.digest))

    def note_look(self, number: int, *, by: str) -> None:
        """Somebody looked at a document of a case."""
        self._audit.record("case.look", actor=by, subject=case_papers.subject(number))

    def all(self) -> list[Case]:
        """Every case, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_CASES).order_by(_CASES.c.number.desc())).all()
            parts = [
                _by_case(connection.execute(select(table).order_by(*order)).all())
                for table, order in (
                    (_STUDENTS, (_STUDENTS.c.case, _STUDENTS.c.name)),
                    (_ACTS, (_ACTS.c.number,)),
                    (_PAPERS, (_PAPERS.c.at, _PAPERS.c.owner)),
                )
            ]
        return [_load(row, *(part[row.number] for part in parts)) for row in rows]

    def of(self, number: int) -> Case | None:
        """One of them."""
        return next((one for one in self.all() if one.number == number), None)

    def of_student(self, id_number: str) -> list[Case]:
        """Those about whoever the roster knows by this number, and those about this number as it was filed."""
        return [one for one in self.all() if any(id_number in (who.key, who.filed_number) for who in one.students)]

    def shared_numbers(self) -> list[SharedNumber]:
        """What was accepted of numbers that several people have; of one number the newest counts."""
        found: dict[str, SharedNumber] = {}
        for case in self.all():
            if case.kind is not CaseKind.DUPLICATE_NUMBER or case.state is not CaseState.ACCEPTED:
                continue
            keeper = next((one for one in case.students if one.keeps), None)
            if keeper is not None:
                others = tuple((one.name, one.key) for one in case.students if one is not keeper)
                found.setdefault(keeper.filed_number, SharedNumber(keeper.filed_number, keeper.name, others))
        return list(found.values())

    def pending(self, id_number: str) -> int | None:
        """The case under way that two people have this number: until it is decided neither is captured."""
        with self._database.read() as connection:
            about = _of_number(select(_CASES.c.number), id_number)
            shared = (_CASES.c.kind == CaseKind.DUPLICATE_NUMBER) & _CASES.c.state.in_(PENDING)
            found: int | None = connection.scalar(about.where(shared).limit(1))
        return found

    def key_of(self, id_number: str, name: str) -> str:
        """By what the roster knows whoever has this number and name on the card: another key than the number where it was
        accepted that somebody else goes on with it."""
        with self._database.read() as connection:
            query = _of_number(select(_CASES.c.number, _STUDENTS), id_number)
            decided = (_CASES.c.kind == CaseKind.DUPLICATE_NUMBER) & (_CASES.c.state == CaseState.ACCEPTED)
            rows = connection.execute(query.where(decided).order_by(_CASES.c.number.desc())).all()
        return next((row.key for row in rows if name_key(row.name) == name_key(name)), id_number)

    def _act(self, connection: Connection, number: int, state: CaseState, reason: str, by: Person) -> None:
        told = {"case": number, "state": state, "reason": reason, "at": self._audit.now()}
        connection.execute(insert(_ACTS).values(**told, by=by.name, account=by.account))
        self._audit.append(connection, f"case.{state}", actor=by.name, subject=case_papers.subject(number), reason=reason)


def _of_number(query: Select[Any], id_number: str) -> Select[Any]:
    return query.join(_STUDENTS, _STUDENTS.c.case == _CASES.c.number).where(_STUDENTS.c.id_number == id_number)


def _under_way(connection: Connection, kind: CaseKind, one: CaseStudent) -> int | None:
    same = (_STUDENTS.c.id_number == one.filed_number) & (_STUDENTS.c.name == one.name)
    open_ones = select(_CASES.c.number).join(_STUDENTS, _STUDENTS.c.case == _CASES.c.number)
    found: int | None = connection.scalar(open_ones.where(same, _CASES.c.kind == kind, _CASES.c.state.in_(PENDING)).limit(1))
    return found


def _by_case(rows: Sequence[Row[Any]]) -> defaultdict[int, list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.case].append(row)
    return found


def _dump(one: CaseStudent) -> dict[str, Any]:
    return {"id_number": one.filed_number, "name": one.name, "key": one.key, "keeps": one.keeps, "school": one.school}


def _load(row: Row[Any], students: list[Row[Any]], acts: list[Row[Any]], papers: list[Row[Any]]) -> Case:
    return Case(
        row.number,
        CaseKind(row.kind),
        CaseState(row.state),
        row.text,
        tuple(CaseStudent(one.name, one.id_number, one.key, one.keeps, one.school) for one in students),
        tuple(CaseAct(CaseState(one.state), one.reason, Person(one.by, one.account), one.at) for one in acts),
        tuple(CasePaper(one.owner, one.title, one.about, one.size, one.by, one.at) for one in papers),
    )
