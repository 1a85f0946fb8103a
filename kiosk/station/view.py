"""What the screens are told: composed afresh from the state after every event."""

from __future__ import annotations

from typing import Final

from kiosk.clock import moment
from kiosk.config import Settings
from kiosk.records import (
    OWN_FINGER,
    STEPS,
    BiometricKind,
    Cue,
    DayCounts,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    Line,
    Message,
    Step,
    photo_steps,
)
from kiosk.snapshot import Phase, Snapshot, StepState, StepView, Tone
from kiosk.station.board import Album
from kiosk.station.state import (
    Called,
    LineOver,
    Reading,
    Refused,
    Saved,
    Seated,
    State,
    Testing,
    Undecided,
    UnderWay,
    Unsaved,
    Waiting,
    line_of,
    redoable,
)
from kiosk.station.steps.base import Sitting
from kiosk.station.steps.finger_order import first


class View:
    """What was said last, and what else is shown beside the state: steps say it while they run."""

    def __init__(self, album: Album, needed: frozenset[DeviceKind]) -> None:
        """`needed`: the devices without which the station can't work; of the others only those that are there are shown."""
        self.needed = needed
        self.instruction = Message("station.not_ready")
        self.cue = Cue.WAIT
        self.tone = Tone.NEUTRAL
        self.notice: Message | None = None
        self.devices: dict[DeviceKind, DeviceStatus] = {}
        self.counts = DayCounts()
        self._album = album

    def say(self, instruction: Message, cue: Cue, tone: Tone = Tone.NEUTRAL) -> None:
        """Tell the student."""
        self.instruction, self.cue, self.tone = instruction, cue, tone

    def notify(self, notice: Message | None) -> None:
        """Tell the operator."""
        self.notice = notice

    def show_picture(self, kind: BiometricKind, data: bytes | None) -> None:
        """Show the operator a picture, or none of this kind any more."""
        self._album.put(kind, data)

    def pictures(self) -> dict[str, str]:
        """The keys of what is shown, by kind."""
        return self._album.keys()

    def is_lost(self, kind: DeviceKind) -> bool:
        """Whether a device is known and not ready."""
        status = self.devices.get(kind)
        return status is not None and status.state is not DeviceState.READY

    def shown_devices(self) -> tuple[DeviceStatus, ...]:
        """Those that are known: a device that isn't needed is nobody's trouble while it is away."""
        known = (self.devices[kind] for kind in DeviceKind if kind in self.devices)
        return tuple(one for one in known if one.kind in self.needed or one.state is DeviceState.READY)

    def trouble(self, kind: DeviceKind | None) -> Message | None:
        """Why a device can't be used now, where that is known."""
        status = self.devices.get(kind) if kind is not None else None
        return status.problem if status is not None and status.state is not DeviceState.READY else None

    def say_lost(self) -> None:
        """The device that the step needs is gone."""
        self.say(Message("station.device_lost"), Cue.WAIT, Tone.STOP)

    def say_of(self, state: State, *, card_lies: bool, attended: bool) -> None:  # noqa: C901, PLR0912 - a table
        """What the student is told when a state begins; steps speak for themselves."""
        match state:
            case Waiting() if not attended:
                self.say(Message("station.nobody_on_duty"), Cue.CALL, Tone.STOP)
            case Waiting(photos=True):  # no card is needed
                self.say(Message("station.run.wait"), Cue.WAIT)
            case Waiting():
                reader = self.devices.get(DeviceKind.CARD)
                if reader is not None and reader.state is DeviceState.READY:
                    self.say(Message("station.lay_card"), Cue.LAY_CARD)
                else:
                    self.say(Message("station.not_ready"), Cue.WAIT, Tone.STOP if reader is not None else Tone.NEUTRAL)
            case Reading():
                self.say(Message("station.reading_card"), Cue.WAIT)
            case Testing():
                self.say(Message("station.testing"), Cue.WAIT)
            case Refused():
                self.say(state.to_student, Cue.CALL if state.captured is None else Cue.TAKE_CARD, Tone.STOP)
            case Called():
                self.say(state.to_student, *((Cue.CALL, Tone.STOP) if state.captured is None else (Cue.WAIT, Tone.NEUTRAL)))
            case LineOver():
                self.say(Message("station.run.over"), Cue.WAIT, Tone.GOOD)
            case Saved(Sitting(line=Line())):
                self.say(Message("station.run.thanks"), Cue.WAIT, Tone.GOOD)
            case Undecided() | Unsaved():
                self.say(Message("station.call_operator"), Cue.CALL, Tone.STOP)
            case Saved() if card_lies:
                self.say(Message("station.saved_take_card"), Cue.TAKE_CARD, Tone.GOOD)
            case Saved():
                self.say(Message("station.next_please"), Cue.TAKE_CARD, Tone.GOOD)


