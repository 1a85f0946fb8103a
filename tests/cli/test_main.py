from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.words import say
from tests.pseudo import installed, write_pseudo_language


def test_every_command_and_every_option_says_what_it_does_in_the_terminal_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installed(write_pseudo_language(tmp_path)) as tag:
        env = {"LC_ALL": f"{tag}.UTF-8", "COLUMNS": "300"}
        told = CliRunner().invoke(main, ["--help"], env=env)
        lines = told.output[told.output.index(say(tag, "click: Commands")) :].splitlines()[1:]
        assert [line.split(maxsplit=1)[0] for line in lines] == main.list_commands(click.Context(main))
        assert all("⟦" in line for line in lines), told.output
        monkeypatch.setenv("LC_ALL", env["LC_ALL"])
        for path, command in every_command(main, ""):
            texts = {"": command.help, **{one.name: one.help for one in command.params if isinstance(one, click.Option)}}
            assert [name for name, text in texts.items() if not (text or "").startswith("⟦")] == [], path
        told = CliRunner().invoke(main, ["window", "add"], env=env)
        assert told.output.startswith("⟦用法：⟧ main window add ⟦[选项]⟧\n⟦用 main window add --help 查看帮助。⟧")
        assert "⟦缺少选项⟧ '--opens'" in told.output


def every_command(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")


def test_every_command_takes_what_it_sets_by_itself() -> None:
    """Only what it can't know has to be said."""
    for path, command in every_command(main, "kiosk"):
        if not isinstance(command, click.Group) and not any(one.required for one in command.params):
            with command.make_context(path, [], parent=click.Context(main, obj=Path("config.toml"))) as made:
                assert made.params.keys() == {one.name for one in command.params if one.expose_value}, path


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["teleport"]).exit_code == 2
