"""What a deadline, a window or its slots would mean, in words: read out to a person before anything is set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.office.queue import SlotPlan
from kiosk.office.schedule import DeadlinePlan, WindowPlan
from kiosk.words import say, say_distance, say_moment


@dataclass(frozen=True)
class PlanWords:
    """`lines` say what will be; `warnings` what looks like a mistake."""

    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def deadline_in_words(language: str, plan: DeadlinePlan) -> PlanWords:
    """The day with its weekday, how far away it is, the school, and how many students it concerns."""
    lines = (
        _when(language, "plan.deadline.at", plan.at, plan.now),
        say(language, "plan.deadline.school", school=plan.school_code),
        say(language, "plan.deadline.students", waiting=plan.waiting, unsigned=plan.unsigned),
        say(language, "plan.deadline.grace"),
    )
    found = {
        "plan.deadline.past": plan.past,
        "plan.deadline.far": plan.far,
        "plan.deadline.other_school": plan.other_school,
    }
    known = "、".join(plan.known_schools)
    return PlanWords(lines, tuple(say(language, code, known=known, school=plan.school_code) for code in found if found[code]))


def window_in_words(language: str, plan: WindowPlan, group: str) -> PlanWords:
    """Round, group with how many students, both times with their weekdays, and who may not come any more."""
    window = plan.window
    lines = (
        say(language, "plan.window.group", round=window.round, group=group, count=plan.count),
        _when(language, "plan.window.opens", window.opens_at, plan.now),
        _when(language, "plan.window.closes", window.closes_at, plan.now),
        say(language, "plan.window.withdraw"),
    )
    found = {"plan.window.past": plan.past, "plan.window.far": plan.far, "plan.window.closed_out": plan.closed_out > 0}
    return PlanWords(lines, tuple(say(language, code, count=plan.closed_out) for code in found if found[code]))


def slots_in_words(language: str, plan: SlotPlan) -> PlanWords:
    """How many come when, at what pace, and who finds no place."""
    pace = say(language, "plan.slots.measured" if plan.measured else "plan.slots.assumed", seconds=round(plan.seconds))
    lines = [say(language, "plan.slots.per_slot", count=plan.per_slot), pace]
    if plan.slots:
        first, last = (say_moment(language, one.starts_at) for one in (plan.slots[0], plan.slots[-1]))
        lines.append(say(language, "plan.slots.span", count=len(plan.slots), first=first, last=last))
    left = (say(language, "plan.slots.left", count=len(plan.left)),) if plan.left else ()
    nobody = () if plan.slots else (say(language, "plan.slots.nobody"),)
    return PlanWords(tuple(lines), (*left, *nobody))


def _when(language: str, code: str, at: datetime, now: datetime) -> str:
    return say(language, code, at=say_moment(language, at), distance=say_distance(language, at - now))