def compose(state: State, turn: int, view: View, settings: Settings) -> Snapshot:
    """The snapshot; its number is the board's business."""
    run = state.run.view() if isinstance(state, Seated) else None
    sitting = state.sitting if isinstance(state, UnderWay | Saved) else None
    refused = state if isinstance(state, Refused) else None
    arrival = refused.arrival if refused else None
    line = line_of(state)
    step = run.step if run else state.outcome.result.step if isinstance(state, Undecided) else None
    return Snapshot(
        number=0,
        phase=_phase(state),
        turn=turn,
        instruction=view.instruction,
        cue=view.cue,
        tone=view.tone,
        situation=_situation(state, view),
        notice=_notice(state, view),
        step=step,
        student=sitting.record.student if sitting else refused.student if refused else line.student if line else None,
        near=refused.near if refused else (),
        card=sitting.card if sitting else arrival.card if arrival else None,
        steps=tuple(_steps(settings, state, run)),
        devices=view.shown_devices(),
        counts=view.counts,
        commands=state.orders,
        advised=state.advised if isinstance(state, Undecided) else None,
        redoable=redoable(state),
        pictures=view.pictures(),
        panel=run.panel if run else {},
        live=step is Step.FACE and run is not None,
        answer_s=run.answer_s if run else None,
        presses=run.presses if run else None,
        line=line,
        resumed=sitting is not None and sitting.resumed,
    )


_PHASES: Final = {
    Waiting: Phase.WAITING,
    Reading: Phase.READING,
    Testing: Phase.TESTING,
    Called: Phase.REFUSED,
    LineOver: Phase.LINE_OVER,
    Refused: Phase.REFUSED,
    Undecided: Phase.DECISION,
    Unsaved: Phase.UNSAVED,
    Saved: Phase.SAVED,
}


def _phase(state: State) -> Phase:
    if isinstance(state, Seated):
        return Phase.CONFIRM if state.run.step is Step.CONFIRM else Phase.STEP
    return _PHASES[type(state)]


def _situation(state: State, view: View) -> Message | None:  # noqa: PLR0911 - a table
    """What the operator reads where it is not what the student is told: what happened, and what to do."""
    match state:
        case Waiting(photos=True) if view.instruction.code != "station.nobody_on_duty":
            return Message("station.run.choose")
        case Waiting():
            return view.trouble(DeviceKind.CARD)
        case Seated(_, run):
            return view.trouble(STEPS[run.step].device)
        case Refused(reason) | Called(_, reason):
            return reason
        case Unsaved():
            return Message("station.not_saved")
        case Undecided(_, outcome) if outcome.result.problems:
            return outcome.result.problems[0]
    return None


def _notice(state: State, view: View) -> Message | None:
    match state:
        case Unsaved(problem=problem):
            return problem
        case Refused(captured=captured) | Called(captured=captured) if captured is not None:
            return Message("station.captured_on", {"at": moment(captured.captured_at), "by": captured.operator})
    situation = _situation(state, view)
    needed = (kind for kind in DeviceKind if kind in view.needed)
    others = (trouble for kind in needed if (trouble := view.trouble(kind)) is not None and trouble != situation)
    return view.notice or next(others, None)


def _steps(settings: Settings, state: State, run: StepView | None) -> list[StepView]:
    undecided = state.step if isinstance(state, Undecided) else None
    sitting = state.sitting if isinstance(state, UnderWay | Saved) else None
    record = sitting.record if sitting is not None else None
    views = []
    wanted = (Step.CARD, *settings.workflow.steps)
    if isinstance(state, Waiting) and state.photos:
        wanted = photo_steps(settings.workflow.steps)
    elif line_of(state) is not None:
        wanted = sitting.steps(settings.workflow.steps) if sitting is not None else ()
    for step in wanted:
        result = record.result(step) if record else None
        if run is not None and run.step is step:
            views.append(run)
        elif result is not None:
            views.append(StepView.of(result, StepState.DECISION if step is undecided else StepState.DONE))
        else:
            views.append(StepView(step, StepState.TODO, wanted=first(step, settings.finger) if step in OWN_FINGER else None))
    return views
