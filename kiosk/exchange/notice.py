"""告知书: the text that students and guardians are shown, from a data file; and the basis of whoever said nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from kiosk.config import Settings
from kiosk.config.text import Unreadable, decoded, parsed
from kiosk.errors import ExchangeError
from kiosk.exchange.profile import Profile
from kiosk.records import Basis, Message, Notice, Step

_FOLDER: Final = Path(__file__).parent / "notices"
LANGUAGES: Final = ("zh-CN", "en")  # those that every notice has; a file may have more
SHOWN: Final = ("title", "who", "what", "why", "kept", "free", "rights")
_PARTS: Final = (*SHOWN, "purpose", "term", "statutory", "own", "guardian", "undecided", "rights_formal")
_DIGITS: Final = 6


def notice_for(settings: Settings, profile: Profile, folder: Path | None = None) -> Notice:
    """The school's own, else the profile's. `folder` is what a relative path of the settings starts from.

    Raises ExchangeError("notice.unreadable", "notice.lacks").
    """
    own = settings.consent.notice
    path = _FOLDER / f"{profile.workflow.notice}.toml" if own is None else (folder or Path()) / own
    return load_notice(path)


def basis_for(settings: Settings, profile: Profile) -> Basis:
    """Why whoever said nothing may be captured: as the settings say, else the profile; where neither does, students are asked
    if there is a step that asks."""
    said = settings.consent.basis or profile.workflow.basis
    if said:
        return Basis(said)
    asks = Step.CONSENT in (*settings.workflow.steps, *profile.workflow.steps)
    return Basis.OWN if asks else Basis.STATUTORY


def load_notice(path: Path) -> Notice:
    """A notice from its file. Raises ExchangeError as above."""
    try:
        told = parsed(decoded(path.read_bytes()))
    except (OSError, Unreadable) as error:
        raise ExchangeError("notice.unreadable", file=str(path), details=_why(error)) from None
    lacking = [f"{language}.{part}" for language in LANGUAGES for part in _PARTS if not _text(told, language, part)]
    if not _version(told):
        lacking.insert(0, "version")
    if lacking:
        raise ExchangeError("notice.lacks", file=str(path), parts="、".join(lacking))
    whole = [language for language in told if all(_text(told, language, part) for part in _PARTS)]
    texts = {language: {part: _text(told, language, part) for part in _PARTS} for language in whole}
    digest = hashlib.sha256(repr(sorted((key, sorted(parts.items())) for key, parts in texts.items())).encode()).hexdigest()
    read_s = told.get("read_s", 3.0)
    return Notice(f"{_version(told)}-{digest[:_DIGITS]}", texts, float(read_s) if isinstance(read_s, int | float) else 3.0)


def _why(error: OSError | Unreadable) -> Message:
    if isinstance(error, Unreadable):
        return error.fault.message
    if isinstance(error, FileNotFoundError):
        return Message("fault.notice_missing")
    return Message("fault.unreadable", {"details": error.strerror or str(error)})


def _version(told: dict[str, Any]) -> str:
    return str(told.get("version", "")).strip()


def _text(told: dict[str, Any], language: str, part: str) -> str:
    table = told.get(language)
    return str(table.get(part, "")).strip() if isinstance(table, dict) else ""
