"""The statistics of a day in words, for the page and for the paper: each a plot with its numbers as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.clock import moment
from kiosk.office.day import BINS, Day, FingerFigures, Histogram, Share, Spread
from kiosk.plots import Column, Mark, Row, columns, lines
from kiosk.records import ClassKey, DeviceTest, ProgressState, Step
from kiosk.words import say, say_day, say_list, say_number

_HOUR, _DATE = "%H:00", "%m-%d"
_FIRST_SENTENCE: Final = re.compile(r"[。；;]|\.\s|\.$")
_MOST_LINES: Final = 14  # of a plot; the table has all


@dataclass(frozen=True)
class Chart:
    """One plot: what it shows, in one sentence what it says, and all its numbers.

    `svg` is empty where numbers in a table say it better. `row_keys`: one a row, by which the lists that there are know it.
    """

    name: str
    title: str
    svg: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    summary: str = ""
    row_keys: tuple[str, ...] = ()


class DayWords:
    """Says a day in one language. `class_named` says a class as the screens do."""

    def __init__(self, language: str, class_named: Callable[[ClassKey], str]) -> None:
        self._language = language
        self._class_named = class_named

    def figures(self, day: Day) -> list[tuple[str, str, str]]:
        """The day in some numbers: name, what it is, how many."""
        counted = {
            "captured": day.captured,
            "exception": day.states.get(ProgressState.EXCEPTION, 0),
            "review": day.states.get(ProgressState.REVIEW, 0),
            "recaptured": day.recaptured,
            "unfinished": day.unfinished,
            "aborted": day.aborted,
            "turned_away": day.turned_away,
            "absent": day.absent,
        }
        found = [(name, self._say(name), str(count)) for name, count in counted.items()]
        middle = self._seconds(day.seconds.median) if day.seconds else "—"
        return [*found, ("seconds", self._say("a_student"), middle)]

    def charts(self, day: Day) -> list[Chart]:
        """Everything that there is something to say about."""
        if day.is_empty and not day.faults:
            return []
        made = [
            self._hours(day),
            self._spreads(day),
            self._attempts(day),
            self._likeness(day),
            *(self._finger(one) for one in day.fingers if one.quality is not None),
            self._presses(day),
            self._scanners(day),
            self._decisions(day),
            self._refusals(day),
            self._faults(day),
            self._shares("classes", day.classes, self._class_words),
            self._shares("operators", day.operators, lambda name: name[0]),
            *([self._shares("stations", day.stations, lambda name: name[0])] if len(day.stations) > 1 else []),
        ]
        return [one for one in made if one.rows]

    def span(self, day: Day) -> str:
        """A day, or from when to when; with the class and the operator that it is narrowed to."""
        span = day.span
        dates = dict.fromkeys((say_day(self._language, span.first), say_day(self._language, span.last)))
        told = [" – ".join(dates), self._class_named(span.group) if span.group else "", span.operator]
        return "　".join(filter(None, told))

    def _hours(self, day: Day) -> Chart:
        single, counts = day.span.first == day.span.last, Counter[datetime]()
        for at, count in day.hours:
            counts[at if single else at.replace(hour=0)] += count
        name = "hours" if single else "days"
        shown = [(f"{at:{_HOUR if single else _DATE}}", count) for at, count in counts.items()]
        bars = [Column(label.removesuffix(":00"), count) for label, count in shown]
        most = max(shown, key=lambda one: one[1], default=("", 0))
        summary = self._say("hours_summary", when=most[0], count=most[1]) if shown else ""
        return self._chart("hours", columns(self._title(name), bars), shown, summary, name)

    def _spreads(self, day: Day) -> Chart:
        spreads = [(self._say("whole"), day.seconds), *((self._step(one.step), one.seconds) for one in day.steps)]
        known = [(label, spread) for label, spread in spreads if spread is not None]
        bars = [Row(label, one.median, self._two(one), one.late) for label, one in known]
        rows = [(label, str(one.count), self._seconds(one.median), self._seconds(one.late)) for label, one in known]
        summary = self._say("interrupted", count=day.interrupted) if day.interrupted else ""
        return self._chart("spreads", lines(self._title("spreads"), bars), rows, summary)

    def _attempts(self, day: Day) -> Chart:
        bars, rows = [], []
        for one in day.steps:
            if one.students:
                share = f"{100 * one.again / one.students:.0f}%"
                bars.append(Row(self._step(one.step), one.again, self._say("more", share=share, count=one.again)))
                rows.append((self._step(one.step), *map(str, one.attempts)))
        return self._chart("attempts", lines(self._title("attempts"), bars), rows)

    def _likeness(self, day: Day) -> Chart:
        found = day.likeness
        if found is None:
            return self._chart("likeness", "", [])
        limit = found.limits[0] if found.limits else 0.0
        told = {"median": f"{found.median:.2f}", "limit": f"{limit:.2f}", "below": found.below, "count": found.count}
        svg = columns(self._title("likeness"), self._bins(found), self._marks(found), gaps=False)
        return self._chart("likeness", svg, self._ranges(found), self._say("likeness_summary", **told))

    def _finger(self, one: FingerFigures) -> Chart:
        assert one.quality is not None
        finger = say(self._language, f"position.{one.position.name.lower()}")
        title = self._title("quality", finger=finger)
        svg = columns(title, self._bins(one.quality), self._marks(one.quality), gaps=False)
        told = {"median": f"{one.quality.median:.2f}", "count": one.presses, "refused": sum(one.refused.values())}
        headers, rows = self._headers("quality"), self._ranges(one.quality)
        return Chart(f"quality-{one.position.value}", title, svg, headers, rows, self._say("quality_summary", **told))

    def _presses(self, day: Day) -> Chart:
        """Why presses had to be repeated, by finger."""
        counted = [
            (say(self._language, f"position.{one.position.name.lower()}"), self._named(code), count)
            for one in day.fingers
            for code, count in one.refused.items()
        ]
        by_problem: Counter[str] = Counter()
        for _, problem, count in counted:
            by_problem[problem] += count
        bars = [Row(problem, count, str(count)) for problem, count in by_problem.most_common(_MOST_LINES)]
        return self._chart("presses", lines(self._title("presses"), bars), counted)

    def _scanners(self, day: Day) -> Chart:
        rows = [(one.station, one.model or self._say("unknown"), str(one.presses), f"{one.median:.2f}") for one in day.scanners]
        return self._chart("scanners", "", rows)

    def _decisions(self, day: Day) -> Chart:
        counted = [
            (self._step(one.step), say(self._language, f"reviewcause.{cause}"), count)
            for one in day.steps
            for cause, count in one.decided.items()
        ]
        bars = [Row(f"{step} · {cause}", count, str(count)) for step, cause, count in counted[:_MOST_LINES]]
        return self._chart("decisions", lines(self._title("decisions"), bars), counted)

    def _refusals(self, day: Day) -> Chart:
        found = sorted(day.refusals.items(), key=lambda one: -one[1])
        counted = [(say(self._language, f"refusal.{reason}"), count) for reason, count in found]
        svg = lines(self._title("refusals"), [Row(label, count, str(count)) for label, count in counted])
        return self._chart("refusals", svg, counted, keys=[str(reason) for reason, _ in found])

    def _faults(self, day: Day) -> Chart:
        told = [(say(self._language, f"device.{one.kind}"), self._named(one.code), one) for one in day.faults]
        bars = [Row(f"{device} · {fault}", one.times, str(one.times)) for device, fault, one in told[:_MOST_LINES]]
        rows = [(one.station, device, one.model, fault, str(one.times), moment(one.last)) for device, fault, one in told]
        return self._chart("faults", lines(self._title("faults"), bars), rows)

    def _shares(self, name: str, shares: Sequence[Share], named: Callable[[tuple[str, ...]], str]) -> Chart:
        bars = [Row(named(one.name), one.captured, self._per(one)) for one in shares[:_MOST_LINES] if one.captured]
        rows = [
            (
                named(one.name),
                str(one.captured),
                str(one.exceptions),
                str(one.refused),
                self._seconds(one.seconds.median) if one.seconds else "—",
                self._seconds(one.seconds.late) if one.seconds else "—",
                f"{one.attempts:.1f}",
            )
            for one in shares
        ]
        keys = ["\t".join(one.name) for one in shares]
        return self._chart(name, lines(self._title(name), bars) if bars else "", rows, keys=keys)

    def test(self, test: DeviceTest) -> str:
        """How a test of the devices went."""
        off = [*test.failed, *test.missing]
        points = say_list(self._language, (say(self._language, f"checkpoint.{point}") for point in off))
        return self._say("test_bad" if off else "test_good", count=len(off), points=points)

    # -- parts

    def _chart(
        self,
        name: str,
        svg: str,
        rows: Sequence[tuple[object, ...]],
        summary: str = "",
        title: str = "",
        *,
        keys: Sequence[str] = (),
    ) -> Chart:
        headers = self._headers("shares" if name in _SHARES else name)
        told = tuple(tuple(map(str, row)) for row in rows)
        return Chart(
            name,
            self._title(title or name),
            svg,
            headers,
            told,
            summary,
            tuple(keys),
        )

    def _bins(self, found: Histogram) -> list[Column]:
        refused = found.limits[0] if found.limits else 0.0
        return [
            Column("" if place % 4 else f"{place / BINS:.1f}", count, count if (place + 0.5) / BINS < refused else 0)
            for place, count in enumerate(found.bins)
        ]

    def _marks(self, found: Histogram) -> list[Mark]:
        marks = [Mark(limit, self._say("limit", limit=f"{limit:.2f}")) for limit in found.limits]
        if found.refused_below is not None and found.limits and found.refused_below < found.limits[0]:
            marks.append(Mark(found.refused_below, self._say("review_limit", limit=f"{found.refused_below:.2f}")))
        return marks

    def _ranges(self, found: Histogram) -> tuple[tuple[str, ...], ...]:
        return tuple(
            (f"{place / BINS:.2f}–{(place + 1) / BINS:.2f}", str(count)) for place, count in enumerate(found.bins) if count
        )

    def _class_words(self, name: tuple[str, ...]) -> str:
        return self._class_named(ClassKey(*name)) or say(self._language, "ui.records.no_class")

    def _per(self, one: Share) -> str:
        return f"{one.captured} · {self._seconds(one.seconds.median)}" if one.seconds else str(one.captured)

    def _two(self, one: Spread) -> str:
        return f"{self._seconds(one.median)} / {self._seconds(one.late)}"

    def _seconds(self, seconds: float) -> str:
        return self._say("seconds", seconds=say_number(self._language, seconds, 0 if seconds >= 10 else 1))

    def _step(self, step: Step) -> str:
        return say(self._language, f"step.{step}")

    def _named(self, code: str) -> str:
        """The first sentence of what was said, without its data: what it was, not what to do."""
        words = say(self._language, code)
        return _FIRST_SENTENCE.split(re.sub(r"\{[^}]*\}", "…", words), maxsplit=1)[0].strip()

    def _title(self, name: str, **data: object) -> str:
        return say(self._language, f"day.title.{name}", **data)

    def _headers(self, name: str) -> tuple[str, ...]:
        return tuple(say(self._language, f"day.headers.{name}").split("|"))

    def _say(self, name: str, **data: object) -> str:
        return say(self._language, f"day.{name}", **data)


_SHARES: Final = frozenset({"classes", "operators", "stations"})
