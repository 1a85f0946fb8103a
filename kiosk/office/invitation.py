"""Where the office takes packages over the network, as a code that a station scans: the office's address and public key.

The code is no secret and proves nothing: it saves typing. Whom a station delivers to is proven by the office's key, which it
knows by its certificate, and a code of another office's is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from kiosk.ciphers import suite_of_public_key
from kiosk.ciphers.certificates import fingerprint
from kiosk.errors import ExchangeError
from kiosk.office.configuration import Configuration
from kiosk.office.plan_words import PlanWords
from kiosk.records import Person
from kiosk.store import Store
from kiosk.store.offices import known_offices
from kiosk.words import say

_FORM: Final = "kiosk-office:1:{address}:{key}"
_WRITTEN: Final = re.compile(r"kiosk-office:1:(\S{1,250}:\d{1,5}):([0-9a-f]{64,130})")
_KEY: Final = ".".join(("delivery", "office"))  # of the settings


@dataclass(frozen=True)
class Invitation:
    """HOST:PORT of an office's door for stations, and the office's public key."""

    address: str
    office_key: bytes

    @property
    def text(self) -> str:
        """What its code says."""
        return _FORM.format(address=self.address, key=self.office_key.hex())

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.office_key)


@dataclass(frozen=True)
class InvitationPlan:
    """What taking one would do. `first`: no office is known here, so that nothing can be delivered before a certificate is."""

    invitation: Invitation
    before: str
    first: bool


def invitation_of(text: str) -> Invitation:
    """What a scanner typed, whatever the keyboard made of it; raises ExchangeError("invitation.unreadable")."""
    typed = unicodedata.normalize("NFKC", text).strip().lower()
    found = _WRITTEN.fullmatch(typed)
    key = bytes.fromhex(found[2]) if found is not None and len(found[2]) % 2 == 0 else b""
    if found is None or suite_of_public_key(key) is None:
        raise ExchangeError("invitation.unreadable")
    return Invitation(found[1], key)


class Invitations:
    """Taken at a station."""

    def __init__(self, store: Store, configuration: Configuration) -> None:
        self._store = store
        self._configuration = configuration

    def plan(self, text: str) -> InvitationPlan:
        """Raises ExchangeError as `invitation_of` does, and ("invitation.other_office")."""
        found, known = invitation_of(text), known_offices(self._store)
        if known and found.office_key not in known:
            told = {"known": "、".join(map(fingerprint, sorted(known)))}
            raise ExchangeError("invitation.other_office", fingerprint=found.fingerprint, **told)
        return InvitationPlan(found, self._configuration.current().delivery.office, not known)

    def take(self, text: str, *, by: Person) -> InvitationPlan:
        """From now on packages go to that address. Raises as `plan` and `Configuration.save` do."""
        plan = self.plan(text)
        self._configuration.save({_KEY: plan.invitation.address}, stamp=self._configuration.stamp(), by=by)
        return plan


def invitation_in_words(language: str, plan: InvitationPlan) -> PlanWords:
    """The address, until now and from now on, and whose it is."""
    told = {"address": plan.invitation.address, "before": plan.before or "—", "fingerprint": plan.invitation.fingerprint}
    lines = (say(language, "plan.invitation.address", **told), say(language, "plan.invitation.office", **told))
    return PlanWords(lines, (say(language, "plan.invitation.first", **told),) if plan.first else ())
