"""The settings' file: read with every fault and its place, changed as a whole, and its earlier versions kept beside it.

file = SettingsFile(Path("config.toml"))
file.try_out({"face.pass_at": 0.42})          # raises ConfigError with every fault
file.write({"face.pass_at": 0.42, "backup.folder": None}, stamp=file.stamp())
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from kiosk.config.faults import faults_of
from kiosk.config.keys import keys, plain, value_of
from kiosk.config.model import Settings
from kiosk.config.text import Unreadable, decoded, in_several_lines, parsed, placed
from kiosk.durable import write_whole
from kiosk.errors import ConfigError, Fault, KioskError
from kiosk.languages import BESIDE_CONFIG, languages, look_in
from kiosk.locks import FileLock
from kiosk.records import Message

VERSIONS: Final = 50  # that are kept
_VERSION: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?\.toml")
_STAMP_LENGTH: Final = 16
_PATIENCE_S: Final = 5.0
_DEEPEST: Final = 8  # tables within tables: more than the settings have, and few enough to go through
_PATH_SIGNS: Final = frozenset("\a\b\t\n\v\f\r\x1b")  # what "D:\backup" and "data\new" become when `\` is taken for an escape


@dataclass(frozen=True)
class Difference:
    """A key that says something else than before; None: left out."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Written:
    """What was written: the differences, the name of the version that was there before (empty: nothing changed, or there was
    none), and the stamp of the file as it is now."""

    differences: tuple[Difference, ...]
    kept: str
    stamp: str


@dataclass(frozen=True)
class Version:
    """An earlier state of the file, by its name among the kept ones; `at`: until when it held, on this machine's clock."""

    name: str
    at: datetime


def load(path: Path) -> Settings:
    """Settings from a TOML file, and the languages beside it; raises ConfigError with every fault, its place and what would be
    right."""
    look_beside(path)
    return _settings(_content(path), path)


def look_beside(path: Path) -> None:
    """From now on the languages beside a configuration are there, too. Raises ConfigError for one that is badly described."""
    look_in(path.parent / BESIDE_CONFIG)
    try:
        languages()
    except ConfigError:
        look_in(None)  # or there would be no words to tell it in
        raise


