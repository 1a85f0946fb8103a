"""What every view needs, kept with the app."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flask import Flask, current_app, g, request

from kiosk.checkin import Shelf
from kiosk.checkup import Checkup
from kiosk.config import Settings, StationSettings
from kiosk.languages import STAFF, shown_on
from kiosk.office import District
from kiosk.records import Account, Decision, DecisionRule
from kiosk.simulation import Simulator
from kiosk.web.drafts import Drafts
from kiosk.web.grants import Grants
from kiosk.web.guide import GuideLines
from kiosk.web.ports import EnrollerPort, OfficePort, StaffDeskPort, StationPort
from kiosk.web.presence import Presence
from kiosk.web.preview import Encoder
from kiosk.web.uploads import Uploads
from kiosk.words import say_minute

LANGUAGE_COOKIE: Final = "language"
STUDENT_SCREEN: Final = "screens.student"
_KEY: Final = "kiosk"
_STATION: Final = "kiosk.station"


class Turnstile:
    """Lets a limited number of requests wait at a time, so that waiting screens never take all of the server's threads."""

    def __init__(self, places: int) -> None:
        self._places = threading.Semaphore(places)

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """True: there is a place, wait as long as you like. False: answer at once with what there is."""
        free = self._places.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._places.release()


@dataclass(frozen=True)
class Context:
    """The station's objects and this server's own."""

    station: StationPort
    office: OfficePort
    settings: Settings
    simulator: Simulator | None
    guide: GuideLines
    required_fields: frozenset[str]  # of a row of the profile
    photos_only: bool  # whether the profile wants nothing but a photo
    turnstile: Turnstile
    presence: Presence
    demonstrator: Account | None  # whose every browser is that has not logged in; of a simulated station
    decisions: Mapping[Decision, DecisionRule]  # what the profile demands of who answers for them
    checkup: Checkup | None = None  # of a machine with devices
    staff_desk: StaffDeskPort | None = None  # the same
    enroller: EnrollerPort | None = None  # the same
    district: District | None = None  # of an office that takes what stations send, and has no station itself
    other_devices: Callable[[], str] | None = None  # the same with simulated devices instead of real ones, or back
    shelf: Shelf | None = None  # of exam packages
    exam_day: Callable[[str, str], str] | None = None  # an exam's door, by package and room, instead of the station
    restart: Callable[[], str] | None = None  # has the program assemble the station anew; where its screens will be
    end: Callable[[], None] | None = None  # ends the program, where its windows are its own
    home: str = ""  # where whoever logged in goes; empty: by their rights. Another app than the station's has a page of its own
    busy: Callable[[], bool] | None = None  # whether somebody is at the desk; None: as the station says
    grants: Grants = field(default_factory=Grants)
    encoder: Encoder = field(default_factory=Encoder)
    drafts: Drafts = field(default_factory=Drafts)
    uploads: Uploads = field(default_factory=Uploads)
    closing: threading.Event = field(default_factory=threading.Event)
    # A screen that sees another one knows that the server was started anew and loads itself afresh.
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def put_into(self, extensions: dict[str, object]) -> None:
        extensions[_KEY] = self


def context() -> Context:
    """The context of the app that serves this request."""
    found = current_app.extensions[_KEY]
    assert isinstance(found, Context)
    return found


def has_station() -> bool:
    """Whether the app has its station already; one that waits to be opened has none."""
    return _KEY in current_app.extensions


def speak_of(app: Flask, station: StationSettings) -> None:
    """An app's pages speak the station's languages; also one that has no station yet."""
    app.extensions[_STATION] = station


def language() -> str:
    """The reader's language: asked for in the address, chosen before, or the station's; the student's screen has its own."""
    if "language" not in g:  # a page asks hundreds of times
        g.language = _language()
    found: str = g.language
    return found


def _language() -> str:
    station: StationSettings = current_app.extensions[_STATION]
    if request.endpoint == STUDENT_SCREEN:
        return station.student_languages[0]
    return reader_s_language() or station.language


def in_student_window() -> bool:
    """Whether the student's own window asks (`kiosk.web.student_window`)."""
    return bool(g.get("student_window", False))


def moment(at: datetime | None) -> str:
    """A time as the reader's language writes it, to the minute; empty for none."""
    return say_minute(language(), at)


def reader_s_language() -> str:
    """As the reader asked for it; empty when nobody did."""
    wishes = (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
    return next((wish for wish in wishes if wish in shown_on(STAFF)), None) or ""


def let_go(app: Flask) -> None:
    """Answer the screens that wait for news: the server ends."""
    found = app.extensions.get(_KEY)
    if isinstance(found, Context):
        found.closing.set()
