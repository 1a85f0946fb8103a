"""The station's page 入场核验: a package is made of an exam, told, taken, and the station becomes its door."""

from __future__ import annotations

import io
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from kiosk.checkin import Shelf
from kiosk.checkin.state import Note
from kiosk.ciphers import INTERNATIONAL, new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.config import Settings
from kiosk.office import District, Office
from kiosk.office.intake import Intake
from kiosk.office.reception import Reception
from kiosk.records import DoorAct, Exam, ExamSession, Role, Seating
from kiosk.store import Store
from kiosk.web import create_app
from kiosk.web.office_serving import create_office, serve_office
from tests.store.conftest import student
from tests.web.client import post, token
from tests.web.desk import desk

OFFICE, PIN = new_office_key(INTERNATIONAL), "258036"


def seated(store: Store, *numbers: int) -> Exam:
    """An exam of an hour from now, with these in room 1."""
    now = datetime.now(UTC)
    maths = ExamSession("数学", now + timedelta(hours=1), now + timedelta(hours=3), now + timedelta(hours=1, minutes=15))
    exam = store.exams.add(Exam("期末考试", "第一中学考点", (maths,)), by="考务")
    seats = [Seating(student(number).id_number, f"2027{number}", "1", number) for number in numbers]
    store.exams.seat(exam.number, seats, how="made", by="考务")
    return exam


def test_a_package_is_made_told_taken_and_the_station_becomes_its_door(tmp_path: Path) -> None:
    begun: list[tuple[str, str]] = []

    def begin(exam: str, room: str) -> str:
        begun.append((exam, room))
        return "http://127.0.0.1:1"

    with desk(tmp_path) as found:
        store = found.store
        exam = seated(store, 1)
        me = next(one for one in store.accounts.open() if one.role is Role.OFFICER)
        shelf = Shelf(store)
        app = create_app(
            station=found.station, office=found.office, settings=Settings(), demonstrator=me, shelf=shelf, exam_day=begin
        )
        client = app.test_client()
        assert "还没有考场包" in client.get("/records/checkin").text
        made = post(client, "/office/checkin/package", {"exam": str(exam.number), "thumb": "always"})
        assert "已写好：1 名考生，1 个考场" in str(made.get_json()), made.text
        name = next((tmp_path / "export" / "checkin").iterdir()).name
        whole = client.get(f"/records/checkin/{name}").data
        assert client.get("/records/checkin/..%2F..%2Fdata%2Fstation.key").status_code in (404, 409)

        def take(**more: str) -> dict[str, object]:
            body = {"file": (io.BytesIO(whole), name), "door": "东门", **more}
            answer = client.post("/office/checkin/take", data=body, headers={"X-CSRFToken": token(client)})
            told: dict[str, object] = answer.get_json()
            return told

        asked = take()["confirm"]
        assert isinstance(asked, dict)
        assert "1 名考生" in " ".join(asked["lines"])
        assert not shelf.all()
        assert "已接收" in str(take(confirmed=asked["key"])["message"])
        assert [one.day.thumb for one in shelf.all()] == ["always"]
        assert "东门" in shelf.open(shelf.get()).door
        answer = post(client, "/office/checkin/begin", {"package": shelf.get().id, "room": "1"})
        assert answer.get_json()["restarting"] == "http://127.0.0.1:1"
        assert begun == [(shelf.get().id, "1")]


def office_token(client: FlaskClient) -> str:
    """Of an office's page: it has no desk."""
    shown = client.get("/records/checkin", follow_redirects=True, headers={"Accept": "text/html"}).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', shown)
    assert found
    return found[1]


def test_an_office_makes_the_package_and_puts_together_what_its_doors_tell(tmp_path: Path) -> None:
    with (
        Store.open_station(tmp_path / "office") as store,
        Store.open(tmp_path / "east" / "data") as east,
        serve_office("127.0.0.1:0", None) as at,
        closing(Office(store, tmp_path / "export")) as office,
    ):
        store.roster.replace_or_update([student(number) for number in (1, 2)])
        seated(store, 1, 2)
        officer = store.accounts.issue("李主任", Role.OFFICER, PIN, by=None)
        district = District(store, Reception(Intake(store, OFFICE)), OFFICE, tmp_path / "receipts")
        shelf = Shelf(store, office=OFFICE.signing.public)
        client = create_office(office, district, Settings(), at, tmp_path / "uploads", shelf).test_client()
        client.post("/login", data={"by": officer.id, "pin": PIN}, headers={"X-CSRFToken": office_token(client)})
        request = east.signing.request(station="东门", school=replace(east.school.get(), name="第一中学"))
        body = {"exam": "1", "district": "1", "requests": (io.BytesIO(request), "东门.json")}
        made = client.post("/office/checkin/package", data=body, headers={"X-CSRFToken": office_token(client)})
        assert "已写好：2 名考生" in str(made.get_json()), made.text
        there = Shelf(east)
        package = next((tmp_path / "export" / "checkin").iterdir())
        taken = there.take(package, office_key=OFFICE.signing.public.hex(), door="东门", by="考务")
        assert [one.id for one in shelf.all()] == [taken.id]  # the office has it already
        results = tmp_path / "结果.age"
        with closing(there.open(taken)) as register:
            register.note([Note(DoorAct.ARRIVED, 0, 1)], datetime.now(UTC))
            to = Sealing(recipients=(store.signing.recipient(),))
            there.write_results(taken, register, results, to, station="东门", by="考务")
        for new in (2, 0):  # whatever comes twice changes nothing
            told = {"package": taken.id, "file": (io.BytesIO(results.read_bytes()), "结果.age")}
            answer = client.post("/office/checkin/merge", data=told, headers={"X-CSRFToken": office_token(client)})
            assert f"新增 {new} 条" in answer.get_json()["message"]
        page = client.get(f"/records/checkin/exam/{taken.id}").text
        assert "东门" in page
        assert re.findall(r'<td class="number[^"]*">(\d+)</td>', page)[:5] == ["2", "1", "0", "0", "1"]
        told = {"package": taken.id, "session": "0", "csrf_token": office_token(client)}
        paper = client.post("/office/checkin/sheets", data=told)
        with paper:
            assert paper.data.startswith(b"%PDF")
        assert client.get("/records/checkin/exam/nothing").status_code == 404
