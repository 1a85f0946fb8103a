"""告知同意: nothing biometric happens before student and guardian have agreed, and a no leads to a record without."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

from kiosk.assembly import Kiosk
from kiosk.config import ConsentSettings, Settings
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange import ExportRow, load_profile, notice
from kiosk.exchange.fields import FIELDS
from kiosk.exchange.notice import load_notice, notice_for
from kiosk.idnumber import check_character
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import (
    Basis,
    BiometricKind,
    CaptureRecord,
    Consent,
    Cue,
    Means,
    Party,
    Person,
    ProgressState,
    ReviewCause,
    Statement,
    Step,
    Student,
    Verdict,
)
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.simulation import DEMO_OPERATOR
from kiosk.snapshot import Command, Order, Phase, StepState
from kiosk.words import say_error, say_message
from tests.conftest import StartKiosk, with_steps
from tests.orders import give
from tests.station.test_student import begun_at, player_of

DEFAULT_NOTICE: Final = Path(notice.__file__).parent / "notices" / "default.toml"
NOTICE: Final = notice_for(Settings(), load_profile("qinghai-xuekao")).version
WORKFLOW: Final = (Step.CONSENT, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM)
BIOMETRIC: Final = (Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB)
PRESSED: Final = Statement(Party.STUDENT, True, Means.PRESS, "", NOTICE)
REASON: Final = "监护人不同意采集人脸和指纹"


def with_consent(*, guardian_always: bool = False) -> Settings:
    return with_steps(*WORKFLOW, guardian_always=guardian_always)


def begun(kiosk: Kiosk) -> Player:
    """The first student's card lies there, and the notice is shown."""
    return begun_at(kiosk, Step.CONSENT)


def who(kiosk: Kiosk) -> Student:
    assert kiosk.simulator is not None
    return kiosk.simulator.people[0].student


def saved(kiosk: Kiosk) -> CaptureRecord:
    record = kiosk.store.captures.latest_complete(who(kiosk).id_number)
    assert record is not None
    return record


def under_way(kiosk: Kiosk) -> CaptureRecord:
    record = kiosk.store.captures.unfinished(who(kiosk).id_number)
    assert record is not None
    return record


def test_a_press_agrees_and_until_then_nothing_of_the_body_is_kept(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_consent())
    player = begun(kiosk)
    shown = kiosk.station.snapshot()
    assert (shown.cue, shown.instruction.code) == (Cue.READ, "consent.read")
    assert {"title", "what", "free", "version"} <= set(shown.panel)
    assert kiosk.store.captures.kinds(under_way(kiosk).id) == frozenset()

    asked = player.play_until(lambda snapshot: snapshot.cue is Cue.PRESS)
    assert asked.step is Step.CONSENT
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    record = saved(kiosk)
    consent = record.result(Step.CONSENT)
    assert consent is not None
    assert (consent.verdict, consent.statements) == (Verdict.PASS, (PRESSED,))
    assert record.verdict is Verdict.PASS
    kinds = kiosk.store.captures.kinds(record.id)
    assert {BiometricKind.CHIP_PHOTO, BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB} <= kinds
    face = record.result(Step.FACE)
    assert face is not None
    assert face.scores  # the chip photo was compared after all


def test_the_operator_says_so_by_key(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_consent())
    player = begun(kiosk)
    give(kiosk, Command.AGREE)
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    consent = saved(kiosk).result(Step.CONSENT)
    assert consent is not None
    assert consent.statements == (Statement(Party.STUDENT, True, Means.SPOKEN, "", NOTICE),)


def test_where_the_guardian_must_agree_the_student_alone_is_held_until_the_paper_was_seen(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_consent(guardian_always=True))
    begun(kiosk)
    give(kiosk, Command.AGREE)
    held = kiosk.station.snapshot()
    assert (held.step, held.cue) == (Step.CONSENT, Cue.CALL)
    assert held.notice is not None
    assert held.notice.code == "consent.guardian_missing"
    assert Command.AGREE not in held.commands
    with pytest.raises(KioskError, match=r"station\.name_missing"):
        give(kiosk, Command.GUARDIAN, name=" ")
    give(kiosk, Command.GUARDIAN, name="王大海", relation="父亲", phone="13900000000")
    assert kiosk.station.snapshot().step is Step.FACE
    consent = under_way(kiosk).result(Step.CONSENT)
    assert consent is not None
    assert Statement(Party.GUARDIAN, True, Means.PAPER, "王大海", "", "父亲", "13900000000") in consent.statements


