"""操作记录: the audit trail for those who check what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.exchange.trail_list import write_trail
from kiosk.records import AuditEntry
from kiosk.store import Store


class Trail:
    """Reads the trail. That it was taken out is an entry of its own; that it was read is not, or reading would never end."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def entries(self) -> list[AuditEntry]:
        """The newest first."""
        return list(self._store.audit.entries())[::-1]

    def first_broken(self) -> int | None:
        """The number of the first entry that is not as it was written; None when the trail is whole."""
        return self._store.audit.first_broken()

    def write(self, entries: Sequence[AuditEntry], path: Path, name_of: Callable[[str], str], *, by: str) -> None:
        """The entries as .xlsx; `name_of` says an action in words."""
        write_trail(entries, path, name_of)
        self._store.audit.record("trail.export", actor=by, rows=len(entries))
