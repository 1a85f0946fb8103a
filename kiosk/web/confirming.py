"""Deeds that a person confirms in words before they are done: the first request is answered with what it would mean, the second
brings back the sign that somebody has read exactly that."""

from __future__ import annotations

import hmac

from flask import jsonify
from flask.typing import ResponseReturnValue

from kiosk.office.plan_words import PlanWords
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.words import say


def to_confirm(title: str, words: PlanWords, *about: object) -> ResponseReturnValue | None:
    """The answer that asks, or None once it was confirmed. `about` is what is to be done, to the last value."""
    told = "\0".join((title, *map(str, about)))
    key = hmac.new(context().run.encode(), told.encode(), "sha256").hexdigest()
    if hmac.compare_digest(asked().get("confirmed", "").encode(), key.encode()):
        return None
    return jsonify(
        confirm={"title": say(language(), title), "lines": words.lines, "warnings": words.warnings, "key": key},
    )
