"""An office in the place of a station: nobody is captured there, and the screens of the desk lead to the office's pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.devices.card import AccessKey
from kiosk.errors import KioskError
from kiosk.manual import TypedIn
from kiosk.records import ClassKey, Frame, GroupCount, Message, Person
from kiosk.snapshot import Order, Phase, Snapshot

_OF_THE_DESK: Final = frozenset({"screens", "commands", "streams", "photo_run", "alike", "student_window", "thumb"})


class NoStation:
    """Satisfies `StationPort`: idle for ever."""

    def snapshot(self) -> Snapshot:
        return Snapshot(1, Phase.WAITING, Message("error.office.no_station"))

    def wait(self, after: int, timeout_s: float) -> Snapshot:
        if after >= 1:
            time.sleep(timeout_s)
        return self.snapshot()

    def give(self, order: Order) -> None:  # noqa: ARG002
        raise KioskError("office.no_station")

    def type_in(self, typed: TypedIn, order: Order) -> None:  # noqa: ARG002
        raise KioskError("office.no_station")

    def open_document(self, key: AccessKey, order: Order) -> None:  # noqa: ARG002
        raise KioskError("office.no_station")

    def hand_in(self, given: object, about: int) -> None:  # noqa: ARG002
        raise KioskError("office.no_station")

    def classes(self) -> Sequence[GroupCount]:
        return ()

    def begin_run(self, group: ClassKey, about: int) -> None:  # noqa: ARG002
        raise KioskError("office.no_station")

    def call_child(self, id_number: str, about: int) -> None:  # noqa: ARG002
        raise KioskError("office.no_station")

    def go_on_duty(self, person: Person, awake: Callable[[], bool]) -> None:
        pass

    def set_voice(self, *, on: bool) -> None:
        pass

    def picture(self, key: str) -> bytes | None:  # noqa: ARG002
        return None

    def preview(self, after: int, timeout_s: float) -> Frame | None:  # noqa: ARG002
        return None


def lead_away_from_the_desk() -> ResponseReturnValue | None:
    """Before every view of an office's app."""
    if request.blueprint not in _OF_THE_DESK:
        return None
    if request.method == "GET" and request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return redirect(url_for("console.screen"))
    raise KioskError("office.no_station")
