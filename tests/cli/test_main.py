from __future__ import annotations

import re
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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bundle --platform mac --out x", "mac 不在可选的值里"),
        ("bundle --out x", "可以选："),
        ("bundle --nope", "没有这个选项：--nope"),
        ("bundle --platfrm linux", "是否应为 '--platform'"),
        ("languages one two", "多了几个参数：one two"),
        ("serve --port many", "many 不是有效的数字"),
        ("serve --simulate=yes", "选项 --simulate 后面不能有值"),
        ("contacts --duty one", "选项 --duty 需要 3 个值"),
        ("audit --since soon", "“soon”不是时间"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_in_the_terminal_s_language(
    line: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    told = CliRunner().invoke(main, line.split())
    assert told.exit_code == 2
    assert words in told.output
    error = told.output.partition("错误：")[2]
    assert re.findall(r"\b(?:is|are|not|no|one|of|the|did|you|choose|requires?|values?)\b(?! two)", error, re.IGNORECASE) == []


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["teleport"]).exit_code == 2
