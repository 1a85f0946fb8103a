"""Composes the snapshot that the screens see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.config import Settings
from kiosk.records import OWN_FINGER, DayCounts, DeviceKind, DeviceStatus, Message, Step
from kiosk.snapshot import Command, Phase, Snapshot, StepState, StepView, Tone
from kiosk.station.arrival import Returning
from kiosk.station.confirm_step import ConfirmStep
from kiosk.station.face_step import FaceStep
from kiosk.station.steps import Sitting, StepOutcome, StepRun


@dataclass
class View:
    """What the conductor has to say beyond the student and the step at hand."""

    phase: Phase = Phase.WAITING
    instruction: Message = field(default_factory=lambda: Message("station.not_ready"))
    tone: Tone = Tone.NEUTRAL
    notice: Message | None = None
    devices: dict[DeviceKind, DeviceStatus] = field(default_factory=dict)
    counts: DayCounts = field(default_factory=DayCounts)
    returning: Returning | None = None
    document_closed: bool = False  # a passport lies there that opens with what is printed on it


def compose(
    view: View,
    settings: Settings,
    sitting: Sitting | None,
    run: StepRun | None,
    outcome: StepOutcome | None,
    pictures: Mapping[str, str],
) -> Snapshot:
    """The snapshot; its number is the board's business."""
    under_way = run.view() if run is not None else None
    returning = view.returning
    return Snapshot(
        number=0,
        phase=view.phase,
        instruction=view.instruction,
        tone=view.tone,
        notice=view.notice,
        step=under_way.step if under_way else None,
        student=sitting.record.student if sitting else returning.student if returning else None,
        card=sitting.card if sitting else returning.arrival.card if returning else None,
        steps=tuple(_steps(settings, sitting, under_way, view.phase)),
        devices=tuple(view.devices[kind] for kind in DeviceKind if kind in view.devices),
        counts=view.counts,
        commands=_commands(view, run, outcome),
        pictures=pictures,
        live=under_way is not None and under_way.step is Step.FACE,
        confirm_s=settings.workflow.confirm_s if isinstance(run, ConfirmStep) and not run.held else None,
        answer_s=run.answer_s if isinstance(run, FaceStep) else None,
        resumed=sitting is not None and sitting.resumed,
    )


def _steps(settings: Settings, sitting: Sitting | None, under_way: StepView | None, phase: Phase) -> list[StepView]:
    views = []
    for step in (Step.CARD, *settings.workflow.steps):
        result = sitting.record.result(step) if sitting else None
        if under_way is not None and under_way.step is step:
            if phase is Phase.DECISION and result is not None:
                views.append(StepView.of(result, StepState.DECISION))
            else:
                views.append(under_way)
        elif result is not None:
            views.append(StepView.of(result, StepState.DONE))
        else:
            views.append(StepView(step, StepState.TODO))
    return views


def _commands(view: View, run: StepRun | None, outcome: StepOutcome | None) -> tuple[Command, ...]:
    if view.phase is Phase.REFUSED:
        again = (Command.RECAPTURE,) if view.returning is not None else ()
        document = (Command.OPEN_DOCUMENT,) if view.document_closed else ()
        return (*again, *document, Command.TYPE_IN)
    if view.phase is Phase.WAITING:
        return (Command.TYPE_IN,)
    if view.phase is Phase.DECISION:
        if outcome is None:  # the store could not save: try again, or stop here
            return (Command.RETRY, Command.ABANDON)
        accept = (Command.ACCEPT,) if outcome.biometrics else ()
        twins = (Command.DECLARE_LOOKALIKES,) if outcome.result.step is Step.FACE and outcome.result.alike else ()
        return (Command.RETRY, *accept, *twins, *_another_finger(outcome), Command.EXCEPTION, Command.ABANDON)
    return run.commands() if run is not None and view.phase is not Phase.SAVED else ()


def _another_finger(outcome: StepOutcome) -> tuple[Command, ...]:
    """Whether the next finger may be taken: not in place of a suspicion, which a person must decide about first."""
    return (Command.NEXT_FINGER,) if outcome.result.step in OWN_FINGER and not outcome.result.alike else ()
