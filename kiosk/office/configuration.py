"""设置: the station's settings shown, changed, compared with earlier ones and brought back; who did so goes into the trail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.config import Difference, Effect, Settings, SettingsFile, Version, Written, differences, keys, plain, value_of
from kiosk.errors import ConfigError, ExchangeError, KioskError
from kiosk.exchange import load_profile
from kiosk.exchange.notice import notice_for
from kiosk.records import AuditEntry, Message, Person
from kiosk.store import Store

_CHANGE, _RESTORE, _FOUND = "configuration.change", "configuration.restore", "configuration.found"
_TAKEN_BACK: Final = "configuration.taken_back"
_NOTED: Final = (_CHANGE, _RESTORE, _FOUND, _TAKEN_BACK)
_MOST_ENTRIES: Final = 500
_HIDDEN: Final = "…"
_DATA_FOLDER: Final = ".".join(("store", "folder"))


@dataclass(frozen=True)
class Tried:
    """What somebody typed, tried out: the faults by key (empty key: of the file as a whole), or what would be different."""

    faults: Mapping[str, Message]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Kept:
    """An earlier version, and who made an end of it (empty: not known)."""

    version: Version
    by: str


class Configuration:
    """The file and the settings that the station was started with. Methods may be called from any thread.

    `apply` is given settings whose changes take effect at once.
    """

    def __init__(
        self, store: Store, file: SettingsFile, started_with: Settings, apply: Callable[[Settings], None] = lambda _: None
    ) -> None:
        self._store = store
        self._file = file
        self._folder = file.path.resolve().parent
        self._running = started_with
        self._apply = apply
        self.taken_back: Message | None = None

    def current(self) -> Settings:
        """What the file says; raises ConfigError."""
        return self._file.read()

    def stamp(self) -> str:
        """What tells whether the file was changed meanwhile."""
        return self._file.stamp()

    def waiting(self) -> tuple[Difference, ...]:
        """What the file says and the running station doesn't do yet. Raises ConfigError for a file that can't be read."""
        found = differences(self._running, self._file.read())
        return tuple(one for one in found if keys()[one.key].effect is Effect.NEXT_START)

    def try_out(self, typed: Mapping[str, str]) -> Tried:
        """Hold what was typed under keys against everything that is known; nothing is written. Raises ConfigError for a file
        that is faulty as it is."""
        changes = self._changes(typed)
        try:
            settings, found = self._file.try_out(changes)
        except ConfigError as error:
            return Tried({fault.key: fault.what for fault in error.problems}, ())
        faults = unknown(settings, self._folder)
        return Tried(faults, () if faults else found)

    def save(self, typed: Mapping[str, str], *, stamp: str, by: Person) -> Written:
        """Write what was typed. Raises ConfigError, and KioskError("settings.changed_meanwhile", "settings.unwritable",
        "settings.refused") with nothing written."""
        tried = self.try_out(typed)
        if tried.faults:
            raise KioskError("settings.refused", faults=tuple(tried.faults.values()))
        self._note_found()
        written = self._file.write(self._changes(typed), stamp=stamp)
        self._note(_CHANGE, written, by)
        return written

    def versions(self) -> Sequence[Kept]:
        """The earlier versions, the newest first."""
        entries = [one for action in (_CHANGE, _RESTORE) for one in self._store.audit.latest(_MOST_ENTRIES, action=action)]
        by = {str(entry.told.get("kept")): entry.actor for entry in entries}
        return [Kept(version, by.get(version.name, "")) for version in self._file.versions()]

    def compare(self, name: str) -> tuple[Difference, ...]:
        """What restoring an earlier version would change. Raises ConfigError, KioskError("settings.no_version")."""
        return self._file.compare(name)

    def restore(self, name: str, *, stamp: str, by: Person) -> Written:
        """Bring an earlier version back. Raises as `compare` and `save`."""
        faults = unknown(self._file.version(name), self._folder)
        if faults:
            raise KioskError("settings.refused", faults=tuple(faults.values()))
        self._note_found()
        written = self._file.restore(name, stamp=stamp)
        self._note(_RESTORE, written, by, version=name)
        return written

    def note_start(self) -> None:
        """Enter into the trail that the file is another one than when it was last written or seen: somebody edited it."""
        self._note_found()

    def note_taken_back(self, why: Message) -> None:
        """The station could not come up with the settings that were saved; it runs with those before, and the page says why."""
        self.taken_back = why
        self._store.audit.record(_TAKEN_BACK, why=why.code, stamp=self._file.stamp())

    def _note_found(self) -> None:
        """Before anything is written, too: whoever writes next would be taken for the one who edited it."""
        stamp = self._file.stamp()
        seen = [one for action in _NOTED for one in self._store.audit.latest(1, action=action)]
        last: AuditEntry | None = max(seen, key=lambda entry: entry.number, default=None)
        if last is None or last.told.get("stamp") != stamp:
            changed: tuple[Difference, ...] = ()
            with suppress(ConfigError):
                changed = differences(Settings(), self._file.read())
            self._store.audit.record(_FOUND, stamp=stamp, changes=[told(one) for one in changed])

    def _changes(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """What was typed under keys where it says something else than the file; a secret that was left empty stays."""
        now, found = self._file.read() if self._file.stamp() else Settings(), dict[str, Any]()
        for path, text in typed.items():
            key = keys().get(path)
            if key is None or (key.secret and not text):
                continue
            value, said = key.taken(text), value_of(now, path)
            if said is None:
                said = key.default
            if value != plain(said) and not (value is None and said == key.default):
                found[path] = value
        return found

    def _note(self, action: str, written: Written, by: Person, **more: str) -> None:
        changes = [told(one) for one in written.differences]
        self._store.audit.record(action, actor=by.name, changes=changes, kept=written.kept, stamp=written.stamp, **more)
        self._apply(self._file.read())


def told(change: Difference) -> str:
    """`face.pass_at: 0.4 → 0.42`; never a secret."""
    key = keys()[change.key]
    before, after = (_HIDDEN if key.secret else key.written(value) or "-" for value in (change.before, change.after))
    return f"{change.key}: {before} → {after}"


def unknown(settings: Settings, folder: Path) -> dict[str, Message]:
    """What no type can know, by key: whether there are such profiles and such a notice, and whether the data folder can be;
    `folder` is where relative paths of the settings start."""
    found: dict[str, Message] = {}
    data = settings.store.folder
    if not _can_be_made(folder / data):
        found[_DATA_FOLDER] = Message("fault.folder", {"folder": str(data)})
    named = {"profile": (settings.station.profile,), "other_profiles": settings.station.other_profiles}
    for field, names in named.items():
        for name in names:
            try:
                profile = load_profile(name)
                if field == "profile":
                    notice_for(settings, profile, folder)
            except ExchangeError as error:
                section, key = ("consent", "notice") if error.code.startswith("notice") else ("station", field)
                found[f"{section}.{key}"] = error.message
    return found


def moves_data(changes: Sequence[Difference]) -> bool:
    """Whether the station would begin with another data folder than it has."""
    return any(change.key == _DATA_FOLDER for change in changes)


def _can_be_made(folder: Path) -> bool:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK)