@pytest.mark.parametrize(("column", "held"), [("是", False), ("否", True), ("", True)])
def test_the_guardian_s_paper_is_ticked_on_the_roster(start_kiosk: StartKiosk, column: str, held: bool) -> None:
    kiosk = start_kiosk(settings=with_consent(guardian_always=True))
    kiosk.store.roster.replace_or_update([replace(who(kiosk), guardian_consent=column)])
    begun(kiosk)
    give(kiosk, Command.AGREE)
    assert (kiosk.station.snapshot().step is Step.CONSENT) is held
    if not held:
        consent = under_way(kiosk).result(Step.CONSENT)
        assert consent is not None
        assert Statement(Party.GUARDIAN, True, Means.ROSTER) in consent.statements


@pytest.mark.parametrize(("years", "held"), [(13, True), (14, False)])
def test_from_the_fourteenth_birthday_on_students_agree_for_themselves(start_kiosk: StartKiosk, years: int, held: bool) -> None:
    kiosk = start_kiosk(settings=with_consent())
    wait_until(kiosk, all_ready)
    child = born(years)
    kiosk.store.roster.replace_or_update([child])
    typed = TypedIn("", child.id_number, EntryReason.LOST, ethnicity_code="01")
    kiosk.station.type_in(typed, Order(Command.TYPE_IN, kiosk.station.snapshot().turn, "证件遗失"))
    give(kiosk, Command.AGREE)
    assert (kiosk.station.snapshot().step is Step.CONSENT) is held


def test_a_no_leads_to_a_record_without_face_and_thumbs_that_says_so_everywhere(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_consent())
    player = begun(kiosk)
    with pytest.raises(KioskError, match=r"station\.reason_missing"):
        give(kiosk, Command.DECLINE)
    give(kiosk, Command.DECLINE, reason=REASON, name="王大海")
    shown = kiosk.station.snapshot()
    assert (shown.phase, shown.finger) == (Phase.CONFIRM, None)
    assert {view.step for view in shown.steps if view.reason == REASON} == {Step.CONSENT, *BIOMETRIC}
    give(kiosk, Command.SAVE)
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)

    record, operator = saved(kiosk), DEMO_OPERATOR
    assert kiosk.store.captures.kinds(record.id) == frozenset()
    for step in BIOMETRIC:
        result = record.result(step)
        assert result is not None
        assert (result.verdict, result.reason, result.decided_by, result.declined) == (Verdict.REVIEW, REASON, operator, True)
    assert record.refusals == (Statement(Party.GUARDIAN, False, Means.SPOKEN, "王大海", NOTICE),)
    remarks = FIELDS["remarks"](ExportRow(record))
    assert remarks == f"不同意采集生物识别信息（未采集：人脸、右手拇指、左手拇指）：{REASON}（{operator}）"
    (entry,) = kiosk.store.progress.students()
    assert entry.state is ProgressState.REVIEW
    assert set(entry.causes) == {(step, ReviewCause.LEFT_OUT) for step in (Step.CONSENT, *BIOMETRIC)}
    told = [one for one in kiosk.store.audit.entries() if one.subject == record.id and REASON in str(one.detail)]
    assert len(told) == 4


def test_who_takes_it_back_is_captured_no_more_and_who_thinks_again_is(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_consent())
    player = begun(kiosk)
    player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    give(kiosk, Command.REDO, steps=(Step.CONSENT,))
    assert kiosk.station.snapshot().step is Step.CONSENT
    give(kiosk, Command.DECLINE, reason=REASON)
    record = under_way(kiosk)
    face = record.result(Step.FACE)
    assert face is not None
    assert face.declined
    for kind in (BiometricKind.PORTRAIT, BiometricKind.CHIP_PHOTO, BiometricKind.FACE_TEMPLATE):
        assert kiosk.store.captures.biometric(record.id, kind) is None

    give(kiosk, Command.REDO, steps=(Step.CONSENT,))
    give(kiosk, Command.AGREE)
    assert kiosk.station.snapshot().step is Step.FACE
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    record = saved(kiosk)
    assert record.verdict is Verdict.PASS
    assert record.refusals == ()
    for kind in (BiometricKind.PORTRAIT, BiometricKind.CHIP_PHOTO, BiometricKind.RIGHT_THUMB):
        assert kiosk.store.captures.biometric(record.id, kind) is not None


def test_a_no_outlives_a_power_cut(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_consent())
    player = begun(kiosk)
    give(kiosk, Command.DECLINE, reason=REASON)
    kiosk.close()
    again = start_kiosk(settings=with_consent())
    player = player_of(again)
    player.lay_card()
    shown = player.play_until(lambda snapshot: snapshot.phase is Phase.CONFIRM)
    assert shown.resumed
    assert {view.state for view in shown.steps if view.step in BIOMETRIC} == {StepState.DONE}


