"""告知同意: nothing biometric happens before student and guardian have agreed, and a no leads to a record without."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest

from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange import ExportRow
from kiosk.exchange.fields import FIELDS
from kiosk.idnumber import check_character
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import (
    BiometricKind,
    CaptureRecord,
    Cue,
    Means,
    Party,
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
from kiosk.station.steps.consent import NOTICE
from kiosk.words import LANGUAGES, catalogue
from tests.conftest import StartKiosk, with_steps
from tests.orders import give
from tests.station.test_student import begun_at, player_of

pytestmark = pytest.mark.timeout(240)

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
    give(kiosk, Command.GUARDIAN, name="王大海")
    assert kiosk.station.snapshot().step is Step.FACE
    consent = under_way(kiosk).result(Step.CONSENT)
    assert consent is not None
    assert Statement(Party.GUARDIAN, True, Means.PAPER, "王大海") in consent.statements


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


def test_another_text_of_the_notice_has_another_version() -> None:
    told = [
        f"{code}={words}"
        for language in LANGUAGES
        for code, words in sorted(catalogue(language).items())
        if code.startswith("consent.notice.")
    ]
    assert len(told) == 14
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    assert (NOTICE, digest) == ("2026-1", "fa82e772df893046")  # raise NOTICE with the text


def born(years: int) -> Student:
    """Somebody who had this birthday this month."""
    today = datetime.now().astimezone().date()
    first17 = f"630103{today.replace(year=today.year - years, day=min(today.day, 28)):%Y%m%d}001"
    return Student("扎西", first17 + check_character(first17), "七年级", "1")
