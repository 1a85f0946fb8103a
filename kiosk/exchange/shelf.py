"""Where the profiles stand: those of the program, and a school's own in `profiles/` beside its configuration.

None of the program's is replaced: a file of the same name stays unused, and is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.config.faults import PROFILE_NAME
from kiosk.durable import write_whole
from kiosk.errors import ExchangeError, Fault, KioskError
from kiosk.exchange.file_names import is_file_name
from kiosk.exchange.profile import Profile, judge, read_profile
from kiosk.private import make_folder
from kiosk.records import Message

BESIDE_CONFIG: Final = "profiles"
EARLIER: Final = "earlier"  # a folder in it: what others took the place of, and what was removed
_LONGEST_NAME: Final = 60
_SHIPPED: Final = Path(__file__).parent / "profiles"

_own: list[Path] = []


@dataclass(frozen=True)
class Shelved:
    """A file among the profiles. `profile`: None where it is faulty."""

    name: str
    path: Path
    own: bool
    profile: Profile | None
    faults: tuple[Fault, ...] = ()

    @property
    def usable(self) -> bool:
        return self.profile is not None and not self.faults


def look_in(folder: Path | None) -> None:
    """Take a school's own profiles from this folder, where it exists; None: the program's alone, as at the start."""
    _own[:] = [folder] if folder is not None else []


def own_folder() -> Path | None:
    """Where a school's own profiles belong; None where nobody said."""
    return _own[0] if _own else None


def is_name(name: str) -> bool:
    """Whether a profile may be called so: its file is."""
    fits = len(name) <= _LONGEST_NAME and re.fullmatch(PROFILE_NAME, name) is not None
    return fits and is_file_name(f"{name}.toml")


def write_own(name: str, content: bytes, *, keep: str = "") -> None:
    """Write one of a school's own, whole. `keep`: what stood there stays below `earlier/`, with this in its name. Raises
    KioskError("settings.unwritable")."""
    target = _own_file(name)
    try:
        make_folder(target.parent)
        _keep(target, keep)
        write_whole(target, content)
    except OSError as error:
        raise _unwritable(target, error) from None


def remove_own(name: str, *, keep: str) -> None:
    """Take one of a school's own away; what it said stays below `earlier/`. Raises as `write_own`."""
    target = _own_file(name)
    try:
        _keep(target, keep)
        target.unlink()
    except OSError as error:
        raise _unwritable(target, error) from None


def _own_file(name: str) -> Path:
    folder = own_folder()
    assert folder is not None, "nobody said where"
    return folder / f"{name}.toml"


def _keep(target: Path, keep: str) -> None:
    if keep and target.exists():
        make_folder(target.parent / EARLIER)
        write_whole(target.parent / EARLIER / f"{target.stem}-{keep}.toml", target.read_bytes())


def _unwritable(target: Path, error: OSError) -> KioskError:
    file = Path(BESIDE_CONFIG) / target.name
    return KioskError("settings.unwritable", file=str(file), details=error.strerror or str(error))


def shelf() -> list[Shelved]:
    """Every profile that there is, sound or not, the program's first, by name."""
    return [*(_shelved(path, own=False) for path in _files(_SHIPPED)), *(_shelved(path, own=True) for path in _own_files())]


def profiles() -> list[Profile]:
    """All that can be used, by name."""
    return [one.profile for one in shelf() if one.usable and one.profile is not None]


def load_profile(name: str) -> Profile:
    """A profile by its name; raises ExchangeError when there is none or the file is wrong."""
    path = path_of(name)
    if path is None:
        raise ExchangeError("profile.unknown", name=name)
    return read_profile(path)


def path_of(name: str) -> Path | None:
    """The file of the profile that counts of a name."""
    return next((path for path in (*_files(_SHIPPED), *_own_files()) if path.stem == name), None)


def shipped(name: str) -> bool:
    """Whether a profile of this name comes with the program."""
    return any(path.stem == name for path in _files(_SHIPPED))


def _shelved(path: Path, *, own: bool) -> Shelved:
    profile, faults = judge(path.stem, path.read_bytes())
    if own and shipped(path.stem):
        faults = (*faults, Fault("", Message("fault.profile.name_taken", {"name": path.stem})))
    return Shelved(path.stem, path, own, profile, faults)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _own_files() -> list[Path]:
    return _files(_own[0]) if _own and _own[0].is_dir() else []
