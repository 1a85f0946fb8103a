"""Builds a running station out of settings: store, networks, real or simulated devices."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from threadpoolctl import threadpool_limits

from kiosk import weights
from kiosk.config import CardSettings, Settings
from kiosk.devices import Device
from kiosk.devices.camera import CameraDevice
from kiosk.devices.card import AccessKey, Travel, card_device, photo_decoder
from kiosk.devices.finger import FingerDevice
from kiosk.exchange import load_profile
from kiosk.office import Office
from kiosk.records import BiometricKind, DeviceKind
from kiosk.simulation import Prompter, Simulator
from kiosk.station import Judges, PassiveGuard, Station
from kiosk.store import Store


class Kiosk:
    """A station with everything that it needs, running from `start` to `close`."""

    def __init__(self, settings: Settings, folder: Path, simulator: Simulator | None = None) -> None:
        """Open the store and load the networks; `folder` is what relative paths of the settings start from.

        Simulated records never lie beside real ones: they have a store of their own.
        """
        face = settings.face
        self._passive = PassiveGuard(face.passive_check, face.passive_s) if face.passive_check else None
        threadpool_limits(1, user_api="blas")  # our matrices are small; the pool and the devices want the other core
        self.simulator = simulator
        hardware = simulator.start() if simulator is not None else None
        if hardware is not None:
            camera = settings.camera.model_copy(update={"source": hardware.camera})
            finger = settings.finger.model_copy(update={"port": hardware.finger_port})
            settings = settings.model_copy(update={"card": CardSettings(), "camera": camera, "finger": finger})
        profile = load_profile(settings.station.profile)
        wishes = profile.workflow
        workflow = settings.workflow.with_wishes(wishes.steps, guardian_always=wishes.guardian_always)
        settings = settings.model_copy(update={"workflow": workflow})
        self.settings = settings
        data = folder / settings.store.folder / ("simulated" if simulator is not None else "")
        self.store = Store.open(data)
        if simulator is not None:
            self.store.roster.replace_or_update(simulator.roster())
            for id_numbers in simulator.lookalikes():
                self.store.lookalikes.declare(id_numbers, reason="模拟考生共用一张人脸", by=settings.station.operator)
        self._travel = Travel()
        self._card = card_device(
            settings.card,
            hardware.photo_decoder if hardware is not None else photo_decoder(settings.card.photo),
            self._travel,
            hardware.slot if hardware is not None else None,
            fingerprints=profile.wants(BiometricKind.CARD_FINGERPRINTS),
        )
        camera_device = CameraDevice(settings.camera)
        scanner = FingerDevice(settings.finger)
        self._devices: tuple[Device, ...] = (self._card, camera_device, scanner)
        self.station = Station(
            settings=settings,
            profile=profile,
            store=self.store,
            judges=Judges(
                yunet=weights.path(weights.YUNET),
                sface=weights.path(weights.SFACE),
                leader=weights.path(weights.LEADER),
                face=settings.face,
                finger=settings.finger,
            ),
            camera=camera_device,
            scanner=scanner,
            give_key=self._open_document,
            passive=self._passive,
        )
        self._prompter = Prompter(simulator, self.station.wait) if simulator is not None else None
        self.office = Office(self.store, folder / "export")

    def start(self) -> None:
        self.station.start(self._devices)
        if self._prompter is not None:
            self._prompter.start()

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
