"""The key ring: what opens a store's files, and who can.

A file beside the data holds the keys, encrypted to the slots of those who may open them (the age format, so that a slot is
given or taken without anybody else's secret). A slot is an age identity that is itself sealed:

- `pin`: under somebody's PIN, one for each account that logged in since the store was sealed;
- `code`: under the recovery code that was printed when the station was set up;
- `machine`: by the machine itself, where somebody wished so: a start then asks nobody;
- `office`: not at all; the office keeps the identity, and only its recipient stands here;
- `open`: in the clear. Simulated stores have it, and stores in which nobody has an account yet: such a ring keeps out nobody.

Two keys are in it. `data` seals pages of the identities and blobs of the vault, and is changed over when somebody must no
longer read what they may have copied. `trail` seals the audit trail and makes its pseudonyms, and stays.

Who has no key can neither read the keys nor give himself a slot: the slots are sealed with a key of the ring's own.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.ciphers import INTERNATIONAL
from kiosk.errors import StoreError
from kiosk.private import close_one
from kiosk.store import keys, pins, vault
from kiosk.store.database import PAGE_SALT_BYTES, PageKey
from kiosk.store.machine import Machine

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FORMAT: Final = "exam capture kiosk key ring 1"
_MOST_BYTES: Final = 1_000_000
_MOST_KIB: Final = 4 << 20
_MOST_PASSES: Final = 100
# Without what is mistaken on paper; 8 groups of 4 of 32 letters are 160 bits.
_CODE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_GROUPS: Final = 8
_CODE: Final = "code"
_OPEN: Final = "open"
_OFFICE: Final = "office"
_MACHINE: Final = "machine"
_IDENTITY: Final = "AGE-SECRET-KEY-"


class SlotKind(StrEnum):
    """By what a slot is opened."""

    PIN = "pin"
    CODE = "code"
    MACHINE = "machine"
    OFFICE = "office"
    OPEN = "open"


@dataclass(frozen=True)
class Keys:
    """What a ring holds. With `older` data keys opens what was not yet sealed anew when the key was changed."""

    data: bytes
    trail: bytes
    older: tuple[bytes, ...] = ()

    @property
    def page_key(self) -> PageKey:
        """What the identities are sealed with."""
        return self.page_keys[0]

    @property
    def page_keys(self) -> tuple[PageKey, ...]:
        """With those that they may still be sealed with. The salt stays when the key is changed."""
        salt = keys.derive(self.trail, "identity salt")[:PAGE_SALT_BYTES]
        return tuple(PageKey(keys.derive(key, "identity"), salt) for key in (self.data, *self.older))

    def fit(self, check: bytes | None) -> bool:
        """Whether the vault with this check value is sealed with one of them."""
        return any(vault.fits(key, check) for key in (self.data, *self.older))

    def in_use(self, check: bytes | None) -> Keys:
        """As they are while a vault with this check value is open: the next start changes the key, not this one."""
        every = (self.data, *self.older)
        at = next(at for at, key in enumerate(every) if vault.fits(key, check))
        return replace(self, data=every[at], older=every[at + 1 :])

    def changed(self) -> Keys:
        """With a new data key."""
        return replace(self, data=secrets.token_bytes(KEY_BYTES), older=(self.data, *self.older))


@dataclass(frozen=True)
class Slot:
    """One way to open a ring. `sealed` is the age identity, base64: under the slot's secret with `salt`, `nonce` and `cost` of
    Argon2id; in the clear in an open slot; empty in the office's. `made_for` tells a PIN's slot from its owner's earlier ones.
    """

    kind: SlotKind
    id: str
    recipient: str
    name: str = ""
    sealed: str = ""
    salt: str = ""
    nonce: str = ""
    cost: tuple[int, int] = (0, 0)
    made_for: str = ""


@dataclass(frozen=True)
class Ring:
    """A ring as it lies in its file. `tries` counts the wrong secrets since the last right one; `fresh` is a ring whose
    databases were not all made yet; `plain` one of an earlier program, whose identities lie there unsealed."""

    slots: tuple[Slot, ...]
    sealed: str
    seal: str
    tries: int = 0
    fresh: bool = False
    plain: bool = False

    @property
    def open(self) -> bool:
        """Whether anybody with the file can open it."""
        return any(slot.kind is SlotKind.OPEN for slot in self.slots)

    def of(self, kind: SlotKind) -> list[Slot]:
        return [slot for slot in self.slots if slot.kind is kind]


Unlock = Callable[[Ring], Keys]


def unlock_open(ring: Ring) -> Keys:
    """The keys of a ring that keeps out nobody; raises StoreError("store.sealed") for any other."""
    for slot in ring.of(SlotKind.OPEN):
        return _keys(ring, _decoded(slot.sealed))
    raise StoreError("store.sealed")


def unlock_pin(ring: Ring, account: str, pin: str) -> Keys:
    """The keys by somebody's PIN. Raises StoreError: "account.no_slot", "store.pin_wrong"."""
    slot = next((slot for slot in ring.of(SlotKind.PIN) if slot.id == account), None)
    if slot is None:
        raise StoreError("account.no_slot")
    return _keys(ring, _identity(slot, pin, "store.pin_wrong"))


