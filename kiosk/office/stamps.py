"""What the station signs with: its key and certificate, and how far its trail was."""

from __future__ import annotations

from kiosk.exchange.manifest import Stamp, TrailHead
from kiosk.store import Store


def stamp_of(store: Store, station: str) -> Stamp:
    """At this moment, by the station's clock. Raises StoreError."""
    key, certificate, head = store.signing.key(), store.signing.certificate(), store.audit.head()
    trail = TrailHead(0, "", "") if head is None else TrailHead(head.number, head.seal, head.at.isoformat())
    text = certificate.content.decode() if certificate is not None else ""
    return Stamp(key, store.audit.now(), station, store.id(), text, trail, store.counters())
