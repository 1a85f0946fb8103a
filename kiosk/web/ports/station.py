"""What the screens need of the station. The real one satisfies it, and so does a test's script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kiosk.devices.card import AccessKey
from kiosk.manual import TypedIn
from kiosk.records import (
    ClassKey,
    Frame,
    GroupCount,
    Person,
)
from kiosk.snapshot import Order, Snapshot


class StationPort(Protocol):
    """The conductor, seen from a screen. Every method may be called from any thread."""

    def snapshot(self) -> Snapshot:
        """The newest snapshot, at once."""

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        """The newest snapshot as soon as its number is above `after`, at the latest after `timeout_s`."""

    def give(self, order: Order) -> None:
        """Have an order carried out; raises KioskError when it was not."""

    def type_in(self, typed: TypedIn, order: Order) -> None:
        """Take a student without a readable card; raises as `give` does, or when the data can't be."""

    def open_document(self, key: AccessKey, order: Order) -> None:
        """Read the passport on the reader with what is printed on it; raises as `give` does."""

    def hand_in(self, given: object, about: int) -> None:
        """Give the step what was done on its panel; raises as `give` does."""

    def classes(self) -> Sequence[GroupCount]:
        """The classes of the roster, in its order, for a photo run."""

    def begin_run(self, group: ClassKey, about: int) -> None:
        """Have a class stand before the camera, at the place where it was left; raises as `give` does, and StoreError."""

    def call_child(self, id_number: str, about: int) -> None:
        """Call one of the class that stands there; raises as `give` does."""

    def go_on_duty(self, person: Person, awake: Callable[[], bool]) -> None:
        """Somebody sits down at the station. While `awake` says no, nobody else is admitted."""

    def set_voice(self, *, on: bool) -> None:
        """Let the student's screen speak, or be silent."""

    def picture(self, key: str) -> bytes | None:
        """A picture that a snapshot names, PNG or JPEG; None when it is gone."""

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        """The newest camera frame as soon as its number is above `after`; None when none came in `timeout_s`."""
