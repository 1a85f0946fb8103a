"""Whose packages a store takes: the offices that somebody here has entered by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.ciphers.certificates import fingerprint
from kiosk.errors import ExchangeError

if TYPE_CHECKING:
    from kiosk.store.store import Store


def known_offices(store: Store) -> frozenset[bytes]:
    """The public keys of offices that somebody here has entered."""
    told = store.account_lists.office_key()
    return store.signing.offices() | store.office_parcels.offices() | frozenset([told] if told else [])


def believed(store: Store, signer: bytes, office_key: str) -> bool:
    """Whether the signer is believed only because somebody entered its key now; an office that is known here needs none. Raises
    ExchangeError("parcel.office_unknown"), ("parcel.wrong_signer")."""
    known = known_offices(store)
    if signer in known:
        return False
    told = {"signer": fingerprint(signer), "known": "、".join(map(fingerprint, sorted(known))) or "—"}
    if known:
        raise ExchangeError("parcel.wrong_signer", **told)
    if not office_key.strip():
        raise ExchangeError("parcel.office_unknown", **told)
    try:
        entered = bytes.fromhex(office_key.strip())
    except ValueError:
        entered = b""
    if entered != signer:
        raise ExchangeError("parcel.wrong_signer", **told)
    return True
