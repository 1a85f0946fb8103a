"""The station's page 入场核验: a package is made of an exam, told, taken, and the station becomes its door."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.checkin import Shelf
from kiosk.config import Settings
from kiosk.records import Exam, ExamSession, Role, Seating
from kiosk.web import create_app
from tests.store.conftest import student
from tests.web.client import post, token
from tests.web.desk import desk


def test_a_package_is_made_told_taken_and_the_station_becomes_its_door(tmp_path: Path) -> None:
    begun: list[tuple[str, str]] = []

    def begin(exam: str, room: str) -> str:
        begun.append((exam, room))
        return "http://127.0.0.1:1"

    with desk(tmp_path) as found:
        store, now = found.store, datetime.now(UTC)
        maths = ExamSession("数学", now + timedelta(hours=1), now + timedelta(hours=3), now + timedelta(hours=1, minutes=15))
        exam = store.exams.add(Exam("期末考试", "第一中学考点", (maths,)), by="考务")
        store.exams.seat(exam.number, [Seating(student(1).id_number, "20271", "1", 1)], how="made", by="考务")
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
