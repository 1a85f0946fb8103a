"""Builds a running station out of settings: store, networks, real or simulated devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final

from threadpoolctl import threadpool_limits

from kiosk import weights
from kiosk.checkin import DOOR_PHOTO, Desk, Door, Neighbours, Policy, Post, Shelf
from kiosk.checkup import Checkup, DeviceLog, Facts, FaultBook, NeededProfile
from kiosk.ciphers import SUITES
from kiosk.config import CardSettings, Settings, SettingsFile, StationSettings
from kiosk.devices import Device, DeviceEvent
from kiosk.devices.camera import CameraDevice
from kiosk.devices.card import AccessKey, Travel, card_device, photo_decoder
from kiosk.devices.finger import FingerDevice
from kiosk.devices.serial_line import SerialPorts
from kiosk.exchange import load_profile
from kiosk.exchange.notice import basis_for, notice_for
from kiosk.office import Office
from kiosk.pipeline.face import Embedding, least_picture
from kiosk.private import close_to_others
from kiosk.records import Account, BiometricKind, ChipPhoto, DeviceKind, Person, PhotoSpec, Role, ThumbWhen
from kiosk.seeing import Judges
from kiosk.simulation import DEMO_OFFICER, DEMO_OPERATOR, DEMO_PIN, Prompter, SimulatedHardware, Simulator
from kiosk.station import Enroller, PassiveGuard, StaffDesk, Station
from kiosk.store import Store, Unlock, unlock_open

_NO_OTHERS: Final[Mapping[str, PhotoSpec]] = MappingProxyType({})


class Kiosk:
    """A station with everything that it needs, running from `start` to `close`."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        simulator: Simulator | None = None,
        *,
        address: str = "",
        unlock: Unlock = unlock_open,
        file: SettingsFile | None = None,
    ) -> None:
        """Open the store and load the networks; `folder` is what relative paths of the settings start from, `address` where the
        screens will be found, `unlock` gives the keys of a store that is sealed, and `file` is where the settings
        come from and can be changed.

        Simulated records never lie beside real ones: they have a store of their own. Raises StoreError before anything else is
        begun when the store can't be opened, or another station has it.
        """
        self.simulator = simulator
        self._folder = folder
        settings = settings.model_copy(update={"backup": settings.backup.within(folder)})
        with ExitStack() as begun:
            self.data_folder = settings.store.within(folder, simulated=simulator is not None)
            suite = SUITES[settings.store.suite]
            self.store = Store.open_station(
                self.data_folder,
                address=address,
                rules=settings.accounts,
                suite=suite,
                unlock=unlock,
                **settings.office.databases(simulated=simulator is not None),
            )
            begun.callback(self.store.close)
            self._take_school_over(settings.station)
            hardware = None
            if simulator is not None:
                hardware = simulator.start()
                begun.callback(simulator.stop)
                settings = _playing(settings, hardware)
                self._invite(simulator)
            self.settings = settings = _with_wishes(settings)
            self._assemble(settings, hardware)
            self.demonstrator = self._demonstrator() if simulator is not None else None
            if self.demonstrator is not None:
                self.station.go_on_duty(self.demonstrator.person)
            exports = folder / ("export-simulated" if self.store.simulated else "export")
            close_to_others(exports)
            self.shelf = Shelf(self.store)
            self.shelf.all()  # what has run out goes with the start
            self.office = Office(self.store, exports, settings, notice=self.notice, file=file)
            if self.office.configuration is not None:
                self.office.configuration.note_start()
            begun.pop_all()

    def _demonstrator(self) -> Account:
        """Who sits at a simulated station without having to prove it; the accounts are issued at the first start."""
        accounts = self.store.accounts
        if not accounts.all():
            officer = accounts.issue(DEMO_OFFICER, Role.OFFICER, DEMO_PIN, by=None)
            accounts.issue(DEMO_OPERATOR, Role.OPERATOR, DEMO_PIN, by=officer.person, to_change=False)
        return next(one for one in accounts.open() if one.name == DEMO_OPERATOR)

    def _take_school_over(self, station: StationSettings) -> None:
        """The settings may name the school before the office has entered it; from then on the office's page is what counts."""
        known = self.store.school.get()
        if station.school and not known.name:
            self.store.school.put(replace(known, name=station.school), by=Person("config.toml"))

    def _invite(self, simulator: Simulator) -> None:
        """Put the simulated students on the roster."""
        self.store.roster.replace_or_update(simulator.roster())
        for id_numbers in simulator.lookalikes():
            self.store.lookalikes.declare(id_numbers, reason="模拟考生共用一张人脸", by=DEMO_OPERATOR)

    def _assemble(self, settings: Settings, hardware: SimulatedHardware | None) -> None:
        """Devices, networks and the station that joins them."""
        face = settings.face
        self._passive = PassiveGuard(face.passive_check, face.passive_s) if face.passive_check else None
        threadpool_limits(1, user_api="blas")  # our matrices are small; the pool and the devices want the other core
        profile = load_profile(settings.station.profile)
        self.notice = notice_for(settings, profile, self._folder)
        self.store.consents.keep_notice(self.notice)
        self._travel = Travel()
        ports = SerialPorts()
        self._card = card_device(
            settings.card,
            hardware.photo_decoder if hardware is not None else photo_decoder(settings.card.photo),
            self._travel,
            hardware.slot if hardware is not None else None,
            fingerprints=profile.wants(BiometricKind.CARD_FINGERPRINTS),
            ports=ports,
        )
        camera_device = CameraDevice(settings.camera, least_picture(profile.photo))
        scanner = FingerDevice(settings.finger, ports)
        self._devices: tuple[Device, ...] = (self._card, camera_device, scanner)
        others = [load_profile(name) for name in settings.station.other_profiles]
        judges = judges_of(settings, {one.title: one.photo for one in others})
        self._faults = FaultBook(self.store, settings.station.name)
        log = DeviceLog(self._faults.note)
        self.station = Station(
            settings=settings,
            profile=profile,
            store=self.store,
            judges=judges,
            camera=camera_device,
            scanner=scanner,
            give_key=self._open_document,
            passive=self._passive,
            listener=self._tell,
            notice=self.notice,
        )
        self.staff_desk = StaffDesk(self.store, judges.judge_press, settings.accounts, self.station)
        self.enroller = Enroller(self.store, judges, settings, self.station)
        self._listeners = (log.take, self.staff_desk.take, self.enroller.take)
        self.checkup = Checkup(
            settings,
            [NeededProfile(one.title, one.photo) for one in (profile, *others)],
            self.store,
            log,
            Facts(lambda: camera_device.facts, lambda: self._card.facts, lambda: scanner.facts),
            self.station,
            judges.judge_press,
            folder=self._folder / settings.store.folder,
            simulated=self.simulator is not None,
            needed=profile.devices(settings.workflow.steps),
        )
        self.store.staff.erase_ended()
        self._prompter = Prompter(self.simulator, self.station.wait) if self.simulator is not None else None

    def start(self) -> None:
        self.station.start(self._devices)
        self.office.watch.start()
        self.office.safekeeping.start()
        self.office.delivery.start()
        if self._prompter is not None:
            self._prompter.start()

    def _tell(self, event: DeviceEvent) -> None:
        """In the devices' threads, beside the station."""
        for listen in self._listeners:
            listen(event)

    @property
    def unverified(self) -> tuple[DeviceKind, ...]:
        """The devices whose adapters nobody tried on the real thing."""
        return tuple(device.kind for device in self._devices if device.unverified)

    @property
    def passive_check(self) -> str:
        """Name and version of the vendor's passive liveness check; empty without one."""
        return self._passive.name if self._passive is not None else ""

    def _open_document(self, key: AccessKey) -> None:
        """Hand over what is printed on a passport, and have what lies on the reader read again."""
        self._travel.use(key)
        self._card.interrupt()

    def close(self) -> None:
        """Stop everything, in the order in which nothing waits for what is gone. Idempotent."""
        if self._prompter is not None:
            self._prompter.stop()
        self.office.close()
        self.station.stop()
        self._faults.close()
        self.staff_desk.close()
        self.enroller.close()
        if self._passive is not None:
            self._passive.close()
        if self.simulator is not None:
            self.simulator.stop()
        self.store.close()

    def __enter__(self) -> "Kiosk":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def judges_of(settings: Settings, others: Mapping[str, PhotoSpec] = _NO_OTHERS) -> Judges:
    """The networks; `others` as `Judges` has it."""
    return Judges(
        yunet=weights.path(weights.YUNET),
        sface=weights.path(weights.SFACE),
        leader=weights.path(weights.LEADER),
        face=settings.face,
        finger=settings.finger,
        others=others,
    )


