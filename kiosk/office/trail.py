"""The audit trail, to be read and checked by people."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.store import AuditEntry, Store


class Trail:
    """Reads only, except that who read it is entered, too."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(self, most: int, before: int | None = None) -> Sequence[AuditEntry]:
        """Up to `most`, the newest first; those before a number."""
        return self._store.audit.latest(most, before)

    def first_broken(self, *, by: str) -> int | None:
        """The number of the first entry that is not as it was written; None when the trail is whole. Seconds for a long one.
        That it was checked is entered."""
        broken = self._store.audit.first_broken()
        self._store.audit.record("audit.verify", actor=by, first_broken=broken)
        return broken
