"""Thumbs that were pressed for a decision: what stands in a form in the place of a PIN.

A grant is for one browser, one kind of request, and once. Only a request that has to be confirmed comes twice: then it must be
the very same to the last field, and come as a confirmation.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.errors import KioskError

_GOOD_S: Final = 120.0  # a form is filled in, and what it would mean is read
_BESIDE: Final = frozenset({"csrf_token", "confirmed", "thumb"})  # what may differ between the two times


@dataclass
class _Grant:
    account_id: str
    browser: str
    purpose: str
    until_s: float
    told: str = ""  # what the request said that brought it first


class Grants:
    """May be used from any thread."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._changing = threading.Lock()
        self._grants: dict[str, _Grant] = {}

    def give(self, account_id: str, *, browser: str, purpose: str) -> str:
        """Somebody's thumb was pressed for this browser's form."""
        key = secrets.token_urlsafe(18)
        with self._changing:
            now_s = self._now_s()
            self._grants = {one: grant for one, grant in self._grants.items() if grant.until_s > now_s}
            self._grants[key] = _Grant(account_id, browser, purpose, now_s + _GOOD_S)
        return key

    def take(self, key: str, *, browser: str, purpose: str, fields: Mapping[str, object]) -> str:
        """Whose thumb it was. Raises KioskError("account.press_again") when it was pressed for something else, or is over."""
        told = hashlib.sha256(repr(sorted((name, fields[name]) for name in fields.keys() - _BESIDE)).encode()).hexdigest()
        with self._changing:
            grant = self._grants.get(key)
            if grant is None or (grant.browser, grant.purpose) != (browser, purpose) or grant.until_s <= self._now_s():
                raise KioskError("account.press_again")
            if grant.told:
                del self._grants[key]
                if grant.told != told or not fields.get("confirmed"):
                    raise KioskError("account.press_again")
            grant.told = told
            return grant.account_id
