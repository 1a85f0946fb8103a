from __future__ import annotations

from click.testing import CliRunner

from kiosk.cli import main


def test_every_command_loads_and_says_what_it_does() -> None:
    told = CliRunner().invoke(main, ["--help"])
    assert told.exit_code == 0
    lines = told.output[told.output.index("Commands:") :].splitlines()[1:]
    assert len(lines) > 15
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines), told.output


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["teleport"]).exit_code == 2
