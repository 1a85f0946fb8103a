"""Which device and which stored biometrics belong to a step."""

from __future__ import annotations

from typing import Final

from kiosk.records import BiometricKind, DeviceKind, Step

NEEDED_DEVICE: Final = {
    Step.FACE: DeviceKind.CAMERA,
    Step.RIGHT_THUMB: DeviceKind.FINGER,
    Step.LEFT_THUMB: DeviceKind.FINGER,
}
PICTURE_KINDS: Final = {
    Step.FACE: (BiometricKind.PORTRAIT,),
    Step.RIGHT_THUMB: (BiometricKind.RIGHT_THUMB, BiometricKind.RIGHT_THUMB_SECOND),
    Step.LEFT_THUMB: (BiometricKind.LEFT_THUMB, BiometricKind.LEFT_THUMB_SECOND),
}
TEMPLATE_KINDS: Final = {
    Step.FACE: (BiometricKind.FACE_TEMPLATE,),
    Step.RIGHT_THUMB: (BiometricKind.RIGHT_THUMB_TEMPLATE, BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE),
    Step.LEFT_THUMB: (BiometricKind.LEFT_THUMB_TEMPLATE, BiometricKind.LEFT_THUMB_SECOND_TEMPLATE),
}
