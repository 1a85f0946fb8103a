"""签字: drawn on the screen by student or guardian, kept sealed, left out with a reason, there again after a power cut."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.pipeline.pictures import decode
from kiosk.records import BiometricKind, CaptureRecord, Cue, Means, Party, ReviewCause, Statement, Step, Verdict
from kiosk.rehearsal import Player, rehearse
from kiosk.simulation import Intent
from kiosk.snapshot import Command, Phase, StepState
from tests.conftest import StartKiosk, with_steps
from tests.orders import give
from tests.station.test_student import begun_at, player_of

DRAWN: Final[dict[str, Any]] = {
    "party": "student",
    "width": 500,
    "height": 200,
    "strokes": [[[20 + 4 * n, 60 + n, 10 * n, 0.4] for n in range(90)], [[60, 20, 1200, 0.9], [60, 180, 1500, 0.9]]],
}


def with_signature(*before: Step) -> Settings:
    """Nothing but the signature, so that a test need not go through everything."""
    return with_steps(*before, Step.SIGNATURE, Step.CONFIRM)


def begun(kiosk: Kiosk) -> Player:
    return begun_at(kiosk, Step.SIGNATURE)


def hand_in(kiosk: Kiosk, **changes: Any) -> None:
    kiosk.station.hand_in({**DRAWN, **changes}, kiosk.station.snapshot().turn)


def saved(kiosk: Kiosk, player: Player) -> CaptureRecord:
    give(kiosk, Command.SAVE)
    player.play_until(lambda snapshot: snapshot.phase is Phase.SAVED)
    record = kiosk.store.captures.latest_complete(player.person.student.id_number)
    assert record is not None
    return record


def test_the_student_signs_and_picture_and_strokes_are_kept(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature())
    player = begun(kiosk)
    shown = kiosk.station.snapshot()
    assert (shown.cue, shown.instruction.code) == (Cue.SIGN, "signature.sign.student")
    assert {"undo", "again", "done", "by_student"} == set(shown.panel)
    hand_in(kiosk)
    record = saved(kiosk, player)
    result = record.result(Step.SIGNATURE)
    assert result is not None
    assert (result.verdict, result.statements) == (Verdict.PASS, (Statement(Party.STUDENT, True, Means.DRAWN),))
    picture = kiosk.store.captures.biometric(record.id, BiometricKind.SIGNATURE)
    strokes = kiosk.store.captures.biometric(record.id, BiometricKind.SIGNATURE_STROKES)
    assert picture is not None
    assert strokes is not None
    assert decode(picture).min() == 0
    assert json.loads(strokes)["strokes"] == DRAWN["strokes"]


def test_what_is_no_signature_or_comes_too_late_changes_nothing(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature())
    begun(kiosk)
    turn = kiosk.station.snapshot().turn
    with pytest.raises(KioskError, match=r"signature\.too_short"):
        hand_in(kiosk, strokes=[[[1, 1, 0, 0.5]]])
    with pytest.raises(KioskError, match=r"signature\.unreadable"):
        hand_in(kiosk, strokes="<svg>")
    with pytest.raises(KioskError, match=r"station\.order_late"):
        kiosk.station.hand_in("drawn", turn)
    give(kiosk, Command.RETRY)  # the operator has it signed anew
    with pytest.raises(KioskError, match=r"station\.order_late"):
        kiosk.station.hand_in(DRAWN, turn)
    assert kiosk.station.snapshot().step is Step.SIGNATURE
    hand_in(kiosk)
    assert kiosk.station.snapshot().phase is Phase.CONFIRM


def test_the_guardian_signs_by_name_and_not_with_what_the_student_drew(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature())
    player = begun(kiosk)
    give(kiosk, Command.GUARDIAN, name="王大海")
    assert kiosk.station.snapshot().instruction.code == "signature.sign.guardian"
    with pytest.raises(KioskError, match=r"station\.order_late"):
        hand_in(kiosk)
    hand_in(kiosk, party="guardian")
    result = saved(kiosk, player).result(Step.SIGNATURE)
    assert result is not None
    assert result.statements == (Statement(Party.GUARDIAN, True, Means.DRAWN, "王大海"),)


def test_a_signature_is_left_out_with_a_reason_and_a_second_person(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature())
    player = begun(kiosk)
    give(kiosk, Command.EXCEPTION, reason="改在纸质登记表上签字", by="王老师")
    record = saved(kiosk, player)
    result = record.result(Step.SIGNATURE)
    assert result is not None
    assert (result.verdict, result.reason, result.decided_by) == (Verdict.REVIEW, "改在纸质登记表上签字", "王老师")
    assert kiosk.store.captures.biometric(record.id, BiometricKind.SIGNATURE) is None
    (entry,) = kiosk.store.progress.students()
    assert (Step.SIGNATURE, ReviewCause.LEFT_OUT) in entry.causes


def test_signed_again_before_it_is_saved_the_first_counts_no_more(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature())
    player = begun(kiosk)
    hand_in(kiosk)
    give(kiosk, Command.REDO, steps=(Step.SIGNATURE,))
    other = [[[20 + 2 * n, 90, 10 * n, 0.4] for n in range(90)]]
    hand_in(kiosk, strokes=other)
    strokes = kiosk.store.captures.biometric(saved(kiosk, player).id, BiometricKind.SIGNATURE_STROKES)
    assert strokes is not None
    assert json.loads(strokes)["strokes"] == other


def test_a_signature_outlives_a_power_cut(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature())
    begun(kiosk)
    hand_in(kiosk)
    kiosk.close()
    again = start_kiosk(settings=with_signature())
    player = player_of(again)
    player.lay_card()
    shown = player.play_until(lambda snapshot: snapshot.phase is Phase.CONFIRM)
    assert shown.resumed
    assert next(view.state for view in shown.steps if view.step is Step.SIGNATURE) is StepState.DONE
    record = saved(again, player)
    assert again.store.captures.biometric(record.id, BiometricKind.SIGNATURE) is not None


def test_who_declined_biometrics_signs_and_how_the_pen_moved_is_not_kept(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk(settings=with_signature(Step.CONSENT, Step.FACE))
    player = player_of(kiosk)
    player.lay_card()
    player.play_until(lambda snapshot: snapshot.step is Step.CONSENT)
    give(kiosk, Command.DECLINE, reason="考生本人不同意采集人脸和指纹")
    hand_in(kiosk)
    record = saved(kiosk, player)
    assert kiosk.store.captures.kinds(record.id) == {BiometricKind.SIGNATURE}


def test_a_class_rehearses_notice_guardians_and_signature(start_kiosk: StartKiosk) -> None:
    settings = with_signature(Step.CONSENT, Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB)
    workflow = settings.workflow.model_copy(update={"guardian_always": True})
    kiosk = start_kiosk(students=3, settings=settings.model_copy(update={"workflow": workflow}))
    assert kiosk.simulator is not None
    passages = list(rehearse(kiosk, kiosk.simulator.people[1:]))
    assert [(passage.person.intent, passage.as_intended) for passage in passages] == [
        (Intent.GENUINE, True),
        (Intent.IMPOSTOR, True),
    ]
