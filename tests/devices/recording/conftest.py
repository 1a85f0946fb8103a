"""Devices that are listened to while somebody uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers_sim.card.photo import SimulatedPhotoDecoder
from kiosk.config import Settings
from kiosk.devices.card.slot import Slot
from kiosk.devices.recording import Recording, Session, begin
from kiosk.devices.worker import DeviceWorker
from kiosk.records import DeviceKind
from tests.devices.card.people import TODAY
from tests.devices.card.watcher import Watcher
from tests.devices.finger.conftest import Listener

RECORDINGS = Path(__file__).parents[2] / "recordings"


@contextmanager
def watched_card(settings: Settings, slot: Slot | None = None) -> Iterator[tuple[Session, Watcher]]:
    session = begin(DeviceKind.CARD, settings, SimulatedPhotoDecoder(), slot)
    with Watcher(session.device) as watcher:
        yield session, watcher


@contextmanager
def listened(kind: DeviceKind, settings: Settings) -> Iterator[tuple[Session, Listener]]:
    session, listener = begin(kind, settings, SimulatedPhotoDecoder()), Listener()
    worker = DeviceWorker(session.device, listener.events.put)
    worker.start()
    try:
        yield session, listener
    finally:
        worker.stop()


def finished(session: Session, model: str = "") -> Recording:
    return session.recording(model, TODAY)


def bytes_of(recording: Recording) -> bytes:
    """Everything that was written of the wire, in one piece."""
    return b"".join(entry.data for entry in recording.entries)


def in_common(secret: bytes, written: bytes, size: int, *, but: Callable[[bytes], bool] = lambda _: False) -> list[bytes]:
    """The pieces of `secret` of this size that can be found in what was written; those of few different bytes say nothing."""
    found = {secret[at : at + size] for at in range(len(secret) - size + 1)}
    return [piece for piece in found if len(set(piece)) > 3 and piece in written and not but(piece)]
