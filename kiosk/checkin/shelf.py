"""The 考场包 that a station has taken: a folder for each, with the register, and a key of its own that the store's key seals.

A package is deleted by deleting its key first, then its file: what a power cut leaves in between nobody can open, and the next
look removes it. After the day that the package names it is deleted without anybody's word, once its results are written;
results that nobody fetched are waited for a month at most.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kiosk.checkin.papers import Words, write_sheets
from kiosk.checkin.register import Register, starting
from kiosk.checkin.roll import Roll
from kiosk.ciphers import Sealer, Unsound
from kiosk.ciphers.age import Opening, Sealing
from kiosk.ciphers.certificates import fingerprint
from kiosk.clock import moment
from kiosk.durable import sync_folder
from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exchange.attendance_parcel import AttendanceHead, read_attendance, write_attendance
from kiosk.exchange.exam_parcel import exam_head, read_exam
from kiosk.exchange.manifest import Stamp
from kiosk.exchange.parcel import Head, head_of, reading
from kiosk.records import DoorEvent, ExamDay, Part
from kiosk.store import Store, prepare_folder
from kiosk.store.database import PAGE_SALT_BYTES, PageKey
from kiosk.store.keys import replace_file
from kiosk.store.offices import believed
from kiosk.words import say

log = logging.getLogger(__name__)

FOLDER: Final = "checkin"
_KEY, _HEAD = "register.key", "head.json"
_KEY_BYTES: Final = 32
_PURPOSE: Final = "check-in register"
_PATIENCE: Final = timedelta(days=30)
_NOTHING: Final[frozenset[Part]] = frozenset()
_OF_THE_BODY: Final = frozenset({Part.TEMPLATES, Part.PICTURES, Part.IDENTITY})


@dataclass(frozen=True)
class Shelved:
    """A package that lies here. `id` names its folder."""

    id: str
    day: ExamDay
    signer: bytes
    candidates: int
    district: int = 0  # people of the district whose faces are in it

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.signer)


@dataclass(frozen=True)
class ExamPlan:
    """What taking a package would bring. `first`: the office that signed it is not known here; its fingerprint has to be
    compared."""

    shelved: Shelved
    first: bool


class Shelf:
    """Raises ExchangeError as reading a package does, StoreError."""

    def __init__(self, store: Store, *, office: bytes = b"", now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`office`: the public key of the office that this computer is, whose packages are its own."""
        self._store = store
        self._office = office
        self._folder = store.folder / FOLDER
        self._now = now
        self._sealer: Sealer = store.sealer(_PURPOSE)

    # -- in

    def plan(self, path: Path, *, office_key: str = "", password: str = "") -> ExamPlan:
        """What taking one would bring; nothing changes, and all of the file is looked at. Refused are what nobody known here
        has signed, what has run out, what lies here already, and what is damaged."""
        with reading(path, self._opening(password)) as parcel:
            shelved, first = self._judged(parcel.head, office_key)
            for _ in read_exam(parcel):
                pass
        return ExamPlan(shelved, first)

    def take(self, path: Path, *, office_key: str = "", password: str = "", door: str, by: str) -> Shelved:
        """Take one; `door` is what the events of this station are told by. Raises as `plan` does."""
        with reading(path, self._opening(password)) as parcel:
            shelved, _ = self._judged(parcel.head, office_key)
            prepare_folder(self._folder)
            draft = self._folder / f".{shelved.id}"
            shutil.rmtree(draft, ignore_errors=True)
            prepare_folder(draft)
            try:
                key = PageKey(secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(PAGE_SALT_BYTES))
                self._write_key(draft, shelved.id, key)
                replace_file(draft / _HEAD, parcel.head.content)
                try:
                    made = Register.create(
                        draft,
                        key,
                        self._store.suite,
                        shelved.day,
                        read_exam(parcel),
                        exam=parcel.head.digest,
                        door=door,
                        simulated=self._store.simulated,
                    )
                except ValueError:
                    raise ExchangeError("parcel.damaged", file=path.name, at="candidates.jsonl") from None
                made.note([starting()], self._now())
                made.close()
                draft.rename(self._folder / shelved.id)
                sync_folder(self._folder)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
        self._store.audit.record("checkin.take", actor=by, exam=shelved.id, candidates=shelved.candidates)
        try:
            self._take_back(shelved)
        except KioskError as error:  # this one is here, whatever an earlier one is like
            log.error("check-in: an earlier package than %s: %s", shelved.id, error)
        return shelved

    def _judged(self, head: Head, office_key: str) -> tuple[Shelved, bool]:
        day, own = exam_head(head), self._store.signing
        ours = own.is_own(head.signer) or head.signer == self._office
        first = not ours and believed(self._store, head.signer, office_key)
        if bool(head.told.get("simulated")) is not self._store.simulated:
            raise ExchangeError("checkin.simulated")
        if day.expires_at <= self._now():
            raise ExchangeError("checkin.expired_package", at=moment(day.expires_at))
        shelved = _shelved(head, day)
        if (self._folder / shelved.id).exists():
            raise ExchangeError("checkin.here_already", title=day.title)
        return shelved, first

    # -- here

    def all(self) -> list[Shelved]:
        """What lies here, the next to be needed first; what has run out is deleted first where it may be, and of the others
        what the store has deleted since."""
        found = self._lying()
        self._forget_erased(found)
        return found

    def forget_erased(self) -> int:
        """Have what the store deleted of students go from the packages here, too, at once; of how many."""
        return self._forget_erased(self._lying())

    def _lying(self) -> list[Shelved]:
        found = []
        if self._folder.is_dir():
            for folder in sorted(self._folder.iterdir()):
                if folder.name.startswith(".") or not (folder / _KEY).is_file():
                    shutil.rmtree(folder, ignore_errors=True)  # half taken, or half deleted
                    continue
                try:
                    head = head_of((folder / _HEAD).read_bytes())
                    shelved = replace(_shelved(head, exam_head(head)), id=folder.name)
                    gone = self._expired(shelved)
                except (KioskError, OSError) as error:  # one that is damaged keeps nobody from the others, or the station
                    log.error("check-in: package %s: %s", folder.name, error)
                    continue
                if not gone:
                    found.append(shelved)
        return sorted(found, key=lambda one: one.day.sessions[0].starts_at)

    def get(self, exam: str = "") -> Shelved:
        """One by its id or the beginning of it; without one the only one, or the one of today. Raises
        StoreError("checkin.none"), ("checkin.which")."""
        here = [one for one in self.all() if one.id.startswith(exam)]
        if not here:
            raise StoreError("checkin.none")
        now = self._now()
        on = [one for one in here if any(at.starts_at.date() == now.date() for at in one.day.sessions)]
        if len(here) > 1 and len(on) != 1:
            raise StoreError("checkin.which", exams="、".join(f"{one.day.title} ({one.id})" for one in here))
        return (on or here)[0] if len(here) > 1 else here[0]

    def open(self, shelved: Shelved) -> Register:
        """Its register; raises StoreError("checkin.key") where its key is another store's or was changed."""
        folder = self._folder / shelved.id
        return Register.open(folder, self._read_key(folder, shelved.id), self._store.suite, shelved.day)

    def delete(self, shelved: Shelved, *, by: str, second: str = "", reason: str) -> None:
        """Key and file are gone when this returns. Raises StoreError("checkin.owed") where results are in no file yet."""
        register = self.open(shelved)
        owed = register.owed
        register.close()
        if owed > 1:  # a door that only began has nothing to tell
            raise StoreError("checkin.owed", count=owed)
        self._erase(shelved, by=by, second=second, reason=reason)

    def _expired(self, shelved: Shelved) -> bool:
        """Whether one has run out and was deleted for it."""
        now = self._now()
        if now < shelved.day.expires_at:
            return False
        if now < shelved.day.expires_at + _PATIENCE:
            register = self.open(shelved)
            owed = register.owed
            register.close()
            if owed > 1:
                return False
        self._erase(shelved, by="", reason="expired")
        return True

    def _erase(self, shelved: Shelved, *, by: str, second: str = "", reason: str) -> None:
        folder = self._folder / shelved.id
        key = folder / _KEY
        with key.open("r+b") as file:  # overwritten in place: a name that is gone leaves the bytes
            file.write(secrets.token_bytes(key.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        key.unlink()
        sync_folder(folder)  # a name that came back would have no key any more
        shutil.rmtree(folder, ignore_errors=True)
        told: dict[str, object] = {"exam": shelved.id, "candidates": shelved.candidates, "reason": reason}
        if second:
            told["second"] = second
        self._store.audit.record("checkin.delete", actor=by, subject="", **told)

    def _forget_erased(self, here: Sequence[Shelved]) -> int:
        count = 0
        for one in here:
            erased = self._store.retention.erased_since(one.day.issued_at)
            try:
                count += self._without(one, erased) if erased else 0
            except KioskError as error:  # one that is damaged keeps nobody from the others
                log.error("check-in: package %s: %s", one.id, error)
        return count

    def _without(self, shelved: Shelved, erased: Mapping[str, frozenset[Part]]) -> int:
        """Take out of a package what is erased of people, by pseudonym; of how many."""
        of = self._store.audit.pseudonym
        with closing(self.open(shelved)) as register:
            parts = {one.number: erased.get(of(one.id_number), _NOTHING) for one in register.candidates}
            return self._noted(shelved, register.forget([number for number, gone in parts.items() if gone & _OF_THE_BODY]))

    def _take_back(self, newer: Shelved) -> None:
        """What the signer of a package has no more of somebody, earlier ones of the same signer need not have either."""
        with closing(self.open(newer)) as fresh:
            now = {one.id_number: one.faced or one.thumbed for one in fresh.candidates}
        for older in self._lying():
            if older.id == newer.id or older.signer != newer.signer or older.day.issued_at > newer.day.issued_at:
                continue
            # Of the same exam, who is not in the newer one is taken out; of another one it says nothing of them.
            other_exam = (older.day.title, older.day.site) != (newer.day.title, newer.day.site)
            with closing(self.open(older)) as register:
                gone = [one.number for one in register.candidates if not now.get(one.id_number, other_exam)]
                self._noted(older, register.forget(gone))

    def _noted(self, shelved: Shelved, candidates: int) -> int:
        if candidates:
            self._store.audit.record("checkin.forget", actor="", exam=shelved.id, candidates=candidates)
        return candidates

    def trail(self, shelved: Shelved, register: Register) -> Callable[[DoorEvent], None]:
        """What tells the store's trail of what people answered for at a door: the trail outlasts the package. One that can't be
        written stops no door, for the register has the event."""

        def told(event: DoorEvent) -> None:
            subject = ""
            if event.candidate is not None:
                subject = self._store.audit.pseudonym(register.candidate(event.candidate).id_number)
            more = {"second": event.by[1]} if len(event.by) > 1 else {}
            more |= {name: value for name, value in (("code", event.code), ("reason", event.reason)) if value}
            session = register.day.sessions[event.session].subject
            about = {"exam": shelved.id, "session": session, "door": event.door, "event": event.sequence, **more}
            try:
                self._store.audit.record(f"checkin.{event.act}", actor=event.by[0], subject=subject, **about)
            except StoreError as error:
                log.error("check-in: the trail: %s", error)

        return told

    def note_begun(self, shelved: Shelved, room: str) -> None:
        """A computer is a door of a package from now on."""
        self._store.audit.record("checkin.begin", exam=shelved.id, **({"room": room} if room else {}))

    # -- out, and in again

    def write_results(self, shelved: Shelved, register: Register, target: Path, to: Sealing, *, station: str, by: str) -> int:
        """The events of this door as a 核验结果包, signed; how many."""
        events, key = register.own_events(), self._store.signing.key()
        head = AttendanceHead(register.exam, station, self._now())
        write_attendance(target, to, key, head, events)
        register.note_written()
        self._store.audit.record("checkin.results", actor=by, exam=shelved.id, events=len(events))
        return len(events)

    def write_sheets(
        self, shelved: Shelved, roll: Roll, session: int, out: Path, stamp: Stamp, words: Words, now: datetime, *, by: str
    ) -> Path:
        """考场情况记录表 of a session: their folder below `out`. The trail knows their manifest by its digest, as
        that of every export, and who deletes files finds them."""
        folder, manifest = write_sheets(roll, session, out, stamp, words, now)
        self._store.written.note(FOLDER, folder, [one.id_number for one in roll.register.candidates], by=by)
        told = {"kind": "checkin", "exam": shelved.id, "folder": folder.name, "manifest": manifest}
        self._store.audit.record("export", actor=by, **told)
        return folder

    def merge(self, shelved: Shelved, register: Register, path: Path, *, password: str = "", by: str) -> int:
        """Take another door's results; how many events were new. Refused are another exam's, and a signer the package was not
        made for: ExchangeError("checkin.other_exam"), ("checkin.other_station")."""
        with reading(path, self._opening(password)) as parcel:
            head, events = read_attendance(parcel)
            signer = parcel.head.signer
            if head.exam != register.exam:
                raise ExchangeError("checkin.other_exam", file=path.name)
            if signer.hex() not in shelved.day.stations and not self._store.signing.is_own(signer):
                raise ExchangeError("checkin.other_station", station=head.station, fingerprint=fingerprint(signer))
            new = register.merge(events)
        self._store.audit.record("checkin.merge", actor=by, exam=shelved.id, events=new, station=head.station)
        return new

    # -- keys

    def _opening(self, password: str) -> Opening:
        return Opening(passphrase=password) if password else self._store.signing.opening()

    def _write_key(self, folder: Path, exam: str, key: PageKey) -> None:
        nonce, sealed = self._sealer.seal(key.key + key.salt, exam.encode())
        replace_file(folder / _KEY, json.dumps({"nonce": nonce.hex(), "sealed": sealed.hex()}).encode())

    def _read_key(self, folder: Path, exam: str) -> PageKey:
        try:
            told: dict[str, Any] = json.loads((folder / _KEY).read_bytes())
            content = self._sealer.open(bytes.fromhex(told["nonce"]), bytes.fromhex(told["sealed"]), exam.encode())
        except (OSError, ValueError, KeyError, TypeError, Unsound):
            raise StoreError("checkin.key") from None
        return PageKey(content[:_KEY_BYTES], content[_KEY_BYTES:])


def _shelved(head: Head, day: ExamDay) -> Shelved:
    candidates, district = (one if isinstance(one := head.told.get(name), int) else 0 for name in ("candidates", "district"))
    return Shelved(head.digest[:16], day, head.signer, candidates, district)


def plan_lines(language: str, shelved: Shelved) -> tuple[str, ...]:
    """What a package is, in words, before it is taken."""
    day = shelved.day
    told = {"title": day.title, "site": day.site or "—", "candidates": shelved.candidates, "until": moment(day.expires_at)}
    lines = [say(language, "plan.checkin.exam", **told), say(language, "plan.checkin.signer", fingerprint=shelved.fingerprint)]
    for one in day.sessions:
        when = {"subject": one.subject, "at": moment(one.starts_at), "latest": moment(one.latest_entry)}
        lines.append(say(language, "plan.checkin.session", **when))
    if shelved.district:
        lines.append(say(language, "plan.checkin.district", count=shelved.district))
    return tuple(lines)
