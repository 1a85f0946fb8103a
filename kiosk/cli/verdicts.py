"""What was found of an export or a package, line by line in its colours."""

from __future__ import annotations

from typing import Final

from kiosk.cli.common import print_line
from kiosk.office import Tone, Verdict
from kiosk.words import say, say_message

_STYLES: Final = {Tone.GOOD: "green", Tone.DOUBT: "yellow", Tone.BAD: "red"}


def tell_verdict(verdict: Verdict, language: str, code: str) -> None:
    """Each finding, then the whole in the words `<code>.<tone>`."""
    for line in verdict.lines:
        print_line(say_message(language, line.message), _STYLES[line.tone])
    print_line(say(language, f"{code}.{verdict.tone}", file=verdict.name))