def unlock_code(ring: Ring, code: str) -> Keys:
    """The keys by the printed code, however it was typed. Raises StoreError("store.code_wrong")."""
    slots = ring.of(SlotKind.CODE)
    if not slots:
        raise StoreError("store.no_code")
    return _keys(ring, _identity(slots[0], normal_code(code), "store.code_wrong"))


def unlock_machine(ring: Ring, machine: Machine) -> Keys:
    """The keys by this machine. Raises StoreError: "store.no_machine_slot", "store.machine"."""
    slots = ring.of(SlotKind.MACHINE)
    if not slots:
        raise StoreError("store.no_machine_slot")
    return _keys(ring, machine.open(_decoded(slots[0].sealed)))


def unlock_secret(ring: Ring, secret: str) -> Keys:
    """The keys by what opens a ring without an account: the office's identity, or else the printed code. Raises StoreError."""
    by_office = secret.strip().upper().startswith(_IDENTITY)
    return unlock_office(ring, secret) if by_office else unlock_code(ring, secret)


def unlock_office(ring: Ring, identity: str) -> Keys:
    """The keys by the office's own identity (AGE-SECRET-KEY-1…). Raises StoreError("store.office_identity_wrong")."""
    try:
        recipient = str(pyrage.x25519.Identity.from_str(identity.strip()).to_public())
    except (pyrage.IdentityError, ValueError):
        raise StoreError("store.office_identity_wrong") from None
    if all(slot.recipient != recipient for slot in ring.of(SlotKind.OFFICE)):
        raise StoreError("store.office_identity_wrong")
    return _keys(ring, identity.strip().encode())


def new_ring() -> tuple[Ring, Keys]:
    """Of a store in which nothing is kept yet and nobody has an account: open."""
    made = Keys(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))
    return sealed((open_slot(),), made, fresh=True), made


def plain_ring(key: bytes) -> tuple[Ring, Keys]:
    """Of an earlier program: one key in the clear, identities unsealed."""
    made = Keys(key, key)
    return sealed((open_slot(),), made, plain=True), made


def sealed(slots: tuple[Slot, ...], made: Keys, *, fresh: bool = False, plain: bool = False) -> Ring:
    """A ring that these slots open."""
    told = {"data": _encoded(made.data), "trail": _encoded(made.trail), "older": [_encoded(key) for key in made.older]}
    text = json.dumps(told).encode()
    locked = pyrage.encrypt(text, [pyrage.x25519.Recipient.from_str(slot.recipient) for slot in slots])
    return Ring(slots, _encoded(locked), _seal(slots, made), fresh=fresh, plain=plain)


def with_keys(ring: Ring, made: Keys) -> Ring:
    """The ring with other keys, for the same slots."""
    return _anew(ring, ring.slots, made)


def with_slot(ring: Ring, made: Keys, slot: Slot) -> Ring:
    """The ring with one more way, in the place of an earlier one of the same kind and owner."""
    others = tuple(one for one in ring.slots if (one.kind, one.id) != (slot.kind, slot.id))
    return _anew(ring, (*others, slot), made)


def without(ring: Ring, made: Keys, kind: SlotKind, slot_id: str = "") -> Ring:
    """The ring without the slots of a kind, or the one of an owner; it never loses its last."""
    left = tuple(slot for slot in ring.slots if slot.kind is not kind or (slot_id and slot.id != slot_id))
    if not left:
        raise StoreError("store.last_slot")
    return _anew(ring, left, made)


def _anew(ring: Ring, slots: tuple[Slot, ...], made: Keys) -> Ring:
    return replace(sealed(slots, made), fresh=ring.fresh, plain=ring.plain, tries=ring.tries)


def open_slot() -> Slot:
    identity = pyrage.x25519.Identity.generate()
    return Slot(SlotKind.OPEN, _OPEN, str(identity.to_public()), sealed=_encoded(str(identity).encode()))


def pin_slot(account: str, name: str, pin: str, *, made_for: str) -> Slot:
    return _sealed_slot(SlotKind.PIN, account, pin, name=name, made_for=made_for)


def code_slot() -> tuple[Slot, str]:
    """A slot and the code that opens it, to be printed and kept where the station is not."""
    groups = ["".join(secrets.choice(_CODE_LETTERS) for _ in range(4)) for _ in range(_CODE_GROUPS)]
    code = "-".join(groups)
    return _sealed_slot(SlotKind.CODE, _CODE, normal_code(code)), code


