"""The Flask app: which views there are, and what every answer must carry."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

from kiosk.checkin import Shelf
from kiosk.checkup import Checkup
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.languages import STAFF, shown_on
from kiosk.office import District
from kiosk.records import Account
from kiosk.simulation import Simulator
from kiosk.web import (
    alike_views,
    appearance,
    commands,
    ending,
    help_pages,
    login,
    login_by_thumb,
    photo_run,
    play,
    screens,
    streams,
    student_window,
)
from kiosk.web import office as office_screens
from kiosk.web.areas import keep_to_areas
from kiosk.web.asking import LARGEST_NUMBER
from kiosk.web.assets import FOR_EVER, static_path
from kiosk.web.context import LANGUAGE_COOKIE, Context, Turnstile, context, language, speak_of
from kiosk.web.devices import views as devices
from kiosk.web.doorkeeper import deciders, guard
from kiosk.web.guide import guide_lines
from kiosk.web.origin import refuse_foreign_pages
from kiosk.web.ports import EnrollerPort, OfficePort, StaffDeskPort, StationPort
from kiosk.web.presence import Presence
from kiosk.web.session import Sessions
from kiosk.web.uploads import Uploads
from kiosk.words import say, say_error

# Names by which this machine calls itself. Anything else is a foreign page that had a name of its own pointed here.
OWN_NAMES: Final = ["127.0.0.1", "localhost"]
_LARGEST_UPLOAD: Final = 32 * 1024 * 1024
_LARGEST_PACKAGE: Final = 1024 * 1024 * 1024  # waitress takes no more
_TAKE_PACKAGES: Final = frozenset({"receiving.receive", "verifying.verify", "verifying.open_package", "updating.hand_in"})
_REFUSED: Final = 400
_DESK: Final = (
    login_by_thumb.views,
    screens.views,
    streams.views,
    commands.views,
    photo_run.views,
    alike_views.views,
    student_window.views,
)
_BACK_WORDS: Final = {"screens": "ui.missing.operator", "door": "ui.door.back"}  # by the room that one goes back to
# Requests that wait for news; the server has more threads than this, so that commands and pictures always find one.
WAITING_PLACES: Final = 16

_HEADERS: Final = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none, browsers would not say where a form of ours comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=()",
}


def create_app(
    *,
    station: StationPort,
    office: OfficePort,
    settings: Settings,
    simulator: Simulator | None = None,
    demonstrator: Account | None = None,
    checkup: Checkup | None = None,
    staff_desk: StaffDeskPort | None = None,
    enroller: EnrollerPort | None = None,
    district: District | None = None,
    uploads: Path | None = None,
    secret: bytes | None = None,
    restart: Callable[[], str] | None = None,
    other_devices: Callable[[], str] | None = None,
    shelf: Shelf | None = None,
    exam_day: Callable[[str, str], str] | None = None,
    end: Callable[[], None] | None = None,
) -> Flask:
    """The station's screens as a WSGI app; `simulator` adds the panel that plays the students, `checkup` the devices' page,
    `shelf` that of exam packages, `staff_desk` and `enroller` that staff are known by thumb and card; `district` makes it an
    office's, without a desk; `demonstrator` needs no log-in. `uploads` is where files lie that came through the browser, while
    they are read: what another run left there is swept. `secret` is the entrance's, whose sessions go on. `restart` has the
    program assemble the station anew, and says where its screens will be; `other_devices` does so with simulated devices
    instead of real ones, or back, `exam_day` as the door of an exam; `end` ends it, where its windows are the program's own."""
    app = Flask(__name__, static_url_path=static_path())
    profile, held = load_profile(settings.station.profile), Uploads(uploads)
    held.sweep()
    guide = guide_lines(profile.photo, settings.camera.width, settings.camera.height)
    here = Context(
        station,
        office,
        settings,
        simulator,
        guide,
        profile.required_fields,
        profile.photos_only,
        Turnstile(WAITING_PLACES),
        Presence(settings.accounts.idle_minutes * 60.0),
        demonstrator,
        profile.decision_rules,
        checkup,
        staff_desk,
        enroller,
        district,
        restart=restart,
        other_devices=other_devices,
        shelf=shelf,
        exam_day=exam_day,
        end=end,
        home="console.screen" if district is not None else "",
        uploads=held,
    )
    views = [*_DESK, *office_screens.VIEWS]
    if end is not None:
        views.append(ending.views)
    if simulator is not None:
        views.append(play.views)
    if checkup is not None:
        views.append(devices)
    student_window.keep_student_windows_in(app)
    app.before_request(_allow_packages)
    furnish(app, here, secret, views)
    return app


