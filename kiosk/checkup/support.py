"""下载诊断: one sealed file for whoever helps from afar. Versions, devices, settings, faults, times and log; nobody's data.

Sealed as an export is, under a password that is told by another way (`kiosk.exchange.package`).
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from kiosk.checkup.scrub import GONE, Scrubber
from kiosk.checkup.status import Status
from kiosk.ciphers.age import Sealing
from kiosk.config import Settings
from kiosk.exchange.package import require_good, seal
from kiosk.records import DeviceTest
from kiosk.store import Store

_PACKAGES: Final = (
    "exam-capture-kiosk",
    "flask",
    "mediapipe",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "pydantic",
    "pyscard",
    "pyserial",
    "pyusb",
    "sqlalchemy",
    "waitress",
)
# People, and what opens something.
_SECRET: Final = {"station": ("contact",), "finger": ("password",)}
_LOG: Final = "kiosk.log"


@dataclass(frozen=True)
class Surroundings:
    """`folder`: where the station's log lies, and its data."""

    folder: Path
    simulated: bool


def write_support_file(
    status: Status, settings: Settings, store: Store, around: Surroundings, out: Path, password: str
) -> None:
    """Write and read back the sealed file; raises ExchangeError("export.password_short")."""
    to = Sealing(passphrase=password)
    require_good(to)
    scrubber = Scrubber(_everybody(store))
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".support-") as made:
        folder = Path(made) / "support"
        folder.mkdir()
        parts = {
            "versions.json": _versions(around),
            "settings.json": _settings(settings),
            "devices.json": _devices(status),
            "store.json": _store(store, around),
        }
        for name, content in parts.items():
            text = json.dumps(_plain(content), ensure_ascii=False, indent=1)
            (folder / name).write_text(text, encoding="utf-8")
        for path in sorted(around.folder.glob(f"{_LOG}*")):
            text = path.read_text(encoding="utf-8", errors="replace")
            (folder / path.name).write_text(scrubber.clean(text), encoding="utf-8")
        seal(folder, out, to)


def _everybody(store: Store) -> Iterator[str]:
    """What is known of anybody, on the roster or captured."""
    for student in store.roster.students():
        yield from _texts(student)
    for record in (*store.captures.records(), *store.captures.unfinished_records()):
        yield from _texts(record.student)
        if record.card is not None:
            yield from _texts(record.card)
    for refusal in store.refusals.all():
        yield from _texts(refusal)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a dataclass, however deep; arrays are no texts."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif is_dataclass(value):
        for part in vars(value).values():
            yield from _texts(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _texts(part)


def package_versions() -> dict[str, str | None]:
    """What matters when something goes wrong, by name; None for what is not installed."""
    found: dict[str, str | None] = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _versions(around: Surroundings) -> dict[str, Any]:
    return {
        "at": datetime.now().astimezone(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "simulated": around.simulated,
        "packages": package_versions(),
    }


def _settings(settings: Settings) -> dict[str, Any]:
    """What is set, without people, secrets, and where the user's folder is."""
    values = settings.model_dump(mode="json")
    for section, names in _SECRET.items():
        values[section] |= dict.fromkeys(names, GONE)
    return {section: _without_home(part) for section, part in values.items()}


def _without_home(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_home(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_home(part) for part in value]
    return value.replace(str(Path.home()), "~") if isinstance(value, str) else value


def _devices(status: Status) -> dict[str, Any]:
    """The devices without what lies on them: no card, no press, no picture."""
    look = status.look
    return {
        "status": status.devices,
        "camera": status.camera,
        "reader": status.reader,
        "scanner": status.scanner,
        "faults": status.faults,
        "seconds": status.times,
        "walls": look.walls if look else (),
        "light": look.light if look else None,
        "latest_test": _without_people(status.latest) if status.latest else None,
    }


def _without_people(test: DeviceTest) -> dict[str, Any]:
    return {"at": test.at, "findings": test.findings, "devices": test.devices}


def _store(store: Store, around: Surroundings) -> dict[str, Any]:
    """How much there is, and whether it is sound; nothing of what it is."""
    disk = shutil.disk_usage(around.folder)
    health = store.check(sample=0)
    return {
        "roster": store.roster.count(),
        "captured": store.captures.count(),
        "free_mb": disk.free >> 20,
        "sound": health.sound,
        "damages": [damage.code for damage in health.hurt],
    }


def _plain(value: Any) -> Any:  # noqa: PLR0911 - a table
    """As JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bytes):
        return value.hex(" ").upper()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in vars(value).items()}
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    return value