def machine_slot(machine: Machine) -> Slot:
    """Raises StoreError("store.machine")."""
    identity = pyrage.x25519.Identity.generate()
    sealed = machine.seal(str(identity).encode())
    return Slot(SlotKind.MACHINE, _MACHINE, str(identity.to_public()), sealed=_encoded(sealed))


def office_slot(recipient: str) -> Slot:
    """Raises StoreError for what is no age recipient (age1…)."""
    try:
        told = str(pyrage.x25519.Recipient.from_str(recipient.strip()))
    except (pyrage.RecipientError, ValueError):
        raise StoreError("store.no_recipient") from None
    return Slot(SlotKind.OFFICE, _OFFICE, told)


def normal_code(code: str) -> str:
    """A code as it was made: capital letters without spaces and strokes, whatever input method it was typed with, and
    with whatever words it was copied."""
    return "".join(letter for letter in pins.normal(code).upper() if letter.isascii() and letter.isalnum())


def fingerprint(verifier: str) -> str:
    """What a slot remembers of the verifier whose PIN it was made with."""
    return INTERNATIONAL.digest(verifier.encode())


def read(path: Path) -> Ring:
    """The ring in a file, or in the copy beside it when the file is gone or spoilt; raises StoreError when neither will do."""
    try:
        return _read(path)
    except StoreError:
        if not copy_of(path).exists():
            raise
        ring = _read(copy_of(path))
    write(path, ring)
    return ring


def is_there(path: Path) -> bool:
    return path.exists() or copy_of(path).exists()


def copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.copy")


def write(path: Path, ring: Ring) -> None:
    """Put a ring in its file and the copy beside it: on the disk when this returns, and never half."""
    content = json.dumps({"format": _FORMAT, **asdict(ring)}, ensure_ascii=False, indent=1).encode()
    for place in (copy_of(path), path):
        keys.replace_file(place, content)


def _read(path: Path) -> Ring:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        raise StoreError("store.key_missing", file=str(path)) from None
    close_one(path)
    if len(content) == KEY_BYTES:
        return plain_ring(content)[0]
    try:
        told: dict[str, Any] = json.loads(content)
        if told.pop("format") != _FORMAT:
            raise ValueError("another format")
        slots = tuple(_slot(slot) for slot in told.pop("slots"))
        return Ring(slots, **told)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StoreError("store.key_damaged", file=str(path)) from None


def _slot(told: dict[str, Any]) -> Slot:
    memory_kib, passes = told["cost"]
    if not (0 <= memory_kib <= _MOST_KIB and 0 <= passes <= _MOST_PASSES):  # a try must end
        raise ValueError("a cost that nobody set")
    return Slot(**{**told, "kind": SlotKind(told["kind"]), "cost": (memory_kib, passes)})


def _sealed_slot(kind: SlotKind, slot_id: str, secret: str, *, name: str = "", made_for: str = "") -> Slot:
    identity = pyrage.x25519.Identity.generate()
    salt, nonce, cost = os.urandom(pins.SALT_BYTES), os.urandom(_NONCE_BYTES), pins.cost()
    content = AESGCM(pins.key_of(secret, salt, *cost)).encrypt(nonce, str(identity).encode(), _associated(kind, slot_id))
    recipient = str(identity.to_public())
    return Slot(kind, slot_id, recipient, name, _encoded(content), _encoded(salt), _encoded(nonce), cost, made_for)


def _identity(slot: Slot, secret: str, wrong: str) -> bytes:
    content, salt, nonce = (_decoded(part) for part in (slot.sealed, slot.salt, slot.nonce))
    try:
        return AESGCM(pins.key_of(secret, salt, *slot.cost)).decrypt(nonce, content, _associated(slot.kind, slot.id))
    except InvalidTag:
        raise StoreError(wrong) from None


def _keys(ring: Ring, identity: bytes) -> Keys:
    """Raises StoreError when the ring was tampered with."""
    try:
        text = pyrage.decrypt(_decoded(ring.sealed), [pyrage.x25519.Identity.from_str(identity.decode())])
        told = json.loads(text)
        made = Keys(_decoded(told["data"]), _decoded(told["trail"]), tuple(_decoded(key) for key in told["older"]))
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError):
        raise StoreError("store.key_tampered") from None
    if not hmac.compare_digest(ring.seal, _seal(ring.slots, made)):
        raise StoreError("store.key_tampered")
    return made


def _seal(slots: tuple[Slot, ...], made: Keys) -> str:
    told = json.dumps([asdict(slot) for slot in slots], ensure_ascii=False, sort_keys=True).encode()
    return INTERNATIONAL.mac(keys.derive(made.trail, "key ring"), told)


def _associated(kind: SlotKind, slot_id: str) -> bytes:
    return f"{kind.value}:{slot_id}".encode()


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
