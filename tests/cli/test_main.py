from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.words import say
from tests.pseudo import installed, write_pseudo_language


def test_every_command_and_every_option_says_what_it_does_in_the_terminal_s_language(tmp_path: Path) -> None:
    with installed(write_pseudo_language(tmp_path)) as tag:
        env = {"LC_ALL": f"{tag}.UTF-8", "COLUMNS": "300"}
        told = CliRunner().invoke(main, ["--help"], env=env)
        lines = told.output[told.output.index(say(tag, "click: Commands")) :].splitlines()[1:]
        assert [line.split(maxsplit=1)[0] for line in lines] == main.list_commands(click.Context(main))
        assert all("⟦" in line for line in lines), told.output
        for path in every_command(main, ()):
            told = CliRunner().invoke(main, [*path, "--help"], env=env)
            assert told.exit_code == 0, told.output
            assert "help." not in told.output, told.output
            described = [line for line in told.output.splitlines() if line.startswith("  ") and line[2] != " "]
            assert [line for line in described if "⟦" not in line] == [], path


def every_command(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        yield (*path, name)
        if isinstance(below := group.get_command(context, name), click.Group):
            yield from every_command(below, (*path, name))


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["teleport"]).exit_code == 2
