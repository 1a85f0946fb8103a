"""The devices' page: how they are, the guided test, and the file for support. It looks every second; nothing waits for it."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify
from flask.typing import ResponseReturnValue

from kiosk.checkup import Checkup
from kiosk.errors import KioskError
from kiosk.exchange.device_test_sheet import print_device_test
from kiosk.exchange.package import MIN_PASSPHRASE, SUFFIX
from kiosk.records import CheckPoint, Measure
from kiosk.web import figures
from kiosk.web.asking import asked
from kiosk.web.calling import BROKEN, with_calls
from kiosk.web.context import context, language
from kiosk.web.devices.words import in_words
from kiosk.web.doorkeeper import at_work, door
from kiosk.web.office.shell import attachment, page, said
from kiosk.words import say, say_message

views = Blueprint("devices", __name__)

_PAPER = "zh-CN"


@views.get("/devices")
def screen() -> ResponseReturnValue:
    """The page; what it shows comes by `/devices/state`."""
    return page("devices.html", "devices", points=tuple(CheckPoint), least_password=MIN_PASSPHRASE)


@views.get("/devices/state")
@door(news=True)
def state() -> ResponseReturnValue:
    """How everything is now, in words."""
    status = _checkup().status()
    told = in_words(status, language())
    with_calls(told["devices"], [kind for kind, one in status.devices.items() if one.state in BROKEN])
    return jsonify(told)


@views.get("/devices/press/<int:number>.png")
def press(number: int) -> ResponseReturnValue:
    """A tester's press with its minutiae; gone when the test is over."""
    drawn = _checkup().drawn_press(-number)
    if drawn is None:
        return Response(status=404)
    return Response(drawn, mimetype="image/png")


@views.post("/devices/test")
def begin() -> ResponseReturnValue:
    """Begin the guided test; students wait meanwhile."""
    _checkup().begin()
    return "", 204


@views.post("/devices/test/leave")
def leave() -> ResponseReturnValue:
    """Note the current point as it is, and go on."""
    _checkup().leave_point()
    return "", 204


@views.post("/devices/test/again")
def again() -> ResponseReturnValue:
    """Look at a point once more."""
    try:
        point = CheckPoint(asked().get("point", ""))
    except ValueError:
        raise KioskError("web.body_unreadable") from None
    _checkup().again(point)
    return "", 204


@views.post("/devices/test/finish")
def finish() -> ResponseReturnValue:
    """Keep the result."""
    test = _checkup().finish(at_work().name)
    return said("ui.devices.kept_good" if test.good else "ui.devices.kept_bad", failed=len(test.failed) + len(test.missing))


@views.post("/devices/test/stop")
def stop() -> ResponseReturnValue:
    """End the test; nothing is kept."""
    _checkup().stop()
    return "", 204


@views.post("/devices/support")
def support() -> ResponseReturnValue:
    """The sealed file for support."""
    with tempfile.TemporaryDirectory(prefix="kiosk-support-") as folder:
        path = Path(folder) / f"support{SUFFIX}"
        _checkup().support_file(asked().get("password", ""), path)
        name = f"{say(language(), 'ui.devices.support_file')}-{datetime.now().astimezone():%Y%m%d-%H%M}{SUFFIX}"
        return attachment(path.read_bytes(), name, "application/octet-stream")


@views.get("/devices/test.pdf")
def printed() -> ResponseReturnValue:
    """The newest result as a page to sign and file."""
    test = _checkup().latest
    if test is None:
        abort(404)
    station = context().settings.station
    content = print_device_test(
        test,
        station=station.name,
        school=context().office.school.current().name,
        point=lambda one: say(_PAPER, f"checkpoint.{one}"),
        measured=_measured,
        hint=lambda message: say_message(_PAPER, message),
        simulated=context().simulator is not None,
    )
    return attachment(content, f"{say(_PAPER, 'ui.devices.paper')}-{test.at:%Y%m%d-%H%M}.pdf", "application/pdf")


def _measured(found: Measure) -> str:
    shown = figures.measure(_PAPER, found)
    return f"{shown['name']} {shown['value']}（{shown['limit']}）"


def _checkup() -> Checkup:
    return context().checkup or abort(404)
