"""The page that shows the whole of a student: everything captured, judged, decided, put right, kept, and looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from kiosk.clock import local_time
from kiosk.records import (
    Biometric,
    BiometricKind,
    Exam,
    ExamSession,
    FingerPosition,
    Measure,
    Message,
    Person,
    RefusalReason,
    Resemblance,
    Score,
    Seating,
    Step,
    StepResult,
    Verdict,
)
from tests.exchange.photographs import jpeg, png
from tests.people import card_of
from tests.store.conftest import AT, student
from tests.store.within import identities
from tests.web.client import post
from tests.web.desk import Desk, desk


@dataclass(frozen=True)
class Kept:
    desk: Desk
    client: FlaskClient
    complete: str
    broken_off: str

    def page(self, address: str) -> str:
        return re.sub(r"\s+", " ", self.client.get(address).text)


FACE = StepResult(
    Step.FACE,
    Verdict.REVIEW,
    AT,
    attempts=3,
    scores=(Score(0.36, "sface-2021dec cosine", 0.40),),
    measures=(
        Measure("Luminance", 128.0, 60.0, 200.0, Verdict.PASS),
        Measure("Sharpness", 12.0, 40.0, None, Verdict.FAIL, Message("hint.face.closer")),
    ),
    problems=(Message("face.unlike_chip_photo"),),
    alike=(
        Resemblance("f" * 32, BiometricKind.PORTRAIT, "像他的人", "630103********12", Score(0.9, "sface-2021dec cosine", 0.4)),
    ),
    decided_by="值班主任",
    reason="人工比对，确认为本人",
    device_s=4.5,
    own_s=1.2,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Student 6 was captured with every step and one of them twice; an attempt to be captured as student 5 was broken off."""
    with desk(tmp_path_factory.mktemp("whole")) as made:
        store = made.store
        where: dict[str, Any] = {"station": "一号机", "operator": "采集员乙", "profile": "qinghai-xuekao", "at": AT}
        card = card_of(
            student(6), english_name="KAO SHENG", issue_count="02", warnings=(Message("card.expires_soon", {"days": 20}),)
        )
        record = store.captures.begin(
            student(6), card, profile_hash="c0ffee" + "0" * 58, recapture_reason="首次照片模糊", **where
        )
        store.captures.save_step(
            record.id, StepResult(Step.CARD, Verdict.PASS, AT), [Biometric(BiometricKind.CHIP_PHOTO, png())]
        )
        store.captures.save_step(record.id, FACE, [Biometric(BiometricKind.PORTRAIT, jpeg())])
        store.captures.redo(record.id, [Step.FACE], by="采集员乙", reason="闭眼了", at=AT)
        again = replace(FACE, decided_by="李主任", reason="第二次仍不像，核对证件")
        faces = [Biometric(BiometricKind.PORTRAIT, jpeg()), Biometric(BiometricKind.LIVE_FACE, jpeg())]
        store.captures.save_step(record.id, again, [*faces, Biometric(BiometricKind.FACE_TEMPLATE, b"template")])
        index = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, position=FingerPosition.RIGHT_INDEX)
        store.captures.save_step(record.id, index, [Biometric(BiometricKind.RIGHT_THUMB, png())])
        store.captures.finish(record.id, AT)
        store.reviews.approve(record.id, by=Person("王校长", "wang"), at=AT, reason="已看过")
        open_one = store.captures.begin(student(5), card_of(student(5)), profile_hash="0" * 64, **where)
        store.refusals.add(
            RefusalReason.IMPERSONATION,
            by=Person("李主任"),
            at=datetime.now(UTC),
            name="考生5",
            id_number=student(5).id_number,
            record_id=open_one.id,
            note="证件暂扣",
        )
        yield Kept(made, made.app.test_client(), record.id, open_one.id)


def test_every_part_of_a_capture_is_on_its_page(kept: Kept) -> None:
    told = kept.page(f"/records/{kept.complete}")
    for name, value in {
        "采集站点": "一号机",
        "采集员": "采集员乙",
        "重采原因": "首次照片模糊",
        "算法版本": "sface-2021dec cosine",
        "民族": "藏（04）",
        "签发次数": "02",
        "签发机关": "西宁市公安局",
        "住址": "青海省西宁市城中区",
        "有效期限": "2020.01.31–2030.01.31",
        "考籍号": "K0006",
    }.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in told, name
    assert "青海学业水平考试 考籍注册 · c0ffee000000" in told
    assert "英文姓名" in told
    assert student(6).id_number not in told


def test_each_result_is_there_with_limits_persons_and_reasons_and_what_counts_no_more(kept: Kept) -> None:
    told = kept.page(f"/records/{kept.complete}")
    results = re.findall(r'<tr( class="superseded")?><th scope="row">([^<]+) <small>', told)
    old = ' class="superseded"'
    assert [(mark, name.strip()) for mark, name in results[:4]] == [("", "身份证"), (old, "人脸"), (old, "人脸"), ("", "人脸")]
    assert "食指" in results[4][1]
    for words in (
        "相似度 0.36 &lt; 0.40",
        "闭眼了 <strong>采集员乙</strong>",
        "人工比对，确认为本人 <strong>值班主任</strong>",
        "第二次仍不像，核对证件 <strong>李主任</strong>",
        "全部 2 项测量值",
        "60–200",
        "≥ 40",
        "像他的人",
        "设备与考生 4.5 秒，处理 1.2 秒",
        "王校长",
    ):
        assert words in told, words


