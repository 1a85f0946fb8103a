"""`python -m drivers_sim finger|card|camera|replay`: one simulated or recorded device alone, for any program to be tried on it.

The device's address is printed first; after that, lines from standard input are what people do, each answered by `ok` or `?`.
It runs until `quit` or Ctrl-C; at the end of a file that the lines came from it goes on until it is ended.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import click

from drivers_sim.camera import Act, Lens, SimulatedCamera
from drivers_sim.card import pcscd
from drivers_sim.card.reader import PcscReader
from drivers_sim.card.sam_line import PtyCable, SamReader, SocketCable
from drivers_sim.classroom import payload_of
from drivers_sim.finger import FingerCache, Press, SimulatedSensor, impression
from drivers_sim.finger.impression import BARELY_TOUCHED, BLANK, MOVED, OFF_CENTRE, ORDINARY, VERY_DRY, VERY_WET
from drivers_sim.finger.models import AS608, FPC, R503, ZFM_20
from drivers_sim.people import FACES
from drivers_sim.people.cohort import cohort
from drivers_sim.replay import NotRecorded, ReplayedCamera, ReplayedCard, ReplayedLine, replayed_cards
from kiosk import weights
from kiosk.cli.spoken import speak, teach_library
from kiosk.devices.recording import Wire, load

_MODELS: Final = {"zfm-20": ZFM_20, "as608": AS608, "r503": R503, "fpc": FPC}
_PRESSES: Final = {
    "press": ORDINARY,
    "press_lightly": BARELY_TOUCHED,
    "press_dry": VERY_DRY,
    "press_wet": VERY_WET,
    "press_askew": OFF_CENTRE,
    "press_moving": MOVED,
    "press_nothing": BLANK,
}
_CLASS: Final = 40
_BAUD: Final = 115_200

Deeds = Mapping[str, Callable[..., object]]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run one simulated device alone, for any program to be tried on it."""


@main.command()
@click.option("--tcp", is_flag=True)
@click.option("--model", type=click.Choice(list(_MODELS)), default="zfm-20", show_default=True)
@click.option("--realistic", is_flag=True)
def finger(tcp: bool, model: str, realistic: bool) -> None:
    """A fingerprint sensor: press FINGER [TIME], …"""
    sensor = SimulatedSensor(realistic=realistic, pty=not tcp, model=_MODELS[model])
    fingers = FingerCache(weights.folder().parent / "simulated")

    def press(how: Press, seed: int, number: int = 1) -> None:
        sensor.press(impression(fingers.finger(seed), number, how))

    deeds: dict[str, Callable[..., object]] = {name: partial(press, how) for name, how in _PRESSES.items()}
    _run(
        sensor.start(),
        deeds | {"lift": sensor.lift, "say": sensor.say_to_looks, "unplug": sensor.unplug, "plug": sensor.plug},
        sensor.stop,
    )


@main.command()
@click.option("--tcp", is_flag=True)
@click.option("--pcsc", is_flag=True)
@click.option("--realistic", is_flag=True)
def card(tcp: bool, pcsc: bool, realistic: bool) -> None:
    """An ID-card reader: lay PERSON (1 to 40), take, unplug, plug."""
    faces = [FACES[number % len(FACES)] for number in range(_CLASS)]
    holders = cohort(1, [face.sex for face in faces])
    if pcsc:
        reader: PcscReader | SamReader = PcscReader()
        reader.start()
        address = f"{pcscd.SOCKET_SETTING}={os.environ[pcscd.SOCKET_SETTING]}"
    else:
        reader = SamReader(SocketCable() if tcp else PtyCable(), baud=_BAUD if realistic else 0)
        address = reader.start()

    def lay(person: int) -> None:
        reader.lay(payload_of(holders[person - 1], faces[person - 1].number))

    _run(address, {"lay": lay, "take": reader.take, "unplug": reader.unplug, "plug": reader.plug}, reader.stop)


@main.command()
@click.option("--fps", type=click.IntRange(1, 60), default=30, show_default=True)
def camera(fps: int) -> None:
    """A camera: show FACE, nobody, blink, turn_left, …"""
    device = SimulatedCamera(fps)
    deeds: dict[str, Callable[..., object]] = {"show": device.show, "nobody": device.show_nobody, "freeze": device.freeze}
    for act in (Act.BLINK, Act.TURN_LEFT, Act.TURN_RIGHT, Act.OPEN_MOUTH):
        deeds[act.value] = partial(device.perform, act)
    deeds |= {lens.value: partial(device.change_lens, lens) for lens in Lens}
    deeds |= {"stall": device.stall, "tear": device.tear}
    _run(device.start(), deeds | {"unplug": device.unplug, "plug": device.plug}, device.stop)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tcp", is_flag=True)
@click.option("--realistic", is_flag=True)
def replay(file: Path, tcp: bool, realistic: bool) -> None:
    """A device of `kiosk devices record`: lay CARD, take; check: was all known?"""
    recording = load(file)
    if recording.wire is Wire.CAMERA:
        camera = ReplayedCamera(recording)
        _run(camera.start(), {}, camera.stop)
    elif recording.wire is Wire.APDU:
        _replay_cards(replayed_cards(recording))
    else:
        line = ReplayedLine(recording, pty=not tcp, pace=1.0 if realistic else 0.0)
        _run(line.start(), {"check": line.check}, line.stop)


def _replay_cards(cards: list[ReplayedCard]) -> None:
    reader = PcscReader()
    reader.start()

    def check() -> None:
        for card in cards:
            card.check()

    deeds: dict[str, Callable[..., object]] = {
        "lay": lambda number: reader.lay_card(cards[number - 1]),
        "take": reader.take,
        "check": check,
    }
    _run(f"{pcscd.SOCKET_SETTING}={os.environ[pcscd.SOCKET_SETTING]}", deeds, reader.stop)


def _run(address: str, deeds: Deeds, stop: Callable[[], None]) -> None:
    """Print the address, do what the lines say, and stop the device in the end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.echo(address)
    try:
        with suppress(KeyboardInterrupt):
            for line in sys.stdin:
                if line.strip() == "quit":
                    return
                _do(line, deeds)
            if not sys.stdin.isatty():
                threading.Event().wait()
    finally:
        stop()


def _do(line: str, deeds: Deeds) -> None:
    words = line.split()
    if not words:
        return
    try:
        deeds[words[0]](*map(int, words[1:]))
    except NotRecorded as lack:
        click.echo(f"? {lack}".replace("\n", " · "))
    except (KeyError, TypeError, ValueError, IndexError):
        click.echo("? " + " · ".join([*deeds, "quit"]))
    else:
        click.echo("ok")


if __name__ == "__main__":
    teach_library()
    speak(main, "drivers_sim")()
