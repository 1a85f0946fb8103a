"""The languages that there are: a folder each, with `language.toml` and gettext catalogues. Adding one is adding a folder.

The program's own lie in `translations/`; a school's lie in `languages/` beside its configuration, and may replace one of ours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.core import Locale, UnknownLocaleError

from kiosk.errors import ConfigError, Fault
from kiosk.records import Message

FIRST: Final = "zh-CN"  # every word exists in it; what another language lacks is said in this one
BESIDE_CONFIG: Final = "languages"
STAFF, STUDENT, TERMINAL = "staff", "student", "terminal"  # where a language may be chosen
_DESCRIPTION: Final = "language.toml"
_OWN: Final = Path(__file__).parent / "translations"
_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(_\w+)*")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-\w+)*")
_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)$")  # at the end of tomllib's words
_SOME_MOMENT: Final = datetime(2026, 9, 30, 18, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Language:
    """`tag`: the folder's name, as settings and cookies have it. `locale`: CLDR's, for numbers and dates. `html`: of `lang`."""

    tag: str
    folders: tuple[Path, ...]  # of catalogues; the later replaces words of the one before
    name: str  # what the language calls itself
    locale: str
    html: str
    screens: frozenset[str]  # where it may be chosen
    voices: tuple[str, ...]  # BCP 47 tags of voices that speak it, best first; with * at the end everything that begins so
    voice_fallback: str  # the language that speaks where none of them is installed; empty: none, tones are heard
    minute: str  # how a time is written, in CLDR's letters: to the minute in lists,
    day: str  # a day,
    moment: str  # and in whole, where a wrong day would be dear


_more: list[Path] = []


def look_in(folder: Path | None) -> None:
    """Take languages from this folder, too, where it exists; None: from the program alone, as at the start."""
    _more[:] = [folder] if folder is not None and folder.is_dir() else []
    languages.cache_clear()


@cache
def languages() -> dict[str, Language]:
    """Every language by its tag, Chinese first. Raises ConfigError for a description that can't be read."""
    found: dict[str, Language] = {}
    for place in (_OWN, *_more):
        for path in sorted(place.glob(f"*/{_DESCRIPTION}")):
            tag = path.parent.name
            before = found[tag].folders if tag in found else ()
            found[tag] = _described(path, tag, (*before, path.parent))
    return dict(sorted(found.items(), key=lambda item: (item[0] != FIRST, item[0])))


def shown_on(screen: str) -> dict[str, Language]:
    """The languages that may be chosen there."""
    return {tag: one for tag, one in languages().items() if screen in one.screens}


def voices_of(tag: str) -> list[Language]:
    """Whose words may be spoken for a language, best first."""
    found: list[Language] = []
    wanted: Language | None = languages().get(tag)
    while wanted is not None and wanted not in found:
        found.append(wanted)
        wanted = languages().get(wanted.voice_fallback)
    return found


def _described(path: Path, tag: str, folders: tuple[Path, ...]) -> Language:
    told = _read(path)
    voice, dates = (_table(told, name) for name in ("voice", "dates"))
    made = Language(
        tag,
        folders,
        _text(told, "name"),
        _text(told, "locale"),
        _text(told, "html", tag),
        frozenset(_texts(told, "screens", (STAFF, STUDENT, TERMINAL))),
        _texts(voice, "tags"),
        _text(voice, "fallback"),
        _text(dates, "minute", "yyyy-MM-dd HH:mm"),
        _text(dates, "day", "yyyy-MM-dd"),
        _text(dates, "moment", "EEEE, d MMMM yyyy, HH:mm"),
    )
    of_cldr = bool(_LOCALE.fullmatch(made.locale)) and _is_of_cldr(made.locale)
    patterns = {name: getattr(made, name) for name in ("minute", "day", "moment")}
    wrong = {
        "name": not made.name,
        "locale": not of_cldr,
        "html": not _TAG.fullmatch(made.html),
        "screens": not made.screens <= {STAFF, STUDENT, TERMINAL},
    }
    unfit = {name: told.get(name) for name, bad in wrong.items() if bad}
    if of_cldr and _OWN not in path.parents:  # ours are tried by a test, and no start waits for what writes dates
        unwritten = [name for name, one in patterns.items() if not _writes(made.locale, one, day=name == "day")]
        unfit |= {f"dates.{name}": dates.get(name) for name in unwritten}
    if unfit:
        faults = (Fault(key, Message("fault.unfit", {"value": repr(value)})) for key, value in unfit.items())
        raise ConfigError(tuple(faults), file=str(path))
    return made


def _read(path: Path) -> dict[str, Any]:
    """What a description says; raises ConfigError with the place of what can't be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        fault = Fault("", Message("fault.unreadable", {"details": error.strerror or type(error).__name__}))
    except UnicodeDecodeError:
        fault = Fault("", Message("fault.language_encoding"))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        fault = Fault("", Message("fault.language_file"), *map(int, place.groups() if place else ()))
    except (RecursionError, ValueError):  # of Python's own, for a number of thousands of digits
        fault = Fault("", Message("fault.toml.beyond"))
    raise ConfigError((fault,), file=str(path))


def _writes(locale: str, pattern: str, *, day: bool) -> bool:
    """Whether something can be written by a pattern of CLDR's letters, and is not blank."""
    from babel.dates import format_date, format_datetime

    try:
        written = format_date(_SOME_MOMENT, pattern, locale) if day else format_datetime(_SOME_MOMENT, pattern, locale=locale)
    except (ValueError, KeyError, AttributeError, LookupError):
        return False
    return bool(written.strip())


def _is_of_cldr(locale: str) -> bool:
    """Whether there are data to write numbers and dates by."""
    try:
        Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _table(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _text(told: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    found = told.get(name, otherwise)
    return found if isinstance(found, str) else ""


def _texts(told: Mapping[str, Any], name: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
    found = told.get(name, otherwise)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list | tuple) else ()
