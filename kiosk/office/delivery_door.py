"""The office's side of what stations deliver over the network: files into the inbox, piece by piece, and answers out.

Who comes has proven a key of a certificate of this office (`kiosk.ciphers.tls`). A file is known by its digest: it may come in
pieces, be cut anywhere, come twice or once more by stick; it is in the inbox once, whole, or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Opening, is_age, is_recipient
from kiosk.ciphers.certificates import Certificate, Revocations
from kiosk.ciphers.tls import Proven, proven
from kiosk.clock import moment
from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exchange.file_names import plain
from kiosk.exchange.parcel import SUFFIX, Kind, reading, sha256_of
from kiosk.exchange.school_parcel import school_head
from kiosk.office.answers import PREFIX, answer_to, seal_answer
from kiosk.office.known_people import others_stamp
from kiosk.office.reception import Reception
from kiosk.private import make_folder
from kiosk.records import ReceivedParcel, ReceivedState, SeenStation
from kiosk.store import Store

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FOLDER: Final = "delivered"  # beside the inbox, on the same disk
_PART, _OWN = ".part", "answers"
_LEFT_S: Final = 7 * 86400  # after so long nobody goes on with the beginning of a file
_PATIENCE_S: Final = 5.0
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """What one station may bring. Bytes, but for the numbers of files."""

    largest: int = 4_100_000_000  # the largest part that a station writes, with its seal
    piece: int = 8 << 20  # of one request
    begun: int = 4  # files that are not whole
    not_taken: int = 100  # of a day, waiting or refused
    spare: int = 2_000_000_000  # left free on the disk for the office itself


_USUAL: Final = Limits()


@dataclass(frozen=True)
class DoorFolders:
    """Where the office's receipts lie, the 名单包 that stations may have, and the list of revoked certificates, which is read
    for every visitor."""

    answers: Path
    lists: Path | None = None
    revocations: Path | None = None


@dataclass(frozen=True)
class Offered:
    """An answer that lies ready for a station. `digest` is that of its head: what a station knows a taken one by."""

    digest: str
    kind: Kind
    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Standing:
    """How far a file is: the bytes that are here, and what is known of it once it is whole."""

    offset: int = 0
    parcel: ReceivedParcel | None = None


class DeliveryDoor:
    """Methods may be called from any thread. Raises ExchangeError ("delivery.…") for what is not let in."""

    def __init__(
        self,
        store: Store,
        reception: Reception,
        key: OfficeKey,
        folders: DoorFolders,
        *,
        language: str,
        with_templates: bool = False,
        limits: Limits = _USUAL,
    ) -> None:
        """`with_templates`: receipts carry those of whom the school's other stations captured."""
        self._store = store
        self._with_templates = with_templates
        self._reception = reception
        self._key = key
        self._revocations = folders.revocations
        self._answers = folders.answers
        self._lists = folders.lists
        self._language = language
        self.limits = limits
        self._folder = store.folder / _FOLDER
        make_folder(self._folder)
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._heads: dict[tuple[Path, int, int], tuple[Offered, str, int] | None] = {}
        self._sweep()

    def visitor(self, certificate: bytes) -> Proven:
        """Who comes, by the certificate (DER) that TLS has accepted. Raises ExchangeError("delivery.revoked")."""
        try:
            who = proven(certificate)
        except ValueError:
            raise ExchangeError("delivery.unreadable") from None
        if self._revocations is not None:
            known = Revocations.read(self._revocations.read_bytes()).revoked.get(who.serial)
            if known is not None:
                raise ExchangeError("delivery.revoked", at=moment(known[0]), reason=plain(known[1]))
        return who

    def standing(self, who: Proven, digest: str) -> Standing:
        """How far a file is."""
        part = self._part(who, digest)
        if (known := self._store.inbox.known(digest)) is not None:
            return Standing(known.size, known)
        return Standing(part.stat().st_size if part.exists() else 0)

    def put(
        self, who: Proven, digest: str, *, name: str, whole: int, offset: int, size: int, read: Callable[[int], bytes]
    ) -> Standing:
        """Take `size` bytes from `offset` on, of a file of `whole` bytes; what came before the line broke is kept. The last
        piece lays the file into the inbox. A file that was refused comes once more from its beginning."""
        part = self._part(who, digest)
        with self._alone(who):
            known = self._store.inbox.known(digest)
            if known is not None and known.state is not ReceivedState.REFUSED:
                return Standing(known.size, known)
            here = part.stat().st_size if part.exists() else 0
            if offset != here:
                raise ExchangeError("delivery.elsewhere", offset=here)
            if not 0 < size <= self.limits.piece or offset + size > whole:
                raise ExchangeError("delivery.unreadable")
            if not here:
                self._require_room(who, whole)
            self._write(part, size, read, first=not here)
            if here + size < whole:
                return Standing(here + size)
            return Standing(whole, self._reception.adopt(part, digest, by=_named(who), name=plain(name)[:200]))

    def offered(self, who: Proven) -> list[Offered]:
        """What lies ready: how everything stands that came from this station, the newest receipt that somebody wrote for it,
        and the newest 名单包 of its school."""
        found = [self._list_of(who)]
        for station in self._stations(who):
            found += [self._standing_receipt(station), self._written_receipt(station)]
        return [one for one in found if one is not None]

    def _stations(self, who: Proven) -> list[SeenStation]:
        """The stores that sent something under this key: one, unless it was cloned."""
        key = who.public_key.hex()
        near = [one for one in self._store.inbox.stations() if key in one.certificate and is_recipient(one.recipient)]
        return [one for one in near if Certificate.read(one.certificate.encode()).public_key == who.public_key]

    def _standing_receipt(self, station: SeenStation) -> Offered | None:
        """A receipt that permits nothing, written anew whenever something changed."""
        parcel = answer_to(self._store, station, self._store.audit.now(), language=self._language)
        if not parcel.received:
            return None
        alike = [vars(one) for one in parcel.alike or ()]
        others = others_stamp(self._store, station) if self._with_templates else ""
        told = json.dumps([parcel.received, parcel.again, parcel.decisions, alike, parcel.head.parcels, others])
        folder = self._folder / _OWN
        path = folder / f"{station.store}-{hashlib.sha256(told.encode()).hexdigest()[:16]}{SUFFIX}"
        with self._lock:
            if not path.exists():
                make_folder(folder)
                for old in folder.glob(f"{station.store}-*{SUFFIX}"):
                    with suppress(OSError):  # Windows: somebody reads it
                        old.unlink()
                seal_answer(self._store, parcel, path, station, self._key, with_templates=self._with_templates)
        return self._look(path, Kind.RECEIPT)

    def _written_receipt(self, station: SeenStation) -> Offered | None:
        """Names have their time: the last is the newest."""
        written = sorted(self._answers.glob(f"{PREFIX}*-{station.store[:8]}*{SUFFIX}"))
        return self._look(written[-1], Kind.RECEIPT) if written else None

    def _list_of(self, who: Proven) -> Offered | None:
        if self._lists is None or not who.school_code:
            return None
        found = [(self._look(one, Kind.SCHOOL), self._seen(one)) for one in sorted(self._lists.glob(f"*{SUFFIX}"))]
        ours = [(seen[2], one) for one, seen in found if one is not None and seen is not None and seen[1] == who.school_code]
        return max(ours, key=lambda one: one[0])[1] if ours else None

    def _look(self, path: Path, kind: Kind) -> Offered | None:
        """What one is that lies there; None for another kind, and for what this office did not write."""
        try:
            seen = self._seen(path)
        except FileNotFoundError:  # taken away just now
            return None
        return seen[0] if seen is not None and seen[0].kind is kind else None

    def _seen(self, path: Path) -> tuple[Offered, str, int] | None:
        """A file with its school's code and version, read once as long as it stays as it is."""
        told = path.stat()
        key = path, told.st_size, told.st_mtime_ns
        if key not in self._heads:
            self._heads[key] = self._read(path, told.st_size)
        return self._heads[key]

    def _read(self, path: Path, size: int) -> tuple[Offered, str, int] | None:
        try:
            with reading(path, Opening(identities=(self._key.identity,))) as parcel:
                head = parcel.head
                if head.signer != self._key.signing.public:
                    return None
                offered = Offered(head.digest, head.kind, path, sha256_of(path), size)
                school = school_head(head) if head.kind is Kind.SCHOOL else None
        except KioskError:
            return None
        return offered, school.school.code if school else "", school.version if school else 0

    def _write(self, part: Path, size: int, read: Callable[[int], bytes], *, first: bool) -> None:
        make_folder(part.parent)
        left = size
        try:
            with part.open("ab") as target:
                while left:
                    content = _next(read, min(left, 1 << 16))
                    if first and left == size and not is_age(content):
                        raise ExchangeError("delivery.no_package")
                    left -= target.write(content)
        except OSError as error:
            raise StoreError("store.disk_broken", reason=error.strerror or "") from None
        finally:
            if part.exists() and not part.stat().st_size:
                part.unlink()

    def _require_room(self, who: Proven, whole: int) -> None:
        """Before the beginning of a file."""
        if whole > self.limits.largest:
            raise ExchangeError("delivery.too_large", most=self.limits.largest // 1_000_000)
        begun = len(list(self._home(who).glob(f"*{_PART}")))
        waiting = self._store.inbox.not_taken(_named(who), self._store.audit.now() - _DAY)
        if begun >= self.limits.begun or waiting >= self.limits.not_taken:
            raise ExchangeError("delivery.too_many")
        if shutil.disk_usage(self._folder).free - whole < self.limits.spare:
            raise ExchangeError("delivery.no_room")

    @contextmanager
    def _alone(self, who: Proven) -> Iterator[None]:
        """One piece of a station's at a time. A line that was cut may not have been noticed yet."""
        with self._lock:
            turn = self._turns[who.serial]
        if not turn.acquire(timeout=_PATIENCE_S):
            raise ExchangeError("delivery.busy")
        try:
            yield
        finally:
            turn.release()

    def _home(self, who: Proven) -> Path:
        return self._folder / who.public_key.hex()

    def _part(self, who: Proven, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ExchangeError("delivery.unreadable")
        return self._home(who) / f"{digest}{_PART}"

    def _sweep(self) -> None:
        """Beginnings of files that nobody went on with."""
        for part in self._folder.glob(f"*/*{_PART}"):
            if part.stat().st_mtime < time.time() - _LEFT_S:
                part.unlink(missing_ok=True)


def _next(read: Callable[[int], bytes], most: int) -> bytes:
    try:
        content = read(most)
    except OSError:
        content = b""
    if not content:
        raise ExchangeError("delivery.cut")
    return content


def _named(who: Proven) -> str:
    """How the inbox names who brought a file."""
    return plain(f"{who.school} {who.station}".strip())[:200]
