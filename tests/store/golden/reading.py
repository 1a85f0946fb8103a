"""All that a store says, as JSON; and how it is laid out."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from enum import Enum, EnumMeta
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from sqlalchemy import MetaData

from kiosk.records import (
    Basis,
    BiometricKind,
    CaptureRecord,
    CardData,
    Case,
    CaseKind,
    CaseState,
    Leaving,
    Notice,
    Part,
    RefusalReason,
    Role,
    School,
    StepResult,
    Student,
    Subject,
    Task,
    Whose,
    Why,
)
from kiosk.store import Store, tables
from tests.store.golden.students import AT, nobody_s_number, student

_WHOLE_DAY: Final = AT + timedelta(hours=6)
_AFFAIRS: Final = (Whose, Subject, Task, CaseKind, CaseState, Leaving)
# What is written as JSON, or named in a column. What hangs on these is found by itself.
_STORED: Final = (
    Student,
    CardData,
    StepResult,
    School,
    BiometricKind,
    RefusalReason,
    Role,
    Notice,
    Basis,
    Part,
    Why,
    *_AFFAIRS,
)


def read(store: Store) -> dict[str, Any]:
    """Everything, by today's code."""
    students = store.roster.students()
    gone = [one.student for one in store.roster.departures()]
    records = [record for student in (*students, *gone) for record in store.captures.versions(student.id_number)]
    return {
        "school": plain(store.school.get()),
        "accounts": [plain(account) for account in store.accounts.all()],
        "staff": plain(store.staff.enrolled()),
        "staff_templates": plain(store.staff.templates()),
        "card_of_staff": store.staff.of_card(student(3).id_number),
        "account_list": plain(store.account_lists.latest()),
        "substitutes": plain(store.substitutes.of([*students, nobody_s_number()])),
        "roster": [plain(student) for student in students],
        "gone": [plain(student) for student in gone],
        "undoable": plain(store.roster.undoable()),
        "records": [plain(record) | {"number": record.number} for record in records],
        "pieces": [_pieces(store, record) for record in records],
        "corrections": {number: plain(found) for number, found in store.corrections.by_student().items()},
        "reviews": [plain(store.reviews.of(record.id)) for record in records],
        "printed": [store.aftercare.printed([record.id])[record.id] for record in records],
        "refusals": plain(store.refusals.all()),
        "progress": plain(store.progress.students(_WHOLE_DAY)),
        "windows": plain(store.rounds.windows()),
        "admissions": plain(store.rounds.admissions()),
        "deadline": plain(store.deadline.state()),
        "consents": {one.id_number: plain(store.consents.of(one.id_number)) for one in students},
        "papers": [_papers(store, one) for one in students],
        "help_lines": plain(store.duties.lines()),
        "duties": plain(store.duties.duties()),
        "cases": [_case(store, one) for one in store.cases.all()],
        "materials": plain(store.materials.all()),
        "leavings": plain(store.materials.leavings()),
        "notices": plain(store.consents.notices()),
        "receipts": plain(store.retention.receipts()),
        "deletions": plain(store.retention.deletions()),
        "erased": plain(store.retention.erased()),
        "elsewhere": plain(store.elsewhere.people("students-elsewhere")),
        "lookalikes": plain(store.lookalikes.declarations()),
        "signing": _signing(store),
        "trail": plain(list(store.audit.entries())),
        "first_broken": store.audit.first_broken(),
    }


def _signing(store: Store) -> dict[str, Any]:
    """The key opens and signs, and what an office said of it is read; nothing of stores of before."""
    signing, certificate = store.signing, store.signing.certificate()
    key = signing.key() if signing.public_key() else None
    return {
        "suite": store.suite.name,
        "public_key": signing.public_key().hex(),
        "signs": key is not None and key.fits(),
        "certificate": plain(certificate),
        "worth": plain(signing.worth(certificate, AT)) if certificate is not None else None,
    }


def _pieces(store: Store, record: CaptureRecord) -> list[dict[str, Any]]:
    """Each is opened: sealed blobs of every version open for the record and kind that they were sealed for."""
    found = []
    for one in store.captures.kept(record.id):
        opened = store.captures.piece(record.id, one.number)
        assert opened is not None
        assert store.suite.digest(opened[1]) == one.digest
        found.append(plain(one) | {"sha256": one.digest, "data": opened[1].decode()})
    return found


def _case(store: Store, case: Case) -> dict[str, Any]:
    """With what its documents hold."""
    held = [found[1].decode() for one in case.papers if (found := store.cases.paper(one.owner)) is not None]
    told: dict[str, Any] = plain(case)
    return told | {"held": held}


def _papers(store: Store, student: Student) -> list[dict[str, Any]]:
    """Each is opened."""
    found = store.consents.papers_of(student.id_number)
    return [{"owner": owner, "at": plain(at), "data": (store.consents.paper(owner) or b"").decode()} for owner, at in found]


def plain(value: Any) -> Any:
    """As JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    return value.hex() if isinstance(value, bytes) else value


def missing(told: Any, now: Any, place: str = "") -> list[str]:
    """Where what was told then is not told now. What is told besides is no loss."""
    if isinstance(told, dict) and isinstance(now, dict):
        return [fault for key, value in told.items() for fault in missing(value, now.get(key), f"{place}.{key}")]
    if isinstance(told, list) and isinstance(now, list) and len(told) == len(now):
        return [fault for n, value in enumerate(told) for fault in missing(value, now[n], f"{place}[{n}]")]
    return [] if told == now else [f"{place}: {told!r} was told, {now!r} is read"]


def shape() -> dict[str, Any]:
    """Tables with their columns, and the fields and values of what is stored as JSON."""
    return {
        "identity": _tables(tables.identity),
        "vault": _tables(tables.vault),
        "json": {kind.__name__: _fields(kind) for kind in sorted(_reached(_STORED), key=lambda kind: kind.__name__)},
    }


def _tables(room: MetaData) -> dict[str, dict[str, str]]:
    return {
        table.name: {column.name: f"{column.type!r}{'' if column.nullable else ' NOT NULL'}" for column in table.columns}
        for table in room.sorted_tables
    }


def _fields(kind: type) -> Any:
    if isinstance(kind, EnumMeta):
        return [plain(member) for member in kind]  # type: ignore[var-annotated]
    hints = get_type_hints(kind)
    return {field.name: str(hints[field.name]) for field in dataclasses.fields(kind)}


def _reached(kinds: Any) -> set[type]:
    """These and all dataclasses and enums that they are made of, but for pictures, which go into the vault."""
    found: set[type] = set()
    todo = list(kinds)
    while todo:
        kind = todo.pop()
        if get_origin(kind) is not None or isinstance(kind, type(Union[int, str])):  # noqa: UP007
            todo += get_args(kind)
        elif isinstance(kind, EnumMeta):
            found.add(kind)
        elif dataclasses.is_dataclass(kind) and kind not in found and kind.__name__ != "ChipPhoto":
            found.add(kind)  # type: ignore[arg-type]
            todo += get_type_hints(kind).values()
    return found
