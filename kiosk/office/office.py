"""Everything that the office does, behind one door."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.config import Settings, SettingsFile
from kiosk.exchange import load_profile
from kiosk.exchange.folder import sweep
from kiosk.exchange.manifest import Stamp
from kiosk.exchange.notice import basis_for, notice_for
from kiosk.office.account_lists import AccountLists
from kiosk.office.cases import Cases
from kiosk.office.certificates import Certificates
from kiosk.office.configuration import Configuration
from kiosk.office.consents import Consents
from kiosk.office.corrections import Corrections
from kiosk.office.day import Days, Span
from kiosk.office.day_report import day_report
from kiosk.office.delivery import Delivery
from kiosk.office.documents import Documents
from kiosk.office.dossiers import Dossiers
from kiosk.office.duties import Duties
from kiosk.office.exam_parcels import ExamParcels
from kiosk.office.exams import Exams
from kiosk.office.facts import Facts
from kiosk.office.files import Files
from kiosk.office.invitation import Invitations
from kiosk.office.jobs import Jobs
from kiosk.office.lists import Lists
from kiosk.office.looks import Looks
from kiosk.office.materials import Materials
from kiosk.office.papers import Papers
from kiosk.office.parcels import Parcels
from kiosk.office.particulars import ParticularsDesk
from kiosk.office.profiles import Profiles
from kiosk.office.queue import Queue
from kiosk.office.receipts import Receipts
from kiosk.office.refusals import Refusals
from kiosk.office.retention import Retention
from kiosk.office.reviews import Reviews
from kiosk.office.rosters import Rosters
from kiosk.office.safekeeping import Safekeeping
from kiosk.office.schedule import Schedule
from kiosk.office.school import Schools
from kiosk.office.school_parcels import SchoolParcels
from kiosk.office.stamps import stamp_of
from kiosk.office.trail import Trail
from kiosk.office.updates import Updates
from kiosk.office.upkeep import Upkeep
from kiosk.office.verifying import Verifying
from kiosk.office.watch import Watch
from kiosk.records import Notice
from kiosk.store import Store

_USUAL: Final = Settings()


class Office:
    """What the office asks of the station's data. Methods may be called from any thread."""

    def __init__(
        self,
        store: Store,
        export_folder: Path,
        settings: Settings = _USUAL,
        *,
        notice: Notice | None = None,
        file: SettingsFile | None = None,
    ) -> None:
        """`notice` is what is printed on forms, where it isn't that of the settings' profile; `file` is where the settings are
        changed."""
        sweep(export_folder)
        profile = load_profile(settings.station.profile)
        self._store = store
        self._station = settings.station
        self.accounts = store.accounts
        self.staff = store.staff
        self.account_lists = AccountLists(store)
        self.slots = store.slots
        self.rosters = Rosters(store)
        self.schedule = Schedule(store, photos_only=profile.photos_only)
        self.exams = Exams(store)
        self.lists = Lists(store)
        self.queue = Queue(store)
        self.facts = Facts(store)
        self.upkeep = Upkeep(store)
        self.corrections = Corrections(store)
        self.dossiers = Dossiers(store)
        self.trail = Trail(store)
        self.school = Schools(store)
        self.duties = Duties(store)
        self.cases = Cases(store)
        self.materials = Materials(store)
        self.files = Files(store, export_folder, settings.station.name)
        with_staff = settings.accounts.likenesses_to_office
        self.parcels = Parcels(store, export_folder / "packages", settings.station.name, with_staff=with_staff)
        self.school_parcels = SchoolParcels(store, self.rosters, self.account_lists, settings.station.profile)
        self.receipts = Receipts(store)
        self.delivery = Delivery(store, self.parcels, self.receipts, settings.delivery, export_folder / "packages")
        self.exam_parcels = ExamParcels(store, export_folder / "checkin")
        self.certificates = Certificates(store, settings.station.name)
        self.looks = Looks(store)
        self.days = Days(store, settings)
        self.reviews = Reviews(store)
        self.refusals = Refusals(store)
        self.jobs = Jobs()
        self.trail = Trail(store)
        self.verifying = Verifying(store)
        self.watch = Watch(store)
        self.safekeeping = Safekeeping(store, settings.backup)
        self.updates = Updates(store, store.folder, lambda place, by: self.safekeeping.before(place, by=by))
        self.retention = Retention(store, export_folder, settings.retention, settings.station.name)
        self.particulars = ParticularsDesk(store, settings.station.name)
        self.consents = Consents(store, settings, notice or notice_for(settings, profile), basis_for(settings, profile))

        self.configuration: Configuration | None = None
        self.profiles: Profiles | None = None
        if file is not None:
            started_with = file.read()
            self.configuration = Configuration(store, file, started_with, self._apply)
            self.profiles = Profiles(store, file, started_with)

    @property
    def invitations(self) -> Invitations | None:
        """Codes by which the way to the office is found; None where no settings are changed."""
        return Invitations(self._store, self.configuration) if self.configuration is not None else None

    def stamp(self) -> Stamp:
        """What an export of this moment is signed with. Raises StoreError."""
        return stamp_of(self._store, self._station.name)

    def _apply(self, settings: Settings) -> None:
        """What of changed settings takes effect without a new start."""
        self.retention.terms = settings.retention
        self.delivery.call_at(settings.delivery.office)

    def papers(self, profile: str) -> Papers:
        """The papers that go with a profile."""
        return Papers(self._store, profile, self.consents)

    def documents(self, profile: str) -> Documents:
        """Pictures of ID documents as a profile wants them; raises ExchangeError when it wants none."""
        return Documents(self._store, profile)

    def day_report(self, span: Span, *, by: str) -> bytes:
        """The statistics of a span on paper; raises ExchangeError. That it was printed is kept."""
        now = datetime.now().astimezone()
        return day_report(self._store, self.days, self._station, span, by=by, now=now)

    def close(self) -> None:
        """Stop what is under way. Idempotent."""
        self.delivery.close()
        self.watch.close()
        self.safekeeping.close()
        self.jobs.close()
