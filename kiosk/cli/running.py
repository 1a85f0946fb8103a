"""One run of the station: from its settings to its screens, and until it ends or is to run again."""

from __future__ import annotations

import importlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from kiosk.ciphers import SUITES
from kiosk.cli.common import console, load
from kiosk.cli.runs import Runs
from kiosk.cli.windows import Up, Windows
from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.exchange.shelf import BESIDE_CONFIG, look_in
from kiosk.listening import HOST
from kiosk.starting import Starting
from kiosk.store import (
    Unlock,
    has_machine_slot,
    is_new,
    is_sealed,
    prepare_folder,
    this_machine,
    unlock_copy,
    unlock_machine,
    unlock_open,
)
from kiosk.web import Entered, Entrance, address_of_window, admit, create_app, obstacle, serve_app
from kiosk.words import say, say_error, say_message

if TYPE_CHECKING:
    from kiosk.assembly import Kiosk
    from kiosk.simulation import Simulator


class Run:
    """The station, with what it runs on; everything that was begun ends with `until_the_end`."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        people: Simulator | None,
        at: socket.socket,
        runs: Runs,
        starting: Starting,
        starts: ExitStack,
        windows: Windows | None = None,
    ) -> None:
        """`folder`: what relative paths start from. `starts` ends the page `starting`, which answers `at` the station's address
        until something else does; `windows` are those of a station that fills its monitors."""
        self._settings = settings
        self._language = settings.station.language
        self._folder = folder
        self._people = people
        self._at = at
        self._address = "http://{}:{}".format(*at.getsockname())
        self._runs = runs
        self._starting = starting
        self._starts = starts
        self._windows = windows
        self._data = settings.store.within(folder, simulated=people is not None)
        look_in(folder / BESIDE_CONFIG)

    def until_the_end(self) -> bool:
        """Run; True: another run is wanted. Raises KioskError when the station can't come up."""
        with ExitStack() as begun, ExitStack() as door:
            entrance, entered, runs = None, None, self._runs
            unlock = runs.unlock_of(self._data) or without_asking(
                self._data, self._language, simulated=self._people is not None
            )
            if unlock is None:
                entrance = self._entrance(door)
                entered = entrance.wait(runs.stopped)
                if entered is None and not entrance.begins_new:
                    return False
                unlock = entered.unlock if entered is not None else unlock_open
            if runs.exam_door is not None:
                return self._exam_day(*runs.exam_door, unlock, begun, door)
            try:
                kiosk, app = self._station(entered, unlock, begun)
            except StoreError as error:
                if entrance is not None and runs.first:
                    self._tell(entrance, error)
                raise
            if entered is not None:
                runs.keep_unlock(self._data, entered.unlock)
            if entrance is not None and entrance.restored is not None:
                kiosk.store.audit.record("backup.restore", backup=entrance.restored.at.isoformat())
            self._starts.close()
            server = serve_app(app, self._at)
            begun.callback(server.stop)
            door.close()
            for line in greeting(kiosk, self._language, server.url):
                console.print(line, highlight=False, soft_wrap=True)
            self._open_windows(kiosk, app, begun)
            runs.note_up()
            return runs.wait()

    def _open_windows(self, kiosk: Kiosk, app: Flask, begun: ExitStack) -> None:
        """The student's window beside the operator's, where the station fills its monitors."""
        if self._windows is None:
            return
        station = Up(
            f"{self._address}/operator",
            lambda: self._address + address_of_window(app),
            lambda: bool(obstacle(kiosk.station, kiosk.office)),
            f"{self._address}/end",
        )
        begun.enter_context(self._windows.up(station))
        console.print(say(self._language, "cli.kiosk_unverified"), highlight=False, soft_wrap=True)
        if self._windows.alone:
            console.print(say(self._language, "cli.kiosk_alone"), highlight=False, soft_wrap=True)

    def _entrance(self, door: ExitStack) -> Entrance:
        """The page that asks for a PIN, at the station's own address. While it waits, the station's libraries are loaded."""
        entrance = Entrance(self._settings, self._data)
        self._starts.close()
        door.callback(serve_app(entrance.app, self._at.dup()).stop)
        threading.Thread(target=importlib.import_module, args=("kiosk.assembly",), name="libraries", daemon=True).start()
        waiting = "cli.entrance_new" if is_new(self._data) else "cli.entrance"
        console.print(say(self._language, waiting, url=self._address), highlight=False, soft_wrap=True)
        return entrance

    def _tell(self, entrance: Entrance, error: StoreError) -> None:
        """Say on the page and at the terminal why the station can't be opened, until somebody ends the program."""
        entrance.fail(error)
        console.print(say_error(self._language, error), highlight=False, soft_wrap=True)
        self._runs.wait()

    def _station(self, entered: Entered | None, unlock: Unlock, begun: ExitStack) -> tuple[Kiosk, Flask]:
        """The station, started, and its screens; whoever opened the store is logged in."""
        from kiosk.assembly import Kiosk

        self._starting.now("data")
        kiosk = Kiosk(self._settings, self._folder, self._people, address=self._address, unlock=unlock, file=self._runs.file)
        self._starting.now("devices")
        begun.enter_context(kiosk)
        keep_temporary_files_in(kiosk.data_folder / "temporary", sweep=self._runs.first)
        if self._runs.taken_back is not None and kiosk.office.configuration is not None:
            kiosk.office.configuration.note_taken_back(self._runs.taken_back)
        app = create_app(
            station=kiosk.station,
            office=kiosk.office,
            settings=kiosk.settings,
            simulator=self._people,
            demonstrator=kiosk.demonstrator,
            checkup=kiosk.checkup,
            staff_desk=kiosk.staff_desk,
            enroller=kiosk.enroller,
            uploads=kiosk.data_folder / "uploads",
            secret=entered.secret if entered is not None else None,
            restart=self._again,
            other_devices=self._other_devices,
            shelf=kiosk.shelf,
            exam_day=self._begin_exam_day,
            end=self._runs.stop if self._windows is not None else None,
        )
        if entered is not None:
            admit(app, entered, kiosk.office.accounts)
        return kiosk, app

    def _exam_day(self, exam: str, room: str, unlock: Unlock, begun: ExitStack, waiting: ExitStack) -> bool:
        """The door of an exam instead of the station, until somebody has the station back."""
        from kiosk.assembly import ExamDoor
        from kiosk.web.checkin import create_door_app

        self._starting.now("devices")
        made = ExamDoor(self._settings, self._folder, self._people, exam=exam, room=room, address=self._address, unlock=unlock)
        opened = begun.enter_context(made)
        keep_temporary_files_in(opened.data_folder / "temporary", sweep=False)
        self._starts.close()
        server = serve_app(create_door_app(opened, back=self._station_again), self._at)
        begun.callback(server.stop)
        waiting.close()
        told = say(self._language, "cli.checkin.serving", title=opened.shelved.day.title, url=f"{server.url}/door")
        console.print(told, highlight=False, soft_wrap=True)
        self._runs.note_up()
        return self._runs.wait()

    def _begin_exam_day(self, exam: str, room: str) -> str:
        """Have another run as the door of an exam: where its screens will be."""
        self._runs.exam_door = exam, room
        self._runs.ask()
        return self._address

    def _station_again(self) -> None:
        """Have the station back after an exam."""
        self._runs.exam_door = None
        self._runs.ask()

    def _other_devices(self) -> str:
        """Have another run with simulated devices instead of real ones, or back: where its screens will be."""
        self._runs.simulated = not self._runs.simulated
        self._runs.ask()
        return self._address

    def _again(self) -> str:
        """Have another run with the settings as they are now: where its screens will be. Raises ConfigError."""
        changed, _ = load(self._runs.file.path)
        self._runs.ask()
        moved = self._runs.fixed_port is None and changed.web.port != self._settings.web.port
        return f"http://{HOST}:{changed.web.port}" if moved and changed.web.port else self._address


