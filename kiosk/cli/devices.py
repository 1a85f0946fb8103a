"""`kiosk devices`: is the reader, the camera, the scanner there, what does it say, how well does it work?"""

from __future__ import annotations

import platform
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click

from kiosk.cli.common import load, words_for_errors
from kiosk.cli.record import record
from kiosk.config import CardSettings
from kiosk.devices.card import card_device, photo_decoder
from kiosk.devices.card.decoder.library import LibraryDecoder
from kiosk.devices.card.diagnosis import Diagnosis, ReaderFound, Watched, diagnose, watched
from kiosk.devices.events import CardPresented, CardRemoved, CardUnreadable, DeviceEvent, StatusChanged
from kiosk.devices.worker import DeviceWorker
from kiosk.exchange import load_profile
from kiosk.records import CardData, DeviceState, DeviceStatus, Message
from kiosk.words import say, say_error, say_message

_LOOK_S: Final = 0.2


@click.group()
def devices() -> None:
    """Look at the devices."""


devices.add_command(record)


@devices.command()
@click.option("--watch", is_flag=True)
@click.pass_obj
@words_for_errors
def card(file: Path, watch: bool) -> None:
    """Diagnosis of the card reader, with masked data."""
    settings, _ = load(file)
    language = settings.station.language
    if watch:
        _watch(settings.card, language)
        return
    decoder = photo_decoder(settings.card.photo)
    try:
        click.echo(report(diagnose(settings.card, decoder), language))
    finally:
        if isinstance(decoder, LibraryDecoder):
            decoder.close()


@devices.command()
@click.pass_obj
@words_for_errors
def camera(file: Path) -> None:
    """Diagnosis of the camera, with somebody before it."""
    from kiosk.cli import cameras  # the networks' libraries take seconds

    settings, _ = load(file)
    photo = load_profile(settings.station.profile).photo
    click.echo(cameras.report(cameras.look(settings.camera, photo), settings.station.language))


@devices.command()
@click.option("--wait", "wait_s", default=30.0, show_default=True)
@click.pass_obj
@words_for_errors
def finger(file: Path, wait_s: float) -> None:
    """Diagnosis of the scanner: press a thumb once, no picture is kept."""
    from kiosk.cli import fingers  # the networks' libraries take seconds

    settings, _ = load(file)
    language = settings.station.language

    def ask(model: str) -> None:
        click.echo(say(language, "cli.finger.press", model=model))

    click.echo(fingers.report(fingers.look(settings.finger, wait_s, ask), language))


def report(found: Diagnosis, language: str) -> str:
    """The diagnosis as text to paste."""

    def line(code: str, **data: Any) -> str:
        return say(language, f"cli.card.{code}", **data)

    lines = [line("system", kiosk=version("exam-capture-kiosk"), system=platform.platform(), python=platform.python_version())]
    lines.append(line("transport", transport=found.transport))
    lines += [_reader(line, reader) for reader in found.readers]
    if found.reader:
        lines.append(line("reader", reader=found.reader))
        lines.append(line("present" if found.present else "empty"))
    if found.protocol:
        lines.append(line("protocol", protocol=found.protocol, why=line(f"known_by.{found.protocol_known_by}")))
    if found.chip_serial:
        lines.append(line("chip_serial", serial=found.chip_serial))
    if found.card is not None:
        ms = f"{found.seconds * 1000:.1f}"
        lines.append(line("read", ms=ms, commands=found.traffic.commands, received=found.traffic.received))
        lines += _card(line, found.card, language)
    if found.problem is not None:
        lines.append(line("problem", problem=say_error(language, found.problem), error=found.problem.code))
    return "\n".join(lines)


def _reader(line: Any, reader: ReaderFound) -> str:
    mark = "*" if reader.used else " "
    state = line("atr", atr=reader.atr, known=line(f"known.{reader.known or 'not'}")) if reader.present else line("empty")
    return f"  {mark} {reader.name}: {state}"


def _card(line: Any, card: CardData, language: str) -> list[str]:
    kind = say(language, f"card.kind.{card.kind}")
    said = [f"  {kind} · {card.name} · {card.id_number} · {card.valid_from_text}–{card.valid_until_text}"]
    if card.photo is not None:
        height, width = card.photo.pixels.shape[:2]
        said.append("  " + line("photo", width=width, height=height))
    problems: list[Message] = [*card.warnings, *([card.photo_problem] if card.photo_problem else [])]
    return said + [f"  ! {say_message(language, problem)}" for problem in problems]


def _watch(settings: CardSettings, language: str) -> None:
    """Show events until the operator ends it."""
    worker = DeviceWorker(
        card_device(settings, photo_decoder(settings.photo)), lambda event: click.echo(told(watched(event), language))
    )
    worker.start()
    try:
        while not threading.Event().wait(_LOOK_S):
            pass
    except KeyboardInterrupt:
        click.echo()
    finally:
        worker.stop()


def told(seen: Watched, language: str) -> str:
    """One event as one line."""
    event = seen.event
    milliseconds = int(seen.at_s * 1000) % 1000
    return f"{time.strftime('%H:%M:%S', time.localtime(seen.at_s))}.{milliseconds:03d}  {_told(event, language)}"


def _told(event: DeviceEvent, language: str) -> str:
    match event:
        case StatusChanged(status):
            return _status(status, language)
        case CardPresented(card, seconds, again):
            code = "cli.card.again" if again else "cli.card.on"
            kind = say(language, f"card.kind.{card.kind}")
            words = say(language, code, kind=kind, name=card.name, number=card.id_number, ms=f"{seconds * 1000:.1f}")
            return "\n              ".join([words, *(say_message(language, warning) for warning in card.warnings)])
        case CardUnreadable(error):
            return say_error(language, error)
        case CardRemoved():
            return say(language, "cli.card.off")
    raise TypeError(event)


def _status(status: DeviceStatus, language: str) -> str:
    if status.problem is not None:
        problem = say_message(language, status.problem)
        # A device that works may still have something to mend.
        ready = status.state is DeviceState.READY
        return say(language, "cli.devices.works_but", model=status.model, problem=problem) if ready else problem
    if status.state is DeviceState.READY:
        return say(language, "cli.card.reader", reader=status.model)
    return say(language, "cli.card.starting")
