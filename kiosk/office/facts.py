"""What the station's data are kept in, for whoever asks what this station is."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.store import Store


@dataclass(frozen=True)
class StoreFacts:
    """`formats`: the revision of each database's tables. `suite`: the algorithms that the data were made with."""

    formats: dict[str, str]
    engine: str
    suite: str
    sealed: bool


class Facts:
    """Nothing here is about anybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_store(self) -> StoreFacts:
        """How the data are kept."""
        store = self._store
        return StoreFacts(store.formats(), store.engine(), store.suite.name, store.slots.sealed)
