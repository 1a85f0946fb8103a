"""疑似重复 on the office's pages: both sides are shown, and only two people together decide."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.checkin import Shelf
from kiosk.config import Settings
from kiosk.office import District, Office
from kiosk.office.duplicates import Duplicates
from kiosk.office.intake import Intake
from kiosk.office.reception import Reception
from kiosk.records import Account, Role
from kiosk.store import Store
from kiosk.web.office_serving import create_office, serve_office
from tests.office.test_duplicates import Town
from tests.parcels.conftest import OFFICE
from tests.store.conftest import AT, student
from tests.web.test_office_pages import PIN, post


@dataclass
class Desk:
    client: FlaskClient
    office: Office
    town: Town
    officer: Account
    supervisor: Account


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open_station(tmp_path / "office", clock=lambda: AT) as store, serve_office("127.0.0.1:0", None) as at:
        store.roster.replace_or_update([student(number) for number in range(1, 4)])
        officer = store.accounts.issue("李主任", Role.OFFICER, PIN, by=None)
        issued = store.accounts.issue("赵主任", Role.SUPERVISOR, f"{PIN}0", by=officer.person)
        supervisor = store.accounts.change_pin(issued.id, f"{PIN}0", PIN)
        office = Office(store, tmp_path / "export")
        district = District(store, Reception(Intake(store, OFFICE)), OFFICE, tmp_path / "receipts")
        app = create_office(office, district, Settings(), at, tmp_path / "uploads", Shelf(store))
        client = app.test_client()
        post(client, "/login", {"by": officer.id, "pin": PIN})
        yield Desk(client, office, Town(store), officer, supervisor)
        office.close()


def test_a_pair_is_found_shown_and_decided_by_two(desk: Desk) -> None:
    for number, name in enumerate(("甲", "乙", "甲"), start=1):
        desk.town.capture(number, desk.town.body(name))
    assert "还有 3 名考生未比对" in desk.client.get("/records/duplicates").text
    assert "新疑似 1 对" in post(desk.client, "/office/duplicates", {}).text
    listed = desk.client.get("/records/duplicates").text
    assert "考生1" in listed
    assert "考生3" in listed
    assert "考生2" not in listed
    (found,) = desk.town.store.suspects.all()
    page = f"/records/duplicates/{found.number}"
    assert "（限值 " in desk.client.get(page).text
    assert desk.client.get(f"{page}/1/right_thumb").status_code == 200
    assert desk.client.get(f"{page}/2/portrait").status_code == 404
    assert desk.client.get(f"{page}/0/face_template").status_code == 404
    asked = {"reason": "同一人，号码重复登记", "state": "same", "pin": PIN}
    for by, state, words in (
        (desk.officer, "same", "两个人"),
        (desk.supervisor, "", "请选择"),
    ):
        answer = post(desk.client, f"/office/duplicates/{found.number}", asked | {"by": by.id, "state": state})
        assert words in answer.text
        assert answer.status_code >= 400
    answer = post(desk.client, f"/office/duplicates/{found.number}", asked | {"by": desk.supervisor.id})
    assert answer.status_code == 200, answer.text
    assert "同一人" in desk.client.get(page).text
    looked = [entry for entry in desk.town.store.audit.entries() if entry.action == "suspects.decide"]
    assert len(looked) == 1


def test_an_account_of_an_area_sees_its_own_side_and_decides_what_lies_in_it_whole(desk: Desk) -> None:
    store, guest = desk.town.store, desk.supervisor
    schools = {1: ("甲校", "63010301"), 2: ("丙校", "63990101"), 3: ("乙校", "63010302")}
    store.roster.replace_or_update([replace(student(n), school=name, school_code=code) for n, (name, code) in schools.items()])
    for number, name in enumerate(("甲", "乙", "甲"), start=1):
        desk.town.capture(number, desk.town.body(name))
    desk.office.jobs.wait(desk.office.jobs.start("dedupe", 0, lambda _: Duplicates(store).search()), 20)
    (found,) = store.suspects.all()
    page = f"/records/duplicates/{found.number}"
    client = desk.client.application.test_client()
    post(client, "/login", {"by": guest.id, "pin": PIN})
    asked = {"reason": "同一人", "state": "same", "pin": PIN, "by": desk.officer.id}
    for areas, sees, decides in (("63010301", True, False), ("6399", False, False), ("630103", True, True)):
        store.account_areas.keep_to(guest.id, [areas], by="李主任")
        listed = client.get("/records/duplicates").text
        assert ("考生1" in listed, "考生3" in listed) == (sees, decides)
        assert ("其他地区的一名考生" in listed) == (sees and not decides)
        for address in (page, f"{page}/0/portrait", f"{page}/1/portrait"):
            assert client.get(address).status_code == (200 if decides else 404), (areas, address)
        if not decides:
            assert post(client, f"/office/duplicates/{found.number}", asked).status_code == 404
            # and nobody of the area confirms what somebody above asks
            answer = post(desk.client, f"/office/duplicates/{found.number}", asked | {"by": guest.id})
            assert (answer.status_code, "其他地区" in answer.text) == (409, True), answer.text
    assert post(client, "/office/duplicates", {}).status_code == 409  # searches are the whole office's
    over = threading.Event()
    number = desk.office.jobs.start("dedupe", 0, lambda _: over.wait(20))
    assert 'aria-label="两两比对"' not in client.get("/records/duplicates").text  # its bar would only ask for what is closed
    over.set()
    desk.office.jobs.wait(number, 5)
    assert post(client, f"/office/duplicates/{found.number}", asked).status_code == 200


def test_a_search_under_way_is_seen_on_every_page_and_keeps_others_waiting(desk: Desk) -> None:
    over = threading.Event()
    number = desk.office.jobs.start("dedupe", 0, lambda _: over.wait(20))
    try:
        for page in ("duplicates", "conflicts"):
            assert 'aria-label="两两比对"' in desk.client.get(f"/records/{page}").text
        assert post(desk.client, "/office/duplicates", {}).status_code == 409
    finally:
        over.set()
        desk.office.jobs.wait(number, 5)
