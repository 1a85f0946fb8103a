"""Who can open a store after a start: its key ring, while the store is open and before it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kiosk.errors import StoreError
from kiosk.records import Account
from kiosk.store import keyring
from kiosk.store.audit import Audit
from kiosk.store.folder import Places
from kiosk.store.keyring import Keys, Ring, Slot, SlotKind, Unlock
from kiosk.store.machine import Machine
from kiosk.store.opening import open_databases
from kiosk.store.station_lock import lock_folder


class Slots:
    """The ring of an open store. May be used from any thread."""

    def __init__(self, places: Places, keys: Keys, audit: Audit, *, simulated: bool) -> None:
        """`keys` are those in the ring. A `simulated` store keeps out nobody, and so its ring stays as it was made."""
        self._places = places
        self._keys = keys
        self._audit = audit
        self._simulated = simulated
        self._changing = threading.Lock()

    def all(self) -> list[Slot]:
        """Every way to open the store, in the order in which they were given."""
        return list(keyring.read(self._places.key).slots)

    @property
    def sealed(self) -> bool:
        """Whether nobody opens the store who has nothing but its files."""
        return not keyring.read(self._places.key).open

    def keep(self, account: Account, pin: str, verifier: str) -> None:
        """From now on the PIN opens the store, and an earlier one of the account no more. Cheap when it does so already."""
        made_for = keyring.fingerprint(verifier)
        if self._simulated or any(slot.made_for == made_for for slot in self.all()):
            return
        slot = keyring.pin_slot(account.id, account.name, pin, made_for=made_for)
        with self._change() as change:
            change(lambda ring: keyring.with_slot(ring, self._keys, slot))

    def drop(self, account_id: str) -> None:
        """The account opens the store no more. Whoever copied the ring before may still: `change_key` is for that."""
        if all(slot.id != account_id for slot in self.all()):
            return
        with self._change() as change:
            change(lambda ring: keyring.without(ring, self._keys, SlotKind.PIN, account_id))

    def seal(self, *, by: Account) -> str:
        """Take away the slot that is open to all; the recovery code, which nobody will see again, or "" when that was done.

        From the next start on the data are sealed with another key, for this one lay open.
        """
        if self._simulated or self.sealed:
            return ""
        slot, code = keyring.code_slot()

        def sealed(ring: Ring) -> Ring:
            if all(one.id != by.id for one in ring.of(SlotKind.PIN)):
                raise StoreError("account.no_slot")
            with_code = keyring.with_slot(ring, self._keys, slot)
            closed = keyring.without(with_code, self._keys, SlotKind.OPEN)
            self._keys = self._keys.changed()
            return keyring.with_keys(closed, self._keys)

        with self._change() as change:
            change(sealed)
        self._audit.record("keys.seal", actor=by.name)
        return code

    def new_code(self, *, by: str) -> str:
        """Another recovery code; the one before opens nothing any more."""
        slot, code = keyring.code_slot()
        with self._change() as change:
            change(lambda ring: keyring.with_slot(ring, self._keys, slot))
        self._audit.record("keys.code", actor=by)
        return code

    def set_office(self, recipient: str, *, by: str) -> None:
        """Let the office open the store with its own identity; raises StoreError for what is no recipient."""
        slot = keyring.office_slot(recipient)
        with self._change() as change:
            change(lambda ring: keyring.with_slot(ring, self._keys, slot))
        self._audit.record("keys.office", actor=by, recipient=slot.recipient)

    def set_machine(self, machine: Machine | None, *, by: str) -> None:
        """Let this machine open the store at a start, without anybody; with None no more."""
        slot = keyring.machine_slot(machine) if machine is not None else None
        with self._change() as change:
            if slot is not None:
                change(lambda ring: keyring.with_slot(ring, self._keys, slot))
            else:
                change(lambda ring: keyring.without(ring, self._keys, SlotKind.MACHINE))
        self._audit.record("keys.machine", actor=by, by_machine=machine is not None)

    @contextmanager
    def _change(self) -> Iterator[Callable[[Callable[[Ring], Ring]], None]]:
        """Read, change and write, with nobody in between."""

        def change(how: Callable[[Ring], Ring]) -> None:
            ring = keyring.read(self._places.key)
            keyring.write(self._places.key, how(ring))

        with self._changing, self._places.opening():
            yield change


def is_new(folder: Path) -> bool:
    """Whether there is no store in a folder yet, or a restore that was cut off."""
    places = Places(folder)
    return places.restoring.exists() or not (keyring.is_there(places.key) or places.identity.exists() or places.vault.exists())


def is_sealed(folder: Path) -> bool:
    """Whether a store lies there that somebody must unlock."""
    places = Places(folder)
    return keyring.is_there(places.key) and not keyring.read(places.key).open


def who_may_unlock(folder: Path) -> list[Slot]:
    """The accounts whose PIN opens the store in a folder."""
    return keyring.read(Places(folder).key).of(SlotKind.PIN)


def try_unlock(folder: Path, unlock: Unlock) -> Keys:
    """The keys, if this opens the store's ring. A try is counted on the disk before it is looked at, and all are forgotten with
    the first right one; `wrong_tries` tells. Raises StoreError."""
    places = Places(folder)
    with places.opening():
        ring = keyring.read(places.key)
        keyring.write(places.key, replace(ring, tries=ring.tries + 1))
        keys = unlock(ring)
        keyring.write(places.key, replace(ring, tries=0))
    return keys


def has_machine_slot(folder: Path) -> bool:
    """Whether the machine itself was let open the store in a folder."""
    return bool(keyring.read(Places(folder).key).of(SlotKind.MACHINE))


def unlock_copy(folder: Path, unlock: Unlock) -> Keys:
    """The keys of a ring that is not to be written to, a backup's. Raises StoreError."""
    return unlock(keyring.read(Places(folder).key))


def wrong_tries(folder: Path) -> int:
    """How many secrets in a row were wrong."""
    return keyring.read(Places(folder).key).tries


def change_key(folder: Path, unlock: Unlock) -> Keys:
    """Seal everything with a new key, which earlier copies of the ring don't hold. Raises StoreError, also while a station has
    the store. What a kill leaves is done at the next opening."""
    places = Places(folder)
    with lock_folder(places, ""):
        with places.opening():
            ring = keyring.read(places.key)
            keys = unlock(ring).changed()
            keyring.write(places.key, keyring.with_keys(ring, keys))
        opened = open_databases(places, lambda _: keys, running=False)
        opened.close()
        return opened.in_ring
