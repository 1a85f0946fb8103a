"""导出方案: those of the program are shown and copied; the school's own, beside the configuration, are changed."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.config import Settings, SettingsFile, stamp_of
from kiosk.config.text import Unreadable, decoded
from kiosk.errors import ExchangeError, Fault, KioskError
from kiosk.exchange.profile import Profile, judge
from kiosk.exchange.shelf import Shelved, is_name, path_of, remove_own, shelf, shipped, write_own
from kiosk.records import Person
from kiosk.store import Store


class Profiles:
    """The profiles' files. Methods may be called from any thread; each looks at the disk."""

    def __init__(self, store: Store, file: SettingsFile, started_with: Settings) -> None:
        self._store = store
        self._file = file
        self._started_with = {name: _stamp(name) for name in _used(started_with)}

    def all(self) -> Sequence[Shelved]:
        """Every one, sound or not, the program's first."""
        return shelf()

    def one(self, name: str) -> Shelved:
        """The one that counts of a name; raises KioskError("profile.unknown")."""
        found = next((one for one in shelf() if one.name == name), None)
        if found is None:
            raise ExchangeError("profile.unknown", name=name)
        return found

    def text(self, name: str) -> tuple[str, str]:
        """Its file's text, and the stamp that tells whether it was changed meanwhile."""
        content = self.one(name).path.read_bytes()
        try:
            return decoded(content), stamp_of(content)
        except Unreadable:
            return "", stamp_of(content)

    def judge(self, name: str, text: str) -> tuple[Profile | None, tuple[Fault, ...]]:
        """What a text would be under a name; nothing is written."""
        return judge(name, _content(text))

    def copy(self, name: str, new_name: str, *, by: Person) -> None:
        """Begin one of the school's own with another one's text. Raises KioskError for a name that can't be or is taken."""
        if not is_name(new_name):
            raise KioskError("profile.name", name=new_name)
        if any(one.name == new_name for one in shelf()):
            raise KioskError("profile.taken", name=new_name)
        content = self.one(name).path.read_bytes()
        write_own(new_name, content)
        self._store.audit.record("profile.copy", actor=by.name, subject=new_name, of=name)

    def save(self, name: str, text: str, *, stamp: str, by: Person) -> Profile:
        """Change one of the school's own; what it said stays below `earlier/`. Raises KioskError("profile.shipped",
        "settings.changed_meanwhile"), and ExchangeError("profile.invalid") with every fault; then nothing is written."""
        self._require_own(name)
        if stamp != self.text(name)[1]:
            raise KioskError("settings.changed_meanwhile")
        profile, faults = self.judge(name, text)
        if profile is None:
            raise ExchangeError("profile.invalid", file=f"{name}.toml", problems=tuple(fault.message for fault in faults))
        before = self.one(name).profile
        write_own(name, _content(text), keep=stamp)
        told = {"was": before.hash if before is not None else "", "now": profile.hash}
        self._store.audit.record("profile.change", actor=by.name, subject=name, **told)
        return profile

    def remove(self, name: str, *, by: Person) -> None:
        """Remove one of the school's own that nobody uses; what it said stays below `earlier/`. Raises
        KioskError("profile.shipped", "profile.used", "settings.unwritable")."""
        self._require_own(name)
        if name in _used(self._file.read()):
            raise KioskError("profile.used", name=name)
        remove_own(name, keep=self.text(name)[1])
        self._store.audit.record("profile.remove", actor=by.name, subject=name)

    def waiting(self) -> tuple[str, ...]:
        """The profiles in use whose files say something else than when the station was started."""
        return tuple(name for name, before in self._started_with.items() if _stamp(name) != before)

    def in_use(self, name: str) -> bool:
        """Whether the running station goes by it."""
        return name in self._started_with

    def _require_own(self, name: str) -> None:
        if shipped(name):
            raise KioskError("profile.shipped", name=name)


def _used(settings: Settings) -> tuple[str, ...]:
    return (settings.station.profile, *settings.station.other_profiles)


def _stamp(name: str) -> str:
    """Of a profile's file as it is now, sound or not: every page of the office asks. Empty where there is none."""
    path = path_of(name)
    return stamp_of(path.read_bytes()) if path is not None else ""


def _content(text: str) -> bytes:
    return text.replace("\r\n", "\n").encode()
