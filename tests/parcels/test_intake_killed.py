"""The office's program ends in the middle of a package, by a real signal 9 to a real process: never half of it, never twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kiosk.office import intake
from kiosk.records import ReceivedState
from kiosk.store import erasing, incoming
from kiosk.store.inbox import Inbox
from kiosk.store.vault import Vault
from tests.killing import killed_at
from tests.parcels import offices
from tests.parcels.conftest import OFFICE
from tests.parcels.offices import Centre, Site, centre, one, stations, urls
from tests.postgresql import server

__all__ = ["one", "server", "stations", "urls"]  # fixtures
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no fork")

# Where: what is called there, the how-manieth call ends the program, and whether the package counts afterwards.
PLACES: tuple[tuple[object, str, int, bool], ...] = (
    (Inbox, "lay", 1, False),  # it is in the inbox, and nobody has heard of it
    (Vault, "put_named", 1, False),  # names of pieces are written down, the pieces aren't there
    (Vault, "put_named", 2, False),
    (incoming, "note_taken", 1, False),  # within the transaction, all rows written
    (erasing, "finish", 2, True),  # committed, the file still lies in the inbox
)


def test_whenever_it_is_killed_the_package_is_there_whole_or_not_at_all(
    one: Site, urls: dict[str, Any], tmp_path: Path
) -> None:
    file, records = one.send(), {"考生1": one.records[1], "考生2": one.records[2]}
    with centre(tmp_path, urls):
        pass
    counted, key = False, OFFICE.text()
    for place, name, count, counts in PLACES[3:] if urls else PLACES:

        def work() -> None:
            offices.be_of(key)
            vars(intake)["_TOGETHER"] = 1
            with centre(tmp_path, urls, fresh=False) as office:
                office.take(file)
                for parcel in office.store.inbox.waiting():
                    office.intake.take(parcel.number)

        killed_at(place, name, count, work)
        with centre(tmp_path, urls, fresh=False) as office:
            assert office.counting() == (records if counts else {}), name
            assert office.store.quarantined() == []
            assert office.store.check().sound
            counted = counts
    assert counted
    with centre(tmp_path, urls, fresh=False) as office:
        office.take(file)
        assert office.intake.recover() == 0
        assert office.counting() == records
        assert [parcel.state for parcel in office.store.inbox.all()] == [ReceivedState.TAKEN]
        assert not _left(office)
        assert not list(office.intake.folder.iterdir())
        taken = [entry for entry in office.store.audit.entries() if entry.action == "office.take"]
        assert len(taken) == 1


def test_what_lies_in_the_inbox_is_found_again(one: Site, tmp_path: Path) -> None:
    with centre(tmp_path, {}) as office:
        office.intake._copy(one.send())
        (office.intake.folder / ".0123.part").write_bytes(b"half")
        assert office.intake.recover() == 1
        (waiting,) = office.store.inbox.waiting()
        assert office.intake.take(waiting.number).state is ReceivedState.TAKEN
        assert not list(office.intake.folder.iterdir())


def _left(office: Centre) -> int:
    """Blobs in the vault that no row names."""
    with office.store._opened.vault.read() as vault, office.store._opened.identity.read() as names:
        blobs = set(vault.exec_driver_sql("SELECT id FROM blobs").scalars())
        return len(blobs - set(names.exec_driver_sql("SELECT blob_id FROM biometrics").scalars()))
