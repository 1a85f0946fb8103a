"""`kiosk calibrate`: what the station's own confirmed captures say about the face thresholds. Changes nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import PIL.Image
from rich.table import Table

from kiosk import weights
from kiosk.cli.common import Opened, console, on_the_store
from kiosk.errors import KioskError
from kiosk.pipeline.face import FaceMatcher
from kiosk.pipeline.face.calibration import Calibration, calibrate, plot
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.pictures import pixels_of
from kiosk.records import BiometricKind, Step, Verdict
from kiosk.store import Store
from kiosk.words import say


@click.command(name="calibrate")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="分数分布图 / plot of the scores (PNG).")
@on_the_store
def calibrate_command(opened: Opened, picture: Path | None) -> None:
    """用本站已确认的采集结果检验人证核验阈值 / What this station's confirmed captures say about the face thresholds."""
    language = opened.language
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    pairs = list(_pairs(opened.store, matcher))
    if len(pairs) < 2:
        console.print(say(language, "cli.calibrate.too_few", count=len(pairs)), style="yellow")
        sys.exit(1)
    found = calibrate([live for live, _ in pairs], [chip for _, chip in pairs])
    limits = opened.settings.face.pass_at, opened.settings.face.review_at
    _print(found, limits, language)
    if picture:
        out = io.BytesIO()
        PIL.Image.fromarray(plot(found, limits)).save(out, "PNG")
        picture.write_bytes(out.getvalue())


def _pairs(store: Store, matcher: FaceMatcher) -> Iterator[tuple[Embedding, Embedding]]:
    """Live face and chip photo of every student whose face step passed, or was confirmed by a person."""
    for record in store.captures.records():
        result = record.result(Step.FACE)
        if result is None or result.verdict is not Verdict.PASS:
            continue
        live = store.captures.biometric(record.id, BiometricKind.LIVE_FACE)
        chip = store.captures.biometric(record.id, BiometricKind.CHIP_PHOTO)
        if live is None or chip is None:
            continue
        live_pixels, chip_pixels = pixels_of(live), pixels_of(chip)
        if live_pixels is None or chip_pixels is None:
            continue
        try:
            yield matcher.embed(live_pixels), matcher.embed_chip(chip_pixels)
        except KioskError:
            continue


def _print(found: Calibration, limits: tuple[float, float], language: str) -> None:
    title = say(language, "cli.calibrate.title", genuine=found.genuine.size, impostor=found.impostor.size)
    table = Table("", say(language, "cli.calibrate.limit"), "TAR", "FAR", say(language, "cli.calibrate.suggested"), title=title)
    suggestions = found.pass_at, found.review_at
    for name, limit, suggested in zip(("pass_at", "review_at"), limits, suggestions, strict=True):
        genuine, impostor = found.accepted(limit)
        advice = say(language, "cli.calibrate.more_needed") if suggested is None else f"{suggested:.2f}"
        table.add_row(name, f"{limit:.2f}", f"{100 * genuine:.2f} %", f"{100 * impostor:.3f} %", advice)
    console.print(table)
    console.print(say(language, "cli.calibrate.note"))
