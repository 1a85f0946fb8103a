"""What the commands with simulated devices share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, ParamSpec

import click

from kiosk import weights

if TYPE_CHECKING:
    from kiosk.simulation import Simulator

P = ParamSpec("P")


def simulator(students: int, seed: int, *, realistic: bool, pcsc: bool) -> Simulator:
    """A classroom of simulated people; what takes long to make is kept in the user's cache folder."""
    from kiosk.simulation import find_simulator  # what it knows of devices takes seconds to load

    cache = weights.folder().parent / "simulated"
    return find_simulator()(students=students, seed=seed, realistic=realistic, pcsc=pcsc, cache=cache)


_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--seed", default=1, show_default=True),
    click.option("--realistic", is_flag=True),
    click.option("--pcsc", is_flag=True),
)


def with_simulation_options(command: Callable[P, None]) -> Callable[P, None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
