"""告知同意: the notice is shown in a child's words, and nothing biometric happens before student and guardian have agreed.

The student agrees with a press of the scanner, whose picture nobody looks at or keeps, or by word to the operator. Under 14 the
guardian must have agreed on paper (PIPL art. 31): the roster or the school's list says so, or the operator has seen it. Whoever
declines is captured without biometrics (art. 16): `kiosk.station.agreed` leaves those steps out.

Where a statutory duty is the basis nobody is asked: the notice is shown, and the capture goes on by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from kiosk.clock import day
from kiosk.devices import FingerLifted, ImageHeld, PressFailed
from kiosk.exchange.notice import SHOWN
from kiosk.records import (
    Basis,
    Consent,
    Cue,
    FingerPosition,
    Means,
    Message,
    Party,
    Statement,
    Step,
    StepResult,
    Verdict,
    is_child,
)
from kiosk.snapshot import Command, Order, StepState, StepView
from kiosk.station.events import StationEvent, TimeUp
from kiosk.station.steps.base import Desk, Outcome, Sitting, Stopwatch, ended
from kiosk.station.steps.finger import presses

_ANY: Final = FingerPosition.RIGHT_THUMB  # that the pictogram shows; every finger will do
_ON_ROSTER: Final = {"是": True, "否": False}


class ConsentStep:
    """Shows the notice until everybody who must has agreed, or somebody has declined."""

    step = Step.CONSENT

    def __init__(self, desk: Desk, sitting: Sitting) -> None:
        self._desk = desk
        self._in_line = sitting.line is not None
        self._stopwatch = Stopwatch()
        filed = desk.consent(sitting.record.student.id_number)
        self._guardian = _of_guardian(filed) or _of_roster(sitting.record.student.guardian_consent)
        refused = (self._guardian is not None and not self._guardian.agreed) or (filed is not None and not filed.agreed)
        self._told = desk.settings.consent.basis == Basis.STATUTORY.value and not refused
        self._student = self._of_student(filed)
        always = desk.settings.workflow.guardian_always
        by_guardian = refused and not (filed is not None and filed.basis is Basis.OWN)
        self._must_ask_guardian = not self._told and (always or by_guardian or is_child(_birth(sitting), desk.now().date()))
        self._may_press: int | None = None  # the deadline after which a press counts
        self._request: int | None = None

    def start(self) -> None:
        # A class is told before it stands in line: there only who must be asked is held up.
        asks_nobody = self._in_line and self._student is not None and not self._waits_for_guardian
        self._may_press = self._desk.background.call_after(0.0 if asks_nobody else self._desk.notice.read_s)
        self._say()

    def stop(self) -> None:
        self._desk.scanner.cancel()
        self._request = self._may_press = None

    def device_back(self) -> None:
        self._say()

    def handle(self, event: StationEvent) -> Outcome | None:
        match event:
            case TimeUp(deadline) if deadline == self._may_press:
                self._may_press = None
                if self._student is not None:
                    return self._advance()
                self._ask()
            case ImageHeld(request) if request == self._request:
                self._desk.scanner.cancel()  # the picture is not even fetched to its end
                self._request = None
                self._student = self._yes(Party.STUDENT, Means.PRESS)
                return self._advance()
            case PressFailed(request) if request == self._request:
                self._ask()
            case FingerLifted():
                self._say()
        return None

    def obey(self, order: Order) -> Outcome | None:
        match order.command:
            case Command.AGREE:
                self.stop()
                self._student = self._yes(Party.STUDENT, Means.SPOKEN)
            case Command.GUARDIAN:
                said = self._yes(Party.GUARDIAN, Means.PAPER, order.name.strip())
                self._guardian = replace(said, relation=order.relation.strip(), phone=order.phone.strip())
            case Command.DECLINE:
                return self._declined(order)
        return self._advance()

    def view(self) -> StepView:
        return StepView(
            self.step,
            StepState.ACTIVE,
            problems=(Message("consent.guardian_missing"),) if self._waits_for_guardian else (),
            position=_ANY if self._request is not None else None,
            statements=self._said(),
            panel=self._panel(),
        )

    def so_far(self) -> StepResult:
        return ended(self.view(), self._stopwatch, self._desk.now())

    def orders(self) -> tuple[Command, ...]:
        agree = (Command.AGREE,) if self._student is None else ()
        guardian = (Command.GUARDIAN,) if self._waits_for_guardian else ()
        return (*agree, *guardian, Command.DECLINE)

    @property
    def _waits_for_guardian(self) -> bool:
        return self._must_ask_guardian and not (self._guardian is not None and self._guardian.agreed)

    def _ask(self) -> None:
        self._request = next(presses)
        self._desk.scanner.request(self._request, _ANY)
        self._say()

    def _say(self) -> None:
        screens = self._desk.screens
        if self._waits_for_guardian:
            screens.notify(Message("consent.guardian_missing"))
        if self._student is not None and self._may_press is None:
            screens.say(Message("station.call_operator"), Cue.CALL)
        elif self._request is not None:
            screens.say(Message("consent.press"), Cue.PRESS)
        else:
            screens.say(Message("consent.read"), Cue.READ)

    def _advance(self) -> Outcome | None:
        if self._student is None or self._waits_for_guardian:
            self._say()
            return None
        if self._must_ask_guardian:
            self._desk.screens.notify(None)
        return Outcome(self._result(Verdict.PASS, self._said()))

    def _declined(self, order: Order) -> Outcome:
        name = order.name.strip()
        no = Statement(Party.GUARDIAN if name else Party.STUDENT, False, Means.SPOKEN, name, self._desk.notice.version)
        others = tuple(yes for yes in self._said() if yes.party is not no.party)
        outcome = Outcome(self._result(Verdict.REVIEW, (*others, no)))
        by = (order.by or self._desk.duty.operator).name
        self._desk.screens.notify(Message("consent.without"))
        return outcome.decided(Verdict.REVIEW, at=self._desk.now(), by=by, reason=order.reason.strip())

    def _said(self) -> tuple[Statement, ...]:
        return tuple(one for one in (self._student, self._guardian) if one is not None)

    def _yes(self, party: Party, means: Means, name: str = "") -> Statement:
        return Statement(party, True, means, name, self._desk.notice.version if party is Party.STUDENT else "")

    def _of_student(self, filed: Consent | None) -> Statement | None:
        """What needs no asking: that the duty does not ask, or that the school has the student's own consent on paper."""
        if self._told:
            return self._yes(Party.STUDENT, Means.TOLD)
        if filed is not None and filed.agreed and filed.basis is Basis.OWN:
            return self._yes(Party.STUDENT, Means.FILED)
        return None

    def _panel(self) -> dict[str, Message]:
        station, notice = self._desk.settings.station, self._desk.notice
        school = self._desk.school() or station.name
        texts = {
            part: {tongue: told[part].replace("{school}", school) for tongue, told in notice.texts.items()} for part in SHOWN
        }
        said = {part: Message("notice.text", {"texts": told}) for part, told in texts.items()}
        said["version"] = Message("consent.version", {"version": notice.version})
        if station.contact:
            said["contact"] = Message("consent.contact", {"contact": station.contact})
        if self._must_ask_guardian:
            said["guardian"] = Message("consent.guardian_asked" if self._waits_for_guardian else "consent.guardian_agreed")
        return said

    def _result(self, verdict: Verdict, statements: tuple[Statement, ...]) -> StepResult:
        self._stopwatch.wait()
        device_s, own_s = self._stopwatch.device_s, self._stopwatch.own_s
        return StepResult(self.step, verdict, self._desk.now(), device_s=device_s, own_s=own_s, statements=statements)


def _of_roster(column: str) -> Statement | None:
    """What the guardian said on paper, as the school's roster has it."""
    agreed = _ON_ROSTER.get(column)
    return None if agreed is None else Statement(Party.GUARDIAN, agreed, Means.ROSTER)


def _of_guardian(filed: Consent | None) -> Statement | None:
    """What the guardian said, as the school has entered it."""
    if filed is None or filed.basis is not Basis.GUARDIAN:
        return None
    return Statement(Party.GUARDIAN, filed.agreed, Means.FILED, filed.guardian, filed.notice, filed.relation, filed.phone)


def _birth(sitting: Sitting) -> date | None:
    return (sitting.card.birth if sitting.card else None) or day(sitting.record.student.birth_text)
