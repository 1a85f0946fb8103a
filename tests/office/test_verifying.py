"""What an export says of the station that wrote it, held against the station's trail: set back, cut or rewritten, it shows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.ciphers import INTERNATIONAL, new_office_key
from kiosk.ciphers.certificates import CertificateRequest, issue
from kiosk.office import Office, Tone, Verdict
from kiosk.records import Person, School
from kiosk.store import Store
from kiosk.store.folder import IDENTITY_FILE, VAULT_FILE
from tests.store.conftest import student
from tests.store.within import identities

NOW = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
YEAR = timedelta(days=365)


@dataclass
class Station:
    """A school's station, whose days are as long as a test."""

    folder: Path
    at: datetime = NOW
    exports: list[Path] = field(default_factory=list)

    def work(self, doing: Callable[[Office, Store], object] = lambda _office, _store: None) -> None:
        with Store.open(self.folder / "data", clock=lambda: self.at) as store:
            doing(Office(store, self.folder / "export"), store)

    def export(self) -> Path:
        self.work(lambda office, _: self.exports.append(office.files.export("cmis-5").folder))
        return self.exports[-1]

    def verify(self, path: Path) -> tuple[Tone, list[str]]:
        found: list[Verdict] = []
        self.work(lambda office, _: found.append(office.verifying.verify(path)))
        return found[0].tone, [line.message.code.removeprefix("verify.") for line in found[0].lines]


@pytest.fixture
def station(tmp_path: Path) -> Station:
    station = Station(tmp_path / "station")
    station.work(lambda _, store: store.roster.replace_or_update([student(1)]))
    return station


def test_an_export_of_one_s_own_is_known_to_the_trail(station: Station) -> None:
    export = station.export()
    station.work(lambda _, store: store.audit.record("export.download"))
    assert station.verify(export) == (Tone.GOOD, ["whole", "own_key", "trail_whole"])
    assert station.verify(station.export()) == (Tone.GOOD, ["whole", "own_key", "trail_whole"])


def test_another_station_says_that_nobody_answers_for_the_name(station: Station, tmp_path: Path) -> None:
    other = Station(tmp_path / "other")
    assert other.verify(station.export()) == (Tone.DOUBT, ["whole", "uncertified", "trail_elsewhere"])


def test_a_trail_that_was_cut_is_told_by_what_left_before(station: Station) -> None:
    export = station.export()
    with identities(station.folder / "data") as identity:
        for (name,) in identity.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            identity.execute(f"DROP TRIGGER {name}")
        identity.execute("DELETE FROM audit WHERE number > 1")
    tone, told = station.verify(export)
    assert (tone, told[-1]) == (Tone.BAD, "trail_cut")


def test_data_that_were_set_back_are_told_by_what_left_before(station: Station) -> None:
    """Both halves, with the key: a whole and consistent copy."""
    copy = station.folder / "copy"
    copy.mkdir()
    for name in (IDENTITY_FILE, VAULT_FILE):
        shutil.copy(station.folder / "data" / name, copy / name)
    export = station.export()

    def set_back() -> None:
        for path in copy.iterdir():
            shutil.copy(path, station.folder / "data" / path.name)

    set_back()
    tone, told = station.verify(export)
    assert tone is Tone.BAD
    assert told[-1] in {"trail_cut", "trail_other"}
    set_back()
    for _ in range(6):  # and used on: as many entries as then, and more
        station.work(lambda _, store: store.audit.record("export.download"))
    tone, told = station.verify(export)
    assert (tone, told[-1]) == (Tone.BAD, "trail_other")


def test_an_export_that_the_trail_never_entered_is_told(station: Station) -> None:
    """The copy was made in the moment between."""
    copy = station.folder / "copy"

    def make(office: Office, store: Store) -> None:
        store.signing.key()  # the trail stands where the export will find it
        shutil.copytree(station.folder / "data", copy)
        station.exports.append(office.files.export("cmis-5").folder)

    station.work(make)
    shutil.rmtree(station.folder / "data")
    copy.rename(station.folder / "data")
    tone, told = station.verify(station.exports[-1])
    assert (tone, told[-1]) == (Tone.BAD, "trail_unknown")


def test_a_clock_that_was_set_back_is_told(station: Station) -> None:
    export = station.export()
    station.at = NOW - timedelta(days=3)
    tone, told = station.verify(export)
    assert (tone, told[-1]) == (Tone.BAD, "clock_since")
    station.at = NOW + timedelta(days=3)
    station.work(lambda _, store: store.audit.record("export.download"))  # so far the trail has come
    station.at = NOW
    tone, told = station.verify(station.export())
    assert (tone, told[-1]) == (Tone.BAD, "clock_before")


def test_what_a_certificate_is_worth_is_said(station: Station, tmp_path: Path) -> None:
    office, said = new_office_key(INTERNATIONAL), {}
    for name, begins, ends in (("valid", -YEAR, YEAR), ("not_yet", timedelta(days=1), YEAR)):

        def take(errands: Office, store: Store, begins: timedelta = begins, ends: timedelta = ends) -> None:
            store.school.put(School("第一高级中学", "S1"), by=Person("校长"))
            asked = CertificateRequest.read(errands.certificates.request())
            issued = issue(office, asked, valid_from=NOW + begins, valid_until=NOW + ends)
            errands.certificates.take(issued.content, office_key=office.signing.public.hex(), by="考务")

        station.work(take)
        said[name] = station.verify(station.export())
    assert said["valid"] == (Tone.GOOD, ["whole", "certificate.is.valid", "trail_whole"])
    assert said["not_yet"] == (Tone.BAD, ["whole", "certificate.is.not_yet", "trail_whole"])
    other = Station(tmp_path / "other")
    assert other.verify(station.exports[0]) == (Tone.DOUBT, ["whole", "certificate.is.unknown_office", "trail_elsewhere"])
