"""One thing that was done, as the trail has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class AuditEntry:
    """`subject` is a record's id or a student's pseudonym, never more. What people wrote in it may have been deleted with a
    student's data; then it is empty."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]

    @property
    def told(self) -> Mapping[str, Any]:
        """The details that say something."""
        return {name: value for name, value in self.detail.items() if value not in ("", None, [], False)}
