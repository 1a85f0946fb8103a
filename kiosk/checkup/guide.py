"""The guided test: point after point, until each has a finding. Pure: what was seen goes in, what is wanted next comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kiosk.checkup.camera import CameraLook
from kiosk.checkup.log import Read
from kiosk.checkup.press import POINTS, PressLook, finding_of
from kiosk.config import FingerSettings
from kiosk.pipeline.face.measures import judge_value
from kiosk.records import CheckPoint, DeviceKind, DeviceState, DeviceStatus, Message, PointFinding, Verdict

_STEADY: Final = 2  # looks in a row that must be good: somebody who walks through the picture is not seated
_SLOW_CARD_S: Final = 3.0  # a good reader needs less than one
DEVICE_OF: Final = {
    CheckPoint.SEAT: DeviceKind.CAMERA,
    CheckPoint.LAMPS: DeviceKind.CAMERA,
    CheckPoint.WALL: DeviceKind.CAMERA,
    CheckPoint.CAMERA: DeviceKind.CAMERA,
    CheckPoint.RIGHT_THUMB: DeviceKind.FINGER,
    CheckPoint.LEFT_THUMB: DeviceKind.FINGER,
    CheckPoint.CARD: DeviceKind.CARD,
}


class Guide:
    """One test, from its first point to its last. `pending` is what is seen at the current point, and not settled yet."""

    def __init__(self, settings: FingerSettings, points: Sequence[CheckPoint] = tuple(CheckPoint)) -> None:
        """`points`: those whose devices the station needs."""
        self._settings = settings
        self._points = points
        self._findings: dict[CheckPoint, PointFinding] = {}
        self._thumbs: dict[CheckPoint, PressLook] = {}
        self._good = 0  # looks in a row
        self._seen: object = None
        self.pending: PointFinding | None = None

    @property
    def findings(self) -> tuple[PointFinding, ...]:
        """In the order of the points."""
        return tuple(self._findings[point] for point in CheckPoint if point in self._findings)

    @property
    def current(self) -> CheckPoint | None:
        """The first point without a finding; None when all have one."""
        return next((point for point in self._points if point not in self._findings), None)

    @property
    def device(self) -> DeviceKind | None:
        """That the current point is about."""
        point = self.current
        return DEVICE_OF[point] if point is not None else None

    def see_status(self, statuses: dict[DeviceKind, DeviceStatus]) -> bool:
        """Whether the current point's device works; a device that doesn't is what is to be mended first."""
        point = self.current
        if point is None:
            return True
        status = statuses.get(DEVICE_OF[point])
        if status is not None and status.state is DeviceState.READY:
            return True
        problem = status.problem if status is not None and status.problem else Message("checkup.no_device")
        self._pend(PointFinding(point, Verdict.FAIL, (problem,)))
        return False

    def see_camera(self, look: CameraLook) -> None:
        """Take a picture's findings; a point that is good twice in a row is settled."""
        point = self.current
        if point is None or DEVICE_OF[point] is not DeviceKind.CAMERA:
            return
        self._pend(look.at(point))
        self._good = self._good + 1 if look.at(point).verdict is Verdict.PASS else 0
        if self._good >= _STEADY:
            self._settle(look.at(point))

    def see_press(self, press: PressLook) -> None:
        """Take a press; a good one settles its thumb."""
        point = self.current
        if point not in POINTS or POINTS[point] is not press.position or press is self._seen:
            return
        self._seen = press
        others = [found for other, found in self._thumbs.items() if other is not point]
        finding = finding_of(point, press, others[0] if others else None, self._settings)
        self._pend(finding)
        if finding.verdict is Verdict.PASS:
            self._thumbs[point] = press
            self._settle(finding)

    def see_card(self, read: Read) -> None:
        """Take a card; whatever card could be read settles the reader."""
        if self.current is not CheckPoint.CARD or read is self._seen:
            return
        self._seen = read
        if read.problem is not None or read.card is None:
            problem = (read.problem.message,) if read.problem else ()
            self._pend(PointFinding(CheckPoint.CARD, Verdict.FAIL, problem))
            return
        measure = judge_value("CardSeconds", read.seconds, (None, _SLOW_CARD_S), "checkup.slow_card")
        hints = tuple(hint for hint in (measure.hint, read.card.photo_problem) if hint)
        verdict = Verdict.FAIL if measure.hint else Verdict.REVIEW if hints else Verdict.PASS
        self._settle(PointFinding(CheckPoint.CARD, verdict, hints, (measure,)))

    def leave(self) -> None:
        """Go on though the current point is not good: it stands as it was seen last, or as not done."""
        if point := self.current:
            hints = self.pending.hints if self.pending and self.pending.point is point else ()
            measures = self.pending.measures if self.pending and self.pending.point is point else ()
            self._settle(PointFinding(point, Verdict.FAIL, hints or (Message("checkup.not_done"),), measures))

    def again(self, point: CheckPoint) -> None:
        """Look at a point once more."""
        self._findings.pop(point, None)
        self._thumbs.pop(point, None)
        self._good, self.pending = 0, None

    def _pend(self, finding: PointFinding) -> None:
        self.pending = finding

    def _settle(self, finding: PointFinding) -> None:
        self._findings[finding.point] = finding
        self._good, self.pending = 0, None
