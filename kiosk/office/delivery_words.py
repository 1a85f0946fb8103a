"""What came of delivering, in words."""

from __future__ import annotations

from kiosk.clock import moment
from kiosk.office.delivery import Delivering
from kiosk.records import Delivered, Message, ReceivedState
from kiosk.words import has_words, say, say_error, say_message


def delivery_in_words(language: str, done: Delivering) -> list[str]:
    """What was sent, what the office made of it, what it gave back; only what there is to say."""
    counts = {name: getattr(done, name) for name in ("sent", "taken", "refused", "waiting")}
    lines = [say(language, "delivery.done", **counts)]
    more = {"delivery.receipts": done.receipts, "delivery.to_decide": done.to_decide, "parcel.hurt": done.hurt}
    for code, count in more.items():
        if count:
            lines.append(say(language, code, count=count))
    return lines + [say(language, "delivery.unfit", reason=say_error(language, error)) for error in done.unfit]


def word_in_words(language: str, word: Delivered) -> str:
    """What the office said of a file, and when."""
    told = {"at": moment(word.at)}
    if word.state is ReceivedState.REFUSED:
        code = f"error.{word.reason}"
        known = Message(code, word.reason_data) if has_words(code) else Message("delivery.other_reason", {"code": word.reason})
        return say(language, "delivery.word.refused", **told, reason=say_message(language, known))
    return say(language, f"delivery.word.{word.state}", **told, **vars(word.counts))
