"""当日: what a span of days was like, in numbers: made from the store in one pass, and nothing in it names a student."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from kiosk.clock import bounds, midnight
from kiosk.config import Settings
from kiosk.pipeline.face.verification import SCALE
from kiosk.records import (
    OWN_FINGER,
    ClassKey,
    DeviceFault,
    DeviceTest,
    FingerPosition,
    ProgressState,
    RefusalKind,
    RefusalReason,
    ReviewCause,
    ReviewOutcome,
    Step,
)
from kiosk.store import Store
from kiosk.store.day import Presence, Run, Session, TurnedAway

BINS: Final = 20  # of a histogram over 0–1
_TRIES: Final = 4  # so often and more is one group
_LATE: Final = 0.9
_BROKEN_S: Final = 900.0  # a longer pause between two steps: the student went away, and came back
_USUAL: Final = Settings()


@dataclass(frozen=True)
class Span:
    """Whole days of this machine's clock, both ends included; of one class, of one operator, or of all."""

    first: date
    last: date
    group: ClassKey | None = None
    operator: str = ""

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Midnight to midnight."""
        return bounds(self.first, self.last)


@dataclass(frozen=True)
class Spread:
    """Of so many numbers the middle one, and that which nine of ten don't exceed."""

    count: int
    median: float
    late: float


@dataclass(frozen=True)
class Histogram:
    """How many of the numbers between 0 and 1 fall into each of `BINS` equal parts; what lies outside counts to the ends."""

    bins: tuple[int, ...]
    median: float
    limits: tuple[float, ...] = ()  # that they were held against: below the first it is not passed
    refused_below: float | None = None  # by today's settings
    below: int = 0  # how many are below the lowest limit, which may lie within a part

    @property
    def count(self) -> int:
        return sum(self.bins)


@dataclass(frozen=True)
class StepFigures:
    """One step over all students: seconds and attempts of each student, all their tries together."""

    step: Step
    students: int
    seconds: Spread | None
    attempts: tuple[int, ...]  # how many students needed 1, 2, 3, and 4 or more
    again: int  # how many needed more than the step wants of everybody
    decided: Mapping[ReviewCause, int]  # how many of the captures a person decided about here, and why


@dataclass(frozen=True)
class FingerFigures:
    """The presses of one finger."""

    position: FingerPosition
    quality: Histogram | None
    refused: Mapping[str, int]  # presses that had to be repeated, by what was wrong: codes
    presses: int  # all of them, those that brought no image, too


@dataclass(frozen=True)
class Scanner:
    """The same by device: what a scanner calls itself, and where it stands."""

    station: str
    model: str
    presses: int
    median: float


@dataclass(frozen=True)
class Share:
    """What fell to one class, operator or station."""

    name: tuple[str, ...]
    captured: int
    exceptions: int  # of them, with anything that a person decided
    seconds: Spread | None
    attempts: float  # of all steps together, a student
    refused: int


@dataclass(frozen=True)
class Duty:
    """Somebody's work on one day: from the first to the last thing that the trail has of them."""

    name: str
    first: datetime
    last: datetime
    captured: int


@dataclass(frozen=True)
class Day:
    """All of it. `captured` counts students as every other page does: by the newest complete capture, on the roster.

    `states`: of these, how they stand now. `superseded`: finished captures that another one has replaced since, or whose
    student left the roster. `strangers`: people who are not on the roster and were turned away.
    """

    span: Span
    captured: int
    states: Mapping[ProgressState, int]
    recaptured: int
    superseded: int
    unfinished: int
    aborted: int
    turned_away: int
    strangers: int
    absent: int
    hours: tuple[tuple[datetime, int], ...]  # from the first to the last hour that had any, empty ones between them too
    seconds: Spread | None  # from the card to the saved record
    interrupted: int  # not among these: the student went away between
    steps: tuple[StepFigures, ...]
    likeness: Histogram | None
    fingers: tuple[FingerFigures, ...]
    scanners: tuple[Scanner, ...]
    refusals: Mapping[RefusalReason, int]
    faults: tuple[DeviceFault, ...]  # one of a kind, device and station
    classes: tuple[Share, ...]
    operators: tuple[Share, ...]
    stations: tuple[Share, ...]
    tests: tuple[DeviceTest, ...]
    duties: tuple[Duty, ...]

    @property
    def exceptions(self) -> int:
        """How many captures had anything that a person decided."""
        return sum(share.exceptions for share in self.stations)

    @property
    def is_empty(self) -> bool:
        """Whether nobody came."""
        return not (self.captured or self.superseded or self.unfinished or self.refusals)


