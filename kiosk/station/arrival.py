"""Somebody asks to be captured: with a card, or typed in by the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from kiosk import manual
from kiosk.devices import CardPresented
from kiosk.exchange import Profile, unprintable
from kiosk.manual import TypedIn
from kiosk.pipeline.identity import check_identity
from kiosk.pipeline.pictures import png
from kiosk.records import (
    STEPS,
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    CardEntry,
    Message,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.station.crew import Crew

_NAMELESS: Final = "-"  # of somebody typed in who is not on the roster, and is refused for that
# A passport lies there, and what is printed on it was not given or not right.
OPENED_BY_PRINT: Final = frozenset({"card.passport.mrz_needed", "card.passport.wrong_mrz", "card.passport.mrz"})


@dataclass(frozen=True, eq=False)
class Arrival:
    """What a card said or the operator typed. `decided_by` and `reason` only of typed data."""

    card: CardData
    seconds: float  # from card to data
    decided_by: str = ""
    reason: str = ""
    fingerprints: bytes = field(default=b"", repr=False)  # of the chip

    def step(self, student: Student, at: datetime) -> StepResult:
        """The card step: does the card fit the roster row? Typed data are for a person to look at, whatever they say."""
        check = check_identity(self.card, student)
        verdict = Verdict.REVIEW if self.card.entry is CardEntry.TYPED else check.verdict
        return StepResult(
            Step.CARD,
            verdict,
            at,
            problems=check.problems,
            decided_by=self.decided_by,
            reason=self.reason,
            device_s=self.seconds,
        )


def read_from(event: CardPresented) -> Arrival:
    """Somebody with a card."""
    return Arrival(with_unprintable(event.card), event.seconds, fingerprints=event.fingerprints)


def typed_in(typed: TypedIn, reason: str, by: str, find: Callable[[str], Student | None]) -> Arrival:
    """Somebody without one. The roster gives what was not typed. Raises as `manual.card_of` does."""
    student = find(manual.clean_number(typed.number))
    if student is None and not typed.name.strip():
        typed = replace(typed, name=_NAMELESS)
    return Arrival(with_unprintable(manual.card_of(typed, student)), 0.0, decided_by=by, reason=reason)


def with_unprintable(card: CardData) -> CardData:
    """The card with a warning for the characters that the form's font lacks: told now, while the student can still be asked."""
    lacking = unprintable((card.name, card.english_name, card.address, card.additional_address, card.authority))
    if not lacking:
        return card
    warning = Message("card.warning.unprintable", {"characters": "".join(sorted(lacking))})
    return replace(card, warnings=(*card.warnings, warning))


def of_chip(event: Arrival, profile: Profile) -> tuple[Biometric, ...]:
    """What of the card is kept as biometrics."""
    found = []
    if event.card.photo is not None:
        found.append(Biometric(BiometricKind.CHIP_PHOTO, png(event.card.photo.pixels)))
    if event.fingerprints and profile.wants(BiometricKind.CARD_FINGERPRINTS):
        found.append(Biometric(BiometricKind.CARD_FINGERPRINTS, event.fingerprints))
    return tuple(found)


def open_record(
    event: Arrival,
    student: Student,
    crew: Crew,
    recapture_reason: str = "",
    recapture_by: str = "",
) -> CaptureRecord:
    """Begin the record with its card step done, both or neither; raises as `Captures.begin` does."""
    asks = any(STEPS[step].consents for step in crew.settings.workflow.steps)
    biometrics = () if asks else of_chip(event, crew.profile)
    at = crew.now()
    return crew.store.captures.begin(
        student,
        event.card,
        station=crew.settings.station.name,
        operator=crew.duty.operator.name,
        profile=crew.profile.name,
        profile_hash=crew.profile.hash,
        at=at,
        recapture_reason=recapture_reason,
        recapture_by=recapture_by,
        first=(event.step(student, at), biometrics),
    )
