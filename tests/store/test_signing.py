"""The station's signing key and the office's word on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.ciphers import OfficeKey, Suite, new_office_key, read_office_key
from kiosk.ciphers.certificates import Certificate, CertificateRequest, Revocations, issue, revoke
from kiosk.errors import StoreError
from kiosk.records import School
from kiosk.store import Standing, Store
from tests.store.conftest import AT
from tests.store.within import identities

SCHOOL = School("第一高级中学", "3663000001")
YEAR = timedelta(days=365)


@pytest.fixture
def suite(both_suites: Suite) -> Suite:
    return both_suites


@pytest.fixture
def office(suite: Suite) -> OfficeKey:
    return new_office_key(suite)


def certified(store: Store, office: OfficeKey, **changes: Any) -> Certificate:
    """As the office issues it for what the station asked."""
    asked = CertificateRequest.read(store.signing.request(station="采集点-01", school=SCHOOL))
    return issue(office, replace(asked, **changes), valid_from=AT - YEAR, valid_until=AT + YEAR)


def take(store: Store, certificate: Certificate, **told: Any) -> Certificate:
    told = {"office_key": certificate.office_key, "school_code": SCHOOL.code, "by": "考务", **told}
    return store.signing.take_certificate(certificate.content, **told)


def test_a_station_is_certified_by_its_office(store: Store, office: OfficeKey) -> None:
    assert store.signing.certificate() is None
    taken = take(store, certified(store, office))
    assert store.signing.certificate() == taken
    assert (taken.station, taken.school, taken.school_code) == ("采集点-01", *(SCHOOL.name, SCHOOL.code))
    assert taken.recipient == office.recipient
    assert store.signing.worth(taken, AT).standing is Standing.VALID
    assert store.signing.worth(taken, AT + YEAR).standing is Standing.EXPIRED
    assert store.signing.worth(taken, AT - 2 * YEAR).standing is Standing.NOT_YET
    assert take(store, certified(store, office), office_key=b"").office_key == office.signing.public  # known now


def test_an_office_that_set_the_deadline_is_known_until_that_is_taken_back(store: Store, office: OfficeKey) -> None:
    issued = certified(store, office)
    store.deadline.set(AT + YEAR, school_code=SCHOOL.code, office_key=office.signing.public, by="负责人")
    assert store.signing.offices() == {office.signing.public}
    store.deadline.withdraw(reason="公钥有误", by="负责人")
    with pytest.raises(StoreError, match="office_unknown"):
        take(store, issued, office_key=b"")


def test_the_key_is_made_once_and_lies_sealed(store: Store, folder: Path, suite: Suite) -> None:
    key = store.signing.key()
    assert store.signing.key() == key
    assert store.signing.is_own(key.public)
    assert not store.signing.is_own(suite.new_signing_key().public)
    for path in folder.iterdir():
        assert key.private not in path.read_bytes(), path.name
    with identities(folder) as identity:
        identity.execute("UPDATE signing_keys SET public_key = ?", (suite.new_signing_key().public,))
    with pytest.raises(StoreError, match="signing_key_tampered"):
        store.signing.key()


def test_a_certificate_of_another_station_school_office_or_time_is_refused_in_words(store: Store, office: OfficeKey) -> None:
    good = certified(store, office)
    other_key = office.signing.suite.new_signing_key().public
    old = issue(
        office,
        CertificateRequest.read(store.signing.request(station="采集点-01", school=SCHOOL)),
        valid_from=AT - YEAR,
        valid_until=AT - timedelta(days=1),
    )
    refused: list[tuple[str, Callable[[], object]]] = [
        ("other_station", lambda: take(store, certified(store, office, public_key=other_key))),
        ("other_school", lambda: take(store, certified(store, office, school_code="3663000002"))),
        ("other_office", lambda: take(store, good, office_key=other_key)),
        ("office_unknown", lambda: take(store, good, office_key=b"")),
        ("certificate.expired", lambda: take(store, old)),
        ("certificate.no_school", lambda: store.signing.request(station="1", school=School())),
    ]
    for code, doing in refused:
        with pytest.raises(StoreError, match=code):
            doing()
    assert store.signing.certificate() is None


def test_no_byte_of_what_an_office_signed_can_be_changed(store: Store, office: OfficeKey) -> None:
    content = certified(store, office).content
    for place in range(0, len(content), 3):
        with pytest.raises(StoreError, match=r"certificate\.(tampered|unreadable)"):
            Certificate.read(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    for text in (b"", b"{}", b"[]", content[:-1], content + b"\n", content.replace(b"{", b'{\n "serial": "1",', 1)):
        with pytest.raises(StoreError, match=r"certificate\.(tampered|unreadable)"):
            Certificate.read(text)
    with pytest.raises(StoreError, match="unreadable"):  # signed, and something else
        Revocations.read(content)


def test_a_revoked_certificate_is_worth_nothing_once_the_list_is_here(store: Store, office: OfficeKey) -> None:
    taken = take(store, certified(store, office))
    first = revoke(office, None, "0" * 16, at=AT, reason="遗失")
    second = revoke(office, first, taken.serial, at=AT, reason="电脑被盗")
    store.signing.take_revocations(first.content, by="考务")
    assert store.signing.worth(taken, AT).standing is Standing.VALID
    store.signing.take_revocations(second.content, by="考务")
    worth = store.signing.worth(taken, AT)
    assert (worth.standing, worth.reason) == (Standing.REVOKED, "电脑被盗")
    with pytest.raises(StoreError, match="list_older"):
        store.signing.take_revocations(first.content, by="考务")
    stranger = new_office_key(office.signing.suite)
    with pytest.raises(StoreError, match="office_unknown"):
        store.signing.take_revocations(revoke(stranger, None, taken.serial, at=AT, reason="x").content, by="考务")
    with pytest.raises(StoreError, match="other_office"):
        revoke(stranger, first, taken.serial, at=AT, reason="x")


def test_an_office_s_key_file_is_read_whole_or_not_at_all(suite: Suite) -> None:
    text = new_office_key(suite).text().encode()
    assert read_office_key(text, "office.key").text().encode() == text
    assert read_office_key(bytes(range(32)), "office.key").recipient == ""
    unlike = text.replace(b"\n# private", b"0\n# private")
    for spoilt in (b"", bytes(31), text[:-10], text.replace(b"public key", b"other key"), unlike):
        with pytest.raises(StoreError, match="key_damaged"):
            read_office_key(spoilt, "office.key")