class Days:
    """Makes the statistics. Methods may be called from any thread."""

    def __init__(self, store: Store, settings: Settings = _USUAL) -> None:
        self._store = store
        self._settings = settings

    def look(self, span: Span) -> Day:
        """What a span was like."""
        store, (start, end) = self._store, span.bounds
        sessions, turned = store.day.sessions(start, end), store.day.turned_away(start, end)
        everybody = [one for one in sessions if one.finished_at is not None]
        wanted = [one for one in sessions if _fits(span, one.group, one.operator)]
        refused = [one for one in turned if _fits(span, one.group, one.by)]
        finished = [one for one in wanted if one.finished_at is not None]
        standing = [one for one in finished if one.newest and one.on_roster]
        whole = [one for one in finished if one.longest_pause_s <= _BROKEN_S]
        strangers = {one.person for one in refused if not one.on_roster and one.reason.kind is RefusalKind.TURNED_AWAY}
        return Day(
            span,
            captured=len(standing),
            states=Counter(_state(one) for one in standing),
            recaptured=sum(one.recapture for one in standing),
            superseded=len(finished) - len(standing),
            unfinished=sum(one.finished_at is None for one in wanted),
            aborted=sum(one.reason.kind is RefusalKind.ABORTED for one in refused),
            turned_away=sum(one.reason.kind is RefusalKind.TURNED_AWAY for one in refused),
            strangers=len(strangers - {None}),
            absent=sum(_fits(span, one.group, one.by) for one in store.day.absent(start, end)),
            hours=_hours(standing),
            seconds=_spread([_length_s(one) for one in whole]),
            interrupted=len(finished) - len(whole),
            steps=_steps(finished, self._settings.finger.presses),
            likeness=_likeness([run for one in finished for run in one.runs], self._settings.face.review_at),
            fingers=_fingers([run for one in finished for run in one.runs], self._settings),
            scanners=_scanners(finished),
            refusals=Counter(one.reason for one in refused),
            faults=_together(store.device_faults.between(start, end)),
            classes=_shares(finished, refused, lambda one: one.group, _class_of),
            operators=_shares(finished, refused, lambda one: (one.operator,), lambda one: (one.by,)),
            stations=_shares(finished, (), lambda one: (one.station,), _class_of),
            tests=tuple(store.device_tests.between(start, end)),
            duties=_duties(store.day.presences(start, end), everybody, span.operator),
        )

    def latest(self, before: date) -> date | None:
        """The last day before one on which anybody was captured; None for none."""
        at = self._store.day.latest(midnight(before))
        return at.astimezone().date() if at is not None else None


def _fits(span: Span, group: ClassKey, operator: str) -> bool:
    return span.group in (None, group) and span.operator in ("", operator)


def _state(one: Session) -> ProgressState:
    """As the progress has it."""
    if one.outcome is ReviewOutcome.SENT_BACK:
        return ProgressState.TO_CAPTURE
    if not one.causes:
        return ProgressState.CAPTURED
    return ProgressState.REVIEW if one.outcome is None else ProgressState.EXCEPTION


def _length_s(one: Session) -> float:
    assert one.finished_at is not None
    return (one.finished_at - one.begun_at).total_seconds()


def _spread(numbers: Iterable[float]) -> Spread | None:
    """Of those that say something: a step that a person left out took no time."""
    found = sorted(number for number in numbers if number > 0)
    if not found:
        return None
    return Spread(len(found), median(found), found[min(int(_LATE * len(found)), len(found) - 1)])


def _histogram(numbers: Sequence[float], limits: Iterable[float], refused_below: float) -> Histogram | None:
    if not numbers:
        return None
    counts = Counter(min(max(int(number * BINS), 0), BINS - 1) for number in numbers)
    bins, marks = tuple(counts[place] for place in range(BINS)), tuple(sorted(set(limits)))
    below = sum(number < marks[0] for number in numbers) if marks else 0
    return Histogram(bins, median(numbers), marks, refused_below, below)


def _hours(sessions: Sequence[Session]) -> tuple[tuple[datetime, int], ...]:
    """By the hour in which they were finished, on this machine's clock."""
    counts = Counter(
        one.finished_at.astimezone().replace(minute=0, second=0, microsecond=0) for one in sessions if one.finished_at
    )
    if not counts:
        return ()
    by_day: dict[date, list[datetime]] = defaultdict(list)
    for hour in counts:
        by_day[hour.date()].append(hour)
    found = []
    for hours in by_day.values():
        at = min(hours)
        while at <= max(hours):
            found.append((at, counts[at]))
            at += timedelta(hours=1)
    return tuple(sorted(found))


