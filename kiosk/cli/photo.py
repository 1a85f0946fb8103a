"""`kiosk photo`: judge photos from elsewhere, and make photos of a profile from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from kiosk import config
from kiosk.errors import KioskError
from kiosk.exchange import load_profile
from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessment, Assessor
from kiosk.pipeline.face.geometry import measure_geometry
from kiosk.pipeline.face.guide import cut_for
from kiosk.pipeline.face.portrait import cut_out, encode, replace_background
from kiosk.pipeline.face.report import draw_report
from kiosk.records import Image, PhotoSpec, Verdict
from kiosk.words import say, say_error, say_message

_COLOURS: Final = {Verdict.PASS: "green", Verdict.REVIEW: "yellow", Verdict.FAIL: "red"}
console = Console()

_profile_option = click.option("--profile", default=None, help="导出方案 / export profile (config: station.profile).")


@click.group()
def photo() -> None:
    """检查和制作考生照片 / Check and make photos."""


@photo.command()
@click.argument("file", type=click.Path(path_type=Path))
@_profile_option
@click.option("--report", type=click.Path(path_type=Path), help="把检查结果画在图上 / draw the measures into a picture (PNG).")
@click.pass_obj
def check(settings_file: Path, file: Path, profile: str | None, report: Path | None) -> None:
    """逐项检查一张照片 / Judge a photo measure by measure; exit status 1 if one fails."""
    with _Words(settings_file) as session:
        spec = session.spec(profile)
        assessor = Assessor(session.settings.face, spec)
        picture = _read(file)
        found = assessor.assess(picture)
        _print(found, picture, spec, session.language)
        if report:
            _write(report, cv2.imencode(".png", draw_report(picture, found, spec))[1].tobytes())
    sys.exit(0 if found.verdict is Verdict.PASS else 1)


@photo.command()
@click.argument("file", type=click.Path(path_type=Path))
@_profile_option
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--replace-background", is_flag=True, help="更换背景（公告一般不允许；照片会注明）/ mostly forbidden; marked in the photo."
)
@click.pass_obj
def make(settings_file: Path, file: Path, profile: str | None, out: Path, replace_background: bool) -> None:
    """按方案裁切照片 / Cut a photo to the profile's standard."""
    with _Words(settings_file) as session:
        spec = session.spec(profile)
        assessor = Assessor(session.settings.face, spec)
        picture = _read(file)
        landmarks = assessor.find(picture)
        cut = cut_out(picture, landmarks, spec)
        comment = ""
        if replace_background:
            cut, comment = _replaced(cut, assessor, spec)
        _write(out, encode(cut, spec, comment).jpeg)
        enlarged = cut_for(measure_geometry(landmarks), spec).enlargement
        if enlarged > 1:
            console.print(say(session.language, "cli.photo.enlarged", factor=f"{enlarged:.2f}"), style="yellow")
        if comment:
            console.print(say(session.language, "cli.photo.background_replaced"), style="yellow")
        found = assessor.assess(cut)
        _print(found, cut, spec, session.language)
    sys.exit(0 if found.verdict is Verdict.PASS else 1)


class _Session:
    """Settings and language for one command."""

    def __init__(self, file: Path) -> None:
        self.settings = config.load(file)
        self.language = self.settings.station.language

    def spec(self, profile: str | None) -> PhotoSpec:
        return load_profile(profile or self.settings.station.profile).photo


class _Words:
    """Turns errors into words and exit status 2."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._language = "zh-CN"

    def __enter__(self) -> _Session:
        try:
            session = _Session(self._file)
        except KioskError as error:
            self._end(error)
        self._language = session.language
        return session

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KioskError):
            self._end(error)

    def _end(self, error: KioskError) -> None:
        click.secho(say_error(self._language, error), fg="red", err=True)
        sys.exit(2)


def _replaced(cut: Image, assessor: Assessor, spec: PhotoSpec) -> tuple[Image, str]:
    if spec.background is None:
        raise KioskError("photo.no_background_colour")
    return replace_background(cut, assessor.mask(cut), spec.background), "background replaced"


def _read(file: Path) -> Image:
    # Not cv2.imread: it can't open a path with Chinese letters on Windows.
    try:
        picture = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        picture = None
    if picture is None:
        raise KioskError("photo.unreadable", file=file.name)
    return np.asarray(picture, np.uint8)


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise KioskError("photo.unwritable", file=str(file), details=str(error)) from None


def _print(found: Assessment, picture: Image, spec: PhotoSpec, language: str) -> None:
    table = Table(title=f"{picture.shape[1]}×{picture.shape[0]} → {spec.width}×{spec.height}")
    for title in ("ISO/IEC 29794-5", "", "", "0–100", ""):
        table.add_column(title)
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
