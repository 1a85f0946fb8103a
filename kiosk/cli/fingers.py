"""`kiosk devices finger`: what the scanner and its wire are like, and whether a press is good enough. No picture is kept."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.devices import DeviceEvent, DeviceWorker, ImpressionReady, PressFailed, StatusChanged
from kiosk.devices.facts import ScannerFacts
from kiosk.devices.finger import FingerDevice
from kiosk.pipeline.finger.minutiae import MinutiaeExtractor
from kiosk.pipeline.finger.quality import PressQuality, assess
from kiosk.records import DeviceState, FingerPosition, Message, Verdict
from kiosk.words import say, say_message

_FINDS_S: Final = 12.0  # a search of all ports at all speeds
_REQUEST: Final = 1


@dataclass(frozen=True, eq=False)
class FingerLook:
    """`problem` beside a `model`: the scanner works, and something is to be mended. `minutiae`: of the press that was made."""

    model: str = ""
    facts: ScannerFacts = field(default_factory=ScannerFacts)
    problem: Message | None = None
    press: PressQuality | None = None
    minutiae: int = 0
    transfer_s: float = 0.0


def look(settings: FingerSettings, wait_s: float, ask: Callable[[str], None]) -> FingerLook:
    """Find the scanner, `ask` for a press by its model, and judge it. Never raises KioskError: `problem` has it."""
    device = FingerDevice(settings)
    told: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    worker = DeviceWorker(device, told.put)
    worker.start()
    try:
        model, problem = _find(told)
        if not model:
            return FingerLook(problem=problem)
        ask(model)
        device.request(_REQUEST, FingerPosition.RIGHT_THUMB)
        press, problem = _press(told, wait_s)
        facts = device.facts
    finally:
        worker.stop()
    if press is None:
        return FingerLook(model, facts, problem)
    pixels, dpi = press.impression.pixels, press.impression.dpi
    minutiae = MinutiaeExtractor(weights.path(weights.LEADER)).extract(pixels, dpi)
    quality = assess(pixels, minutiae, settings, dpi)
    return FingerLook(model, facts, problem, quality, len(minutiae), press.transfer_s)


def _find(told: "queue.SimpleQueue[DeviceEvent]") -> tuple[str, Message | None]:
    """The model, or why there is none."""
    problem: Message | None = Message("error.finger.not_found")
    for event in _until(told, _FINDS_S):
        if not isinstance(event, StatusChanged):
            continue
        if event.status.state is DeviceState.READY:
            return event.status.model, event.status.problem
        problem = event.status.problem or problem
        if event.status.state is DeviceState.FAULT:
            break
    return "", problem


def _press(told: "queue.SimpleQueue[DeviceEvent]", wait_s: float) -> tuple[ImpressionReady | None, Message | None]:
    """The press, or why there is none; a problem of the scanner beside it, where it told one."""
    problem: Message | None = None
    for event in _until(told, wait_s):
        match event:
            case ImpressionReady():
                return event, problem
            case PressFailed(error=error):
                return None, error.message
            case StatusChanged(status):
                problem = status.problem
    return None, problem or Message("cli.finger.no_press")


def _until(told: "queue.SimpleQueue[DeviceEvent]", seconds: float) -> Any:
    end_s = time.monotonic() + seconds
    while (left_s := end_s - time.monotonic()) > 0:
        try:
            yield told.get(timeout=left_s)
        except queue.Empty:
            return


def report(found: FingerLook, language: str) -> str:
    """As text to paste."""

    def line(code: str, **data: Any) -> str:
        return say(language, f"cli.finger.{code}", **data)

    problem = say_message(language, found.problem) if found.problem else ""
    if not found.model:
        return line("problem", problem=problem)
    facts = found.facts
    lines = [line("works_but", model=found.model, problem=problem) if problem else line("works", model=found.model)]
    if facts.baud:
        lines.append(line("wire", port=facts.port, baud=facts.baud, packet=facts.packet_bytes))
    if facts.capacity:
        address = f"{facts.address:08X}"
        lines.append(line("parameters", capacity=facts.capacity, security=facts.security, address=address))
    if facts.profile:
        width, height = facts.size
        lines.append(line("profile", profile=facts.profile, width=width, height=height, dpi=facts.dpi))
    if facts.transfer is not None:
        speed, limit = facts.transfer.bytes_per_s, facts.transfer.line_bytes_per_s
        lines.append(line("speed", seconds=f"{found.transfer_s:.2f}", speed=f"{speed:,.0f}", limit=f"{limit:,.0f}"))
    if found.press is not None:
        lines.append(line("minutiae", count=found.minutiae))
        lines += [f"  {measure.name} {measure.value:.2f}" for measure in found.press.measures]
        hint = found.press.hint
        lines.append(f"  ! {say_message(language, hint)}" if hint else line("good"))
        lines += [line("review")] if found.press.verdict is Verdict.REVIEW else []
    return "\n".join(lines)
