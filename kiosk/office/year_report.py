"""年报: for the yearly audit of minors' data: who looked, who decided, what was deleted, which exceptions were made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.records import AuditEntry, Deletion
from kiosk.store import Store

_LOOK: Final = ".look"
_STEP: Final = "capture.step"
# What the machine enters by itself, or what is done at every student.
_USUAL: Final = frozenset({_STEP, "capture.begin", "capture.finish", "clock.jump"})
_SESSIONS: Final = (".log_in", ".log_out")


@dataclass(frozen=True)
class Tally:
    """How often a person did something, and about how many students' records."""

    actor: str
    action: str
    times: int
    subjects: int


@dataclass(frozen=True)
class YearReport:
    """One calendar year of this machine's."""

    year: int
    looks: tuple[Tally, ...]
    deeds: tuple[Tally, ...]
    exceptions: tuple[tuple[str, str, int], ...]  # step, who decided, how often
    deletions: tuple[Deletion, ...]
    captured: int
    faces: int
    first_broken: int | None


def year_report(store: Store, year: int, *, by: str, progress: Callable[[int, int], None] = lambda *_: None) -> YearReport:
    """Reads the whole trail and checks its seals: seconds for a long one. That it was made is entered."""
    begins, ends = (datetime(one, 1, 1).astimezone() for one in (year, year + 1))
    looks: list[AuditEntry] = []
    deeds: list[AuditEntry] = []
    exceptions: Counter[tuple[str, str]] = Counter()
    captured: set[str] = set()
    for entry in store.audit.entries(since=begins):
        if entry.at >= ends:
            break
        if entry.action.endswith(_LOOK):
            looks.append(entry)
        elif entry.action not in _USUAL and not entry.action.endswith(_SESSIONS):
            deeds.append(entry)
        elif entry.action == "capture.finish":
            captured.add(entry.subject)
        elif entry.action == _STEP and _is_exception(entry):
            exceptions[str(entry.detail["step"]), entry.actor] += 1
    found = YearReport(
        year,
        _tallies(looks),
        _tallies(deeds),
        tuple((step, actor, times) for (step, actor), times in sorted(exceptions.items())),
        tuple(one for one in store.retention.deletions() if begins <= one.at < ends),
        len(captured),
        store.retention.faces(),
        store.audit.first_broken(progress),
    )
    store.audit.record("audit.report", actor=by, year=year)
    return found


def _is_exception(entry: AuditEntry) -> bool:
    """Whether a person decided what was not well. Earlier programs entered the reason alone."""
    detail = entry.detail
    return detail["verdict"] == "review" and bool(detail.get("decided") or detail["reason"])


def _tallies(entries: list[AuditEntry]) -> tuple[Tally, ...]:
    subjects: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in entries:
        subjects[entry.actor, entry.action].append(entry.subject)
    return tuple(
        Tally(actor, action, len(found), len(set(found) - {""})) for (actor, action), found in sorted(subjects.items())
    )
