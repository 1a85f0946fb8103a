"""Who comes when: a window cut into slots by what the station manages, told to students and classes on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.school_lists import Head, notices, slot_lists
from kiosk.office.lists import schools_apart
from kiosk.records import EVERYBODY, ClassKey, RegistrationWindow, Slot, Student
from kiosk.store import Store, Window

Of = Callable[[Student], bool]
_USUAL_S: Final = 90.0  # from one student to the next, before this station has captured anybody
_MOST_DAYS: Final = 60  # of a window
_LISTS: Final = "lists"


@dataclass(frozen=True)
class SlotRule:
    """How a window is cut: slots of so many minutes, on days from `opens` to `closes` without the breaks, so many students at
    once at `stations`. `seconds` a student: 0 for what was measured here."""

    minutes: int = 20
    stations: int = 1
    seconds: float = 0.0
    opens: time = time(8)
    closes: time = time(18)
    breaks: tuple[tuple[time, time], ...] = ((time(12), time(14)),)
    weekends: bool = False


@dataclass(frozen=True)
class SlotPlan:
    """What comes of a rule. `seconds` a student is what it reckoned with, `measured` whether from this station's own records;
    `left` found no place in the window."""

    window: Window
    slots: tuple[Slot, ...]
    students: tuple[Student, ...]  # one for each slot
    left: tuple[Student, ...]
    seconds: float
    measured: bool
    per_slot: int


class Queue:
    """Plans, notices, and the register's window."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def plan(self, number: int, rule: SlotRule) -> SlotPlan:
        """Who of a window's group would come when, class by class; who is captured already has no slot. Nothing changes.

        Raises StoreError for a window that there is not, ExchangeError for a rule that leaves no time.
        """
        window = next((one for one in self._store.rounds.windows() if one.number == number), None)
        if window is None:
            raise StoreError("store.window_unknown", number=number)
        if not (rule.opens < rule.closes and 0 < rule.minutes <= 600 and 0 < rule.stations <= 100 and rule.seconds >= 0):
            raise ExchangeError("slots.rule")
        measured = self._store.queue.pace_s()
        seconds = rule.seconds or measured or _USUAL_S
        per_slot = int(rule.minutes * 60 / seconds * rule.stations)
        if per_slot < 1:
            raise ExchangeError("slots.too_short", seconds=round(seconds), minutes=rule.minutes)
        waiting = [one.student for one in self._store.progress.students() if window.is_for(one.student) and not one.captured]
        waiting.sort(key=lambda one: one.group.order)  # the roster's order within a class stays
        places = (begins for begins in _starts(window, rule) for _ in range(per_slot))
        length = timedelta(minutes=rule.minutes)
        slots = [
            Slot(student.id_number, at, begins, begins + length)
            for at, (student, begins) in enumerate(zip(waiting, places, strict=False), start=1)
        ]
        done = len(slots)
        return SlotPlan(
            window,
            tuple(slots),
            tuple(waiting[:done]),
            tuple(waiting[done:]),
            seconds,
            measured=not rule.seconds and measured is not None,
            per_slot=per_slot,
        )

    def keep(self, number: int, rule: SlotRule, *, by: str) -> SlotPlan:
        """Keep a window's slots; raises as `plan` does."""
        plan = self.plan(number, rule)
        self._store.queue.plan(number, plan.slots, by=by)
        return plan

    def slots(self) -> list[tuple[Student, Slot]]:
        """Everybody on the roster who has a slot, in the order of coming."""
        known = {one.id_number: one for one in self._store.roster.students()}
        return [(known[slot.id_number], slot) for _, slot in self._store.queue.slots() if slot.id_number in known]

    def counts(self) -> dict[int, int]:
        """How many have a slot, by window."""
        found: dict[int, int] = {}
        for window, _ in self._store.queue.slots():
            found[window.number] = found.get(window.number, 0) + 1
        return found

    def print(
        self, folder: Path, *, title: str, place: str, bring: str, contact: str = "", actor: str = "", of: Of = bool
    ) -> list[Path]:
        """A slip for each student, a list for each class, for each school; raises ExchangeError when nobody has a slot."""
        queue = [one for one in self.slots() if of(one[0])]
        if not queue:
            raise ExchangeError("slots.nobody")
        made_up, schools, written = self._store.simulated, self._store.roster.schools(), []
        head = Head(title, place, schools, made_up)
        for words, members in schools_apart(queue, lambda one: one[0], schools):
            slips = notices(members, head, place=place, bring=bring, contact=contact)
            lists = slot_lists(members, replace(head, title=f"{title}　时间安排"))
            for name, content in (("采集通知单", slips), ("采集时间安排", lists)):
                named = marked("-".join(filter(None, (name, words))), simulated=made_up)
                path = free_name(folder, file_name(named, ".pdf"))
                write_file(path, content)
                self._store.written.note(_LISTS, path, [student.id_number for student, _ in members], by=actor)
                written.append(path)
        return written

    def registrations(self) -> list[RegistrationWindow]:
        """The register's windows, of everybody and of groups that have their own."""
        return self._store.queue.registrations()

    def set_registration(self, opens_at: datetime, closes_at: datetime, *, by: str, group: ClassKey = EVERYBODY) -> None:
        """Set a group's; raises StoreError when it closes before it opens, or nobody is of the group."""
        self._store.queue.set_registration(opens_at, closes_at, by=by, group=group)

    def withdraw_registration(self, *, reason: str, by: str, group: ClassKey = EVERYBODY) -> None:
        """Take a group's back; raises StoreError."""
        self._store.queue.withdraw_registration(reason=reason, by=by, group=group)


def _starts(window: Window, rule: SlotRule) -> Iterator[datetime]:
    """When slots begin: whole ones within the window, the day and between breaks."""
    opens, closes, length = window.opens_at.astimezone(), window.closes_at.astimezone(), timedelta(minutes=rule.minutes)
    for days in range(_MOST_DAYS):
        day = opens.date() + timedelta(days=days)
        if day > closes.date():
            return
        if day.weekday() >= 5 and not rule.weekends:  # Saturday
            continue
        at = max(opens, _on(day, rule.opens))
        end = min(closes, _on(day, rule.closes))
        pauses = sorted((_on(day, start), _on(day, stop)) for start, stop in rule.breaks)
        while at + length <= end:
            pause = next((stop for start, stop in pauses if start < at + length and at < stop), None)
            if pause is not None:
                at = pause
                continue
            yield at
            at += length


def _on(day: date, at: time) -> datetime:
    return datetime.combine(day, at).astimezone()