def check(values: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Everything that is wrong with the values of a whole file (tables by name)."""
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        return faults_of(error, Settings, secrets=(key.path for key in keys().values() if key.secret))
    return ()


def differences(before: Settings, after: Settings) -> tuple[Difference, ...]:
    """The keys of which two files say something different."""
    pairs = ((path, value_of(before, path), value_of(after, path)) for path in keys())
    return tuple(Difference(path, old, new) for path, old, new in pairs if old != new)


class SettingsFile:
    """One file. Every method looks at the disk: another program may have changed it."""

    def __init__(self, path: Path, now: Callable[[], datetime] = datetime.now) -> None:
        self.path = path
        self._now = now

    @property
    def history(self) -> Path:
        """The folder of the earlier versions: `config.history` beside `config.toml`."""
        return self.path.with_suffix(".history")

    def read(self) -> Settings:
        """As `load`, with the languages that there are."""
        return _settings(_content(self.path), self.path)

    def stamp(self) -> str:
        """What tells whether the file was changed meanwhile; empty when there is none."""
        return stamp_of(self.path.read_bytes()) if self.path.exists() else ""

    def try_out(self, changes: Mapping[str, Any]) -> tuple[Settings, tuple[Difference, ...]]:
        """What the settings would be, and what would differ; nothing is written. Raises as `write`."""
        before, text = self._now_there()
        settings = self._settings(_edited(text, changes), changes)
        return settings, differences(before, settings)

    def write(self, changes: Mapping[str, Any], *, stamp: str | None = None) -> Written:
        """Put values under keys and keep the rest of the file as it stands; None: as the default is.

        Values are plain ones of TOML, as `Key.taken` gives them. The file as a whole must be sound; it is on the disk when this
        returns, or as before. With a `stamp`, nothing is written when the file is another one than it was.
        Raises ConfigError, KioskError("settings.changed_meanwhile"), KioskError("settings.unwritable").
        """
        with self._alone():
            self._require(stamp)
            before, text = self._now_there()
            edited = _edited(text, changes)
            return self._put(edited, differences(before, self._settings(edited, changes)))

    def versions(self) -> tuple[Version, ...]:
        """The earlier states that are kept, the newest first."""
        found = [path.name for path in self.history.glob("*.toml") if _VERSION.fullmatch(path.name)]
        return tuple(Version(name, _moment(name)) for name in sorted(found, key=_order, reverse=True))

    def version(self, name: str) -> Settings:
        """An earlier state; raises ConfigError, and KioskError("settings.no_version") where there is none of this name."""
        return _settings(self._version_text(name), self.history / name)

    def compare(self, name: str) -> tuple[Difference, ...]:
        """What restoring an earlier version would change; a file that can't be read now counts as one of defaults. Raises as
        `version`."""
        return differences(self._now_or_defaults(), self.version(name))

    def restore(self, name: str, *, stamp: str | None = None) -> Written:
        """Have an earlier version again, letter by letter; what is there now becomes the newest of the earlier ones. Raises as
        `version` and `write`."""
        with self._alone():
            self._require(stamp)
            text = self._version_text(name)
            settings = _settings(text, self.history / name)
            return self._put(decoded(text), differences(self._now_or_defaults(), settings))

    def put_back(self, content: bytes) -> None:
        """Have the file as it was, letter by letter; what is there now becomes the newest of the earlier versions. Raises
        KioskError("settings.unwritable")."""
        with self._alone():
            try:
                self._keep(self.path.read_bytes())
                write_whole(self.path, content)
            except OSError as error:
                raise self._unwritable(error) from None

    def _version_text(self, name: str) -> bytes:
        if not any(name == known.name for known in self.versions()):
            raise KioskError("settings.no_version", name=name)
        return (self.history / name).read_bytes()

    def _now_there(self) -> tuple[Settings, str]:
        if not self.path.exists():
            return Settings(), ""
        content = _content(self.path)
        return _settings(content, self.path), decoded(content)

    def _now_or_defaults(self) -> Settings:
        try:
            return self.read()
        except ConfigError:
            return Settings()  # a broken file is what one wants to get away from

    def _settings(self, text: str, given: Iterable[str]) -> Settings:
        return _settings(text.encode(), self.path, given)

    def _require(self, stamp: str | None) -> None:
        if stamp is not None and stamp != self.stamp():
            raise KioskError("settings.changed_meanwhile")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other program, and no other request, writes meanwhile."""
        try:
            lock = FileLock.take(self.path.with_name(f".{self.path.name}.lock"), patience_s=_PATIENCE_S)
        except OSError as error:
            raise self._unwritable(error) from None
        with lock:
            yield

    def _put(self, text: str, changed: tuple[Difference, ...]) -> Written:
        before = self.path.read_bytes() if self.path.exists() else b""
        if b"\r\n" in before:
            text = text.replace("\n", "\r\n")
        content = text.encode()
        if content == before:
            return Written((), "", stamp_of(before))
        try:
            kept = self._keep(before) if self.path.exists() else ""
            write_whole(self.path, content)
        except OSError as error:
            raise self._unwritable(error) from None
        return Written(changed, kept, stamp_of(content))

    def _keep(self, content: bytes) -> str:
        self.history.mkdir(exist_ok=True)
        base = f"{self._now():%Y-%m-%dT%H-%M-%S}"
        name, count = f"{base}.toml", 1
        while (self.history / name).exists():
            count += 1
            name = f"{base}-{count}.toml"
        write_whole(self.history / name, content)
        for old in self.versions()[VERSIONS:]:
            (self.history / old.name).unlink(missing_ok=True)
        return name

    def _unwritable(self, error: OSError) -> KioskError:
        return KioskError("settings.unwritable", file=str(self.path), details=error.strerror or str(error))


def _edited(text: str, changes: Mapping[str, Any]) -> str:
    from kiosk.config.toml_edit import edited  # tomlkit is only needed where something is written

    return edited(text, {path: _to_write(text, path, value) for path, value in changes.items()})


def _to_write(text: str, path: str, value: Any) -> Any:
    """The value that is to stand in the file, None for none: a default stays where it stands, for its comment, but not in a
    table that is left out by default."""
    key = keys().get(path)
    if key is None or key.default is None:
        return value
    default = plain(key.default)
    if value is not None and value != default:
        return value
    usual = value_of(Settings(), path) is not None
    return default if usual and (value is not None or _stands(text, path)) else None


def _stands(text: str, path: str) -> bool:
    here: Any = parsed(text)
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return False
        here = here[part]
    return True


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError((Fault("", Message("fault.no_file")),), file=str(path)) from None
    except OSError as error:
        unreadable = Message("fault.unreadable", {"details": error.strerror or str(error)})
        raise ConfigError((Fault("", unreadable),), file=str(path)) from None


def _settings(content: bytes, path: Path, given: Iterable[str] = ()) -> Settings:
    """What a file says; the values under the keys `given` were handed over and not written by hand."""
    try:
        text = decoded(content)
        values = parsed(text)
    except Unreadable as error:
        raise ConfigError((error.fault,), file=str(path)) from None
    faults = (*check(values), *_control_signs(values, frozenset((*given, *in_several_lines(text)))))
    if faults:
        raise ConfigError(placed(faults, text), file=str(path), language=_language_of(values))
    return Settings.model_validate(values)


def _language_of(values: Mapping[str, Any]) -> str:
    station = values.get("station")
    wished = station.get("language") if isinstance(station, Mapping) else ""
    return wished if isinstance(wished, str) else ""


def _control_signs(values: Mapping[str, Any], meant: frozenset[str], prefix: str = "") -> Iterator[Fault]:
    r"""Texts in which `\\` was taken for the beginning of an escape, and under the keys `meant` those with a real break."""
    for name, value in values.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            if path.count(".") < _DEEPEST:
                yield from _control_signs(value, meant, f"{path}.")
        elif isinstance(value, str) and _PATH_SIGNS & set(value):
            yield Fault(path, Message("fault.line_break" if path in meant else "fault.escape"))


def stamp_of(content: bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(content).hexdigest()[:_STAMP_LENGTH]


def _order(name: str) -> tuple[str, int]:
    return name[:19], int(name[20:-5] or 0) if len(name) > 24 else 0


def _moment(name: str) -> datetime:
    return datetime.strptime(name[:19], "%Y-%m-%dT%H-%M-%S")
