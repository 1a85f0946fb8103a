"""`kiosk weights`: fetches the networks' weights."""

from __future__ import annotations

import click

from kiosk import weights
from kiosk.cli.common import console, words_for_errors


@click.command(name="weights")
@click.option("--all", "everything", is_flag=True)
@words_for_errors
def weights_command(everything: bool) -> None:
    """Fetch the networks' weights and check them."""
    wanted = (*weights.STATION, weights.MAKEHUMAN) if everything else weights.STATION
    weights.fetch(wanted, lambda line: console.print(f"  {line}", highlight=False))
