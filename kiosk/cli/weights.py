"""`kiosk weights`: fetches the networks' weights."""

from __future__ import annotations

import click

from kiosk import weights
from kiosk.cli.common import console, words_for_errors


@click.command(name="weights")
@click.option("--all", "everything", is_flag=True, help="包括渲染模拟人像的数据 / also what renders simulated people.")
@words_for_errors
def weights_command(everything: bool) -> None:
    """获取识别模型并校验 / Fetch the networks' weights and check them."""
    wanted = (*weights.STATION, weights.MAKEHUMAN) if everything else weights.STATION
    weights.fetch(wanted, lambda line: console.print(f"  {line}", highlight=False))