def furnish(app: Flask, here: Context, secret: bytes | None, views: Sequence[Blueprint]) -> None:
    """What every app has that people log in to: sessions, headers, the pages of log-in and help, these `views`, and words for
    whatever goes wrong."""
    web_settings(app, secret or secrets.token_bytes(32))  # sessions are the server's own: a new start ends them
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    here.put_into(app.extensions)
    speak_of(app, here.settings.station)
    app.add_template_global(_words, "t")
    app.add_template_global(deciders, "deciders")
    app.add_template_global(_school_name, "school_name")
    app.session_interface = Sessions()
    app.before_request_funcs.setdefault(None, []).insert(0, refuse_foreign_pages)
    CSRFProtect(app)
    app.before_request(guard)
    app.before_request(keep_to_areas)
    app.url_map.converters["int"] = _Number
    for own in (login.views, appearance.views, help_pages.views, *views):
        app.register_blueprint(own)
    app.after_request(protect)
    app.after_request(_remember_language)
    app.register_error_handler(KioskError, _refuse)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(InternalServerError, _failed)
    app.register_error_handler(NotFound, _missing)
    app.register_error_handler(HTTPException, _impossible)


def web_settings(app: Flask, secret: bytes) -> None:
    """What every app of ours has in common."""
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="kiosk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=None,  # a screen stays open for the whole day
        TRUSTED_HOSTS=OWN_NAMES,
        MAX_CONTENT_LENGTH=_LARGEST_UPLOAD,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


class _Number(IntegerConverter):
    """A number in an address that a database can take."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002 - werkzeug passes it by name
        super().__init__(map, max=LARGEST_NUMBER, **options)


def _allow_packages() -> None:
    """Sealed exports are larger than anything else that comes through the browser."""
    if request.endpoint in _TAKE_PACKAGES:
        request.max_content_length = _LARGEST_PACKAGE


def _school_name() -> str:
    return context().office.school.current().name


def _words(code: str, **data: Any) -> str:
    return say(language(), code, **data)


def protect(response: Response) -> Response:
    """The headers that every answer carries."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    # Everything but static files may show a student and is kept nowhere.
    kept = request.endpoint == "static" and response.status_code < _REFUSED
    response.headers["Cache-Control"] = FOR_EVER if kept else "no-store"
    return response


def _remember_language(response: Response) -> Response:
    """A language that was asked for in an address is the reader's from now on."""
    if (wish := request.args.get("lang", "")) in shown_on(STAFF):
        response.set_cookie(LANGUAGE_COOKIE, wish, samesite="Strict", httponly=True)
    return response


def _refuse(error: KioskError) -> ResponseReturnValue:
    """What can't be done now is told in words."""
    return _told(error.code, say_error(language(), error), 409)


def _csrf_failed(_: CSRFError) -> ResponseReturnValue:
    return _told("web.csrf", _words("error.web.csrf"), 400)


def _failed(_: InternalServerError) -> ResponseReturnValue:
    """A fault of ours; what it was stands in the log."""
    return _told("web.failed", _words("error.web.failed"), 500)


def _told(code: str, message: str, status: int) -> ResponseReturnValue:
    """To a script as JSON, to a person who opened an address as a page."""
    if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        onward = request.full_path.rstrip("?") if code == "account.not_allowed_here" and request.method == "GET" else ""
        return render_template("refused.html", message=message, onward=onward), status
    return jsonify(code=code, message=message), status


def _too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    return _told(
        "web.too_large", _words("error.web.too_large", megabytes=(request.max_content_length or 0) // 1024 // 1024), 413
    )


def _impossible(error: HTTPException) -> ResponseReturnValue:
    """Whatever else a browser can do wrong; a script gets the bare status."""
    if error.response is not None or "text/html" not in request.headers.get("Accept", ""):
        return error.get_response()
    return render_template("refused.html", message=_words("error.web.impossible")), error.code or 400


def _missing(error: NotFound) -> ResponseReturnValue:
    """A reader is told and led back; a script gets the bare status."""
    if "text/html" not in request.headers.get("Accept", ""):
        return error.get_response()
    home = context().home or ("records.everybody" if request.path.startswith("/records") else "screens.operator")
    back_words = _BACK_WORDS.get(home.partition(".")[0], "ui.missing.records")
    return render_template("missing.html", back=url_for(home), back_words=back_words), 404
