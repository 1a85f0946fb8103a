"""保存期限: what is kept, in the parts that it is deleted by, and what became of what was deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kiosk.records.biometrics import BiometricKind
from kiosk.records.people import ClassKey, Person


class Part(StrEnum):
    """What of a student's data has a term of its own, the first to go first."""

    RAW = "raw"  # the camera's whole frame, from which the portrait was cut
    SECOND = "second"  # second impressions
    TEMPLATES = "templates"  # what machines search by
    PROOF = "proof"  # signed forms, pictures of documents, consents on paper
    PICTURES = "pictures"  # portraits and prints
    IDENTITY = "identity"  # everything else: name, number, card, decisions; nothing of the above outlasts it


PARTS: Final[Mapping[Part, frozenset[BiometricKind]]] = MappingProxyType(
    {
        Part.RAW: frozenset({BiometricKind.LIVE_FACE}),
        Part.SECOND: frozenset({BiometricKind.RIGHT_THUMB_SECOND, BiometricKind.LEFT_THUMB_SECOND}),
        Part.TEMPLATES: frozenset(
            {
                BiometricKind.FACE_TEMPLATE,
                BiometricKind.RIGHT_THUMB_TEMPLATE,
                BiometricKind.LEFT_THUMB_TEMPLATE,
                BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE,
                BiometricKind.LEFT_THUMB_SECOND_TEMPLATE,
                BiometricKind.CARD_FINGERPRINTS,
                BiometricKind.LIKENESSES,
            }
        ),
        Part.PROOF: frozenset(
            {
                BiometricKind.SIGNATURE,
                BiometricKind.SIGNATURE_STROKES,
                BiometricKind.DOCUMENT,
                BiometricKind.FORM,
                BiometricKind.CONSENT_PAPER,
                BiometricKind.CASE_PAPER,
            }
        ),
        Part.PICTURES: frozenset(
            {BiometricKind.CHIP_PHOTO, BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB, BiometricKind.LEFT_THUMB}
        ),
        Part.IDENTITY: frozenset(),
    }
)
# What a withdrawn consent takes away; the papers that prove what was agreed stay for their term.
BODILY: Final = frozenset({Part.RAW, Part.SECOND, Part.TEMPLATES, Part.PICTURES})


def part_of(kind: BiometricKind) -> Part:
    """The part that a kind goes with."""
    return next(part for part, kinds in PARTS.items() if kind in kinds)


class Why(StrEnum):
    """Why something was deleted."""

    TERM = "term"  # its term is over
    REQUEST = "request"  # the student or guardian asked for it (PIPL art. 47)
    WITHDRAWN = "withdrawn"  # the consent was taken back


@dataclass(frozen=True)
class Holding:
    """What is kept of one student, counted, and when the terms began."""

    id_number: str
    name: str
    group: ClassKey  # of nothing: no longer on the roster, or never was
    counts: Mapping[Part, int]  # pieces; of the identity 1
    under_way: bool = False  # a capture is open: nothing of it is deleted
    captured: bool = False
    exported_at: datetime | None = None  # when the newest export with this student was written
    receipt_at: datetime | None = None  # when the receiver confirmed that everything arrived


@dataclass(frozen=True)
class Erased:
    """A part of a record that was deleted: how many pieces, when, why, and by whom."""

    part: Part
    pieces: int
    at: datetime
    why: Why
    reason: str
    asked_by: str
    decided_by: str


@dataclass(frozen=True)
class Deletion:
    """One act of deleting, by two people. `entries`: per student a pseudonym, and how many pieces of each part."""

    number: int
    at: datetime
    asked_by: Person
    decided_by: Person
    why: Why
    reason: str
    students: int
    pieces: int
    entries: tuple[tuple[str, Mapping[Part, int]], ...] = ()
    cleaned: bool = True  # the files hold nothing of it any more, nor do their logs


@dataclass(frozen=True)
class Receipt:
    """Somebody entered that the receiver has everything of a group. An empty school, grade or class means every one."""

    on: date
    grade: str
    class_name: str
    note: str
    by: Person
    school: str = ""  # its key

    @property
    def group(self) -> ClassKey:
        """Whom it is about."""
        return ClassKey(self.school, self.grade, self.class_name)


class FileState(StrEnum):
    """Where a file that the station wrote is now."""

    THERE = "there"
    MOVED = "moved"  # found elsewhere by what it is
    CHANGED = "changed"  # something else lies there
    GONE = "gone"
    DELETED = "deleted"


@dataclass(frozen=True)
class WrittenFile:
    """An export's folder or a paper that the station wrote; `sha256` is that of the file, or of the folder's manifest."""

    number: int
    kind: str
    path: str
    sha256: str
    at: datetime
    by: str
    people: int
    about: frozenset[str] = field(default=frozenset(), repr=False)  # pseudonyms
    deleted_at: datetime | None = None
