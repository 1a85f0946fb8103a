"""The steps of a capture as a table, and the fingers.

A step is one row here and one file in `kiosk/station/steps/`; screens, exports, rehearsal and simulators go through the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from kiosk.records.biometrics import BiometricKind
from kiosk.records.devices import DeviceKind


class Step(StrEnum):
    """One step of a capture, in the order of the day."""

    CARD = "card"
    CONSENT = "consent"
    FACE = "face"
    RIGHT_THUMB = "right_thumb"
    LEFT_THUMB = "left_thumb"
    SIGNATURE = "signature"
    CONFIRM = "confirm"


class FingerPosition(IntEnum):
    """ISO/IEC 19794-2:2005, table 5."""

    RIGHT_THUMB = 1
    RIGHT_INDEX = 2
    RIGHT_MIDDLE = 3
    RIGHT_RING = 4
    RIGHT_LITTLE = 5
    LEFT_THUMB = 6
    LEFT_INDEX = 7
    LEFT_MIDDLE = 8
    LEFT_RING = 9
    LEFT_LITTLE = 10


@dataclass(frozen=True)
class StepSpec:
    """What everybody but the step itself has to know about it."""

    family: str  # whose words it shares: questions, ready reasons, `seen_before`
    pictogram: str  # a file in `web/templates/pictograms/`, where the cue does not say more
    export_name: str  # in the registration system's remarks, which are Chinese
    device: DeviceKind | None = None  # without which it can't go on
    finger: FingerPosition | None = None  # its own; another one of the hand may stand in: `StepResult.position` tells
    pictures: tuple[BiometricKind, ...] = ()  # the best first
    templates: tuple[BiometricKind, ...] = ()  # of each of these, in their order
    may_be_left_out: bool = False  # as an exception, with a reason and a second person
    can_be_redone: bool = True  # once finished, until the record is saved
    biometric: bool = False  # its pictures and templates are of the body: it waits for the consent, where one is asked for
    presses: bool = False  # the student may be asked for a finger while it runs: the scanner is the step's
    consents: bool = False  # asks for the consent: comes first, and nothing biometric is kept or computed before


STEPS: Mapping[Step, StepSpec] = MappingProxyType(
    {
        Step.CARD: StepSpec("card", "lay-card", "身份证", DeviceKind.CARD, can_be_redone=False),
        Step.CONSENT: StepSpec("consent", "check", "告知同意", DeviceKind.FINGER, presses=True, consents=True),
        Step.FACE: StepSpec(
            "face",
            "look",
            "人脸",
            DeviceKind.CAMERA,
            pictures=(BiometricKind.PORTRAIT,),
            templates=(BiometricKind.FACE_TEMPLATE,),
            may_be_left_out=True,
            biometric=True,
        ),
        Step.RIGHT_THUMB: StepSpec(
            "finger",
            "right-thumb",
            "右手拇指",
            DeviceKind.FINGER,
            FingerPosition.RIGHT_THUMB,
            (BiometricKind.RIGHT_THUMB, BiometricKind.RIGHT_THUMB_SECOND),
            (BiometricKind.RIGHT_THUMB_TEMPLATE, BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE),
            may_be_left_out=True,
            biometric=True,
            presses=True,
        ),
        Step.LEFT_THUMB: StepSpec(
            "finger",
            "left-thumb",
            "左手拇指",
            DeviceKind.FINGER,
            FingerPosition.LEFT_THUMB,
            (BiometricKind.LEFT_THUMB, BiometricKind.LEFT_THUMB_SECOND),
            (BiometricKind.LEFT_THUMB_TEMPLATE, BiometricKind.LEFT_THUMB_SECOND_TEMPLATE),
            may_be_left_out=True,
            biometric=True,
            presses=True,
        ),
        Step.SIGNATURE: StepSpec("signature", "check", "签字", pictures=(BiometricKind.SIGNATURE,), may_be_left_out=True),
        Step.CONFIRM: StepSpec("confirm", "check", "确认", can_be_redone=False, presses=True),
    }
)


def photo_steps(workflow: Sequence[Step]) -> tuple[Step, ...]:
    """Of a day's steps, what is wanted of somebody who comes for nothing but a photo: it, and the consent to it."""
    return (*(step for step in workflow if STEPS[step].consents), Step.FACE)


# The finger that a step is named after, of those that are named after one.
OWN_FINGER: Mapping[Step, FingerPosition] = MappingProxyType(
    {step: spec.finger for step, spec in STEPS.items() if spec.finger is not None}
)
