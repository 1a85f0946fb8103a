"""Turns codes into words, for web and cli only. Catalogues are gettext .po files in a language's folder, one per room.

A msgid is a code (`error.card.unreadable`, `hint.face.closer`, `ui.operator.export`), a msgstr the words with {placeholders}.
Which languages there are, and how each writes a date, `kiosk.languages` knows. What a language lacks is said in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from babel.core import Locale
from babel.messages.pofile import read_po

from kiosk.errors import KioskError
from kiosk.languages import FIRST, languages
from kiosk.records import Message

T = TypeVar("T")
LANGUAGES: Final = ("zh-CN", "en")  # those that the program brings whole
_COUNTED_DAYS: Final = 400  # a wrong month or year is seen by the number of days
_UNITS: Final = ("B", "kB", "MB", "GB")
# What a student reads at two metres and at a glance: so many Chinese characters, punctuation counted.
MOST_FOR_STUDENTS: Final = 12
_ASK_TEACHER: Final = "student.ask_teacher"
_TO_STUDENTS: Final = (
    "station.",
    "hint.",
    "finger.",
    "consent.",
    "signature.",
)  # families of codes that are said to students in their own words


def catalogue(language: str) -> dict[str, str]:
    """A language's own words by code. Raises KeyError for a language that there is not."""
    return _words(languages()[language].folders)


@cache
def _words(folders: tuple[Path, ...]) -> dict[str, str]:
    words: dict[str, str] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.po"))):
        with path.open("rb") as file:
            words.update({str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string})
    return words


def has_words(code: str) -> bool:
    """Whether anything can be said for a code."""
    return code in catalogue(FIRST)


def lacking(language: str) -> list[str]:
    """The codes that a language has no words for."""
    own = catalogue(language)
    return [code for code in catalogue(FIRST) if code not in own]


def say(language: str, code: str, **data: Any) -> str:
    """The words for a code, filled with data. A code without words is shown as itself: better ugly than silent."""
    template = catalogue(language).get(code) or catalogue(FIRST).get(code)
    if template is None:
        return code
    try:
        return template.format(**{name: _in_words(language, value) for name, value in data.items()})
    except (KeyError, IndexError):
        return template


def _in_words(language: str, value: Any) -> Any:
    """What fills a placeholder: a message in its words, several on a line each."""
    if isinstance(value, Message):
        return say_message(language, value)
    if isinstance(value, tuple) and value and all(isinstance(one, Message) for one in value):
        return "\n".join(f"  {say_message(language, one)}" for one in value)
    return value


def say_message(language: str, message: Message) -> str:
    """The words for a message; of `texts` that it brings along in several languages, the one that is wanted."""
    data = dict(message.data)
    if isinstance(texts := data.get("texts"), Mapping):
        data["texts"] = in_language(language, texts)
    return say(language, message.code, **data)


def in_language(language: str, texts: Mapping[str, T]) -> T:
    """Of what somebody wrote in several languages, what is in this one; else the Chinese."""
    return texts[language] if language in texts else texts[FIRST]


def say_to_student(language: str, message: Message) -> str:
    """What a student reads of a message: short, kind, and what to do.

    That is `student.<code>` where there is one; else the code's own words, if they are meant for students, short, and carry no
    data. Whatever else a message says is for the operator to deal with: the student is sent to the teacher, and learns nothing.
    """
    chinese = catalogue(FIRST)
    if (for_student := f"student.{message.code}") in chinese:
        return say(language, for_student)
    short = len(chinese.get(message.code, message.code)) <= MOST_FOR_STUDENTS
    own = short and not message.data and message.code.startswith(_TO_STUDENTS)
    return say(language, message.code if own else _ASK_TEACHER)


def say_list(language: str, items: Iterable[object]) -> str:
    """Things that belong together, as a language writes them one after another: `甲、乙`, `A, B`."""
    return say(language, "between.items").join(map(str, items))


def say_parts(language: str, parts: Iterable[str]) -> str:
    """What is said one after another, looser than a list: `…；…`, `…; …`."""
    return say(language, "between.parts").join(parts)


def say_error(language: str, error: KioskError) -> str:
    """What happened and what to do."""
    return say_message(language, error.message)


def say_moment(language: str, at: datetime) -> str:
    """A time on this machine's clock that nobody misreads: `2026年9月30日星期三 18:00`."""
    return _written(language, at, languages()[language].moment)


def say_minute(language: str, at: datetime | None) -> str:
    """A time on this machine's clock, short: `2026-09-30 18:00`, `30 Sept 2026, 18:00`; empty for none."""
    return _written(language, at, languages()[language].minute) if at else ""


def say_second(language: str, at: datetime) -> str:
    """As `say_minute`, with the seconds: where several things happen within one minute."""
    return _written(language, at, languages()[language].minute.replace("mm", "mm:ss"))


def say_day(language: str, day: date | None) -> str:
    """A day: `2026-09-30`, `30 Sept 2026`; empty for none."""
    from babel.dates import format_date

    one = languages()[language]
    return format_date(day, one.day, locale=_locale(language)) if day else ""


def _written(language: str, at: datetime, pattern: str) -> str:
    from babel.dates import format_datetime

    return format_datetime(at.astimezone(), pattern, locale=_locale(language))


def _locale(language: str) -> Locale:
    return _found(languages()[language].locale)


@cache
def _found(name: str) -> Locale:
    """CLDR's data by their name: babel looks for them anew each time, which takes longer than writing the number."""
    return Locale.parse(name)


def say_distance(language: str, distance: timedelta) -> str:
    """How far away a time is, or how long ago: `3天后`, `2小时前`."""
    from babel.dates import format_timedelta

    days = abs(distance) // timedelta(days=1)
    if 0 < days < _COUNTED_DAYS:
        return say(language, "distance.ahead" if distance > timedelta(0) else "distance.ago", days=days)
    return format_timedelta(distance, add_direction=True, threshold=1.0, locale=_locale(language))


def say_number(language: str, value: float, digits: int = 0) -> str:
    """A number with so many decimals: `0.62`, `−8`."""
    from babel.numbers import format_decimal

    pattern = f"0.{'0' * digits}".rstrip(".")
    return format_decimal(value, pattern, locale=_locale(language)).replace("-", "−")


def say_share(language: str, share: float) -> str:
    """A part of 1 in per cent: `97%`."""
    from babel.numbers import format_percent

    return format_percent(share, "#,##0%", locale=_locale(language))


def say_size(language: str, size: int) -> str:
    """So many bytes: `38.7 MB`."""
    from babel.numbers import format_decimal

    power = min((len(str(size)) - 1) // 3, len(_UNITS) - 1)
    return f"{format_decimal(size / 1000**power, '#,##0.#', locale=_locale(language))} {_UNITS[power]}"
