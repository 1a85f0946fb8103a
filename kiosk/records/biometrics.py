"""What the vault keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BiometricKind(StrEnum):
    """What the vault keeps. Associated data of the encryption is record id + kind.

    Fingers are named after their step; which finger it was, the step's result tells.
    """

    CHIP_PHOTO = "chip_photo"  # PNG
    PORTRAIT = "portrait"  # JPEG, the profile's
    LIVE_FACE = "live_face"  # JPEG, the whole best frame
    FACE_TEMPLATE = "face_template"  # what the live face is to the network, to search for duplicates
    RIGHT_THUMB = "right_thumb"  # PNG, the best impression
    LEFT_THUMB = "left_thumb"
    RIGHT_THUMB_SECOND = "right_thumb_second"  # PNG, the second best
    LEFT_THUMB_SECOND = "left_thumb_second"
    RIGHT_THUMB_TEMPLATE = "right_thumb_template"  # the compact template of each of these, to search for duplicates
    LEFT_THUMB_TEMPLATE = "left_thumb_template"
    RIGHT_THUMB_SECOND_TEMPLATE = "right_thumb_second_template"
    LEFT_THUMB_SECOND_TEMPLATE = "left_thumb_second_template"
    CARD_FINGERPRINTS = "card_fingerprints"  # two templates of 512 bytes, as the card's chip gave them
    SIGNATURE = "signature"  # PNG, drawn on the screen
    SIGNATURE_STROKES = "signature_strokes"  # JSON: how it was drawn
    DOCUMENT = "document"  # JPEG, the ID document's front as the profile wants it
    FORM = "form"  # scan of the signed form, JPEG or PDF
    CONSENT_PAPER = "consent_paper"  # scan of a signed consent, JPEG or PDF; of a student, not of a record
    CASE_PAPER = "case_paper"  # scan of a document of a case (佐证), JPEG or PDF
    LIKENESSES = "likenesses"  # templates of people who never stood here, JSON lines (`known_lines`); of no record


@dataclass(frozen=True, eq=False)
class Biometric:
    """One encoded piece of biometric data on its way to or from the vault."""

    kind: BiometricKind
    data: bytes


@dataclass(frozen=True)
class KeptBiometric:
    """What the store knows of a piece without opening it. `stands`: it is what counts of its kind; others were superseded."""

    number: int
    kind: BiometricKind
    at: datetime | None  # when its step was done; None for what belongs to the whole record
    size: int  # bytes
    digest: str  # of the store's suite, hexadecimal
    stands: bool


@dataclass(frozen=True, eq=False)
class StoredBiometric:
    """A row that names a blob of the vault."""

    record_id: str
    kind: BiometricKind
    blob_id: str
    size: int
    digest: str  # of the store's suite, hexadecimal