def chip_embedder(settings: Settings) -> Callable[[ChipPhoto], Embedding]:
    """What a chip photo is to the network, which is loaded with the first."""
    judges = cache(lambda: judges_of(settings))
    return lambda photo: judges().embed_chip(photo)


def _with_wishes(settings: Settings) -> Settings:
    """Settings with what the export profile wants of a capture beside."""
    profile = load_profile(settings.station.profile)
    wishes, fingers = profile.workflow, settings.finger
    workflow = settings.workflow.with_wishes(wishes.steps, guardian_always=wishes.guardian_always)
    orders = {
        "right_order": fingers.right_order or profile.fingers.right,
        "left_order": fingers.left_order or profile.fingers.left,
    }
    consent = settings.consent.model_copy(update={"basis": basis_for(settings, profile).value})
    finger = fingers.model_copy(update=orders)
    return settings.model_copy(update={"workflow": workflow, "finger": finger, "consent": consent})


def _playing(settings: Settings, hardware: SimulatedHardware) -> Settings:
    """Settings that lead to simulated devices."""
    camera = settings.camera.model_copy(update={"source": hardware.camera, "turn": 0, "mirrored": False})
    finger = settings.finger.model_copy(update={"port": hardware.finger_port, "source": "", "image": None})
    return settings.model_copy(update={"card": CardSettings(), "camera": camera, "finger": finger})


