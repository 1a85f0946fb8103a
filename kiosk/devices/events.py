"""What devices tell the station. Events go one way, into the station's queue; a device never knows a student."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.errors import KioskError
from kiosk.records import CardData, DeviceStatus, FingerPosition, Impression, Score


@dataclass(frozen=True)
class StatusChanged:
    """A device came, went, or needs the operator."""

    status: DeviceStatus


@dataclass(frozen=True)
class CardSeen:
    """A card was laid down and is being read."""


@dataclass(frozen=True, eq=False)
class CardPresented:
    """A card was laid down and read; `seconds` from its arrival to parsed data.

    `again`: the same card still lay there when the reader or its service came back. `fingerprints`: the chip's own templates,
    0 or 1024 bytes, only where the device was told to read them.
    """

    card: CardData
    seconds: float
    again: bool = False
    fingerprints: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class CardUnreadable:
    """A card lies there and can't be read; `error` says what the student should do."""

    error: KioskError


@dataclass(frozen=True)
class CardRemoved:
    """The field is empty again."""


@dataclass(frozen=True)
class ImageHeld:
    """The sensor holds the image: the finger may leave, the upload goes on."""

    request: int
    position: FingerPosition


@dataclass(frozen=True, eq=False)
class ImpressionComing:
    """The upper rows of a press have arrived, and the others are on the line; only where the request wanted that."""

    request: int
    impression: Impression


@dataclass(frozen=True, eq=False)
class ImpressionReady:
    """The image of one press has arrived; `waited_s` from the request to the press, `transfer_s` for the upload.

    `compared`: the sensor was asked first whether it is the finger of an earlier press, and did not find that.
    """

    request: int
    impression: Impression
    waited_s: float
    transfer_s: float
    compared: bool = False


@dataclass(frozen=True)
class PressAgreed:
    """The sensor finds a press to be of the finger of an earlier one, whose features it kept: no image was uploaded.

    `score`: on the sensor's own scale; `waited_s` from the request to the press, `compared_s` for the comparison.
    """

    request: int
    position: FingerPosition
    score: Score
    waited_s: float
    compared_s: float


@dataclass(frozen=True)
class PressFailed:
    """A press gave no image (too dry, too wet, moved, line fault): the request is over, ask for another."""

    request: int
    position: FingerPosition
    error: KioskError


@dataclass(frozen=True)
class FingerLifted:
    """No finger lies on the sensor any more."""


DeviceEvent = (
    StatusChanged
    | CardSeen
    | CardPresented
    | CardUnreadable
    | CardRemoved
    | ImageHeld
    | ImpressionComing
    | ImpressionReady
    | PressAgreed
    | PressFailed
    | FingerLifted
)