def test_each_piece_of_the_vault_is_told_and_pictures_are_shown_even_superseded_ones(kept: Kept) -> None:
    told = kept.page(f"/records/{kept.complete}")
    links = re.findall(r'href="(/records/\w+/kept/\d+)">([^<]+)</a>', told)
    assert [name for _, name in links] == ["芯片照片", "考生照片", "考生照片", "现场原图", "右手指纹"]
    assert "人脸特征" in told
    assert {kept.client.get(address).status_code for address, _ in links} == {200}
    template = next(one for one in kept.desk.store.captures.kept(kept.complete) if one.kind is BiometricKind.FACE_TEMPLATE)
    assert kept.client.get(f"/records/{kept.complete}/kept/{template.number}").status_code == 404
    assert kept.client.get(f"/records/{kept.broken_off}/kept/{template.number}").status_code == 404  # another's


def test_whoever_looks_is_on_the_page(kept: Kept) -> None:
    before = kept.page(f"/records/{kept.complete}").count("打开记录页")
    assert kept.page(f"/records/{kept.complete}").count("打开记录页") == before + 1


def test_a_capture_that_was_broken_off_shows_who_did_it_and_why(kept: Kept) -> None:
    told = kept.page(f"/records/{kept.broken_off}")
    for words in ("未完成", "疑似冒用，证件暂扣", "李主任", "证件暂扣", "还没有完成任何环节", "终止采集"):
        assert words in told, words


def test_a_student_whom_nobody_has_captured_has_a_page_whose_looks_are_kept(kept: Kept) -> None:
    kept.desk.store.roster.replace_or_update([replace(student(7), school="分校")], leaving=lambda _: False, in_order=False)
    handle = re.search(r'/records/student/(\w+)">考生7<', kept.page("/records"))
    assert handle
    kept.page(f"/records/student/{handle[1]}")
    told = kept.page(f"/records/student/{handle[1]}")
    assert "<dt>学校</dt><dd>分校</dd>" in told
    assert told.count("打开考生页") == 2
    assert student(7).id_number not in told


def test_row_0_13_the_rooms_and_seats_of_a_student_are_on_the_page(kept: Kept) -> None:
    exams = kept.desk.office.exams
    start, end = local_time("2027-06-07 09:00"), local_time("2027-06-07 11:30")
    exam = exams.add(Exam("一月统考", "一中考点", (ExamSession("数学", start, end, start),)), by="考务")
    seats = [
        Seating(student(6).id_number, "20276", "03", 7, "教学楼301", "数学"),
        Seating(student(5).id_number, "20275", "04", 8),
    ]
    kept.desk.store.exams.seat(exam.number, seats, how="imported", by="考务")
    told = re.sub(r"<[^>]*>", " ", kept.page(f"/records/{kept.complete}"))
    assert "一月统考 数学 2027-06-07 09:00–11:30 20276 03 07 一中考点 教学楼301" in re.sub(r"\s+", " ", told)
    assert "20275" not in told
    exams.withdraw(exam.number, reason="取消", by="考务")
    assert "一月统考" not in kept.page(f"/records/{kept.complete}")


def test_the_school_is_entered_once_and_its_sheet_has_both_contacts(kept: Kept) -> None:
    asked = {"name": "第一高级中学", "code": "3663000001", "phone": "0971—6303000 转 801", "by": "教务处"}
    contacts = {"contact1_name": "张联系", "contact1_mobile": "138 0000 0000", "contact2_name": "李联系"}
    answer = post(kept.client, "/office/school", asked | contacts).get_json()
    assert answer["code"] == "school.contact_half"
    assert post(kept.client, "/office/school", asked | {"contact1_mobile": "12"}).get_json()["code"] == "school.mobile"
    assert post(kept.client, "/office/school", asked | {"code": "第一"}).get_json()["code"] == "school.code"
    assert post(kept.client, "/office/school", asked | contacts | {"contact2_phone": "6303001"}).status_code == 200
    assert "还缺" not in kept.page("/records/school")
    assert "第一高级中学" in kept.page("/operator")
    book = openpyxl.load_workbook(BytesIO(kept.client.get("/records/school.xlsx").data))
    told = [list(row) for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert told[0][:2] == ["3663000001", "第一高级中学"]
    assert [(row[1], row[3]) for row in told[1:]] == [("张联系", "13800000000"), ("李联系", "")]


def test_a_school_with_more_parts_than_there_are_is_told_and_nothing_of_it_is_lost(kept: Kept) -> None:
    before = kept.desk.office.school.point()
    form = {"active": "1", "by": "考务", "schools": "青山中学，630104\n\n红旗中学，630105，市招办，2026-03-01，另批"}
    answer = post(kept.client, "/office/point", form)
    assert answer.json is not None
    assert answer.json["code"] == "school.served_parts"
    assert "第 3 行" in answer.json["message"]
    assert kept.desk.office.school.point() == before


def test_the_trail_can_be_read_and_held_against_its_seals(kept: Kept) -> None:
    told = kept.page("/records/trail")
    assert "开始采集" in told
    assert "终止采集" in told
    assert "原因：疑似冒用，证件暂扣" in told
    assert "auditaction." not in told
    assert post(kept.client, "/office/trail/verify").get_json()["message"].startswith("操作日志完整")
    assert "核验操作日志" in kept.page("/records/trail")


def test_an_entry_that_was_changed_by_hand_is_found(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        with identities(tmp_path / "data") as base:
            triggers = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
            for name in triggers:
                base.execute(f"DROP TRIGGER {name}")
            base.execute("UPDATE audit SET actor = '别人' WHERE number = 2")
        assert "第 2 条" in post(made.app.test_client(), "/office/trail/verify").get_json()["message"]
