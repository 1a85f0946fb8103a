"""What a station needs before it captures as it should, and whether it has it: seen from the station, never ticked off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.errors import ConfigError
from kiosk.records import CONTACTS, Account, DeviceState, Right, Role
from kiosk.web.context import Context, context, language
from kiosk.web.doorkeeper import at_work
from kiosk.words import say, say_list


@dataclass(frozen=True)
class Step:
    """`is_done` looks at the station; `basic`: without it nobody is captured as they should be."""

    name: str
    is_done: Callable[[Context], bool]
    basic: bool = False


def _has_exam(here: Context) -> bool:
    configuration = here.office.configuration
    if configuration is None:
        return bool(here.settings.station.exam)
    try:
        return bool(configuration.current().station.exam)
    except ConfigError:
        return False


def _has_school(here: Context) -> bool:
    school = here.office.school.current()
    return bool(school.name) and sum(bool(one.name) for one in school.contacts) >= CONTACTS


def _has_operator(here: Context) -> bool:
    return any(one.role in (Role.OPERATOR, Role.SUPERVISOR) for one in here.office.accounts.open())


def _has_devices(here: Context) -> bool:
    """The ones that the profile needs; a station for photos works without reader and scanner."""
    if here.checkup is None:
        return False
    states = here.checkup.status().devices
    return all(kind in states and states[kind].state is DeviceState.READY for kind in here.checkup.needed)


def _has_practised(here: Context) -> bool:
    latest = here.checkup.latest if here.checkup is not None else None
    return latest is not None and latest.good


# In this order. Words: `setup.<name>` for the title, `setup.<name>.help` for what to do.
STEPS: Final = (
    Step("station", _has_exam, basic=True),
    Step("school", _has_school, basic=True),
    Step("people", _has_operator),
    Step("devices", _has_devices),
    Step("roster", lambda here: here.office.rosters.count() > 0, basic=True),
    Step("practice", _has_practised),
)


def undone(here: Context, account: Account) -> list[str]:
    """The names of the steps that every station with real devices needs and this one lacks, for somebody who can do them."""
    if here.simulator is not None or here.checkup is None or not account.may(Right.SETTINGS):
        return []
    return [one.name for one in STEPS if one.basic and not one.is_done(here)]


def undone_in_words() -> str:
    """The same for whoever looks, in words; empty where nothing is lacking."""
    names = [say(language(), f"setup.{name}") for name in undone(context(), at_work())]
    return say(language(), "ui.setup.undone", steps=say_list(language(), names)) if names else ""
