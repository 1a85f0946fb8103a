"""`kiosk photo`: judge photos from elsewhere, and make photos of a profile from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from kiosk.cli.common import console, load, words_for_errors
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessment, Assessor
from kiosk.pipeline.face.geometry import measure_geometry
from kiosk.pipeline.face.guide import cut_for
from kiosk.pipeline.face.portrait import cut_out, encode, replace_background
from kiosk.pipeline.face.report import draw_report
from kiosk.pipeline.pictures import pixels_of, png
from kiosk.records import Image, PhotoSpec, Verdict
from kiosk.words import say, say_message

_COLOURS: Final = {Verdict.PASS: "green", Verdict.REVIEW: "yellow", Verdict.FAIL: "red"}

_profile_option = click.option("--profile", default=None, help="导出方案 / export profile (config: station.profile).")


@click.group()
def photo() -> None:
    """检查和制作考生照片 / Check and make photos."""


@photo.command()
@click.argument("file", type=click.Path(path_type=Path))
@_profile_option
@click.option("--report", type=click.Path(path_type=Path), help="把检查结果画在图上 / draw the measures into a picture (PNG).")
@click.pass_obj
@words_for_errors
def check(settings_file: Path, file: Path, profile: str | None, report: Path | None) -> None:
    """逐项检查一张照片 / Judge a photo measure by measure; exit status 1 if one fails."""
    settings, _ = load(settings_file)
    spec = _spec(profile, settings)
    picture = _read(file)
    found = Assessor(settings.face, spec).assess(picture)
    _print(found, picture, spec, settings.station.language)
    if report:
        _write(report, png(draw_report(picture, found, spec)))
    sys.exit(0 if found.verdict is Verdict.PASS else 1)


@photo.command()
@click.argument("file", type=click.Path(path_type=Path))
@_profile_option
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--replace-background", is_flag=True, help="更换背景（公告一般不允许；照片会注明）/ mostly forbidden; marked in the photo."
)
@click.pass_obj
@words_for_errors
def make(settings_file: Path, file: Path, profile: str | None, out: Path, replace_background: bool) -> None:
    """按方案裁切照片 / Cut a photo to the profile's standard."""
    settings, _ = load(settings_file)
    language, spec = settings.station.language, _spec(profile, settings)
    assessor = Assessor(settings.face, spec)
    picture = _read(file)
    landmarks = assessor.find(picture)
    cut = cut_out(picture, landmarks, spec)
    comment = ""
    if replace_background:
        cut, comment = _replaced(cut, assessor, spec)
    _write(out, encode(cut, spec, comment).jpeg)
    enlarged = cut_for(measure_geometry(landmarks), spec).enlargement
    if enlarged > 1:
        console.print(say(language, "cli.photo.enlarged", factor=f"{enlarged:.2f}"), style="yellow")
    if comment:
        console.print(say(language, "cli.photo.background_replaced"), style="yellow")
    found = assessor.assess(cut)
    _print(found, cut, spec, language)
    sys.exit(0 if found.verdict is Verdict.PASS else 1)


def _spec(profile: str | None, settings: Settings) -> PhotoSpec:
    return load_profile(profile or settings.station.profile).photo


def _replaced(cut: Image, assessor: Assessor, spec: PhotoSpec) -> tuple[Image, str]:
    if spec.background is None:
        raise KioskError("photo.no_background_colour")
    return replace_background(cut, assessor.mask(cut), spec.background), "background replaced"


def _read(file: Path) -> Image:
    # Not cv2.imread: it can't open a path with Chinese letters on Windows.
    try:
        picture = pixels_of(file.read_bytes())
    except OSError:
        picture = None
    if picture is None:
        raise KioskError("photo.unreadable", file=file.name)
    return picture


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise KioskError("photo.unwritable", file=str(file), details=str(error)) from None


def _print(found: Assessment, picture: Image, spec: PhotoSpec, language: str) -> None:
    table = Table(title=f"{picture.shape[1]}×{picture.shape[0]} → {spec.width}×{spec.height}")
    table.add_column("ISO/IEC 29794-5", no_wrap=True)
    for title in ("", "", "0–100", ""):
        table.add_column(title, overflow="fold")
    for quality in found.qualities:
        measure = quality.measure
        limits = " … ".join("" if limit is None else f"{limit:.3g}" for limit in (measure.low, measure.high))
        hint = say_message(language, measure.hint) if measure.hint else "✓"
        table.add_row(
            measure.name, f"{measure.value:.3g}", limits, f"{quality.score:.0f}", hint, style=_COLOURS[measure.verdict]
        )
    for name in NOT_EVALUATED:
        table.add_row(name, "", "", "", say(language, "cli.photo.not_evaluated"), style="dim")
    console.print(table)
