"""Whether this program works on this machine: one simulated student from the card to the sheet that was read back.

Everything happens in a folder that is gone afterwards; the school's data are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.assembly import Kiosk
from kiosk.config import BackupSettings, Settings, StoreSettings
from kiosk.errors import KioskError
from kiosk.office import Tone
from kiosk.records import Message
from kiosk.rehearsal import all_ready, rehearse, wait_until
from kiosk.simulation import Simulator


@dataclass(frozen=True)
class Tested:
    """One thing that works, in words."""

    message: Message


def self_test(settings: Settings, folder: Path, simulator: Simulator) -> Iterator[Tested]:
    """Each part as soon as it is known to work; `folder` is empty, and somebody else's to remove. The settings' own places of
    the data are not used. Raises KioskError with what doesn't work: "selftest.capture", "selftest.export", and what the parts
    say."""
    settings = settings.model_copy(update={"store": StoreSettings(), "backup": BackupSettings()})
    profile = settings.station.profile
    with Kiosk(settings, folder, simulator) as kiosk:
        wait_until(kiosk, all_ready)
        yield Tested(Message("selftest.devices"))
        passage = next(rehearse(kiosk))
        if not passage.as_intended:
            raise KioskError("selftest.capture", step=str(passage.stopped_at or "—"))
        yield Tested(Message("selftest.captured", {"seconds": f"{passage.seconds:.1f}"}))
        done = kiosk.office.files.export(profile)
        verdict = kiosk.office.verifying.verify(done.folder)
        if done.rows != 1 or verdict.tone is not Tone.GOOD:
            raise KioskError("selftest.export", rows=done.rows)
        yield Tested(Message("selftest.exported", {"rows": done.rows, "pictures": done.pictures}))
        kiosk.office.papers(profile).class_lists(folder / "list.pdf", title=settings.station.exam or settings.station.name)
        yield Tested(Message("selftest.printed"))