class ExamDoor:
    """A door of an exam site, running from `start` to `close`: the same store, networks and devices, and nobody is captured."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        simulator: Simulator | None = None,
        *,
        exam: str = "",
        room: str = "",
        thumb_always: bool = False,
        address: str = "",
        unlock: Unlock = unlock_open,
    ) -> None:
        """`exam`: the beginning of a package's id, where several lie here; `room`: whose door it is, empty for any candidate of
        the site. Raises StoreError, KioskError("checkin.none") where there is no package."""
        self.simulator = simulator
        with ExitStack() as begun:
            self.data_folder = settings.store.within(folder, simulated=simulator is not None)
            suite = SUITES[settings.store.suite]
            self.store = Store.open_station(
                self.data_folder, address=address, rules=settings.accounts, suite=suite, unlock=unlock
            )
            begun.callback(self.store.close)
            self.shelf = Shelf(self.store)
            self.shelved = self.shelf.get(exam)
            register = self.shelf.open(self.shelved)
            begun.callback(register.close)
            policy = Policy(thumb_always=thumb_always or self.shelved.day.thumb is ThumbWhen.ALWAYS)
            door = Door(register, register.matcher(), policy, trail=self.shelf.trail(self.shelved, register))
            if room:
                door.take_post(Post(room=room))
            self.shelf.note_begun(self.shelved, room)
            hardware = None
            if simulator is not None:
                hardware = simulator.start()
                begun.callback(simulator.stop)
                settings = _playing(settings, hardware)
            self.settings = settings
            threadpool_limits(1, user_api="blas")
            ports = SerialPorts()
            card = card_device(
                settings.card,
                hardware.photo_decoder if hardware is not None else photo_decoder(settings.card.photo),
                Travel(),
                hardware.slot if hardware is not None else None,
                ports=ports,
            )
            camera, scanner = CameraDevice(settings.camera, least_picture(DOOR_PHOTO)), FingerDevice(settings.finger, ports)
            self._devices: tuple[Device, ...] = (card, camera, scanner)
            self.register = register
            self.exports = folder / ("export-simulated" if self.store.simulated else "export")
            self.desk = Desk(door, judges_of(settings), camera, scanner, settings)
            self.neighbours = Neighbours(
                register,
                self.store.signing.key(),
                listen=settings.checkin.listen,
                doors=settings.checkin.doors,
                changed=self.desk.look_again,
            )
            self._prompter = Prompter(simulator, self.desk.wait) if simulator is not None else None
            begun.pop_all()

    def start(self) -> None:
        self.desk.start(self._devices)
        self.neighbours.start()
        if self._prompter is not None:
            self._prompter.start()

    def close(self) -> None:
        """Idempotent."""
        if self._prompter is not None:
            self._prompter.stop()
        self.neighbours.stop()
        self.desk.stop()
        if self.simulator is not None:
            self.simulator.stop()
        self.register.close()
        self.store.close()

    def __enter__(self) -> "ExamDoor":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
