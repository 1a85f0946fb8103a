"""`kiosk calibrate`: what the station's own confirmed captures say about the face thresholds. Changes nothing."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from rich.table import Table

from kiosk import weights
from kiosk.cli.common import Opened, console, on_the_store, write_whole
from kiosk.errors import KioskError
from kiosk.pipeline.face import FaceMatcher
from kiosk.pipeline.face.calibration import Calibration, calibrate, plot
from kiosk.pipeline.face.verification import SCALE, Embedding
from kiosk.pipeline.pictures import decode
from kiosk.records import BiometricKind, CaptureRecord, Step, StepResult, Verdict
from kiosk.store import Store
from kiosk.words import say

_LIVE: Final = BiometricKind.LIVE_FACE
_CHIP: Final = BiometricKind.CHIP_PHOTO


@click.command(name="calibrate")
@click.option("--plot", "picture", type=click.Path(path_type=Path))
@on_the_store
def calibrate_command(opened: Opened, picture: Path | None) -> None:
    """What this station's confirmed captures say about the face thresholds."""
    language = opened.language
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    captures, unreadable = _confirmed(opened.store, matcher)
    if unreadable:
        console.print(say(language, "cli.calibrate.unreadable", count=unreadable), style="yellow", soft_wrap=True)
    if len(captures) < 2:
        console.print(say(language, "cli.calibrate.too_few", count=len(captures)), style="yellow", soft_wrap=True)
        sys.exit(1)
    found = calibrate([one.live for one in captures], [one.chip for one in captures], _strangers(opened.store, captures))
    limits = opened.settings.face.pass_at, opened.settings.face.review_at
    _print(found, limits, language)
    if picture:
        out = io.BytesIO()
        PIL.Image.fromarray(plot(found, limits)).save(out, "PNG")
        write_whole(picture, out.getvalue())


@dataclass(frozen=True, eq=False)
class _Capture:
    """A student whose face is known to be the card's."""

    record: CaptureRecord
    alike: frozenset[str]  # records in which somebody else's face looks the same
    live: Embedding
    chip: Embedding


def _confirmed(store: Store, matcher: FaceMatcher) -> tuple[list[_Capture], int]:
    """Every student whose face step passed, or whose face a person confirmed; and how many of them can't be read.

    Whom a person confirmed had a low score: without them the scores would look better than they are.
    """
    found, unreadable = [], 0
    for record in store.captures.records():
        result = record.result(Step.FACE)
        if result is None or not (result.verdict is Verdict.PASS or _was_confirmed(result)):
            continue
        try:
            live, chip = (store.captures.biometric(record.id, kind) for kind in (_LIVE, _CHIP))
            if live is None or chip is None:
                continue
            faces = matcher.embed(decode(live)), matcher.embed_chip(decode(chip))
        except KioskError:
            unreadable += 1
            continue
        found.append(_Capture(record, frozenset(other.record_id for other in result.alike if not other.staff), *faces))
    return found, unreadable


def _was_confirmed(result: StepResult) -> bool:
    """Whether a person let this face pass as the card's; an exception goes without it and has no score."""
    return bool(result.decided_by) and any(score.scale == SCALE for score in result.scores)


def _strangers(store: Store, captures: list[_Capture]) -> NDArray[np.bool_]:
    """Which live faces and cards are surely different people's: neither one's own, nor twins', nor a suspected duplicate's."""
    twins = [store.lookalikes.of(one.record.student.id_number) for one in captures]
    apart = np.ones((len(captures), len(captures)), bool)
    for row, one in enumerate(captures):
        for column, other in enumerate(captures):
            suspected = other.record.id in one.alike or one.record.id in other.alike
            if row == column or suspected or other.record.student.id_number in twins[row]:
                apart[row, column] = False
    return apart


def _print(found: Calibration, limits: tuple[float, float], language: str) -> None:
    title = say(language, "cli.calibrate.title", genuine=found.genuine.size, impostor=found.impostor.size)
    table = Table("", say(language, "cli.calibrate.limit"), "TAR", "FAR", say(language, "cli.calibrate.suggested"), title=title)
    suggestions = found.pass_at, found.review_at
    for name, limit, suggested in zip(("pass_at", "review_at"), limits, suggestions, strict=True):
        genuine, impostor = found.accepted(limit)
        advice = say(language, "cli.calibrate.more_needed") if suggested is None else f"{suggested:.2f}"
        table.add_row(name, f"{limit:.2f}", f"{100 * genuine:.2f} %", f"{100 * impostor:.3f} %", advice)
    console.print(table)
    console.print(say(language, "cli.calibrate.note"), markup=False, highlight=False)
