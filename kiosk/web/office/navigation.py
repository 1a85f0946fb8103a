"""Where the office's pages are found: groups of pages, of which whoever looks sees what is open to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.records import Right
from kiosk.web.areas import is_within_areas
from kiosk.web.context import context
from kiosk.web.doorkeeper import at_work


@dataclass(frozen=True)
class Page:
    """A page by its view. `needs`: the right to look at it. `of_devices`: there only where the machine has devices. `of_file`:
    there only where the settings come from a file. `of_district`: there only at an office that takes what stations send.
    `of_exams`: there only where packages for exam days can lie."""

    view: str
    needs: Right | None = None
    of_devices: bool = False
    of_file: bool = False
    of_district: bool = False
    of_exams: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it leads anywhere, for whoever looks."""
        if self.of_devices and context().checkup is None:
            return False
        if self.of_file and context().office.configuration is None:
            return False
        if self.of_district and context().district is None:
            return False
        if self.of_exams and context().shelf is None:
            return False
        if not is_within_areas(self.view):
            return False
        return self.needs is None or at_work().may(self.needs)


# Group: its pages by name. Words: `officegroup.<group>`, `officetab.<name>`. A page more is a row more; some seven of a group
# stand in one line at 1366 px.
GROUPS: Final[Mapping[str, Mapping[str, Page]]] = {
    "district": {
        "console": Page("console.screen", of_district=True),
        "receiving": Page("receiving.screen", of_district=True),
        "conflicts": Page("conflicts.screen", of_district=True),
        "duplicates": Page("duplicates.screen", of_district=True),
    },
    "today": {
        "progress": Page("records.everybody"),
        "day": Page("day.screen"),
        "review": Page("review.screen"),
        "refused": Page("refused.screen"),
        "devices": Page("devices.screen", of_devices=True),
        "contacts": Page("contacts.screen"),
        "checkin": Page("checkin.screen", of_exams=True),
    },
    "students": {
        "roster": Page("roster.screen"),
        "particulars": Page("particulars.screen"),
        "schedule": Page("schedule.screen"),
        "consent": Page("consent.screen"),
        "documents": Page("documents.screen"),
        "signing": Page("signing.screen"),
    },
    "papers": {
        "export": Page("export.screen"),
        "parcels": Page("parcels.screen"),
        "lists": Page("lists.screen"),
        "exams": Page("exams.screen"),
        "printing": Page("printing.screen"),
        "materials": Page("materials.screen"),
        "cases": Page("cases.screen"),
        "verify": Page("verifying.screen"),
    },
    "manage": {
        "school": Page("school.screen"),
        "accounts": Page("accounts.screen"),
        "backup": Page("backup.screen"),
        "retention": Page("retention.screen"),
        "setup": Page("setup.screen", needs=Right.SETTINGS, of_devices=True),
        "settings": Page("settings.screen", needs=Right.SETTINGS, of_file=True),
        "profiles": Page("profiles.screen", needs=Right.SETTINGS, of_file=True),
        "trail": Page("trail.screen", needs=Right.AUDIT),
        "update": Page("updating.screen"),
        "about": Page("about.screen"),
    },
}


@dataclass(frozen=True)
class Tab:
    """A link to a page. `chosen`: it is the page that is shown."""

    name: str
    view: str
    chosen: bool


@dataclass(frozen=True)
class Group:
    """A link to the first of its pages. `chosen`: the page that is shown is one of them."""

    name: str
    tabs: tuple[Tab, ...]
    chosen: bool

    @property
    def view(self) -> str:
        return self.tabs[0].view


def menu(shown: str) -> list[Group]:
    """What whoever looks can open, while a page is shown."""
    found = []
    for name, pages in GROUPS.items():
        tabs = tuple(Tab(one, page.view, one == shown) for one, page in pages.items() if page.is_open)
        if tabs:
            found.append(Group(name, tabs, shown in pages))
    return found
