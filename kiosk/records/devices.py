"""The kinds of device and how they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.records.judgements import Message


class DeviceKind(StrEnum):
    CARD = "card"
    CAMERA = "camera"
    FINGER = "finger"


class DeviceState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    LOST = "lost"  # a temporary fault: being looked for
    FAULT = "fault"  # a permanent fault: the operator must act


@dataclass(frozen=True)
class DeviceStatus:
    """The state of one device as the operator sees it. `model` names it; `problem` says what to do."""

    kind: DeviceKind
    state: DeviceState
    model: str = ""
    problem: Message | None = None
    unverified: bool = False  # this adapter was never tried on the real thing
