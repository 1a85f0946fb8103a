"""How commands get into a sealed store: somebody's account and PIN, asked for at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from kiosk.errors import StoreError
from kiosk.store import Keys, Unlock, is_sealed, try_unlock, unlock_open, unlock_pin, who_may_unlock
from kiosk.words import say

_TRIES = 3


def asking(data: Path, language: str, account: str = "") -> Unlock:
    """What opens the store in a folder. A sealed one asks for a PIN, up to three times where there is a terminal, and whose it
    is unless there is but one account, or `account` names it. Raises StoreError."""
    if not is_sealed(data):
        return unlock_open
    account_id = _account(data, language, account)
    keys = _asked(data, language, lambda pin: lambda ring: unlock_pin(ring, account_id, pin))
    return lambda _: keys


def secret(words: str) -> str:
    """Something that nobody may read over one's shoulder; a line of the input where there is no terminal."""
    if sys.stdin.isatty():
        return str(click.prompt(words, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\n")


def _account(data: Path, language: str, named: str) -> str:
    slots = who_may_unlock(data)
    if not named and len(slots) > 1 and sys.stdin.isatty():
        named = str(click.prompt(say(language, "cli.keys.account"), type=click.Choice([slot.name for slot in slots]), err=True))
    found = [slot.id for slot in slots if slot.name == named or (not named and len(slots) == 1)]
    if not found:
        raise StoreError("store.which_account", names="、".join(slot.name for slot in slots))
    return found[0]


def _asked(data: Path, language: str, unlock: Callable[[str], Unlock]) -> Keys:
    for left in reversed(range(_TRIES)):
        try:
            return try_unlock(data, unlock(secret(say(language, "cli.keys.pin"))))
        except StoreError as error:
            if error.code != "store.pin_wrong" or not left or not sys.stdin.isatty():
                raise
    raise AssertionError("unreachable")
