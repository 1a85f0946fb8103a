"""The tables that a rehearsal ends with."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kiosk.district_rehearsal import DistrictReport
from kiosk.exam_rehearsal import ExamDayReport, Plant
from kiosk.photo_rehearsal import OWN_GOAL_S, Turn
from kiosk.pipeline.face.verification import SCALE
from kiosk.records import OWN_FINGER, Step, StepResult, Verdict
from kiosk.rehearsal import Passage
from kiosk.words import say

# Who got past the left thumb is captured: a column for the confirmation would say nothing, and the table must fit 80 columns.
_SHOWN: Final = (Step.CARD, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB)
_MARKS: Final = {Verdict.PASS: "✓", Verdict.REVIEW: "?", Verdict.FAIL: "✗"}
_STYLES: Final = {Verdict.PASS: "green", Verdict.REVIEW: "yellow", Verdict.FAIL: "red"}


def report(passages: Sequence[Passage], language: str) -> RenderableType:
    """Per student the steps, verdicts and seconds; then the totals, and what was waited for."""
    return Group(_students(passages, language), _steps(passages, language), _totals(passages, language))


def run_report(turns: Sequence[Turn], language: str) -> RenderableType:
    """Of a photo run: each child's turn; then how long a child took, and how much of it was waiting for us."""

    def word(code: str) -> str:
        return say(language, f"cli.rehearsal.{code}")

    table = Table(title=word("run.title"), box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("#", justify="right", no_wrap=True, min_width=2)
    for column in ("student", "intent", "outcome", "seconds", "own"):
        table.add_column(word(column), no_wrap=True, justify="right" if column in {"seconds", "own"} else "left")
    table.add_column("")
    for number, turn in enumerate(turns, start=1):
        figures = (f"{turn.seconds:.1f}", f"{turn.own_s:.3f}") if turn.seconds else ("–", "–")
        outcome = say(language, f"childstate.{turn.state}")
        mark = Text("✓", "green") if turn.as_planned else Text("✗", "bold red")
        table.add_row(str(number), turn.student.name, word(f"run.plan.{turn.plan}"), outcome, *figures, mark)
    shot = [turn for turn in turns if turn.seconds]
    own = [turn.own_s for turn in shot] or [0.0]
    wrong = sum(not turn.as_planned for turn in turns)
    line = say(
        language,
        "cli.rehearsal.run.totals",
        turns=len(turns),
        shot=len(shot),
        wrong=wrong,
        median=f"{median(turn.seconds for turn in shot):.2f}" if shot else "–",
        own=f"{median(own):.3f}",
        most=f"{max(own):.3f}",
        goal=f"{OWN_GOAL_S:.1f}",
        kept=say(language, f"cli.rehearsal.run.goal.{'met' if median(own) <= OWN_GOAL_S else 'missed'}"),
    )
    return Group(table, Text(line, "bold red" if wrong else "bold green"))


def exam_report(done: ExamDayReport, language: str) -> RenderableType:
    """By what was planted: how many came, what became of them, and whether that was right; then what else was wrong."""
    table = Table(title=say(language, "cli.rehearsal.exam.title"), box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in ("plant", "candidates", "outcome"):
        table.add_column(say(language, f"cli.rehearsal.exam.{column}"), no_wrap=True)
    table.add_column("")
    for plant in Plant:
        own = [one for one in done.passages if one.player.plant is plant]
        if not own:
            continue
        outcomes = sorted({say(language, f"presence.{one.presence}" if one.presence else "presence.none") for one in own})
        mark = Text("✓", "green") if all(one.as_planted for one in own) else Text("✗", "bold red")
        table.add_row(say(language, f"cli.rehearsal.plant.{plant}"), str(len(own)), "、".join(outcomes), mark)
    wrong = sum(not one.as_planted for one in done.passages) + len(done.faults)
    seconds = [one.own_s for one in done.passages if one.own_s] or [0.0]
    line = say(
        language,
        "cli.rehearsal.exam.totals",
        candidates=len(done.passages),
        events=done.events,
        wrong=wrong,
        median=f"{median(seconds):.3f}",
        most=f"{max(seconds):.3f}",
    )
    return Group(table, *done.faults, Text(line, "bold red" if wrong else "bold green"))


def district_report(done: DistrictReport, language: str) -> RenderableType:
    """By what was planted: how often, and how often it came out as it must; then what else was wrong."""

    def word(code: str, **told: object) -> str:
        return say(language, f"cli.rehearsal.district.{code}", **told)

    table = Table(title=word("title"), box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in ("what", "planted", "right"):
        table.add_column(word(column), no_wrap=True, justify="left" if column == "what" else "right")
    table.add_column("")
    for one in done.findings:
        if one.planted or not one.as_planted:
            mark = Text("✓", "green") if one.as_planted else Text("✗", "bold red")
            table.add_row(word(f"found.{one.what}"), str(one.planted), str(one.right), mark)
    wrong = sum(not one.as_planted for one in done.findings) + len(done.faults)
    told = {"students": done.students, "packages": done.packages, "wrong": wrong}
    line = word("totals", **told, seconds=f"{sum(done.seconds.values()):.0f}", compared=f"{done.seconds['compared']:.1f}")
    return Group(table, *done.faults, Text(line, "bold red" if wrong else "bold green"))


def _students(passages: Sequence[Passage], language: str) -> Table:
    def word(code: str) -> str:
        return say(language, f"cli.rehearsal.{code}")

    legend = "   ".join(f"{mark} {say(language, f'verdict.{verdict}')}" for verdict, mark in _MARKS.items())
    table = Table(title=word("title"), caption=legend, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("#", justify="right", no_wrap=True, min_width=2)
    for column in ("student", "intent"):
        table.add_column(word(column), no_wrap=True)
    for step in _SHOWN:
        finger = _other_finger(step, passages, language)
        table.add_column(finger or word(f"step.{step}"), no_wrap=True)
    for column in ("similarity", "outcome", "seconds", "own"):
        table.add_column(word(column), no_wrap=True, justify="left" if column == "outcome" else "right")
    table.add_column("")
    for passage in passages:
        results = {result.step: result for result in passage.results}
        table.add_row(
            str(passage.person.number),
            passage.person.student.name,
            word(f"intent.{passage.person.intent}"),
            *(_cell(results.get(step)) for step in _SHOWN),
            _similarity(results.get(Step.FACE)),
            word("captured") if passage.stopped_at is None else word("refused"),
            f"{passage.seconds:.1f}",
            f"{passage.own_s:.1f}",
            Text("✓", "green") if passage.as_intended else Text("✗", "bold red"),
        )
    return table


def _other_finger(step: Step, passages: Sequence[Passage], language: str) -> str:
    """The finger that the settings begin a step with, where it is not the step's own."""
    wanted = next((one.wanted for passage in passages for one in passage.results if one.step is step and one.wanted), None)
    return "" if wanted is None or wanted is OWN_FINGER.get(step) else say(language, f"position.{wanted.name.lower()}")


def _cell(result: StepResult | None) -> Text:
    if result is None:
        return Text("–", "dim")
    tries = f"×{result.attempts}" if result.attempts > 1 else ""
    return Text(_MARKS[result.verdict] + tries, _STYLES[result.verdict])


def _similarity(result: StepResult | None) -> str:
    scores = [score.value for score in result.scores if score.scale == SCALE] if result is not None else []
    return f"{scores[0]:.2f}" if scores else "–"


def _steps(passages: Sequence[Passage], language: str) -> Table:
    """Medians and maxima per step: what was waiting for the devices, and what for us."""
    table = Table(title=say(language, "cli.rehearsal.per_step"), box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(say(language, "cli.rehearsal.step"))
    for what in ("devices", "own"):
        for how in ("median", "maximum"):
            table.add_column(
                f"{say(language, f'cli.rehearsal.{what}')} {say(language, f'cli.rehearsal.{how}')}", justify="right"
            )
    for step in Step:
        results = [result for passage in passages for result in passage.results if result.step is step]
        if results:
            device = [result.device_s for result in results]
            own = [result.own_s for result in results]
            figures = (median(device), max(device), median(own), max(own))
            name = _other_finger(step, passages, language) or say(language, f"step.{step}")
            table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    return table


def _totals(passages: Sequence[Passage], language: str) -> Text:
    captured = [passage for passage in passages if passage.stopped_at is None]
    wrong = [passage for passage in passages if not passage.as_intended]
    line = say(
        language,
        "cli.rehearsal.totals",
        students=len(passages),
        captured=len(captured),
        refused=len(passages) - len(captured),
        wrong=len(wrong),
        median=f"{median(passage.seconds for passage in captured):.2f}" if captured else "–",
        devices=f"{sum(passage.device_s for passage in passages):.1f}",
        own=f"{sum(passage.own_s for passage in passages):.1f}",
    )
    return Text(line, "bold red" if wrong else "bold green")
