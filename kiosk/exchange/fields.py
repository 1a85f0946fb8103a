"""The closed set of things that a profile's column can show of a capture record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from kiosk.records import CaptureRecord, CardData, Step, Student

Value = str | date | datetime | float | None
Field = Callable[[CaptureRecord], Value]

_SIMILARITY: Final = "sface"  # how the scale of the face comparison begins
_STEP_NAMES: Final = {
    Step.CARD: "身份证",
    Step.FACE: "人脸",
    Step.RIGHT_THUMB: "右手拇指",
    Step.LEFT_THUMB: "左手拇指",
    Step.CONFIRM: "确认",
}


def _card(name: str) -> Field:
    def field(record: CaptureRecord) -> Value:
        value: Value = getattr(record.card, name) if record.card else None
        return value

    return field


def _student(name: str) -> Field:
    def field(record: CaptureRecord) -> Value:
        value: Value = getattr(record.student, name)
        return value

    return field


def _record(name: str) -> Field:
    def field(record: CaptureRecord) -> Value:
        value: Value = getattr(record, name)
        return value

    return field


def _card_or_student(name: str) -> Field:
    """The card is the better witness; without one the roster speaks."""

    def field(record: CaptureRecord) -> Value:
        source: CardData | Student = record.card or record.student
        value: Value = getattr(source, name)
        return value

    return field


def _valid_period(record: CaptureRecord) -> Value:
    """As the card prints it: `2019.01.31-2029.01.31` or `2019.01.31-长期`."""
    if record.card is None:
        return None
    return f"{_dotted(record.card.valid_from_text)}-{_dotted(record.card.valid_until_text)}"


def _dotted(text: str) -> str:
    return f"{text[:4]}.{text[4:6]}.{text[6:]}" if len(text) == 8 and text.isdigit() else text


def _birth(record: CaptureRecord) -> Value:
    return (record.card.birth or record.card.birth_text) if record.card else None


def _verification(record: CaptureRecord) -> Value:
    result = record.result(Step.FACE)
    return None if result is None else result.verdict.value


def _similarity(record: CaptureRecord) -> Value:
    result = record.result(Step.FACE)
    scores = result.scores if result else ()
    return next((score.value for score in scores if score.scale.startswith(_SIMILARITY)), None)


def _remarks(record: CaptureRecord) -> Value:
    """Every way out that was taken: who decided a step and why, and why there is another version."""
    decided = [
        f"{_STEP_NAMES[step]}：{result.reason}（{result.decided_by}）"
        for step in Step
        if (result := record.result(step)) and result.decided_by
    ]
    again = [f"第{record.version}次采集：{record.recapture_reason}"] if record.recapture_reason else []
    return "；".join(decided + again)


FIELDS: Final[Mapping[str, Field]] = {
    "name": _card_or_student("name"),
    "id_number": _card_or_student("id_number"),
    "registration_number": _student("registration_number"),
    "grade": _student("grade"),
    "class_name": _student("class_name"),
    "sex": _card("sex"),
    "sex_code": _card("sex_code"),
    "ethnicity": _card("ethnicity"),
    "ethnicity_code": _card("ethnicity_code"),
    "birth": _birth,
    "address": _card("address"),
    "authority": _card("authority"),
    "valid_period": _valid_period,
    "verification": _verification,
    "similarity": _similarity,
    "captured_at": _record("finished_at"),
    "station": _record("station"),
    "operator": _record("operator"),
    "remarks": _remarks,
}
