"""Whom a place knows that never stood before it: templates that came from its office, or from a station, and how they are
written down: JSON, somebody a line."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from kiosk.records.biometrics import BiometricKind
from kiosk.records.retention import PARTS, Part
from kiosk.records.steps import FingerPosition

_LONGEST: Final = 200  # characters of a name, a number, an id
_LARGEST: Final = 1 << 15  # bytes of a template: thirty times the largest
_MOST: Final = 40  # templates of one person: ten fingers twice, and faces


class KnownTemplate(NamedTuple):
    """One template. `position`: which finger it is of; None of a face, and where nobody says."""

    kind: BiometricKind
    position: FingerPosition | None
    data: bytes


@dataclass(frozen=True, eq=False)
class KnownElsewhere:
    """Somebody by templates alone. `id`: of the staff the account's at the station where they gave them, of a student the
    record's at the office. `store`: that station's data; `station`: what it is called; `office_id`: who of the staff it is on
    the office's lists; `id_number`: the student's."""

    id: str
    name: str
    templates: tuple[KnownTemplate, ...]
    id_number: str = ""
    office_id: str = ""
    store: str = ""
    station: str = ""


def known_lines(people: Iterable[KnownElsewhere]) -> bytes:
    """The text that says it; the same people are the same text."""
    lines = (
        {
            "id": one.id,
            "name": one.name,
            "templates": [[str(kind), position, base64.b64encode(data).decode()] for kind, position, data in one.templates],
            **{name: value for name in _OPTIONAL if (value := getattr(one, name))},
        }
        for one in people
    )
    return "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines).encode()


def read_known(content: bytes) -> tuple[KnownElsewhere, ...]:
    """What a text says; raises ValueError with the number of the line that can't be read."""
    found: list[KnownElsewhere] = []
    try:
        for line in content.decode().splitlines():
            found.append(_read(json.loads(line)))  # noqa: PERF401 - the number of the line is told
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        raise ValueError(len(found) + 1) from None
    return tuple(found)


_OPTIONAL: Final = ("id_number", "office_id", "store", "station")
_KINDS: Final = PARTS[Part.TEMPLATES] - {BiometricKind.CARD_FINGERPRINTS, BiometricKind.LIKENESSES}


def _read(told: dict[str, Any]) -> KnownElsewhere:
    templates = tuple(_template(*one) for one in told["templates"])
    if not templates or len(templates) > _MOST or not told["id"] or not told["name"]:
        raise ValueError("nobody")
    texts = {name: _text(told.get(name, "")) for name in ("id", "name", *_OPTIONAL)}
    return KnownElsewhere(templates=templates, **texts)


def _template(kind: str, position: int | None, data: str) -> KnownTemplate:
    content = base64.b64decode(data, validate=True)
    if BiometricKind(kind) not in _KINDS or not 0 < len(content) <= _LARGEST:
        raise ValueError(kind)
    return KnownTemplate(BiometricKind(kind), None if position is None else FingerPosition(position), content)


def _text(told: object) -> str:
    if not isinstance(told, str) or len(told) > _LONGEST:
        raise ValueError("no text")
    return told
