"""Turns codes into words, for web and cli only. Catalogues are gettext .po files under translations/<language>/, one per room.

A msgid is a code (`error.card.unreadable`, `hint.face.closer`, `ui.operator.export`), a msgstr the words with {placeholders}.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_datetime, format_timedelta
from babel.messages.pofile import read_po

from kiosk.errors import KioskError
from kiosk.records import Message

LANGUAGES: Final = ("zh-CN", "en")
_LOCALES: Final = {"zh-CN": "zh_CN", "en": "en_GB"}
_COUNTED_DAYS: Final = 400  # a wrong month or year is seen by the number of days
_MOMENTS: Final = {"zh-CN": "yyyy年M月d日EEEE HH:mm", "en": "EEEE, d MMMM yyyy, HH:mm"}
_FOLDER: Final = Path(__file__).parent / "translations"
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


@cache
def catalogue(language: str) -> dict[str, str]:
    """All words of a language by code. Raises KeyError for a language that there is not."""
    if language not in LANGUAGES:
        raise KeyError(language)
    words: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            words.update({str(entry.id): str(entry.string) for entry in read_po(file) if entry.id})
    return words


def say(language: str, code: str, **data: Any) -> str:
    """The words for a code, filled with data. A code without words is shown as itself: better ugly than silent."""
    template = catalogue(language).get(code)
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
    """The words for a message."""
    return say(language, message.code, **message.data)


def say_to_student(language: str, message: Message) -> str:
    """What a student reads of a message: short, kind, and what to do.

    That is `student.<code>` where there is one; else the code's own words, if they are meant for students, short, and carry no
    data. Whatever else a message says is for the operator to deal with: the student is sent to the teacher, and learns nothing.
    """
    chinese = catalogue(LANGUAGES[0])
    if (for_student := f"student.{message.code}") in chinese:
        return say(language, for_student)
    short = len(chinese.get(message.code, message.code)) <= MOST_FOR_STUDENTS
    own = short and not message.data and message.code.startswith(_TO_STUDENTS)
    return say(language, message.code if own else _ASK_TEACHER)


def say_error(language: str, error: KioskError) -> str:
    """What happened and what to do."""
    return say_message(language, error.message)


def say_moment(language: str, at: datetime) -> str:
    """A time on this machine's clock that nobody misreads: `2026年9月30日星期三 18:00`."""
    return format_datetime(at.astimezone(), _MOMENTS[language], locale=_LOCALES[language])


def say_distance(language: str, distance: timedelta) -> str:
    """How far away a time is, or how long ago: `3天后`, `2小时前`."""
    days = abs(distance) // timedelta(days=1)
    if 0 < days < _COUNTED_DAYS:
        return say(language, "distance.ahead" if distance > timedelta(0) else "distance.ago", days=days)
    return format_timedelta(distance, add_direction=True, threshold=1.0, locale=_LOCALES[language])
