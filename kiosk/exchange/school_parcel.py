"""名单包: what an office gives a school's stations, signed: the roster, when it is captured, until when, how and by whom.

Each version has everything: a station that missed one takes the next. Nothing in it is believed before the signature of the
head is, and nothing that can't be read becomes a student or a window.
"""

from __future__ import annotations

import binascii
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError
from kiosk.exchange.known_people import known_in
from kiosk.exchange.parcel import HEAD, Head, Kind, Parcel, Piece, piece, write_parcel
from kiosk.exchange.shelf import is_name
from kiosk.exchange.told import LONG, moment_of, text_of
from kiosk.records import KnownElsewhere, SchoolName, Student, known_lines

ROSTER: Final = "students.jsonl"
_ACCOUNTS, _REVOCATIONS, _CERTIFICATE, _STAFF = "accounts.json", "revocations.json", "certificate-", "staff.jsonl"
_FIELDS: Final = frozenset(one.name for one in fields(Student))
_LONGEST: Final = {"id_number": 32}  # characters, as the store keeps them
_HIGHEST: Final = 2**31 - 1
_MOST_OF_PROFILE: Final = 300_000  # characters of Base64


@dataclass(frozen=True)
class SchoolWindow:
    """When a group of the school may be captured; empty: every grade, class, 考生类别."""

    round: str
    opens_at: datetime
    closes_at: datetime
    grade: str = ""
    class_name: str = ""
    category: str = ""

    @property
    def group(self) -> str:
        """In words: `高一 5`."""
        return " ".join(filter(None, (self.grade, self.class_name, self.category)))


@dataclass(frozen=True)
class SchoolHead:
    """What a 名单包 says but for its parts. `told`: the fields of students that the office knows; whatever else a station
    knows of them stays. `deadline` None and `profile` empty where it says nothing of them. `definition`: the file of that
    profile as it lies at the office; it stands here and not beside, for heads are kept, and the way back needs it."""

    school: SchoolName
    version: int
    issued_at: datetime
    told: frozenset[str]
    windows: tuple[SchoolWindow, ...] = ()
    deadline: datetime | None = None
    profile: str = ""
    definition: bytes = b""


@dataclass(frozen=True)
class SchoolParcel:
    """A 名单包 as it was read or is to be written. The accounts, certificates and revocations are files of their own, each
    signed by the office. `staff`: those of the school's stations by their templates; None where it says nothing of them."""

    head: SchoolHead
    students: tuple[Student, ...]
    accounts: bytes = b""
    certificates: tuple[bytes, ...] = ()
    revocations: bytes = b""
    staff: tuple[KnownElsewhere, ...] | None = None


def write_school(target: Path, to: Sealing, office: OfficeKey, parcel: SchoolParcel) -> str:
    """Write and sign it; the digest of its head. Raises ExchangeError as `write_parcel` does."""
    key, head = office.signing, parcel.head
    roster = "".join(json.dumps(_of_student(one), ensure_ascii=False) + "\n" for one in parcel.students)
    files: list[tuple[str, bytes]] = [(ROSTER, roster.encode())]
    files += [
        (name, content) for name, content in ((_ACCOUNTS, parcel.accounts), (_REVOCATIONS, parcel.revocations)) if content
    ]
    files += [(f"{_CERTIFICATE}{number:03d}.json", content) for number, content in enumerate(parcel.certificates)]
    files += [(_STAFF, known_lines(parcel.staff))] if parcel.staff is not None else []
    told = {
        "id": secrets.token_hex(16),
        "office_key": key.public.hex(),
        "school": head.school._asdict(),
        "version": head.version,
        "issued_at": head.issued_at.isoformat(),
        "told": sorted(head.told),
        "students": len(parcel.students),
        "windows": [_of_window(one) for one in head.windows],
        "deadline": head.deadline.isoformat() if head.deadline is not None else "",
        "profile": head.profile,
        **({"definition": b64encode(head.definition).decode()} if head.definition else {}),
    }
    pieces: list[Piece] = [piece(key, name, content) for name, content in files]
    return write_parcel(target, to, key, Kind.SCHOOL, told, pieces)


def school_head(head: Head) -> SchoolHead:
    """Raises ExchangeError("parcel.unreadable"), ("parcel.other_kind")."""
    if head.kind is not Kind.SCHOOL:
        raise ExchangeError("parcel.other_kind", kind=str(head.kind))
    told = head.told
    try:
        version = told["version"]
        if not isinstance(version, int) or not 0 < version <= _HIGHEST:
            raise ValueError(version)
        found = SchoolHead(
            SchoolName(text_of(told["school"]["name"]), text_of(told["school"]["code"])),
            version,
            moment_of(told["issued_at"]),
            frozenset(told["told"]),
            tuple(_window(one) for one in told["windows"]),
            moment_of(told["deadline"]) if told["deadline"] else None,
            text_of(told["profile"]),
            b64decode(text_of(told.get("definition", ""), _MOST_OF_PROFILE), validate=True),
        )
        if found.definition and not is_name(found.profile):
            raise ValueError(found.profile)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise ExchangeError("parcel.unreadable", at=HEAD) from None
    if not found.school.code or not found.told <= _FIELDS:
        raise ExchangeError("parcel.unreadable", at=HEAD)
    return found


def read_school(parcel: Parcel) -> SchoolParcel:
    """All of it; raises ExchangeError as reading a parcel does."""
    head = school_head(parcel.head)
    files = {entry.name: content for entry, content in parcel.pieces}
    students = _students(files.get(ROSTER, b""), parcel.name)
    if any(one.school_name != head.school for one in students):
        raise ExchangeError("parcel.damaged", file=parcel.name, at=ROSTER)
    certificates = tuple(content for name, content in files.items() if name.startswith(_CERTIFICATE))
    staff = known_in(files[_STAFF], parcel, _STAFF) if _STAFF in files else None
    return SchoolParcel(head, students, files.get(_ACCOUNTS, b""), certificates, files.get(_REVOCATIONS, b""), staff)


def _students(content: bytes, name: str) -> tuple[Student, ...]:
    found: dict[str, Student] = {}
    try:
        lines = content.decode().splitlines()
        for line in lines:
            told = json.loads(line)
            student = Student(**{field: text_of(told[field], _LONGEST.get(field, LONG)) for field in told})
            if not student.id_number or not student.name or student.id_number in found:
                raise ValueError("nobody, or somebody twice")
            found[student.id_number] = student
    except (ValueError, TypeError, RecursionError):
        raise ExchangeError("parcel.damaged", file=name, at=f"{ROSTER}:{len(found) + 1}") from None
    return tuple(found.values())


def _of_student(student: Student) -> dict[str, str]:
    return {name: value for name, value in asdict(student).items() if value}


def _of_window(window: SchoolWindow) -> dict[str, str]:
    return asdict(window) | {"opens_at": window.opens_at.isoformat(), "closes_at": window.closes_at.isoformat()}


def _window(told: Mapping[str, Any]) -> SchoolWindow:
    names: Sequence[str] = [name for name in told if name not in ("opens_at", "closes_at")]
    at = moment_of(told["opens_at"]), moment_of(told["closes_at"])
    return SchoolWindow(opens_at=at[0], closes_at=at[1], **{name: text_of(told[name]) for name in names})
