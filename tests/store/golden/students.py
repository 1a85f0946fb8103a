"""A school that does not exist, with one of everything that is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import INTERNATIONAL, Suite, new_office_key
from kiosk.ciphers.certificates import CertificateRequest, issue, revoke
from kiosk.idnumber import check_character
from kiosk.records import (
    AccountList,
    Basis,
    Biometric,
    BiometricKind,
    CardData,
    CardEntry,
    CardKind,
    CaseKind,
    CaseState,
    CaseStudent,
    ClassKey,
    Consent,
    Contact,
    Duty,
    FingerPosition,
    HelpLine,
    KnownElsewhere,
    KnownTemplate,
    Leaving,
    ListedAccount,
    Means,
    Measure,
    Message,
    Notice,
    Part,
    Party,
    Person,
    RefusalReason,
    Resemblance,
    Role,
    School,
    Score,
    Statement,
    Step,
    StepResult,
    Student,
    Subject,
    Task,
    Verdict,
    Whose,
    Why,
)
from kiosk.store import Store, Window, verifier_of, write_list
from tests.people import card_of

AT: Final = datetime(2026, 9, 1, 1, 30, 15, 123456, tzinfo=UTC)
HEAD: Final = Person("负责人", "head")


def student(number: int) -> Student:
    first17 = f"63010320080101{number:03d}"
    named = Student(f"考生{number}", first17 + check_character(first17), "高一", "1", f"K{number:04d}")
    more = {"ethnicity": "藏", "stream": "理科", "student_number": f"G63{number:014d}", "exam_number": f"2026{number:04d}"}
    return replace(named, **more, school="第一高级中学", school_code="3663000001", guardian_consent="是")


def nobody_s_number() -> Student:
    """Somebody who has no resident's number, and gets one of the exam office's."""
    return replace(abroad(), name="无号", id_number="M12345678")


def abroad() -> Student:
    return Student("欧阳·明", "H60888888", "高一", "1", sex="男", birth_text="20080102", document_type="6")


def write(folder: Path, suite: Suite = INTERNATIONAL) -> None:
    """One of everything, with the clock of a day that is past."""
    with Store.open(folder, clock=lambda: AT + timedelta(hours=2), suite=suite) as store:
        store.school.put(
            School(
                "第一高级中学",
                "3663000001",
                "城中区",
                "南大街1号",
                "810000",
                "0971-6303000",
                "校长",
                (Contact("甲", "主任", "13800000000"),),
            ),
            by=HEAD,
        )
        store.roster.replace_or_update([*map(student, (1, 2, 3, 4)), abroad()], actor="教务处")
        store.roster.replace_or_update([*map(student, (1, 2, 3)), abroad()], actor="教务处")
        store.rounds.add(Window("正式采集", AT - timedelta(hours=3), AT + timedelta(days=90), "高一", "1"), by="负责人")
        store.rounds.authorise(student(2), by="负责人", reason="参加比赛", at=AT, until=AT + timedelta(days=1))
        officer = store.accounts.issue("考务", Role.OFFICER, "258036", by=None)
        operator = store.accounts.issue("采集", Role.OPERATOR, "258036", by=officer.person)
        templates = [Biometric(BiometricKind.RIGHT_THUMB_TEMPLATE, b"thumb"), Biometric(BiometricKind.FACE_TEMPLATE, b"face")]
        store.staff.keep(operator.id, card=student(3).id_number, templates=templates, by=officer.person)
        store.substitutes.give([nobody_s_number()], school_code="0101", by="教务处")
        _captured(store)
        _typed(store)
        _broken_off(store)
        _by_law(store)
        _affairs(store)
        store.progress.report_absent(student(3), reason="住院", by="班主任", at=AT)
        store.lookalikes.declare([student(1).id_number, student(2).id_number], reason="双胞胎", by="负责人")
        told = KnownTemplate(BiometricKind.RIGHT_THUMB_TEMPLATE, FingerPosition.RIGHT_THUMB, b"thumb")
        never = datetime(2100, 1, 1, tzinfo=UTC)  # half a year later they are forgotten
        store.elsewhere.take("students-elsewhere", [KnownElsewhere("0" * 32, "丁", (told,), student(4).id_number)], never)
        office = new_office_key(suite)
        key = office.signing.public
        store.deadline.set(AT + timedelta(days=30), school_code="3663000001", office_key=key, by="负责人")
        asked = CertificateRequest.read(store.signing.request(station="采集点-01", school=store.school.get()))
        issued = issue(office, asked, valid_from=AT, valid_until=AT + timedelta(days=365))
        store.signing.take_certificate(issued.content, office_key=key, school_code="3663000001", by="考务")
        listed = revoke(office, None, "0" * 16, at=AT, reason="遗失")
        store.signing.take_revocations(listed.content, by="考务")
        people = (ListedAccount("T1", "下发", Role.SUPERVISOR, verifier_of("258036", 6)),)
        issued_list = AccountList("3663000001", 1, AT, AT + timedelta(days=300), people)
        store.account_lists.take(write_list(issued_list, office.signing), by=officer.person)


def _affairs(store: Store) -> None:
    """A contact, a duty, a case of two with one number, papers in a box, and why somebody left."""
    store.duties.add_line(HelpLine(Whose.VENDOR, Subject.FINGER, "厂家", "陈工", "13700000000", "工作日"), by=HEAD)
    store.duties.add_duties([Duty(AT.date(), Task.SUPERVISOR, "负责人", "13800000000", "head")], by=HEAD)
    number = student(8).id_number
    people = [CaseStudent("甲", number, "无号0123456789AB"), CaseStudent("乙", number, "无号BA9876543210")]
    case = store.cases.open(CaseKind.DUPLICATE_NUMBER, people, "两人同号", by=HEAD)
    store.cases.attach(case, b"%PDF-1.7 household", title="户口本", about="甲", by=HEAD)
    store.cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=HEAD)
    store.cases.move(case, CaseState.ACCEPTED, reason="甲保留号码", by=HEAD, keeps="甲")
    store.materials.set_kinds(["户口本复印件", "同意书"], by=HEAD)
    store.materials.hand_in([student(1).id_number], ["户口本复印件"], handed_by="班主任", by=HEAD)
    store.materials.put_in_box([student(1).id_number], ["户口本复印件"], "A-01", by=HEAD)
    store.materials.say_why_left(student(4).id_number, Leaving.MOVED, "外省", by=HEAD)


def _captured(store: Store) -> None:
    """Every step with all that a result can hold, done again once; approved, corrected, printed, signed; then once more."""
    card = card_of(student(1), warnings=(Message("card.expires_soon", {"days": 20}),), photo_problem=Message("card.no_decoder"))
    first = StepResult(Step.CARD, Verdict.PASS, AT), [Biometric(BiometricKind.CHIP_PHOTO, b"chip photo")]
    record = store.captures.begin(student(1), card, **_where(), first=first)
    asked = (
        Statement(Party.STUDENT, agreed=True, means=Means.PRESS, text="1"),
        Statement(Party.GUARDIAN, agreed=True, means=Means.PAPER, name="家长"),
    )
    store.captures.save_step(record.id, StepResult(Step.CONSENT, Verdict.PASS, AT, statements=asked))
    face = StepResult(
        Step.FACE,
        Verdict.REVIEW,
        AT,
        attempts=3,
        scores=(Score(0.36, "sface-2021dec cosine", 0.40), Score(0.1, "presentation attack", 0.5, below=True)),
        measures=(
            Measure("Luminance", 128.5, 60.0, 200.0, Verdict.PASS),
            Measure("Pose.Yaw", 14.2, -10.0, 10.0, Verdict.FAIL, Message("hint.face.turn")),
        ),
        problems=(Message("face.unlike_chip_photo"),),
        alike=(
            Resemblance("f" * 32, BiometricKind.PORTRAIT, "考生2", "630103********12", Score(0.9, "sface-2021dec cosine", 0.4)),
        ),
        decided_by="值班主任",
        reason="人工比对，确认为本人",
        device_s=4.5,
        own_s=1.25,
    )
    pictures = [Biometric(BiometricKind.PORTRAIT, b"portrait"), Biometric(BiometricKind.LIVE_FACE, b"live face")]
    store.captures.save_step(record.id, face, pictures)
    store.captures.redo(record.id, [Step.FACE], by="采集员", reason="闭眼", at=AT)
    store.captures.save_step(record.id, face, [Biometric(BiometricKind.PORTRAIT, b"second portrait")])
    index = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, position=FingerPosition.RIGHT_INDEX)
    store.captures.save_step(record.id, index, [Biometric(BiometricKind.RIGHT_THUMB, b"right index")])
    left_out = StepResult(Step.LEFT_THUMB, Verdict.REVIEW, AT, decided_by="值班主任", reason="石膏")
    store.captures.save_step(record.id, left_out)
    store.captures.finish(record.id, AT + timedelta(minutes=1))
    store.reviews.approve(record.id, by=Person("李主任", "li"), at=AT + timedelta(hours=1), reason="已核对")
    store.corrections.correct(student(1).id_number, "class_name", "2", reason="转班", by=HEAD, at=AT + timedelta(hours=1))
    store.aftercare.note_prints([record.id], by="采集员")
    store.aftercare.attach(record.id, BiometricKind.DOCUMENT, b"document", by="采集员", at=AT)
    store.aftercare.sign(record.id, by="班主任", at=AT + timedelta(hours=1), scan=b"%PDF-1.7 signed")
    again = store.captures.begin(student(1), card, **_where(), recapture_reason="姓名有误")
    store.captures.finish(again.id, AT + timedelta(minutes=3))


def _typed(store: Store) -> None:
    typed = CardData(
        kind=CardKind.NONE,
        name=abroad().name,
        sex_code="1",
        sex="男",
        ethnicity_code="",
        ethnicity="",
        birth_text="20080102",
        birth=AT.date().replace(year=2008, month=1, day=2),
        address="",
        id_number=abroad().id_number,
        authority="",
        valid_from_text="",
        valid_until_text="",
        entry=CardEntry.TYPED,
        entry_reason="no_mainland_document",
        english_name="OUYANG MING",
    )
    record = store.captures.begin(abroad(), typed, **_where())
    store.captures.finish(record.id, AT + timedelta(minutes=2))
    store.corrections.correct(abroad().id_number, "name", "欧阳·明明", reason="抄错", by=HEAD, at=AT)


def _broken_off(store: Store) -> None:
    """One that is still open, and a stranger."""
    record = store.captures.begin(student(2), card_of(student(2)), **_where())
    told = {"name": student(2).name, "id_number": student(2).id_number}
    store.refusals.add(RefusalReason.IMPERSONATION, by=HEAD, at=AT, record_id=record.id, note="证件暂扣", **told)
    store.refusals.add(RefusalReason.NOT_ON_ROSTER, by=Person("采集员"), at=AT, name="路人", id_number=student(9).id_number)


def _by_law(store: Store) -> None:
    """A notice, consents and a paper, a receipt, and the camera's whole frame deleted."""
    texts = {"zh-CN": {"title": "告知书"}, "en": {"title": "Notice"}}
    store.consents.keep_notice(Notice("2026-1-0a1b2c", texts))
    guardian = Consent(Basis.GUARDIAN, True, "王大海", "父亲", "13800000000", "2026-1-0a1b2c")
    store.consents.enter({student(1).id_number: guardian, student(3).id_number: Consent(Basis.OWN, agreed=False)}, by=HEAD)
    store.consents.attach([student(1).id_number], b"%PDF-1.7 consent", by=HEAD)
    store.retention.note_receipt(AT.date(), ClassKey("", "高一", "1"), note="回执8号", by=HEAD)
    who: dict[str, Any] = {"asked_by": Person("采集员", "operator"), "decided_by": HEAD}
    wanted = {student(1).id_number: frozenset({Part.RAW})}
    store.erasing.erase(wanted, why=Why.TERM, reason="保存期限届满", at=AT + timedelta(hours=2), **who)


def _where() -> dict[str, Any]:
    station = {"station": "采集点-01", "operator": "采集员"}
    return {**station, "profile": "qinghai-xuekao", "profile_hash": "0" * 64, "at": AT}
