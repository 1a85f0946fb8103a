"""`kiosk devices record`: what goes over a device's wire, in a file that support can play again."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from kiosk.cli.common import load, words_for_errors
from kiosk.config import Settings
from kiosk.devices.card import photo_decoder
from kiosk.devices.card.decoder.library import LibraryDecoder
from kiosk.devices.events import (
    CardPresented,
    CardRemoved,
    CardUnreadable,
    DeviceEvent,
    FingerLifted,
    ImpressionReady,
    PressFailed,
    StatusChanged,
)
from kiosk.devices.finger import FingerDevice
from kiosk.devices.recording import Session, begin, save
from kiosk.devices.worker import DeviceWorker
from kiosk.errors import DeviceError
from kiosk.records import DeviceKind, DeviceState, FingerPosition
from kiosk.words import say, say_error, say_message

_LOOK_S: Final = 0.1


@click.command()
@click.argument("device", type=click.Choice([str(kind) for kind in (DeviceKind.CARD, DeviceKind.FINGER, DeviceKind.CAMERA)]))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--seconds", type=click.IntRange(1, 600), default=60, show_default=True)
@click.pass_obj
@words_for_errors
def record(file: Path, device: str, out: Path, seconds: int) -> None:
    """Record what goes over a device's wire; personal data are replaced by invented ones. Ctrl-C ends it sooner."""
    settings, _ = load(file)
    language = settings.station.language

    def tell(code: str, **data: Any) -> None:
        click.echo(say(language, f"cli.record.{code}", **data))

    if out.exists():
        raise DeviceError("recording.exists", file=str(out))
    if not os.access(out.resolve().parent, os.W_OK):  # told before anybody has pressed a finger for nothing
        raise DeviceError("recording.not_written", file=str(out), reason=os.strerror(errno.EACCES))
    heard = run(DeviceKind(device), settings, seconds, tell)
    save(heard.session.recording(heard.model, date.today()), out)
    tell("saved", file=str(out), count=len(heard.session.tape.entries))


class Heard:
    """One recording under way: says what to do, and asks a scanner for one press after the other."""

    def __init__(self, session: Session, language: str, tell: Callable[..., None]) -> None:
        self.session = session
        self.model = ""
        self._language = language
        self._tell = tell
        self._presses = 0

    def take(self, event: DeviceEvent) -> None:
        """Nothing of a person is shown."""
        match event:
            case StatusChanged(status) if status.problem is not None:
                click.echo(say_message(self._language, status.problem))
            case StatusChanged(status) if status.state is DeviceState.READY:
                self.model = status.model
                self._tell(f"ready.{status.kind}", device=status.model)
                if status.kind is DeviceKind.FINGER:
                    self._ask()
            case CardPresented(seconds=seconds):
                self._tell("card", ms=f"{seconds * 1000:.0f}")
            case CardUnreadable(error) | PressFailed(error=error):
                click.echo(say_error(self._language, error))
            case CardRemoved() | FingerLifted():
                self._tell("away")
                self._ask()
            case ImpressionReady():
                self._tell("press", count=self._presses)

    def _ask(self) -> None:
        if isinstance(self.session.device, FingerDevice):
            self._presses += 1
            self.session.device.request(self._presses, FingerPosition.RIGHT_THUMB)


def run(kind: DeviceKind, settings: Settings, seconds: float, tell: Callable[..., None]) -> Heard:
    """Let somebody use the device for so long, or until Ctrl-C."""
    decoder = photo_decoder(settings.card.photo)
    heard = Heard(begin(kind, settings, decoder), settings.station.language, tell)
    worker = DeviceWorker(heard.session.device, heard.take)
    tell("begins", seconds=seconds)
    worker.start()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            until_s = time.monotonic() + seconds
            while time.monotonic() < until_s:
                threading.Event().wait(_LOOK_S)
    finally:
        worker.stop()
        if isinstance(decoder, LibraryDecoder):
            decoder.close()
    return heard
