"""What the devices' page shows, in words, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from statistics import median
from typing import Any, Final

from kiosk.checkup import Status, Wall
from kiosk.checkup.guide import DEVICE_OF
from kiosk.checkup.log import Times
from kiosk.devices.facts import CameraFacts, ReaderFacts, ScannerFacts
from kiosk.records import (
    CardData,
    CheckPoint,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    DeviceTest,
    Measure,
    Message,
    PointFinding,
    Verdict,
)
from kiosk.web import figures
from kiosk.words import say, say_list, say_message, say_minute

_MOST_FAULTS: Final = 8
_FASTER: Final = 1.5  # than the line's speed allows: then there is no such line, but a network or a bridge


def in_words(status: Status, language: str) -> dict[str, Any]:
    """Everything on the page."""
    devices = [
        _device(language, status, kind, lines)
        for kind, lines in (
            (DeviceKind.CAMERA, _camera(language, status)),
            (DeviceKind.CARD, _reader(language, status)),
            (DeviceKind.FINGER, _scanner(language, status)),
        )
        if kind in status.needed or kind in _ready(status)
    ]
    return {
        "occupied": status.occupied,
        "testing": status.testing,
        "live": not status.occupied and DeviceKind.CAMERA in _ready(status),
        "devices": devices,
        "walls": [_wall(language, wall) for wall in (status.look.walls if status.look else ())],
        "press": _press(language, status),
        "points": [_point(language, status, point) for point in CheckPoint if DEVICE_OF[point] in status.needed],
        "current": _current(language, status),
        "done": status.testing and status.current is None,
        "latest": latest_in_words(status.latest, language),
    }


def latest_in_words(test: DeviceTest | None, language: str) -> dict[str, Any]:
    """The newest result: when, by whom, and whether it is of today."""
    if test is None:
        return {"tone": "mend", "words": say(language, "ui.devices.never"), "there": False}
    today = test.is_of(date.today())
    data = {"at": say_minute(language, test.at), "by": test.by, "count": len(test.failed) + len(test.missing)}
    words = say(language, "ui.devices.latest_good" if test.good else "ui.devices.latest_bad", **data)
    if not today:
        words = f"{words} {say(language, 'ui.devices.not_today')}"
    return {"tone": "good" if today and test.good else "mend", "words": words, "there": True}


def due_in_words(test: DeviceTest | None, language: str) -> str:
    """The warning of the morning; empty when the devices were tested today and found well."""
    if test is None or not test.is_of(date.today()):
        return say(language, "ui.devices.due")
    return "" if test.good else say(language, "ui.devices.due_bad", count=len(test.failed) + len(test.missing))


def _ready(status: Status) -> set[DeviceKind]:
    return {kind for kind, one in status.devices.items() if one.state is DeviceState.READY}


def _device(language: str, status: Status, kind: DeviceKind, lines: list[tuple[str, str]]) -> dict[str, Any]:
    state = status.devices.get(kind) or DeviceStatus(kind, DeviceState.STARTING)
    ready = state.state is DeviceState.READY
    # A device that works may still have something to mend: both are said.
    tone = "pass" if ready and state.problem is None else "review" if ready or state.state is DeviceState.STARTING else "fail"
    faults = [fault for fault in status.faults if fault.kind is kind]
    shown = [
        say(language, "ui.devices.fault", what=_fault(language, fault.message), count=fault.count, at=_clock(fault.last))
        for fault in faults[:_MOST_FAULTS]
    ]
    return {
        "kind": kind,
        "name": say(language, f"device.{kind}"),
        "tone": tone,
        "state": say(language, f"devicestate.{state.state}"),
        "model": state.model,
        "problem": say_message(language, state.problem) if state.problem else "",
        "unverified": say(language, "ui.unverified") if state.unverified else "",
        "lines": [[label, value] for label, value in lines if value],
        "faults": shown,
    }


def _fault(language: str, message: Message) -> str:
    """What happened, without what to do: that stands beside the device while it matters."""
    return say_message(language, message).split("。")[0].split(". ")[0].rstrip(".")


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _line(language: str, name: str, value: str) -> tuple[str, str]:
    return say(language, f"deviceline.{name}"), value


def _camera(language: str, status: Status) -> list[tuple[str, str]]:
    facts: CameraFacts = status.camera
    if DeviceKind.CAMERA not in _ready(status):
        return []
    given = _size(facts.size)
    if facts.asked and facts.asked != facts.size:
        given = say(language, "ui.devices.size_other", given=given, asked=_size(facts.asked))
    elif facts.asked:
        given = say(language, "ui.devices.size_asked", given=given)
    lines = [
        _line(language, "interface", " · ".join(part for part in (facts.interface, facts.format) if part)),
        _line(language, "size", given),
        _line(language, "fps", _rate(language, facts)),
    ]
    look = status.look
    if look is None:
        return lines
    lines.append(_line(language, "light", say(language, "ui.devices.light_of", value=f"{look.light:.0f}")))
    sharp = [one for finding in look.findings for one in finding.measures if one.name == "Sharpness"]
    lines.append(_line(language, "sharpness", _number(language, sharp[0]) if sharp else say(language, "ui.devices.nobody")))
    return lines


def _rate(language: str, facts: CameraFacts) -> str:
    if facts.said_fps:
        return say(language, "ui.devices.fps_said", fps=f"{facts.fps:.1f}", said=f"{facts.said_fps:g}")
    return f"{facts.fps:.1f}"


def _number(language: str, measure: Measure) -> str:
    shown = figures.measure(language, measure)
    return f"{shown['value']} ({shown['limit']})" if shown["limit"] else str(shown["value"])


def _reader(language: str, status: Status) -> list[tuple[str, str]]:
    facts: ReaderFacts = status.reader
    if DeviceKind.CARD not in _ready(status):
        return []
    way = say(language, f"deviceway.{facts.way}")
    if facts.contactless:
        way = say(language, "ui.devices.contactless", way=way)
    lines = [
        _line(language, "way", way),
        _line(language, "reader", facts.reader if facts.reader != status.devices[DeviceKind.CARD].model else ""),
        _line(language, "atr", facts.atr.hex(" ").upper()),
        _line(language, "protocol", say(language, f"cli.card.known.{facts.protocol}") if facts.protocol else ""),
        _line(language, "reading", _seconds(language, status.times.reading_s)),
        _line(language, "cards", say(language, "ui.devices.cards_of", cards=facts.cards, unreadable=facts.unreadable)),
    ]
    if status.read is not None and status.card_lies:
        lines.append(_line(language, "card", _card(language, status.read.card) or _problem(language, status)))
    elif not status.testing:
        lines.append(_line(language, "card", say(language, "ui.devices.card_hidden")))
    return lines


def _problem(language: str, status: Status) -> str:
    problem = status.read.problem if status.read else None
    return say_message(language, problem.message) if problem else ""


def _card(language: str, card: CardData | None) -> str:
    if card is None:
        return ""
    parts = [say(language, f"card.kind.{card.kind}"), card.name, card.id_number]
    if card.photo is not None:
        height, width = card.photo.pixels.shape[:2]
        parts.append(say(language, "ui.devices.chip_photo", width=width, height=height))
    elif card.photo_problem is not None:
        parts.append(say_message(language, card.photo_problem))
    return " · ".join(part for part in parts if part)


def _seconds(language: str, values: tuple[float, ...]) -> str:
    if not values:
        return ""
    digits = 2 if median(values) >= 0.1 else 3
    data = {"last": f"{values[-1]:.{digits}f}", "median": f"{median(values):.{digits}f}", "count": len(values)}
    return say(language, "ui.devices.seconds", **data)


def _scanner(language: str, status: Status) -> list[tuple[str, str]]:
    facts: ScannerFacts = status.scanner
    if DeviceKind.FINGER not in _ready(status):
        return []
    wire = say(language, "ui.devices.wire_of", baud=facts.baud, packet=facts.packet_bytes) if facts.baud else ""
    profile = f"{facts.profile} · {_size(facts.size)} · {facts.dpi} dpi" if facts.profile else ""
    parameters = {"capacity": facts.capacity, "security": facts.security, "address": f"{facts.address:08X}"}
    times: Times = status.times
    return [
        _line(language, "port", facts.port),
        _line(language, "wire", wire),
        _line(language, "speed", _speed(language, facts)),
        _line(language, "parameters", say(language, "ui.devices.parameters_of", **parameters) if facts.capacity else ""),
        _line(language, "profile", profile or say(language, "ui.devices.profile_later")),
        _line(language, "transfer", _seconds(language, times.transfer_s)),
    ]


def _speed(language: str, facts: ScannerFacts) -> str:
    found = facts.transfer
    if found is None:
        return ""
    if not found.line_s or found.line_s > _FASTER * found.seconds:
        return say(language, "ui.devices.speed_alone", speed=f"{found.bytes_per_s:,.0f}")
    share = min(1.0, found.line_s / found.seconds) if found.seconds else 0.0
    data = {"speed": f"{found.bytes_per_s:,.0f}", "limit": f"{found.line_bytes_per_s:,.0f}", "share": f"{share:.0%}"}
    return say(language, "ui.devices.speed_of", **data)


def _wall(language: str, wall: Wall) -> dict[str, Any]:
    said = say(language, "ui.devices.wall_unseen") if wall.found is None else ""
    return {
        "title": wall.title,
        "wanted": [_hex(colour) for colour in wall.wanted],
        "found": _hex(wall.found),
        "wantedWords": say_list(language, map(_rgb, wall.wanted)) or say(language, "ui.devices.any_colour"),
        "foundWords": said or _rgb(wall.found),
        "tone": "todo" if wall.found is None else wall.verdict,
        "measures": [figures.measure(language, one) for one in wall.measures],
    }


def _hex(colour: tuple[int, int, int] | None) -> str:
    return "" if colour is None else "#{:02x}{:02x}{:02x}".format(*colour)


def _rgb(colour: tuple[int, int, int] | None) -> str:
    return "" if colour is None else "RGB {} {} {}".format(*colour)


def _press(language: str, status: Status) -> dict[str, Any] | None:
    press = status.press
    if press is None:
        return None
    counted = say(language, "ui.devices.minutiae_of", count=press.minutiae, sure=press.sure) if press.drawn else ""
    return {
        "picture": f"/devices/press/{-press.request}.png" if press.drawn else None,
        "name": say(language, f"step.{'right_thumb' if press.position == 1 else 'left_thumb'}"),
        "tone": press.verdict,
        "counted": counted,
        "hint": say_message(language, press.hint) if press.hint else "",
        "measures": [figures.measure(language, one) for one in press.measures],
    }


def _point(language: str, status: Status, point: CheckPoint) -> dict[str, Any]:
    """One point of the test: of the one under way, else of the newest result."""
    findings = status.findings if status.testing else status.latest.findings if status.latest else ()
    finding = next((one for one in findings if one.point is point), None)
    active = status.testing and status.current is point
    tone = "active" if active else finding.verdict if finding else "todo"
    return {
        "point": point,
        "name": say(language, f"checkpoint.{point}"),
        "device": DEVICE_OF[point],
        "tone": tone,
        "state": say(language, f"pointstate.{tone}"),
        "hints": [] if active else _said(language, finding),
        "again": status.testing and finding is not None,
    }


def _current(language: str, status: Status) -> dict[str, Any] | None:
    """What the tester should do now."""
    point = status.current
    if not status.testing or point is None:
        return None
    ask = say(language, f"checkpoint.{point}.ask")
    if DEVICE_OF[point] is DeviceKind.FINGER and status.finger_on:
        ask = say(language, "ui.devices.lift")
    pending = status.pending if status.pending and status.pending.point is point else None
    good = pending is not None and pending.verdict is Verdict.PASS
    return {
        "point": point,
        "ask": ask,
        "hints": [] if good else _said(language, pending),
        "measures": [figures.measure(language, one) for one in _wrong_first(pending.measures if pending else ())],
    }


def _wrong_first(measures: Iterable[Measure]) -> list[Measure]:
    return sorted(measures, key=lambda measure: measure.verdict is Verdict.PASS)


def _said(language: str, finding: PointFinding | None) -> list[str]:
    hints: tuple[Message, ...] = finding.hints if finding else ()
    return [say_message(language, hint) for hint in hints]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}" if size[0] else ""
