"""Says in words whether an export is as it was written, who signed it, and whether this station's own trail still knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final

from kiosk.ciphers.age import Opening
from kiosk.ciphers.certificates import Certificate, fingerprint
from kiosk.clock import moment
from kiosk.errors import StoreError
from kiosk.exchange.file_names import plain
from kiosk.exchange.manifest import Manifest, Signer
from kiosk.exchange.verifying import Inspection, inspect
from kiosk.office.certificates import standing
from kiosk.records import Message
from kiosk.store import Standing, Store
from kiosk.store.audit import SLACK

_NOTHING: Final = Opening()


class Tone(StrEnum):
    """How a line is to be taken."""

    GOOD = "good"
    DOUBT = "doubt"
    BAD = "bad"


@dataclass(frozen=True)
class Line:
    tone: Tone
    message: Message


@dataclass(frozen=True)
class Verdict:
    """What was found, the worst first said by `tone`."""

    name: str
    lines: tuple[Line, ...]

    @property
    def tone(self) -> Tone:
        tones = {line.tone for line in self.lines}
        return next(tone for tone in (Tone.BAD, Tone.DOUBT, Tone.GOOD) if tone in tones)


class Verifying:
    """Looks at exports of this station and of others."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def verify(
        self,
        path: Path,
        by: Opening = _NOTHING,
        *,
        name: str = "",
        office_key: bytes = b"",
        actor: str = "",
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> Verdict:
        """Everything that can be said of a folder, ZIP or sealed package. An office whose key is given is believed besides
        those that are known here. Raises ExchangeError when it is no export, or does not open."""
        found = inspect(path, by, name, progress)
        lines = (*_as_written(found), *self._who(found, frozenset({office_key} - {b""})), *self._trail(found))
        verdict = Verdict(found.name, lines)
        self._store.audit.record("verify", actor=actor, folder=found.name, outcome=verdict.tone.value)
        return verdict

    def _who(self, found: Inspection, offices: frozenset[bytes]) -> Iterator[Line]:
        """Who signed it, and what that is worth."""
        manifest = found.manifest
        if manifest is None:
            return
        signer = manifest.signer
        if signer is None:
            yield Line(Tone.DOUBT, Message("verify.unsigned"))
            return
        if not found.signed:
            return  # told already: whoever changed it may have put any name in it
        if not signer.certificate:
            yield self._uncertified(signer)
            return
        try:
            certificate = Certificate.read(signer.certificate.encode())
        except StoreError as error:
            yield Line(Tone.BAD, error.message)
            return
        if certificate.public_key != signer.public_key:
            yield Line(Tone.BAD, Message("verify.certificate_of_another"))
            return
        worth = self._store.signing.worth(certificate, datetime.fromisoformat(manifest.made_at), offices)
        tone = {Standing.VALID: Tone.GOOD, Standing.UNKNOWN_OFFICE: Tone.DOUBT}.get(worth.standing, Tone.BAD)
        yield Line(tone, standing(certificate, worth))

    def _uncertified(self, signer: Signer) -> Line:
        told = {"station": plain(signer.station) or "—", "fingerprint": fingerprint(signer.public_key)}
        if self._store.signing.is_own(signer.public_key):
            return Line(Tone.GOOD, Message("verify.own_key", told))
        return Line(Tone.DOUBT, Message("verify.uncertified", told))

    def _trail(self, found: Inspection) -> Iterator[Line]:
        """Whether the trail of this store still holds what the manifest says of it."""
        manifest = found.manifest
        if manifest is None or manifest.signer is None or not found.signed:
            return
        at = manifest.signer.trail
        told = {"number": at.number, "at": moment(datetime.fromisoformat(at.at)) if at.at else "—", "seal": plain(at.seal[:16])}
        if manifest.signer.store != self._store.id():
            yield Line(Tone.GOOD, Message("verify.trail_elsewhere", told))
            return
        broken, head = self._store.audit.first_broken(), self._store.audit.head()
        if broken is not None:
            yield Line(Tone.BAD, Message("verify.trail_broken", {"number": broken}))
        last = head.number if head is not None else 0
        if last < at.number:
            yield Line(Tone.BAD, Message("verify.trail_cut", told | {"last": last}))
            return
        here = self._store.audit.sealed_entry(at.number)
        if at.number and (here is None or here.seal != at.seal):
            yield Line(Tone.BAD, Message("verify.trail_other", told))
            return
        if not self._knows(found.digest):
            yield Line(Tone.BAD, Message("verify.trail_unknown", told | {"file": found.name}))
            return
        yield Line(Tone.GOOD, Message("verify.trail_whole", told))
        yield from self._clock(manifest)

    def _knows(self, digest: str) -> bool:
        trail = self._store.audit
        entries = chain(trail.latest(None, action="export"), trail.latest(None, action="deletion_list"))
        return any(entry.detail.get("manifest") == digest for entry in entries)

    def _clock(self, manifest: Manifest) -> Iterator[Line]:
        """A clock that was set back before the export, or has been since."""
        assert manifest.signer is not None
        made, trail = datetime.fromisoformat(manifest.made_at), manifest.signer.trail
        now = self._store.audit.now()
        if trail.at and made + SLACK < (before := datetime.fromisoformat(trail.at)):
            yield Line(Tone.BAD, Message("verify.clock_before", {"made": moment(made), "at": moment(before)}))
        if now + SLACK < made:
            yield Line(Tone.BAD, Message("verify.clock_since", {"made": moment(made), "now": moment(now)}))


def _as_written(found: Inspection) -> Iterator[Line]:
    """What was changed, by name; or that nothing was."""
    for fault in found.faults:
        yield Line(Tone.BAD, fault)
    manifest = found.manifest
    if manifest is not None and not found.faults:
        made = moment(datetime.fromisoformat(manifest.made_at))
        told = {"count": found.checked, "made": made, "profile": plain(manifest.profile)}
        yield Line(Tone.GOOD, Message("verify.whole", told))
