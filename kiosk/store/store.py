"""The store: roster, rounds, captures and what becomes of them, audit trail and vault behind one door."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from kiosk.ciphers import INTERNATIONAL, Sealer, Suite
from kiosk.config import SIMULATED, AccountSettings
from kiosk.errors import StoreError
from kiosk.records import Message
from kiosk.store import erasing, health, keyring, pairing, quarantine, tables
from kiosk.store.account_areas import AccountAreas
from kiosk.store.account_lists import AccountLists
from kiosk.store.accounts import Accounts
from kiosk.store.aftercare import Aftercare
from kiosk.store.audit import of_store as trail_of_store
from kiosk.store.audit import require_reason
from kiosk.store.backup import Backups
from kiosk.store.captures import Captures
from kiosk.store.cases import Cases
from kiosk.store.confirming import Confirming
from kiosk.store.conflicts import Conflicts
from kiosk.store.consents import Consents
from kiosk.store.corrections import Corrections
from kiosk.store.day import DayBook
from kiosk.store.deadline import Deadline
from kiosk.store.delivered import Deliveries
from kiosk.store.device_faults import DeviceFaults
from kiosk.store.device_tests import DeviceTests
from kiosk.store.duties import Duties
from kiosk.store.elsewhere import Elsewhere
from kiosk.store.erasing import Erasing
from kiosk.store.exams import Exams
from kiosk.store.folder import Places
from kiosk.store.health import Health
from kiosk.store.inbox import Inbox
from kiosk.store.incoming import Incoming
from kiosk.store.keyring import Unlock
from kiosk.store.lists import Lists
from kiosk.store.lookalikes import Lookalikes
from kiosk.store.materials import Materials
from kiosk.store.migrations import head
from kiosk.store.office_parcels import OfficeParcels
from kiosk.store.opening import Opened, open_databases
from kiosk.store.outgoing import Outgoing
from kiosk.store.own_server import OwnServer
from kiosk.store.parcels import Parcels
from kiosk.store.particulars import Particulars
from kiosk.store.photo_runs import PhotoRuns
from kiosk.store.points import Points
from kiosk.store.progress import Progress
from kiosk.store.quarantine import Quarantined
from kiosk.store.queue import Queue
from kiosk.store.refusals import Refusals
from kiosk.store.retention import Retention
from kiosk.store.reviews import Reviews
from kiosk.store.roster import Roster
from kiosk.store.rounds import Rounds
from kiosk.store.school import SchoolData
from kiosk.store.signing import Signing
from kiosk.store.slots import Slots
from kiosk.store.staff import Staff
from kiosk.store.station_lock import Lock, ServerLock, is_running, lock_folder
from kiosk.store.substitutes import Substitutes
from kiosk.store.suspects import Suspects
from kiosk.store.tables import Room
from kiosk.store.timekeeping import Timekeeping
from kiosk.store.vault import Vault
from kiosk.store.written import Written

Clock = Callable[[], datetime]
_RULES: Final = AccountSettings()


def _now() -> datetime:
    return datetime.now(UTC)


def _is_simulated(folder: Path) -> bool:
    """By where it lies, whoever opens it and how."""
    return folder.resolve().name == SIMULATED


def _places(begun: ExitStack, folder: Path, identity_url: str, vault_url: str) -> tuple[Places, list[Lock]]:
    """Where the parts of a store lie, and its own server, running, where they lie on one; `begun` lets go of it."""
    server = None if identity_url else OwnServer.of(folder)
    if server is not None:
        begun.callback(server.release)
        identity_url, vault_url = server.urls
    places = Places(folder, identity_url, vault_url)
    places.prepare()
    return places, [server] if server is not None else []


class Store:
    """Everything that a station keeps. Its parts may be called from any thread."""

    def __init__(
        self, opened: Opened, clock: Clock = _now, rules: AccountSettings = _RULES, *, simulated: bool = False
    ) -> None:
        """Of two databases that are up to date; `Store.open` and `Store.open_station` are the usual ways.

        `simulated`: what lies in it never came from a person, and everything that goes out of it says so.
        """
        self.folder = opened.places.folder
        self.simulated = simulated
        self._opened = opened
        self._locks: list[Lock] = []
        self._in_session = False
        identity = opened.identity
        self.suite = suite = opened.suite
        self.audit = trail_of_store(identity, opened.keys.trail, suite, clock)
        self.timekeeping = Timekeeping(identity, self.audit)
        self.slots = Slots(opened.places, opened.in_ring, self.audit, simulated=simulated)
        self.accounts = Accounts(identity, self.audit, self.timekeeping, rules, self.slots)
        self.account_lists = AccountLists(identity, self.audit, self.timekeeping, self.slots)
        self.device_tests = DeviceTests(self.audit)
        self.device_faults = DeviceFaults(identity)
        self.roster = Roster(identity, self.audit)
        self._vault = Vault(opened.vault, opened.keys.data, suite, opened.keys.older)
        self.staff = Staff(identity, self._vault, self.audit, suite.derive(opened.keys.trail, "staff cards"), suite)
        self.captures = Captures(identity, self._vault, self.audit)
        self.corrections = Corrections(identity, self.audit)
        self.school = SchoolData(identity, self.audit)
        self.duties = Duties(identity, self.audit)
        self.cases = Cases(identity, self._vault, self.audit)
        self.materials = Materials(identity, self.audit)
        self.points = Points(identity, self.audit)
        self.rounds = Rounds(identity, self.audit)
        self.deadline = Deadline(identity, self.audit, suite)
        self.signing = Signing(identity, self.audit, suite, opened.keys.trail)
        self.refusals = Refusals(identity, self.audit)
        self.reviews = Reviews(identity, self.audit)
        self.lookalikes = Lookalikes(identity, self.audit)
        self.substitutes = Substitutes(identity, self.audit)
        self.exams = Exams(identity, self.audit)
        self.queue = Queue(identity, self.audit)
        self.lists = Lists(identity, self.audit)
        self.progress = Progress(identity, self.audit, self.roster)
        self.photo_runs = PhotoRuns(identity, self.audit, self.progress)
        self.day = DayBook(identity)
        self.backups = Backups(opened, self.audit, simulated=simulated)
        self.aftercare = Aftercare(identity, self._vault, self.audit)
        self.consents = Consents(identity, self._vault, self.audit)
        self.particulars = Particulars(identity, self.audit)
        self._set_up_sending(opened, suite)
        self._set_up_office(opened)
        self.written = Written(identity, self.audit)
        self.retention = Retention(identity, self.audit)
        self.erasing = Erasing(identity, opened.vault, self.audit, self._vault)

    def _set_up_sending(self, opened: Opened, suite: Suite) -> None:
        """What goes to the office, and what comes from there."""
        self.outgoing = Outgoing(opened.identity, self._vault, suite)
        self.parcels = Parcels(opened.identity, self.audit)
        self.delivered = Deliveries(opened.identity, self.audit)
        self.confirming = Confirming(opened.identity, self.audit)
        self.office_parcels = OfficeParcels(opened.identity, self.audit)
        self.elsewhere = Elsewhere(opened.identity, opened.vault, self._vault, self.audit)

    def _set_up_office(self, opened: Opened) -> None:
        """What only a store of an office's uses."""
        self.inbox = Inbox(opened.identity, self.audit)
        self.incoming = Incoming(opened.identity, opened.vault, self._vault, self.audit)
        self.conflicts = Conflicts(opened.identity, self.audit)
        self.suspects = Suspects(opened.identity, self.audit)
        self.account_areas = AccountAreas(opened.identity, self.audit)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        identity_url: str = "",
        vault_url: str = "",
        clock: Clock = _now,
        rules: AccountSettings = _RULES,
        suite: Suite = INTERNATIONAL,
        unlock: Unlock = keyring.unlock_open,
    ) -> Self:
        """The store in a folder, beside whoever else has it open: for every command but the station itself.

        Made where there is nothing yet, with the `suite`; an older one keeps the suite that it was made with. Other databases
        than the folder's SQLite files by their URLs, or on the server of their own that lies beside it, which then runs.
        Migrations run. `unlock` gives the keys of a store that is sealed. Raises StoreError when a part is missing, damaged,
        older than the others or another store's, when the key does not fit, or when a newer program wrote it; then nothing was
        changed.
        """
        with ExitStack() as begun:
            places, held = _places(begun, folder, identity_url, vault_url)
            opened = open_databases(places, unlock, suite, running=is_running(places))
            store = cls(opened, clock, rules, simulated=_is_simulated(folder))
            store._locks = held
            begun.pop_all()
        return store

    @classmethod
    def open_station(
        cls,
        folder: Path,
        *,
        address: str = "",
        identity_url: str = "",
        vault_url: str = "",
        clock: Clock = _now,
        rules: AccountSettings = _RULES,
        suite: Suite = INTERNATIONAL,
        unlock: Unlock = keyring.unlock_open,
    ) -> Self:
        """The same for the one station of a folder, which is found at `address` until it closes.

        Blobs that a kill left without a row go into quarantine. Raises StoreError as `open` does, when another station has the
        folder, or when there are more such blobs than a kill can leave.
        """
        with ExitStack() as begun:
            places, locks = _places(begun, folder, identity_url, vault_url)
            locks.append(lock_folder(places, address))
            begun.callback(locks[-1].release)
            opened = open_databases(places, unlock, suite, running=False)
            store = cls(opened, clock, rules, simulated=_is_simulated(folder))
            store._locks = locks
            begun.pop_all()
        try:
            if not store._opened.identity.sqlite:
                locks.append(ServerLock(store._opened.identity, address))
            erasing.finish(store._opened.identity, store._opened.vault)
            if erasing.is_owed(store._opened.identity):
                store.erasing.clean()
            quarantine.settle(store._opened.identity, store._opened.vault, store.audit)
            pairing.begin_session(store._opened.identity, store._opened.vault)
            store._in_session = True
            store.elsewhere.forget_expired()
        except BaseException:
            store.close()
            raise
        return store

    def other_suite(self, wanted: Suite) -> Message | None:
        """What to tell where the settings want another suite than this store was made with: it keeps its own."""
        if wanted is self.suite:
            return None
        return Message("store.other_suite", {"made_with": self.suite.name, "wanted": wanted.name})

    @property
    def server_url(self) -> str:
        """Of the identities, where they lie on a server; empty for files."""
        return self._opened.places.identity_url

    def id(self) -> str:
        """Random, and this store's alone."""
        with self._opened.identity.read() as connection:
            return pairing.store_id_of(connection, tables.identity_pair)

    def sealer(self, purpose: str) -> Sealer:
        """Seals what lies beside the store, and opens for whoever can open the store."""
        return self.suite.sealer(self._opened.keys.trail, purpose)

    def formats(self) -> dict[str, str]:
        """The revision of each database's tables; opening brings both up to the newest."""
        rooms: tuple[Room, ...] = ("identity", "vault")
        return {room: head(room) or "" for room in rooms}

    def engine(self) -> str:
        """What the identities lie in, with its version."""
        with self._opened.identity.read() as connection:
            if not self._opened.identity.sqlite:
                return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"
            sqlite = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
            return f"SQLite {sqlite} · SQLCipher {connection.exec_driver_sql('PRAGMA cipher_version').scalar() or '—'}"

    def counters(self) -> dict[str, int]:
        """What only ever grows: the commits of the two databases, and the exports."""
        opened = self._opened
        with opened.identity.read() as names, opened.vault.read() as connection:
            return {
                "identity": pairing.generation_of(names, tables.identity_pair),
                "vault": pairing.generation_of(connection, tables.vault_pair),
                "exports": self.audit.count(names, "export"),
            }

    @property
    def generation(self) -> int:
        """Moves on with every write to the identities, in whichever process."""
        with self._opened.identity.read() as names:
            return pairing.generation_of(names, tables.identity_pair)

    def check(self, *, sample: int | None = None, stop: Callable[[], bool] = lambda: False) -> Health:
        """Look for damage: in the files, in the trail, for blobs that are gone; and open `sample` blobs, or all of them.

        It only reads. `stop` is asked now and then, and ends it early.
        """
        opened = self._opened
        found = health.check(opened.identity, opened.vault, self._vault, self.audit, sample=sample, stop=stop)
        try:
            damaged = [Message("store.hurt.staff", {"name": name}) for name in self.staff.damaged()]
        except StoreError:  # the file is damaged, which is told already
            damaged = []
        return replace(found, hurt=(*found.hurt, *damaged))

    def quarantined(self) -> list[Quarantined]:
        """Blobs that no row names, the oldest first."""
        return quarantine.kept(self._opened.vault)

    def erase_quarantine(self, *, by: str, reason: str) -> int:
        """Erase for good what lay in quarantine for its whole term; how many. Raises StoreError without a reason."""
        require_reason(reason)
        opened = self._opened
        return quarantine.erase(opened.identity, opened.vault, self.audit, by=by, reason=reason, now=datetime.now(UTC))

    def close(self) -> None:
        """Let go of the databases. Everything said to be durable is so already. Idempotent."""
        if self._in_session:
            self._in_session = False
            with suppress(StoreError):  # then it looks cut off, and the logs stay with it
                pairing.end_session(self._opened.identity, self._opened.vault)
        self._opened.close()
        for lock in reversed(self._locks):
            lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
