"""设置: every key of the settings as a form, saved once it was read what that means; earlier versions; a new start."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, jsonify, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import ConfigError, KioskError
from kiosk.office import Configuration
from kiosk.office.configuration import moves_data
from kiosk.office.plan_words import PlanWords
from kiosk.records import Right
from kiosk.web.asking import asked
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door, who_may
from kiosk.web.office.restarting import started_anew
from kiosk.web.office.settings_rows import change_rows, sections
from kiosk.web.office.shell import page, said
from kiosk.words import say, say_error, say_message, say_second

views = Blueprint("settings", __name__)

_STAMP: Final = "stamp"


@views.get("/records/settings")
@door(Right.SETTINGS)
def screen() -> ResponseReturnValue:
    """The form, and the earlier versions."""
    here, problem = configuration(), ""
    stamp = here.stamp()
    try:
        shown = sections(here.current())
    except ConfigError as error:
        shown, problem = [], say_error(language(), error)
    return page(
        "settings.html",
        "settings",
        sections=shown,
        problem=problem,
        stamp=stamp,
        versions=[(kept.version.name, say_second(language(), kept.version.at), kept.by) for kept in here.versions()],
    )


@views.post("/office/settings")
@door(Right.SETTINGS)
def save() -> ResponseReturnValue:
    """The keys' fields, with the `stamp` of the file that they were made from. Faults are answered by field; without any it is
    asked whether what would change is what somebody wants."""
    typed, tongue, here = {name: text for name, text in asked().items() if "." in name}, language(), configuration()
    if asked().get(_STAMP, "") != here.stamp():  # or it would be asked whether somebody else's change is to be undone
        raise KioskError("settings.changed_meanwhile")
    tried = here.try_out(typed)
    if tried.faults:
        return jsonify(faults={key: say_message(tongue, what) for key, what in tried.faults.items()})
    if not tried.differences:
        return said("ui.settings.nothing")
    by = who_may(Right.SETTINGS)
    warnings = (say(tongue, "ui.settings.moves_data"),) if moves_data(tried.differences) else ()
    words = PlanWords(tuple(row["words"] for row in change_rows(tried.differences)), warnings)
    if (question := to_confirm("ui.settings.confirm", words, asked().get(_STAMP, ""), *sorted(typed.items()))) is not None:
        return question
    written = here.save(typed, stamp=asked().get(_STAMP, ""), by=by)
    return said("ui.settings.saved", count=len(written.differences))


@views.get("/records/settings/<name>")
@door(Right.SETTINGS)
def version(name: str) -> ResponseReturnValue:
    """An earlier version, held against what the file says now."""
    here = configuration()
    kept = next((one for one in here.versions() if one.version.name == name), None) or abort(404)
    changes, problem, broken = [], "", ""
    try:
        changes = change_rows(here.compare(name))
    except ConfigError as error:
        problem = say_error(language(), error)
    try:
        here.current()
    except ConfigError as error:  # somebody edited the file: whatever it says, this version is better
        broken = say_error(language(), error)
    return page(
        "settings_version.html",
        "settings",
        name=name,
        at=say_second(language(), kept.version.at),
        by=kept.by,
        changes=changes,
        problem=problem,
        broken=broken,
        stamp=here.stamp(),
    )


@views.post("/office/settings/restore")
@door(Right.SETTINGS)
def restore() -> ResponseReturnValue:
    """Bring the version `name` back, with the `stamp` of the file that it was compared with."""
    values = asked()
    written = configuration().restore(values.get("name", ""), stamp=values.get(_STAMP, ""), by=who_may(Right.SETTINGS))
    message = say(language(), "ui.settings.restored", count=len(written.differences))
    return jsonify(message=message, next=url_for("settings.screen"))


@views.post("/office/restart")
@door(Right.SETTINGS)
def restart() -> ResponseReturnValue:
    """Have the station assembled anew, as its settings are now; not while a student is at the desk."""
    return started_anew(context().restart)


@views.get("/office/run")
@door(news=True)
def run() -> ResponseReturnValue:
    """What tells one run of the station from another, for a page that waits for the next one."""
    return jsonify(run=context().run)


def configuration() -> Configuration:
    """The station's; ends the request where its settings come from no file."""
    return context().office.configuration or abort(404)
