"""采集包 in: laid into the office's inbox, then worked off one by one, each whole or not at all.

A file is on the disk before anybody hears that it was received, and stays there until every row of it is written. Whatever
breaks the work off, it is begun anew: `take` may be called for any file, at any time, by anybody, as often as they like.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Opening
from kiosk.ciphers.certificates import Certificate, Revocations
from kiosk.clock import moment
from kiosk.durable import sync_file, sync_folder
from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exchange.captures_parcel import CapturesHead, captures_head, received
from kiosk.exchange.file_names import plain
from kiosk.exchange.parcel import SUFFIX, Head, Kind, reading, sha256_of
from kiosk.exchange.told import moment_of
from kiosk.office.jobs import Telling, untold
from kiosk.private import make_folder
from kiosk.records import KnownElsewhere, ParcelOrigin, ReceivedParcel, ReceivedState, RefusalKind
from kiosk.store import Standing, Store, ToldRecord, data_forms
from kiosk.store.signing import worth_of

INBOX: Final = "inbox"  # beside the data
_REFUSALS: Final = frozenset(f"capture.{kind}" for kind in RefusalKind)  # as a station's trail calls them
_TOGETHER: Final = 16  # records whose pieces are put into the vault at once
_CHUNK: Final = 1 << 20
# What may be otherwise when it is tried again; everything else is said of the file.
_LATER: Final = frozenset({"store.busy", "store.disk_full", "store.disk_broken", "store.read_only", "store.failed"})


class Intake:
    """Takes what stations send. Methods may be called from any thread, and by several programs on one store."""

    def __init__(self, store: Store, key: OfficeKey, revocations: Path | None = None) -> None:
        """`key` opens packages, and has certified the stations; `revocations` is the office's list of revoked certificates,
        read for every file."""
        self._store = store
        self._key = key
        self._revocations = revocations
        self.folder = store.folder / INBOX
        make_folder(self.folder)

    def lay(self, file: Path, *, by: str, name: str = "") -> ReceivedParcel:
        """Copy a file into the inbox; it is on the disk, and entered, when this returns. Raises StoreError, and
        ExchangeError("intake.unreadable")."""
        try:
            digest = self._copy(file)
        except OSError as error:
            raise ExchangeError("intake.unreadable", file=name or file.name, reason=error.strerror or "") from None
        return self._enter(digest, name=name or file.name, by=by)

    def adopt(self, file: Path, digest: str, *, by: str, name: str) -> ReceivedParcel:
        """The same for a whole file on this disk that is ours already: it is moved. Raises ExchangeError("delivery.changed")
        where it is another than `digest` says, and removes it then."""
        if sha256_of(file) != digest:
            file.unlink()
            raise ExchangeError("delivery.changed")
        sync_file(file)
        file.replace(self._path(digest))
        sync_folder(self.folder)
        return self._enter(digest, name=name, by=by)

    def recover(self) -> int:
        """Enter files that lie in the inbox and that nobody has heard of: the program was ended between the two; how many."""
        found = 0
        for file in sorted(self.folder.glob(f"*{SUFFIX}")):
            if not file.name.startswith("."):
                entered = self._store.inbox.lay(file.name.removesuffix(SUFFIX), name=file.name, size=file.stat().st_size, by="")
                if entered.state is ReceivedState.TAKEN:
                    file.unlink(missing_ok=True)
                found += entered.state is ReceivedState.WAITING
        for draft in self.folder.glob(".*.part"):
            draft.unlink(missing_ok=True)
        return found

    def waiting(self) -> list[ReceivedParcel]:
        """Those that nobody has worked off, the oldest first."""
        return self._store.inbox.waiting()

    def take(self, number: int, progress: Telling = untold) -> ReceivedParcel:
        """Work a file off; what became of it. Raises StoreError where it can't be done now, and changes nothing then."""
        store = self._store
        entered = store.inbox.find(number)
        if entered is None:
            raise StoreError("intake.unknown")
        if entered.state is not ReceivedState.WAITING:
            return entered
        store.incoming.sweep(number)
        origin: ParcelOrigin | None = None
        try:
            with reading(self._path(entered.sha256), Opening(identities=(self._key.identity,)), entered.name) as parcel:
                if parcel.head.kind is not Kind.CAPTURES:
                    raise ExchangeError("intake.other_kind")
                head = captures_head(parcel.head)
                self._require_ours(parcel.head, head)
                origin = _origin(number, head)
                self._require_readable(head)
                staff: list[KnownElsewhere] = []
                turned_away = Counter[str]()
                came = received(parcel, staff.extend, lambda entries: turned_away.update(_turned_away(entries)))
                arrived, left = [], (ToldRecord(one.id, one.digest, one.told, one.blobs) for one in came)
                while few := list(islice(left, _TOGETHER)):
                    arrived += store.incoming.keep(origin, few)
                    progress(len(arrived), len(head.records))
            store.incoming.take(replace(origin, turned_away=turned_away), arrived, staff)
        except FileNotFoundError:
            store.inbox.refuse(number, ExchangeError("intake.gone"))
        except OSError as error:
            raise StoreError("store.disk_broken", reason=error.strerror or "") from None
        except KioskError as error:
            store.incoming.sweep(number)
            if error.code in _LATER and not _is_its_own_fault(error):
                raise
            unfit = ExchangeError("intake.unfit") if error.code in _LATER else error
            store.inbox.refuse(number, unfit, origin)
        done = store.inbox.find(number)
        assert done is not None
        if done.state is ReceivedState.TAKEN:
            self._path(entered.sha256).unlink(missing_ok=True)
        return done

    def _enter(self, digest: str, *, name: str, by: str) -> ReceivedParcel:
        entered = self._store.inbox.lay(digest, name=name, size=self._path(digest).stat().st_size, by=by)
        if entered.state is ReceivedState.TAKEN:
            self._path(digest).unlink(missing_ok=True)
        return entered

    def _copy(self, file: Path) -> str:
        """Under the name of its digest; that."""
        draft = self.folder / f".{secrets.token_hex(8)}.part"
        hasher = hashlib.sha256()
        try:
            with file.open("rb") as source, draft.open("wb") as target:
                while piece := source.read(_CHUNK):
                    hasher.update(piece)
                    target.write(piece)
            sync_file(draft)
            draft.replace(self._path(hasher.hexdigest()))
            sync_folder(self.folder)
        finally:
            draft.unlink(missing_ok=True)
        return hasher.hexdigest()

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}{SUFFIX}"

    def _require_ours(self, head: Head, told: CapturesHead) -> None:
        """Raises ExchangeError for a package that no station of this office's signed, or whose certificate has ended."""
        station = plain(told.station) or "—"
        if not told.certificate:
            raise ExchangeError("intake.uncertified", station=station)
        certificate = Certificate.read(told.certificate.encode())
        if certificate.public_key != head.signer:
            raise ExchangeError("intake.certificate_of_another", station=station)
        known = Revocations.read(self._revocations.read_bytes()) if self._revocations is not None else None
        worth = worth_of(certificate, told.made_at, frozenset({self._key.signing.public}), known)
        about = {"station": plain(certificate.station), "serial": plain(certificate.serial)}
        if worth.standing is Standing.UNKNOWN_OFFICE:
            raise ExchangeError("intake.other_office", **about)
        if worth.standing is Standing.REVOKED:
            raise ExchangeError("intake.revoked", **about, at=moment(worth.at), reason=plain(worth.reason))
        if worth.standing is not Standing.VALID:
            raise ExchangeError("intake.not_valid", **about, made=moment(told.made_at), at=moment(worth.at))

    def _require_readable(self, head: CapturesHead) -> None:
        if head.simulated != self._store.simulated:
            raise ExchangeError("intake.simulated" if head.simulated else "intake.not_simulated")
        if any(head.formats.get(room, "") > form for room, form in data_forms().items()):
            raise ExchangeError("intake.newer")


def _is_its_own_fault(error: KioskError) -> bool:
    """Whether the database refuses what a package says, now and ever: a rule broken, a value that is none (SQLSTATE 22, 23)."""
    reason = str(error.data.get("reason", ""))
    return reason.startswith(("SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "22", "23", "DataError", "IntegrityError"))


def _turned_away(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The hour of each refusal in a slice of a station's trail; what can't be read counts for nothing."""
    for one in entries:
        if one.get("action") in _REFUSALS:
            with suppress(TypeError, ValueError):
                yield moment_of(one.get("at")).astimezone(UTC).replace(minute=0, second=0, microsecond=0).isoformat()


def _origin(number: int, head: CapturesHead) -> ParcelOrigin:
    """The station is what the office certified it as, and not what it calls itself."""
    certificate = Certificate.read(head.certificate.encode())
    return ParcelOrigin(
        number,
        head.id,
        head.store,
        certificate.station,
        certificate.school,
        certificate.school_code,
        head.certificate,
        head.recipient,
        head.part,
        head.parts,
        head.before,
        head.entry,
        head.seal,
        head.made_at,
        {**head.figures, "program": head.program},
        head.whole,
    )
