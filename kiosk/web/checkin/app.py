"""The app of a door: its own pages, with the log-in, the help and the rules of the station's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from flask import Flask

from kiosk.checkin import Looking, Pressing, Searching, Unsaved
from kiosk.exchange import load_profile
from kiosk.office import Office
from kiosk.web import help_pages, play
from kiosk.web.app import WAITING_PLACES, furnish
from kiosk.web.appearance import page_values
from kiosk.web.assets import static_path
from kiosk.web.checkin import sessions, views
from kiosk.web.checkin.context import DoorPort, exam_door, put_into, way_back
from kiosk.web.context import Context, Turnstile, language
from kiosk.web.doorkeeper import account_at_work
from kiosk.web.guide import guide_lines
from kiosk.web.ports import StationPort
from kiosk.web.presence import Presence
from kiosk.words import say

HOME: Final = "door.screen"
# Words that the scripts say by themselves; everything else comes with the state.
_SCRIPT_WORDS: Final = ("ui.failed", "ui.lost", "ui.door.nobody_found", "ui.door.more", "ui.door.verified")


def create_door_app(door: DoorPort, *, back: Callable[[], None] | None = None) -> Flask:
    """The screens of a door as a WSGI app; `back` has the station again, where the program is one."""
    settings = door.settings
    app = Flask("kiosk.web.app", static_url_path=static_path())
    profile = load_profile(settings.station.profile)
    here = Context(
        cast("StationPort", None),  # nobody is captured here: no page of the station's is there to ask for it
        Office(door.store, door.exports, settings),
        settings,
        door.simulator,
        guide_lines(profile.photo, settings.camera.width, settings.camera.height),
        profile.required_fields,
        profile.photos_only,
        Turnstile(WAITING_PLACES),
        Presence(settings.accounts.idle_minutes * 60.0),
        None,
        profile.decision_rules,
        home=HOME,
        busy=lambda: isinstance(door.desk.snapshot().state, Looking | Pressing | Searching | Unsaved),
    )
    put_into(app, door, back)
    app.context_processor(_common)
    furnish(app, here, None, [views.views, sessions.views, *([play.views] if door.simulator is not None else [])])
    return app


def _common() -> dict[str, Any]:
    tongue, door = language(), exam_door()
    return {
        **page_values(tongue),
        **help_pages.page_values(tongue),
        "simulated": door.simulator is not None,
        "demo_pin": "",
        "me": account_at_work(),
        "may_end": False,
        "home": HOME,
        "at_door": True,
        "has_station": way_back() is not None,
        "station": door.settings.station,
        "tongues": door.settings.station.student_languages,
        "exam_day": door.register.day,
        "script_words": {code: say(tongue, code) for code in _SCRIPT_WORDS},
    }
