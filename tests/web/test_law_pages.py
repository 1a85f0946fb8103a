"""告知与同意, 保存期限: what the office's pages offer, and that two people are needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from kiosk.config import RetentionSettings, TermSettings
from kiosk.records import Basis, Part, Person, Role
from kiosk.store import Store
from kiosk.web import serve_app
from tests.staff import OPERATOR, PIN
from tests.store.conftest import student
from tests.web import script
from tests.web.browser import watched
from tests.web.client import decide, post, token
from tests.web.desk import Desk, desk


def officer_of(store: Store) -> Person:
    return next(one.person for one in store.accounts.open() if one.role is Role.OFFICER)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as found:
        found.office.retention.terms = RetentionSettings(pictures=TermSettings(days=0))
        found.office.files.export("qinghai-xuekao", actor="王主任")
        found.store.accounts.issue("刘主任", Role.OFFICER, PIN, by=officer_of(found.store))
        yield found


def test_a_class_is_deleted_after_it_was_read_what_that_means(school: Desk, browser: Browser) -> None:
    record, server = school.record(4), serve_app(school.app, 0)
    try:
        with watched(browser, viewport={"width": 1366, "height": 768}) as page:
            screen = page.open(f"{server.url}/records/retention")
            screen.check("#due input[name='of-高一/6']")
            screen.click("#due [data-reason]")
            decide(screen, "due", "刘主任")
            screen.click("#due button[type=submit]")
            expect(screen.locator("#confirm-lines")).to_have_text("将删除 1 名考生的：照片与指纹。")
            screen.click("#confirm button.primary")
            expect(screen.locator("#said")).to_contain_text("已删除 1 名考生的 3 件数据，数据文件已重写")
            screen.goto(f"{server.url}/records/{record.id}")
            expect(screen.locator("#gone")).to_contain_text("已删除：照片与指纹（3 件）")
            expect(screen.locator("#gone")).to_contain_text("提出：采集员；决定：刘主任")
            assert page.errors == []
    finally:
        server.stop()
    assert school.store.captures.kinds(record.id) == frozenset()


def test_who_asks_does_not_decide_and_nobody_deletes_while_a_student_sits_there(school: Desk) -> None:
    client = school.app.test_client()
    order = {"of-高一/5": "1", "part-pictures": "1", "reason": "期满"}
    same = post(client, "/office/retention/delete", order | {"by": OPERATOR})
    assert (same.status_code, "account.other_person" in same.text) == (409, True)
    school.station.show(script.face())
    busy = post(client, "/office/retention/delete", order | {"by": "刘主任"})
    assert (busy.status_code, "retention.at_desk" in busy.text) == (409, True)
    school.station.show(script.waiting())
    assert "nothing_ticked" in post(client, "/office/retention/delete", {"reason": "期满", "by": "刘主任"}).text


def test_a_student_is_given_all_that_is_kept(school: Desk) -> None:
    client, record = school.app.test_client(), school.record(1)
    client.get(f"/records/{record.id}")
    answer = client.get(f"/records/own-data/{record.id}.pdf")
    assert answer.mimetype == "application/pdf"
    path = Path(str(school.office.files.folder)) / "copy.pdf"
    path.write_bytes(answer.data)
    told = "".join(page.extract_text() for page in PdfReader(path).pages).replace(" ", "")
    for words in ("考生1的个人信息副本", student(1).id_number, record.number, "保存期限", "谁查看过", "青海省西宁市城中区"):
        assert words in told
    subjects = [entry.subject for entry in school.store.audit.entries() if entry.action == "record.copy"]
    assert subjects == [school.store.audit.pseudonym(student(1).id_number)]


def test_a_whole_student_goes_on_request_and_the_record_says_so(school: Desk) -> None:
    client, record = school.app.test_client(), school.record(2)
    order = {"student": record.id, "what": "everything", "reason": "监护人要求", "by": "刘主任"}
    answer = post(client, "/office/consent/erase", order)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["next"] == "/records"
    page = client.get(f"/records/{record.id}")
    assert page.status_code == 200
    assert "采集记录已删除" in page.text
    assert student(2).name not in page.text
    assert client.get(f"/records/{'0' * 32}").status_code == 404
    assert Part.IDENTITY in {one.part for one in school.store.retention.erased_of(record.id)}
    (done, *_) = school.store.retention.deletions()
    assert client.get(f"/records/retention/{done.number}.zip").status_code == 200


def test_a_class_s_consents_are_entered_together(school: Desk) -> None:
    client = school.app.test_client()
    listed = client.get("/records/consent?class=高一/6")
    handles = [part.split('"')[0] for part in listed.text.split('name="record" value="')[1:]]
    assert len(handles) == 3
    order = {"record": handles, "basis": "guardian", "guardian": "王大海", "relation": "父亲", "phone": "13900000000"}
    answer = client.post("/office/consent", data=order, headers={"X-CSRFToken": token(client)})
    assert (answer.status_code, "已登记 3 人" in answer.text) == (200, True)
    bases = {one.student.name: one.basis for one in school.office.consents.standing() if one.consent}
    assert bases == dict.fromkeys(("考生4", "考生5", "考生6"), Basis.GUARDIAN)
    for address in ("/records/consent?lacking=1", "/records/consent.xlsx", "/records/retention"):
        assert client.get(address).status_code == 200