def without_asking(data: Path, language: str, *, simulated: bool) -> Unlock | None:
    """What opens the store where nobody has to be asked; None where somebody has."""
    if is_sealed(data):
        return by_machine(data, language)
    return unlock_open if simulated or not is_new(data) else None


def by_machine(data: Path, language: str) -> Unlock | None:
    """The machine's own word, where somebody wished that it opens the store; None where it can't, which is told."""
    if not has_machine_slot(data):
        return None
    machine = this_machine()
    try:
        if machine is None:
            raise StoreError("store.no_machine")
        keys = unlock_copy(data, lambda ring: unlock_machine(ring, machine))
    except StoreError as error:
        console.print(say_error(language, error), highlight=False, soft_wrap=True)
        return None
    console.print(say(language, "cli.machine"), highlight=False, soft_wrap=True)
    return lambda _: keys


def greeting(kiosk: Kiosk, language: str, url: str) -> Iterator[str]:
    """Where the screens are, and what of this station nobody has tried on the real thing."""
    yield say(language, "cli.serving", url=url)
    if kiosk.simulator is not None:
        yield say(language, "cli.simulated")
    elif kiosk.unverified:
        yield say(language, "cli.unverified", devices="、".join(say(language, f"device.{kind}") for kind in kiosk.unverified))
    if (other := kiosk.store.other_suite(SUITES[kiosk.settings.store.suite])) is not None:
        yield say_message(language, other)
    if kiosk.passive_check:
        yield say(language, "cli.passive_check", check=kiosk.passive_check)


def keep_temporary_files_in(folder: Path, *, sweep: bool = True) -> None:
    """What comes through the browser passes through temporary files of the server, some of it in the clear: they lie among the
    station's own data, and what a killed program left is removed with `sweep`. Raises StoreError."""
    if sweep:
        shutil.rmtree(folder, ignore_errors=True)
    prepare_folder(folder)
    tempfile.tempdir = str(folder)
