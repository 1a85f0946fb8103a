"""Everything that the office does, behind one door."""

from __future__ import annotations

from pathlib import Path

from kiosk.exchange.folder import sweep
from kiosk.office.account_lists import AccountLists
from kiosk.office.corrections import Corrections
from kiosk.office.documents import Documents
from kiosk.office.dossiers import Dossiers
from kiosk.office.files import Files
from kiosk.office.jobs import Jobs
from kiosk.office.looks import Looks
from kiosk.office.papers import Papers
from kiosk.office.refusals import Refusals
from kiosk.office.reviews import Reviews
from kiosk.office.rosters import Rosters
from kiosk.office.schedule import Schedule
from kiosk.office.school import Schools
from kiosk.office.trail import Trail
from kiosk.office.upkeep import Upkeep
from kiosk.office.watch import Watch
from kiosk.store import Store


class Office:
    """What the office asks of the station's data. Methods may be called from any thread."""

    def __init__(self, store: Store, export_folder: Path) -> None:
        sweep(export_folder)
        self._store = store
        self.accounts = store.accounts
        self.staff = store.staff
        self.account_lists = AccountLists(store)
        self.slots = store.slots
        self.rosters = Rosters(store)
        self.schedule = Schedule(store)
        self.upkeep = Upkeep(store)
        self.corrections = Corrections(store)
        self.dossiers = Dossiers(store)
        self.trail = Trail(store)
        self.school = Schools(store)
        self.files = Files(store, export_folder)
        self.looks = Looks(store)
        self.reviews = Reviews(store)
        self.refusals = Refusals(store)
        self.jobs = Jobs()
        self.trail = Trail(store)
        self.watch = Watch(store)

    def papers(self, profile: str) -> Papers:
        """The papers that go with a profile."""
        return Papers(self._store, profile)

    def documents(self, profile: str) -> Documents:
        """Pictures of ID documents as a profile wants them; raises ExchangeError when it wants none."""
        return Documents(self._store, profile)

    def close(self) -> None:
        """Stop what is under way. Idempotent."""
        self.watch.close()
        self.jobs.close()
