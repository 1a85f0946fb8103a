"""The office's screens over a real store: a small school, some of it captured."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from flask import Flask

from kiosk.config import Settings, SettingsFile
from kiosk.office import Office
from kiosk.records import Account, Biometric, BiometricKind, CaptureRecord, Role, Step, StepResult, Verdict
from kiosk.store import Store
from kiosk.web import create_app
from tests.exchange.photographs import jpeg, png
from tests.staff import operator_of
from tests.store.conftest import AT, begin_in, student
from tests.web.scripted import ScriptedStation

CONFIG = Path(__file__).parents[2] / "config.toml"
CAPTURED = 4
EVERYBODY = 6


@dataclass(frozen=True)
class Desk:
    """What a test needs of it."""

    app: Flask
    store: Store
    office: Office
    station: ScriptedStation

    def record(self, number: int) -> CaptureRecord:
        found = self.store.captures.latest_complete(student(number).id_number)
        assert found is not None
        return found

    def actions(self) -> list[tuple[str, str]]:
        """Who did what, of what people decide."""
        return [
            (entry.action, entry.actor)
            for entry in self.store.audit.entries()
            if not entry.action.startswith(("capture.", "account."))
        ]


@contextmanager
def desk(folder: Path, clock: Callable[[], datetime] | None = None) -> Iterator[Desk]:
    """Six students in two classes, four of them captured; the third has no portrait."""
    if clock is None:
        data, known = _filled()
        shutil.copytree(data, folder / "data")
    else:
        known = _fill(folder / "data", clock)
    with Store.open(folder / "data", clock=clock or _now) as store:
        shutil.copy(CONFIG, folder)
        file = SettingsFile(folder / CONFIG.name)
        office, station = Office(store, folder / "export", file=file), ScriptedStation()
        app = create_app(station=station, office=office, settings=Settings(), demonstrator=known)
        try:
            yield Desk(app, store, office, station)
        finally:
            office.close()


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def _filled() -> tuple[Path, Account]:
    """The store's folder, made once for a process of the tests: each desk has a copy."""
    kept = tempfile.TemporaryDirectory(prefix="kiosk-desk-")
    atexit.register(kept.cleanup)
    data = Path(kept.name) / "data"
    return data, _fill(data, _now)


def _fill(data: Path, clock: Callable[[], datetime]) -> Account:
    """Who may see every page comes back."""
    with Store.open(data, clock=clock) as store:
        numbers = range(1, EVERYBODY + 1)
        store.roster.replace_or_update([replace(student(n), class_name="5" if n < 4 else "6", sex="男") for n in numbers])
        for number in range(1, CAPTURED + 1):
            record = begin_in(store, student(number))
            pictures = [Biometric(BiometricKind.RIGHT_THUMB, png()), Biometric(BiometricKind.LEFT_THUMB, png())]
            if number != 3:
                pictures.append(Biometric(BiometricKind.PORTRAIT, jpeg()))
            store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pictures)
            store.captures.finish(record.id, AT + timedelta(minutes=number))
        return operator_of(store.accounts, Role.OFFICER)
