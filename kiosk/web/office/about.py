"""About: what this station is made of, what of it was ever tried on the real thing, and all of that as text for support.

Nothing here is about anybody: versions, devices, networks, formats, licences.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from kiosk import weights
from kiosk.checkup import package_versions
from kiosk.licences import PROGRAM, installed, text_of
from kiosk.records import DeviceStatus
from kiosk.web.calling import calls
from kiosk.web.context import context, language
from kiosk.web.office.shell import page
from kiosk.words import say, say_size

views = Blueprint("about", __name__)

_NETWORKS_IN: Final = "mediapipe"  # the package that carries the rest of the networks


@views.get("/records/about")
def screen() -> ResponseReturnValue:
    """Everything, and the same as one text."""
    facts, networks, devices = _program(), _networks(), _devices()
    return page(
        "about.html",
        "about",
        facts=facts,
        networks=networks,
        devices=devices,
        packages=installed(),
        with_text={one.name for one in installed() if text_of(one.name)},
        calls=calls(),
        text="\n".join(_as_text(facts, networks, devices)),
    )


@views.get("/records/about/licence/<name>")
def licence(name: str) -> ResponseReturnValue:
    """The licence of a package, word for word."""
    known = {one.name for one in installed()}
    text = text_of(name) if name in known else ""
    return Response(text, mimetype="text/plain") if text else abort(404)


def _program() -> list[tuple[str, str]]:
    here, tongue = context(), language()
    store = here.office.facts.of_store()
    formats = " · ".join(f"{room} {revision}" for room, revision in store.formats.items())
    told = {
        "program": f"{PROGRAM} {version(PROGRAM)}",
        "licence": "Apache-2.0",
        "python": f"Python {platform.python_version()}",
        "platform": f"{platform.platform()} · {platform.machine()}",
        "store": f"{store.engine} · {formats}",
        "suite": f"{store.suite} · {say(tongue, 'ui.about.sealed' if store.sealed else 'ui.about.open')}",
        "profile": here.settings.station.profile,
    }
    return [(say(tongue, f"about.{name}"), value) for name, value in told.items()]


def _networks() -> list[dict[str, Any]]:
    """The networks' weights, each held against its checksum now."""
    tongue = language()
    found = [
        {
            "name": one.name,
            "origin": one.origin,
            "package": one.package.requirement,
            "licence": one.licence,
            "sha256": one.sha256,
            "size": say_size(tongue, place.stat().st_size) if (place := weights.folder() / one.name).is_file() else "—",
            "intact": weights.is_whole(one),
        }
        for one in weights.STATION
    ]
    carrier = next((one for one in installed() if one.name == _NETWORKS_IN), None)
    if carrier is not None:  # installed by its hash, as every package is
        told = {"name": say(tongue, "ui.about.carried"), "origin": "Google", "package": f"{carrier.name}=={carrier.version}"}
        found.append({**told, "licence": carrier.licence, "sha256": "", "size": "—", "intact": True})
    return found


def _devices() -> list[dict[str, str]]:
    """What is in use, and whether anybody tried that way on the real thing (docs/hardware.md)."""
    here, tongue = context(), language()

    def verified(status: DeviceStatus) -> str:
        if here.simulator is not None:
            return say(tongue, "ui.about.simulated")
        return say(tongue, "ui.unverified" if status.unverified else "ui.about.verified")

    return [
        {
            "name": say(tongue, f"device.{status.kind}"),
            "model": status.model or "—",
            "state": say(tongue, f"devicestate.{status.state}"),
            "verified": verified(status),
            "unverified": "yes" if status.unverified and here.simulator is None else "",
        }
        for status in here.station.snapshot().devices
    ]


def _as_text(facts: list[tuple[str, str]], networks: list[dict[str, Any]], devices: list[dict[str, str]]) -> Iterator[str]:
    """The same to be pasted into a message."""
    tongue = language()
    yield from (f"{name}: {value}" for name, value in facts)
    for one in devices:
        yield f"{one['name']}: {one['model']} · {one['state']} · {one['verified']}"
    for network in networks:
        whole = say(tongue, "ui.about.intact" if network["intact"] else "ui.about.damaged")
        yield " · ".join(filter(None, (f"{network['name']}: {network['package']}", network["sha256"][:16], whole)))
    yield from (f"{name} {found or '—'}" for name, found in package_versions().items())
