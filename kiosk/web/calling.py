"""Whom to call: beside a device that does not work, and wherever help is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from kiosk.records import DeviceKind, DeviceState
from kiosk.web.context import context, language
from kiosk.words import say, say_list

Call = tuple[str, str, str]  # about what, who, the number
BROKEN: Final = frozenset({DeviceState.LOST, DeviceState.FAULT})


def calls() -> list[Call]:
    """The school's contacts, then vendors and the district; empty before anybody entered one."""
    office, tongue = context().office, language()
    school = say(tongue, "ui.contacts.of_school")
    found = [(school, one.name, one.mobile or one.phone) for one in office.school.current().contacts if one.name]
    for one in office.duties.lines():
        who = " ".join(filter(None, (one.name, one.person)))
        found.append((say(tongue, f"calledabout.{one.subject}"), who, " ".join(filter(None, (one.phone, one.note)))))
    return found


def with_calls(devices: Iterable[dict[str, Any]], broken: Collection[DeviceKind]) -> None:
    """Beside each device that does not work, whom to call about it."""
    for device in devices:
        if device["kind"] in broken:
            lines = context().office.duties.for_device(DeviceKind(device["kind"]))
            if lines:
                told = say(language(), "ui.contacts.call", whom=say_list(language(), [line.told for line in lines]))
                device["problem"] = " ".join(filter(None, (device["problem"], told)))
