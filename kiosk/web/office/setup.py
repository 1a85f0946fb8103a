"""开站: from an empty station to one that captures, step by step. What is done is seen from the station itself, so that it can
be left at any step, gone on with later, and gone through again; every step is also a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, Final

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import ConfigError
from kiosk.records import Right, Role
from kiosk.web.context import Context, context, language
from kiosk.web.devices.words import in_words, latest_in_words
from kiosk.web.doorkeeper import door
from kiosk.web.office.restarting import started_anew
from kiosk.web.office.school import CONTACT_FIELDS, SCHOOL_FIELDS, contacts_of
from kiosk.web.office.settings_rows import rows_of
from kiosk.web.office.setup_steps import STEPS
from kiosk.web.office.shell import page
from kiosk.words import say, say_error

views = Blueprint("setup", __name__)

# What the first step asks of the settings; the others keep what they are until somebody looks for them on their page.
_STATION: Final = ("language", "name", "exam", "profile", "other_profiles", "contact")
END: Final = "end"


@views.get("/records/setup")
@door(Right.SETTINGS)
def screen() -> ResponseReturnValue:
    """On to the first step that is not done."""
    here = context()
    return redirect(url_for("setup.step", name=next((one.name for one in STEPS if not one.is_done(here)), END)))


@views.get("/records/setup/<name>")
@door(Right.SETTINGS)
def step(name: str) -> ResponseReturnValue:
    """One step, with what is known so far."""
    names = [one.name for one in STEPS] + [END]
    if name not in names:
        abort(404)
    here, at = context(), names.index(name)
    done = {one.name: one.is_done(here) for one in STEPS}
    return page(
        "setup.html",
        "setup",
        name=name,
        steps=[(one, done.get(one, False)) for one in names],
        before=names[at - 1] if at else "",
        after=names[at + 1] if name != END else "",
        missing=[one.name for one in STEPS if not done[one.name]],
        **_parts(here).get(name, dict)(),
    )


@views.get("/records/real")
@door(Right.WORK)
def real() -> ResponseReturnValue:
    """From simulated devices to real ones."""
    return page("real.html", "setup", lacks_cards=_lacks_cards(context()))


@views.post("/office/simulate")
@door(Right.WORK)
def simulate() -> ResponseReturnValue:
    """Have the station assembled anew, with simulated devices or from them with real ones; nobody may be at the desk."""
    here = context()
    obstacle = "settings.no_card_support" if here.simulator is not None and _lacks_cards(here) else ""
    return started_anew(here.other_devices, obstacle)


def _lacks_cards(here: Context) -> bool:
    """A program that was only set up for simulated devices has nothing that talks to a reader by PC/SC."""
    return here.settings.card.transport == "pcsc" and not here.settings.card.source and find_spec("smartcard") is None


def _parts(here: Context) -> Mapping[str, Callable[[], dict[str, Any]]]:
    return {
        "station": lambda: _station(here),
        "school": lambda: _school(here),
        "people": lambda: {"accounts": here.office.accounts.open(), "roles": tuple(Role), "rules": here.settings.accounts},
        "devices": lambda: {"devices": _devices(here)},
        "roster": lambda: {"count": here.office.rosters.count()},
        "practice": lambda: {"tested": latest_in_words(here.checkup.latest if here.checkup else None, language())},
    }


def _station(here: Context) -> dict[str, Any]:
    if here.office.configuration is None:
        return {"rows": [], "stamp": "", "problem": say(language(), "ui.setup.no_file")}
    try:
        stamp, settings = here.office.configuration.stamp(), here.office.configuration.current()
    except ConfigError as error:
        return {"rows": [], "stamp": "", "problem": say_error(language(), error)}
    return {"rows": rows_of(settings, (f"station.{name}" for name in _STATION)), "stamp": stamp, "problem": ""}


def _school(here: Context) -> dict[str, Any]:
    known = here.office.school.current()
    return {"known": known, "fields": SCHOOL_FIELDS, "of_contact": CONTACT_FIELDS, "contacts": contacts_of(known)}


def _devices(here: Context) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = in_words(here.checkup.status(), language())["devices"] if here.checkup is not None else []
    return found
