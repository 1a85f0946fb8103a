"""The door that an app of ours serves, and what has the station again, as its pages find them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from flask import Flask, current_app

from kiosk.checkin import Desk, Neighbours, Register, Shelf, Shelved
from kiosk.config import Settings
from kiosk.simulation import Simulator
from kiosk.store import Store

_KEY: Final = "kiosk.door"
_BACK: Final = "kiosk.door.back"


class DoorPort(Protocol):
    """An exam door, as the screens see it."""

    desk: Desk
    shelf: Shelf
    shelved: Shelved
    register: Register
    neighbours: Neighbours
    store: Store
    settings: Settings
    simulator: Simulator | None
    exports: Any


def put_into(app: Flask, door: DoorPort, back: Callable[[], None] | None) -> None:
    """`back` has the station again, where the program is one."""
    app.extensions[_KEY], app.extensions[_BACK] = door, back


def exam_door() -> DoorPort:
    """The door of the app that serves this request."""
    found: DoorPort = current_app.extensions[_KEY]
    return found


def way_back() -> Callable[[], None] | None:
    """What has the station again, where the program is one."""
    found: Callable[[], None] | None = current_app.extensions[_BACK]
    return found