def test_another_text_of_the_notice_has_another_version_and_both_are_kept(start_kiosk: StartKiosk, tmp_path: Path) -> None:
    text = (Path(notice.__file__).parent / "notices" / "default.toml").read_text(encoding="utf-8")
    own = tmp_path / "告知书.toml"
    own.write_text(text.replace("一张人脸照片", "三张人脸照片"), encoding="utf-8")
    settings = with_consent()
    changed = settings.model_copy(update={"consent": settings.consent.model_copy(update={"notice": own})})
    kiosk = start_kiosk(settings=changed)
    kiosk.store.consents.keep_notice(notice_for(Settings(), load_profile("qinghai-xuekao")))
    begun(kiosk)
    shown = kiosk.station.snapshot().panel
    version = shown["version"].data["version"]
    assert version != NOTICE
    assert version.rpartition("-")[0] == NOTICE.rpartition("-")[0]
    assert "三张人脸照片" in say_message("zh-CN", shown["what"])
    assert "photo of your face" in say_message("en", shown["what"])
    assert {one.version for one, _ in kiosk.store.consents.notices()} == {NOTICE, version}


def test_a_notice_that_lacks_a_part_is_refused_with_its_name(tmp_path: Path) -> None:
    own = tmp_path / "告知书.toml"
    own.write_text('version = "1"\n[zh-CN]\ntitle = "告知"\n', encoding="utf-8")
    with pytest.raises(ExchangeError) as told:
        load_notice(own)
    assert told.value.code == "notice.lacks"
    assert "en.title" in str(told.value.data["parts"])
    own.write_text("version = ", encoding="utf-8")
    assert "第 1 行第 10 列：等号后面的值看不懂" in why_unreadable(own)
    assert "没有这个文件。\n请改正" in why_unreadable(tmp_path / "没有.toml")


def why_unreadable(notice: Path) -> str:
    with pytest.raises(ExchangeError, match=r"notice\.unreadable") as told:
        load_notice(notice)
    return say_error("zh-CN", told.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
def test_a_notice_that_notepad_saved_is_read(tmp_path: Path, encoding: str) -> None:
    theirs = load_notice(DEFAULT_NOTICE)
    own = tmp_path / "告知书.toml"
    own.write_bytes(DEFAULT_NOTICE.read_text(encoding="utf-8").encode(encoding))
    assert load_notice(own) == theirs


def test_a_statutory_duty_takes_no_press_and_keeps_what_was_told(start_kiosk: StartKiosk) -> None:
    settings = with_consent()
    kiosk = start_kiosk(settings=settings.model_copy(update={"consent": ConsentSettings(basis="statutory")}))
    player = begun(kiosk)
    assert kiosk.station.snapshot().cue is Cue.READ
    player.play_until(lambda snapshot: snapshot.step is not Step.CONSENT)
    told = under_way(kiosk).result(Step.CONSENT)
    assert told is not None
    assert (told.verdict, told.statements) == (Verdict.PASS, (Statement(Party.STUDENT, True, Means.TOLD, "", NOTICE),))


@pytest.mark.parametrize(
    ("filed", "held"),
    [(Consent(Basis.OWN, agreed=True), False), (Consent(Basis.OWN, agreed=False), True)],
)
def test_what_the_school_entered_before_is_not_asked_again_and_a_no_stays_one(
    start_kiosk: StartKiosk, filed: Consent, held: bool
) -> None:
    settings = with_consent()
    statutory = settings.model_copy(update={"consent": ConsentSettings(basis="statutory" if held else "")})
    kiosk = start_kiosk(settings=statutory)
    kiosk.store.consents.enter({who(kiosk).id_number: filed}, by=Person("王主任"))
    player = begun(kiosk)
    if held:  # the duty does not go over a no
        player.play_until(lambda snapshot: snapshot.cue is Cue.PRESS)
        give(kiosk, Command.DECLINE, reason=REASON)
        assert under_way(kiosk).refusals != ()
        return
    player.play_until(lambda snapshot: snapshot.step is not Step.CONSENT)
    said = under_way(kiosk).result(Step.CONSENT)
    assert said is not None
    assert [one.means for one in said.statements] == [Means.FILED]


def born(years: int) -> Student:
    """Somebody who had this birthday this month."""
    today = datetime.now().astimezone().date()
    first17 = f"630103{today.replace(year=today.year - years, day=min(today.day, 28)):%Y%m%d}001"
    return Student("扎西", first17 + check_character(first17), "七年级", "1")
