"""The command line: here errors become words and results become tables. One file per command or family of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from kiosk.cli.calibrate import calibrate_command
from kiosk.cli.day import absent, authorise, correct, deadline, office_key, sign, window
from kiosk.cli.devices import devices
from kiosk.cli.document import document
from kiosk.cli.files import export, profiles, progress, report_command
from kiosk.cli.papers import class_list, exam_papers, forms
from kiosk.cli.photo import photo
from kiosk.cli.rehearse import rehearse_command
from kiosk.cli.roster import import_roster
from kiosk.cli.serve import serve
from kiosk.cli.weights import weights_command

_CONFIG: Final = "config.toml"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", "file", type=click.Path(path_type=Path), default=None, help="配置文件 / the configuration file.")
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """考生身份信息采集站 / Capture station for state exams."""
    context.obj = file or _default_config()


for _command in (
    serve,
    rehearse_command,
    weights_command,
    devices,
    photo,
    calibrate_command,
    import_roster,
    profiles,
    report_command,
    export,
    progress,
    forms,
    class_list,
    exam_papers,
    window,
    deadline,
    authorise,
    office_key,
    absent,
    correct,
    sign,
    document,
):
    main.add_command(_command)


def _default_config() -> Path:
    """`config.toml` here, else the one beside the package."""
    here = Path(_CONFIG)
    return here if here.exists() else Path(__file__).parents[2] / _CONFIG
