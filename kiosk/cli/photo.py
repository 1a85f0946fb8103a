"""`kiosk photo`: judge photos from elsewhere, and make photos of a profile from them."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from kiosk.cli.common import console, load, words_for_errors, write_whole
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange import font, load_profile
from kiosk.exchange.jpeg_file import check_name
from kiosk.exchange.photos import check_file
from kiosk.office import read_picture
from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessment, Assessor
from kiosk.pipeline.face.geometry import measure_geometry
from kiosk.pipeline.face.guide import cut_within
from kiosk.pipeline.face.making import make_photo
from kiosk.pipeline.face.report import draw_report
from kiosk.pipeline.pictures import decode, png
from kiosk.records import Image, Message, PhotoSpec, Verdict
from kiosk.words import say, say_message

_COLOURS: Final = {Verdict.PASS: "green", Verdict.REVIEW: "yellow", Verdict.FAIL: "red"}
_JPEG_NAMES: Final = ("", ".jpg", ".jpeg")
_KB: Final = 1024

_profile_option = click.option("--profile", default=None)
_report_option = click.option("--report", type=click.Path(path_type=Path))


@click.group()
def photo() -> None:
    """Check and make photos."""


@photo.command()
@click.argument("file", type=click.Path(path_type=Path))
@_profile_option
@_report_option
@click.pass_obj
@words_for_errors
def check(settings_file: Path, file: Path, profile: str | None, report: Path | None) -> None:
    """Judge a photo measure by measure; exit status 1 if one fails."""
    settings, _ = load(settings_file)
    spec, (data, picture) = _spec(profile, settings), _read(file)
    _spare(file, report)
    faults = (*check_name(file.name, data), *check_file(data, spec))
    judged = _Judged(picture, Assessor(settings.face, spec).assess(picture), faults, spec)
    judged.tell(settings.station.language, report)


@photo.command()
@click.argument("file", type=click.Path(path_type=Path))
@_profile_option
@click.argument("out", type=click.Path(path_type=Path))
@_report_option
@click.option(
    "--replace-background",
    is_flag=True,
)
@click.pass_obj
@words_for_errors
def make(
    settings_file: Path, file: Path, profile: str | None, out: Path, report: Path | None, replace_background: bool
) -> None:
    """Cut a photo to the profile's standard; OUT is written over, FILE never."""
    settings, _ = load(settings_file)
    language, spec = settings.station.language, _spec(profile, settings)
    _, picture = _read(file)
    _spare(file, out, report)
    if out.suffix.lower() not in _JPEG_NAMES:
        raise KioskError("photo.not_jpg", file=out.name)
    assessor = Assessor(settings.face, spec)
    landmarks = assessor.find_only(picture)
    if replace_background and not spec.replace_background:
        raise KioskError("photo.background_may_not_be_replaced", profile=profile or settings.station.profile)
    asked = spec if replace_background else dataclasses.replace(spec, replace_background=False)
    photo_made = make_photo(picture, landmarks, assessor.mask(picture), asked)
    made = photo_made.portrait
    write_whole(out, made.jpeg)
    kb = f"{len(made.jpeg) / _KB:.1f}"
    written = say(language, "cli.photo.written", file=out, width=made.width, height=made.height, dpi=made.dpi, kb=kb)
    console.print(written, highlight=False, soft_wrap=True)
    enlarged = cut_within(measure_geometry(landmarks), spec, picture.shape[1], picture.shape[0]).enlargement
    if enlarged > 1:
        console.print(say(language, "cli.photo.enlarged", factor=f"{enlarged:.2f}"), style="yellow", soft_wrap=True)
    if photo_made.background_replaced:
        console.print(say(language, "cli.photo.background_replaced"), style="yellow", soft_wrap=True)
    elif photo_made.not_replaced is not None:
        console.print(say_message(language, photo_made.not_replaced), style="yellow", soft_wrap=True)
    shown = decode(made.jpeg)
    _Judged(shown, assessor.assess(shown), tuple(check_file(made.jpeg, spec)), spec).tell(language, report)


@dataclass(frozen=True, eq=False)
class _Judged:
    """A photo, what it is like, and what is wrong with its file."""

    picture: Image
    found: Assessment
    faults: tuple[Message, ...]
    spec: PhotoSpec

    def tell(self, language: str, report: Path | None) -> None:
        """Print it, draw it where that is wanted, and end the command: 0 when everything passed."""
        faults = [say_message(language, fault) for fault in self.faults]
        console.print(self._table(language))
        for fault in faults:
            console.print(f"✗ {fault}", style="red", highlight=False, soft_wrap=True)
        if report:
            notes = (*faults, *(say_message(language, hint) for hint in self.found.problems))
            page = draw_report(self.picture, self.found, self.spec, list(dict.fromkeys(notes)), font.path())
            write_whole(report, png(page))
        sys.exit(0 if self.found.verdict is Verdict.PASS and not faults else 1)

    def _table(self, language: str) -> Table:
        height, width = self.picture.shape[:2]
        table = Table(title=f"{width}×{height} → {self.spec.width}×{self.spec.height}")
        table.add_column("ISO/IEC 29794-5", no_wrap=True)
        for name in ("value", "limits"):
            table.add_column(say(language, f"cli.photo.{name}"), no_wrap=True)
        table.add_column("0–100", no_wrap=True)
        table.add_column(say(language, "cli.photo.verdict"), overflow="fold")
        for quality in self.found.qualities:
            measure = quality.measure
            limits = " … ".join("" if limit is None else f"{limit:.3g}" for limit in (measure.low, measure.high))
            verdict = say(language, f"verdict.{measure.verdict}")
            hint = f" · {say_message(language, measure.hint)}" if measure.hint else ""
            cells = (f"{measure.value:.3g}", limits, f"{quality.score:.0f}", verdict + hint)
            table.add_row(measure.name, *cells, style=_COLOURS[measure.verdict])
        for name in NOT_EVALUATED:
            table.add_row(name, "", "", "", say(language, "cli.photo.not_evaluated"), style="dim")
        return table


def _spec(profile: str | None, settings: Settings) -> PhotoSpec:
    return load_profile(profile or settings.station.profile).photo


def _read(file: Path) -> tuple[bytes, Image]:
    """A file, and the picture in it."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise KioskError("photo.unreadable", file=str(file), details=error.strerror or error) from None
    return data, read_picture(file)


def _spare(original: Path, *written: Path | None) -> None:
    """Nothing is written over the picture that all comes from."""
    for file in written:
        if file is not None and file.exists() and file.samefile(original):
            raise KioskError("photo.same_file", file=file.name)
