"""Everything that the office does, behind one door."""

from __future__ import annotations

from pathlib import Path

from kiosk.exchange.folder import sweep
from kiosk.office.files import Files
from kiosk.office.looks import Looks
from kiosk.office.papers import Papers
from kiosk.office.rosters import Rosters
from kiosk.store import Store


class Office:
    """What the office asks of the station's data. Methods may be called from any thread."""

    def __init__(self, store: Store, export_folder: Path) -> None:
        sweep(export_folder)
        self._store = store
        self.rosters = Rosters(store)
        self.files = Files(store, export_folder)
        self.looks = Looks(store)

    def papers(self, profile: str) -> Papers:
        """The papers that go with a profile."""
        return Papers(self._store, profile)
