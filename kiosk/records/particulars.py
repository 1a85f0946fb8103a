"""学生信息: what is known about a student beside the roster and the capture — family, addresses, health, study history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kiosk.records.people import Person


@dataclass(frozen=True)
class ParticularsImport:
    """A file that was taken. `batch` names it; `id_numbers`: of whom there was something new in it."""

    batch: str
    source: str
    by: Person
    at: datetime
    id_numbers: tuple[str, ...]


@dataclass(frozen=True)
class ParticularsEntry:
    """Items that were brought in together: by a file (`source` is its name), or a correction with its `reason`.

    `told` has the items by field, as the register writes them; an empty one was taken out. `before`: what they were.
    """

    told: Mapping[str, str]
    before: Mapping[str, str]
    source: str
    reason: str
    by: Person
    at: datetime
    undone: bool = False
