"""Who does which step. The card's is done when the student is admitted (`kiosk.station.admission`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kiosk.records import Step
from kiosk.station.steps.base import Desk, Sitting, StepRun
from kiosk.station.steps.confirm import ConfirmStep
from kiosk.station.steps.consent import ConsentStep
from kiosk.station.steps.face import FaceStep
from kiosk.station.steps.finger import LeftHand, RightHand
from kiosk.station.steps.signature import SignatureStep

RUNS: Mapping[Step, Callable[[Desk, Sitting], StepRun]] = MappingProxyType(
    {
        Step.CONSENT: ConsentStep,
        Step.FACE: FaceStep,
        Step.RIGHT_THUMB: RightHand,
        Step.LEFT_THUMB: LeftHand,
        Step.SIGNATURE: SignatureStep,
        Step.CONFIRM: ConfirmStep,
    }
)