def _steps(sessions: Sequence[Session], presses: int) -> tuple[StepFigures, ...]:
    seconds: dict[Step, list[float]] = defaultdict(list)
    attempts: dict[Step, list[int]] = defaultdict(list)
    decided: dict[Step, Counter[ReviewCause]] = defaultdict(Counter)
    for one in sessions:
        by_step: dict[Step, list[Run]] = defaultdict(list)
        for run in one.runs:
            by_step[run.step].append(run)
        for step, runs in by_step.items():
            seconds[step].append(sum(run.seconds for run in runs))
            attempts[step].append(sum(run.attempts for run in runs))
        for step, cause in one.causes:
            decided[step][cause] += 1
    return tuple(
        StepFigures(
            step,
            len(attempts[step]),
            _spread(seconds[step]),
            _tries(attempts[step]),
            sum(number > (presses if step in OWN_FINGER else 1) for number in attempts[step]),
            decided[step],
        )
        for step in Step
        if attempts[step] or decided[step]
    )


def _tries(attempts: Sequence[int]) -> tuple[int, ...]:
    counts = Counter(min(number, _TRIES) for number in attempts)
    return tuple(counts[number] for number in range(1, _TRIES + 1))


def _likeness(runs: Iterable[Run], review_at: float) -> Histogram | None:
    scores = [score for run in runs if run.step is Step.FACE for score in run.scores if score.scale == SCALE]
    limits = [score.limit for score in scores if score.limit is not None]
    return _histogram([score.value for score in scores], limits, review_at)


def _fingers(runs: Iterable[Run], settings: Settings) -> tuple[FingerFigures, ...]:
    qualities: dict[FingerPosition, list[float]] = defaultdict(list)
    refused: dict[FingerPosition, Counter[str]] = defaultdict(Counter)
    presses: Counter[FingerPosition] = Counter()
    for run in runs:
        if run.position is not None:
            qualities[run.position] += run.qualities
            presses[run.position] += run.presses
            if run.failed_presses:
                refused[run.position].update(run.failed_presses)
    limits = settings.finger
    return tuple(
        FingerFigures(
            position,
            _histogram(qualities[position], (limits.min_quality,), limits.refuse_quality),
            refused[position],
            presses[position],
        )
        for position in FingerPosition
        if qualities[position] or refused[position]
    )


def _scanners(sessions: Sequence[Session]) -> tuple[Scanner, ...]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in sessions:
        for run in one.runs:
            if run.qualities:
                found[one.station, run.device] += run.qualities
    return tuple(Scanner(*key, len(values), median(values)) for key, values in sorted(found.items()))


def _together(faults: Sequence[DeviceFault]) -> tuple[DeviceFault, ...]:
    """The hours of a span as one, the most frequent first."""
    found: dict[tuple[str, ...], DeviceFault] = {}
    for one in faults:
        key = one.station, one.kind, one.model, one.code
        first = found.get(key)
        times = (first.times if first else 0) + one.times
        at, last = (first.at, max(first.last, one.last)) if first else (one.at, one.last)
        found[key] = DeviceFault(one.kind, one.code, at, last, times, one.station, one.model)
    return tuple(sorted(found.values(), key=lambda one: -one.times))


def _class_of(one: TurnedAway) -> tuple[str, ...]:
    return one.group if one.on_roster else ()


def _shares(
    sessions: Sequence[Session],
    refused: Sequence[TurnedAway],
    of_session: Callable[[Session], tuple[str, ...]],
    of_refused: Callable[[TurnedAway], tuple[str, ...]],
) -> tuple[Share, ...]:
    groups: dict[tuple[str, ...], list[Session]] = defaultdict(list)
    for one in sessions:
        groups[of_session(one)].append(one)
    sent_away = Counter(of_refused(one) for one in refused)
    names = sorted({*groups, *sent_away} - {()}, key=_order)
    return tuple(_share(name, groups.get(name, []), sent_away[name]) for name in names)


def _order(name: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Class 2 before class 10."""
    return tuple((int(part) if part.isdecimal() else 0, part) for part in name)


def _share(name: tuple[str, ...], sessions: Sequence[Session], refused: int) -> Share:
    attempts = sum(run.attempts for one in sessions for run in one.runs)
    return Share(
        name,
        sum(one.newest and one.on_roster for one in sessions),
        sum(bool(one.causes) for one in sessions),
        _spread([_length_s(one) for one in sessions if one.longest_pause_s <= _BROKEN_S]),
        attempts / len(sessions) if sessions else 0.0,
        refused,
    )


def _duties(presences: Sequence[Presence], sessions: Sequence[Session], operator: str) -> tuple[Duty, ...]:
    captured = Counter((one.operator, one.finished_at.astimezone().date()) for one in sessions if one.finished_at is not None)
    return tuple(
        Duty(one.name, one.first, one.last, captured[one.name, one.first.date()])
        for one in presences
        if operator in ("", one.name)
    )
