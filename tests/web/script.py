"""One student's day as snapshots, and what became of a school."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kiosk.config import Settings
from kiosk.exchange import load_profile
from kiosk.exchange.notice import SHOWN, notice_for
from kiosk.manual import EntryReason
from kiosk.records import (
    STEPS,
    BiometricKind,
    CaptureRecord,
    CardEntry,
    Child,
    ChildState,
    Cue,
    DayCounts,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerPosition,
    Line,
    Measure,
    Message,
    ProgressState,
    Resemblance,
    Score,
    Step,
    StepResult,
    Student,
    StudentProgress,
    Verdict,
)
from kiosk.snapshot import Command, Phase, Snapshot, StepState, StepView, Tone
from kiosk.words import say_message, say_to_student
from tests.people import card_of

NOTICE = notice_for(Settings(), load_profile("qinghai-xuekao"))
SFACE = "sface-2021dec cosine"
THUMBS = "leader-mcc-relax v5"
STUDENT = Student("李晓晨", "632801201003124426", "高一", "3", "2026632801030012")
CARD = card_of(
    STUDENT,
    ethnicity_code="01",
    ethnicity="汉",
    address="青海省海西蒙古族藏族自治州格尔木市昆仑南路15号2号楼3单元401室",
    authority="格尔木市公安局",
    valid_from_text="20220620",
    valid_until_text="20270620",
)
DEVICES = (
    DeviceStatus(DeviceKind.CARD, DeviceState.READY, "ACS ACR1581 1S Dual Reader"),
    DeviceStatus(DeviceKind.CAMERA, DeviceState.READY, "HD Webcam C920 1280×720"),
    DeviceStatus(DeviceKind.FINGER, DeviceState.READY, "AS608 256×288 115200"),
)
COUNTS = DayCounts(
    roster=412,
    captured=120,
    exception=5,
    review=3,
    capturing=1,
    to_capture=250,
    refused=2,
    absent=4,
    not_seen=27,
    turned_away=2,
)
PICTURES = {"chip_photo": "chip", "portrait": "portrait", "right_thumb": "right", "left_thumb": "left"}
IN_STEP = (Command.RETRY, Command.EXCEPTION, Command.ABORT)
OF_A_FINGER = (Command.RETRY, Command.NEXT_FINGER, Command.EXCEPTION, Command.REDO, Command.ABORT)

MEASURES = (
    Measure("SingleFacePresent", 1, 1, 1, Verdict.PASS),
    Measure("HeadSize", 0.43, 0.36, 0.52, Verdict.PASS),
    Measure("InterEyeDistance", 128, 90, None, Verdict.PASS),
    Measure("HeadPoseYaw", -3.2, -15, 15, Verdict.PASS),
    Measure("HeadPosePitch", 17.6, -15, 15, Verdict.FAIL, Message("hint.face.chin_up")),
    Measure("HeadPoseRoll", 1.4, -8, 8, Verdict.PASS),
    Measure("EyesOpen", 0.31, 0.2, None, Verdict.PASS),
    Measure("MouthClosed", 0.04, None, 0.1, Verdict.PASS),
    Measure("Sharpness", 38, 40, None, Verdict.REVIEW),
    Measure("LuminanceMean", 142, 70, 210, Verdict.PASS),
    Measure("BackgroundUniformity", 0.92, 0.8, None, Verdict.PASS),
)
TO_DO = tuple(StepView(step, StepState.TODO) for step in Step)
CARD_DONE = StepView(Step.CARD, StepState.DONE, Verdict.PASS, 1)
FACE_DONE = StepView(Step.FACE, StepState.DONE, Verdict.PASS, 1, (Score(0.62, SFACE, 0.40),), MEASURES)
RIGHT_DONE = StepView(
    Step.RIGHT_THUMB,
    StepState.DONE,
    Verdict.PASS,
    2,
    (Score(0.93, THUMBS, 0.67), Score(0.21, THUMBS, 0.67, below=True)),
)
LEFT_DONE = replace(RIGHT_DONE, step=Step.LEFT_THUMB, attempts=3)


def to_student(snapshot: Snapshot) -> str:
    """What the student reads in large letters."""
    return say_to_student("zh-CN", snapshot.instruction)


def to_operator(snapshot: Snapshot, language: str = "zh-CN") -> str:
    """What the operator's banner says."""
    return say_message(language, snapshot.situation or snapshot.instruction)


def waiting() -> Snapshot:
    said = Message("station.lay_card")
    return Snapshot(0, Phase.WAITING, said, cue=Cue.LAY_CARD, steps=TO_DO, devices=DEVICES, counts=COUNTS)


def reading() -> Snapshot:
    """The card was laid down a moment ago."""
    return replace(waiting(), phase=Phase.READING, instruction=Message("station.reading_card"), cue=Cue.WAIT)


def refused() -> Snapshot:
    return replace(
        waiting(),
        phase=Phase.REFUSED,
        instruction=Message("station.captured_take_card"),
        situation=Message("station.already_captured"),
        cue=Cue.TAKE_CARD,
        tone=Tone.STOP,
        notice=Message("station.captured_on", {"at": "2026-08-31 09:12", "by": "采集员"}),
        student=STUDENT,
        card=CARD,
        pictures={"chip_photo": "chip", "portrait": "portrait"},
        commands=(Command.RECAPTURE, Command.TYPE_IN),
    )


def not_on_roster() -> Snapshot:
    """Nobody of this number, but almost."""
    return replace(
        waiting(),
        phase=Phase.REFUSED,
        instruction=Message("station.ask_teacher"),
        situation=Message("station.not_on_roster"),
        cue=Cue.CALL,
        tone=Tone.STOP,
        near=(replace(STUDENT, name="李晓晟"), replace(STUDENT, id_number="632801201003124434", class_name="12")),
        card=CARD,
        pictures={"chip_photo": "chip"},
        commands=(Command.TYPE_IN,),
    )


def many_near() -> Snapshot:
    """A common name, and long ones."""
    near = (*not_on_roster().near, *(replace(STUDENT, name=name) for name in ("李晨", "李晓晓晨", "买买提·阿卜杜热依木")))
    return replace(not_on_roster(), near=near)


def out_of_time() -> Snapshot:
    """The time of the class is over: a second person may let the student in."""
    return replace(
        not_on_roster(),
        situation=Message("error.store.window_over", {"until": "2026-08-31 12:00"}),
        student=STUDENT,
        near=(),
        commands=(Command.ADMIT, Command.TYPE_IN),
    )


def typed_in() -> Snapshot:
    """No card: the operator typed the number, and the roster gave the rest."""
    card = replace(
        CARD,
        address="",
        authority="",
        valid_from_text="",
        valid_until_text="",
        entry=CardEntry.TYPED,
        entry_reason=EntryReason.LOST,
        warnings=(Message("manual.reason.lost"),),
        photo_problem=Message("manual.no_photo"),
    )
    done = replace(CARD_DONE, verdict=Verdict.REVIEW, reason="手工录入：证件遗失")
    shown = face()
    return replace(shown, card=card, steps=(done, *shown.steps[1:]), pictures={}, notice=Message("manual.no_photo"))


def _at(step: Step, instruction: str, tone: Tone, steps: tuple[StepView, ...], **more: object) -> Snapshot:
    base = Snapshot(
        0,
        Phase.STEP,
        Message(instruction),
        cue=Cue.PRESS if STEPS[step].finger else Cue.LOOK,
        tone=tone,
        step=step,
        student=STUDENT,
        card=CARD,
        steps=steps,
        devices=DEVICES,
        counts=COUNTS,
        commands=IN_STEP,
        pictures={"chip_photo": "chip"},
    )
    return replace(base, **more)  # type: ignore[arg-type]


def face() -> Snapshot:
    here = StepView(Step.FACE, StepState.ACTIVE, measures=MEASURES, attempts=1)
    shown = _at(Step.FACE, "hint.face.chin_up", Tone.MEND, (CARD_DONE, here), live=True, commands=(Command.SHOOT, *IN_STEP))
    return replace(shown, cue=Cue.CHIN_UP)


def challenge(asked: str = "turn_left") -> Snapshot:
    """A proof of life is asked for."""
    return replace(face(), instruction=Message(f"hint.liveness.{asked}"), cue=Cue(asked), tone=Tone.GOOD, answer_s=6.0)


def consent() -> Snapshot:
    """The notice, before a student whose guardian must agree too."""
    school, texts = "青海省海西蒙古族藏族自治州格尔木市第一高级中学", NOTICE.texts
    told = {part: {tongue: texts[tongue][part].replace("{school}", school) for tongue in texts} for part in SHOWN}
    panel = {part: Message("notice.text", {"texts": said}) for part, said in told.items()} | {
        "guardian": Message("consent.guardian_asked"),
        "version": Message("consent.version", {"version": "2026-1"}),
        "contact": Message("consent.contact", {"contact": "教务处 0979-8412345"}),
    }
    here = StepView(Step.CONSENT, StepState.ACTIVE, position=FingerPosition.RIGHT_THUMB)
    return _at(
        Step.CONSENT,
        "consent.press",
        Tone.NEUTRAL,
        (CARD_DONE, here),
        cue=Cue.PRESS,
        panel=panel,
        notice=Message("consent.guardian_missing"),
        commands=(Command.AGREE, Command.GUARDIAN, Command.DECLINE, Command.RETRY, Command.ABORT),
    )


def right_thumb() -> Snapshot:
    here = StepView(Step.RIGHT_THUMB, StepState.ACTIVE, position=FingerPosition.RIGHT_THUMB)
    pictures = {"chip_photo": "chip", "portrait": "portrait"}
    return _at(
        Step.RIGHT_THUMB,
        "station.press.right_thumb",
        Tone.NEUTRAL,
        (CARD_DONE, FACE_DONE, here),
        pictures=pictures,
        commands=OF_A_FINGER,
    )


def right_index() -> Snapshot:
    """The thumb was given up."""
    here = StepView(Step.RIGHT_THUMB, StepState.ACTIVE, position=FingerPosition.RIGHT_INDEX)
    shown = right_thumb()
    return replace(shown, instruction=Message("station.press.right_index"), steps=(CARD_DONE, FACE_DONE, here))


def lift() -> Snapshot:
    shown = right_thumb()
    steps = (*shown.steps[:-1], replace(shown.steps[-1], attempts=1, presses=(1, 2)))
    said = Message("station.lift_finger")
    return replace(shown, instruction=said, cue=Cue.LIFT, tone=Tone.GOOD, steps=steps, presses=(1, 2))


def left_thumb() -> Snapshot:
    here = StepView(
        Step.LEFT_THUMB,
        StepState.ACTIVE,
        attempts=2,
        problems=(Message("hint.finger.press_harder"),),
        position=FingerPosition.LEFT_THUMB,
    )
    pictures = {name: key for name, key in PICTURES.items() if name != "left_thumb"}
    steps = (CARD_DONE, FACE_DONE, RIGHT_DONE, here)
    return _at(Step.LEFT_THUMB, "station.press_again.left_thumb", Tone.MEND, steps, pictures=pictures, commands=OF_A_FINGER)


def signature(party: str = "student") -> Snapshot:
    """Somebody is to sign."""
    panel = {part: Message(f"signature.{part}") for part in ("undo", "again", "done")}
    return _at(
        Step.SIGNATURE,
        f"signature.sign.{party}",
        Tone.NEUTRAL,
        (CARD_DONE, FACE_DONE, RIGHT_DONE, LEFT_DONE, StepView(Step.SIGNATURE, StepState.ACTIVE)),
        cue=Cue.SIGN,
        panel={**panel, f"by_{party}": Message(f"signature.by.{party}")},
        pictures=PICTURES,
        commands=(Command.HAND_IN, Command.GUARDIAN, *IN_STEP),
    )


def decision() -> Snapshot:
    here = replace(
        FACE_DONE,
        state=StepState.DECISION,
        verdict=Verdict.FAIL,
        attempts=3,
        scores=(Score(0.29, SFACE, 0.40),),
        problems=(Message("face.unlike_chip_photo"),),
    )
    return _at(
        Step.FACE,
        "station.call_operator",
        Tone.STOP,
        (CARD_DONE, here),
        phase=Phase.DECISION,
        situation=Message("face.unlike_chip_photo"),
        cue=Cue.CALL,
        advised=Command.ABORT,
        pictures={"chip_photo": "chip", "portrait": "portrait"},
        commands=(Command.RETRY, Command.ACCEPT, Command.EXCEPTION, Command.ABORT),
        notice=Message("station.other_card_waits"),
    )


def duplicate_face() -> Snapshot:
    """The face of a student who was captured under another name."""
    other = Resemblance("r1", BiometricKind.PORTRAIT, "王雨桐", "6328**********4426", Score(0.83, SFACE, 0.60, below=True))
    problem = Message("face.seen_before", {"name": other.name, "number": other.number})
    here = replace(FACE_DONE, state=StepState.DECISION, verdict=Verdict.REVIEW, problems=(problem,), alike=(other,))
    commands = (Command.RETRY, Command.ACCEPT, Command.DECLARE_LOOKALIKES, Command.EXCEPTION, Command.ABORT)
    return replace(decision(), situation=problem, steps=(CARD_DONE, here), commands=commands, notice=None)


def duplicate_thumb() -> Snapshot:
    """A thumb that two others have, too."""
    others = tuple(
        Resemblance(record, BiometricKind.RIGHT_THUMB, name, number, Score(value, THUMBS, 0.80, below=True))
        for record, name, number, value in (
            ("r1", "王雨桐", "6328**********4426", 0.94),
            ("r2", "欧阳娜木措", "6328**********5527", 0.86),
        )
    )
    problems = tuple(Message("finger.seen_before", {"name": other.name, "number": other.number}) for other in others)
    here = replace(RIGHT_DONE, state=StepState.DECISION, verdict=Verdict.REVIEW, problems=problems, alike=others)
    return replace(
        decision(),
        step=Step.RIGHT_THUMB,
        steps=(CARD_DONE, FACE_DONE, here),
        situation=problems[0],
        advised=Command.RETRY,
        redoable=(Step.FACE,),
        commands=(Command.RETRY, Command.REDO, Command.ACCEPT, Command.EXCEPTION, Command.ABORT),
        pictures={"chip_photo": "chip", "portrait": "portrait", "right_thumb": "right"},
        notice=None,
    )


def confirm() -> Snapshot:
    here = StepView(Step.CONFIRM, StepState.ACTIVE, position=FingerPosition.RIGHT_THUMB)
    steps = (CARD_DONE, FACE_DONE, RIGHT_DONE, LEFT_DONE, here)
    commands = (Command.SAVE, Command.HOLD, Command.REDO, Command.ABORT)
    return _at(
        Step.CONFIRM,
        "station.confirm.right_thumb",
        Tone.GOOD,
        steps,
        phase=Phase.CONFIRM,
        pictures=PICTURES,
        commands=commands,
        cue=Cue.PRESS,
        redoable=(Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB),
    )


def unsaved() -> Snapshot:
    """The disk is full."""
    return replace(
        confirm(),
        phase=Phase.UNSAVED,
        instruction=Message("station.call_operator"),
        situation=Message("station.not_saved"),
        notice=Message("error.store.disk_full"),
        cue=Cue.CALL,
        tone=Tone.STOP,
        step=None,
        commands=(Command.RETRY, Command.ABORT),
        redoable=(),
    )


def mixed_up() -> Snapshot:
    """The second hand is the first one, or the other way round."""
    problem = Message("finger.hands_mixed_up")
    here = replace(LEFT_DONE, state=StepState.DECISION, verdict=Verdict.FAIL, attempts=2, problems=(problem,))
    return replace(
        decision(),
        step=Step.LEFT_THUMB,
        steps=(CARD_DONE, FACE_DONE, RIGHT_DONE, here),
        situation=problem,
        notice=None,
        advised=Command.RETRY,
        redoable=(Step.FACE, Step.RIGHT_THUMB),
        pictures=PICTURES,
        commands=(Command.RETRY, Command.REDO, Command.NEXT_FINGER, Command.OWN_FINGER, Command.EXCEPTION, Command.ABORT),
    )


def saved() -> Snapshot:
    steps = (CARD_DONE, FACE_DONE, RIGHT_DONE, LEFT_DONE, StepView(Step.CONFIRM, StepState.DONE, Verdict.PASS))
    shown = _at(
        Step.CONFIRM,
        "station.saved_take_card",
        Tone.GOOD,
        steps,
        phase=Phase.SAVED,
        pictures=PICTURES,
        commands=(),
        cue=Cue.TAKE_CARD,
    )
    return replace(shown, step=None)


def device_lost() -> Snapshot:
    scanner = DeviceStatus(DeviceKind.FINGER, DeviceState.LOST, "", Message("error.finger.unplugged"))
    reader = DeviceStatus(
        DeviceKind.CARD, DeviceState.FAULT, "", Message("error.card.pcsc.no_service", {"status": "8010001D"}), unverified=True
    )
    return replace(
        right_thumb(),
        instruction=Message("station.device_lost"),
        situation=scanner.problem,
        notice=reader.problem,
        cue=Cue.WAIT,
        tone=Tone.STOP,
        devices=(reader, DEVICES[1], scanner),
    )


def differing_names() -> Snapshot:
    """The roster writes the name with another character; the card is about to expire and has no photo."""
    card = replace(
        CARD,
        name="李曉晨",
        warnings=(Message("card.warning.expired", {"date": "2026-08-31"}),),
        photo_problem=Message("error.card.photo.no_decoder"),
    )
    review = replace(
        CARD_DONE, verdict=Verdict.REVIEW, problems=(Message("identity.name_variant", {"card": "李曉晨", "roster": "李晓晨"}),)
    )
    shown = face()
    return replace(shown, card=card, steps=(review, *shown.steps[1:]), resumed=True)


# What a person looks for on the photo.
LOOKED = {"earrings": True, "necklace": False, "collar": None}
IN_LINE = (
    Command.NEXT_CHILD,
    Command.PREVIOUS_CHILD,
    Command.SKIP_CHILD,
    Command.ABSENT_CHILD,
    Command.FIND_CHILD,
    Command.END_RUN,
)


def line(at: int = 11) -> Line:
    """A class of 45 in the middle of its photo run; the thirteenth has a long name."""
    states = [ChildState.SHOT] * 9 + [ChildState.SKIPPED, ChildState.ABSENT] + [ChildState.TO_SHOOT] * 34
    students = [entry.student for entry in school(1, 45)]
    students[12] = replace(students[12], name="买买提·阿卜杜热依木·吐尔逊")
    group = students[0].group
    return Line(1, group, tuple(Child(student, state) for student, state in zip(students, states, strict=True)), at)


def called() -> Snapshot:
    """Of a photo run: whose turn it is sits down."""
    here = StepView(Step.FACE, StepState.ACTIVE, measures=MEASURES, looked=LOOKED)
    commands = (Command.SHOOT, Command.LOOKED, Command.MARK, *IN_LINE)
    shown = _at(Step.FACE, "hint.face.chin_up", Tone.MEND, (here,), live=True, commands=commands, card=None, pictures={})
    return replace(shown, cue=Cue.CHIN_UP, line=line(), student=line().student)


def called_by_a_long_name() -> Snapshot:
    return replace(called(), line=line(12), student=line(12).student)


def shot_already() -> Snapshot:
    """The operator went back to somebody."""
    return replace(
        called(),
        phase=Phase.REFUSED,
        instruction=Message("station.run.wait"),
        situation=Message("station.run.shot_already"),
        notice=Message("station.captured_on", {"at": "2026-08-31 09:12", "by": "采集员"}),
        cue=Cue.WAIT,
        tone=Tone.NEUTRAL,
        step=None,
        steps=(),
        live=False,
        line=line(3),
        student=line(3).student,
        pictures={"portrait": "portrait"},
        commands=(Command.RETAKE, *(one for one in IN_LINE if one is not Command.ABSENT_CHILD)),
    )


def two_in_the_wrong_order() -> Snapshot:
    """Who sits there was shot under another name already."""
    doubted = duplicate_face()
    commands = (Command.RETRY, Command.ACCEPT, Command.DECLARE_LOOKALIKES, *IN_LINE)
    return replace(
        doubted,
        card=None,
        steps=doubted.steps[1:],
        line=line(),
        student=line().student,
        commands=commands,
        advised=Command.RETRY,
    )


def looked_at() -> Snapshot:
    """With a card, too, somebody looks for what no computer judges."""
    here = replace(face().steps[-1], looked=LOOKED)
    return replace(face(), steps=(CARD_DONE, here), commands=(Command.SHOOT, Command.LOOKED, Command.MARK, *IN_STEP))


DAY = {
    "waiting": waiting,
    "reading": reading,
    "refused": refused,
    "not_on_roster": not_on_roster,
    "many_near": many_near,
    "out_of_time": out_of_time,
    "typed_in": typed_in,
    "consent": consent,
    "face": face,
    "challenge": challenge,
    "right_thumb": right_thumb,
    "right_index": right_index,
    "lift": lift,
    "left_thumb": left_thumb,
    "signature": signature,
    "decision": decision,
    "duplicate_face": duplicate_face,
    "duplicate_thumb": duplicate_thumb,
    "confirm": confirm,
    "unsaved": unsaved,
    "mixed_up": mixed_up,
    "saved": saved,
    "device_lost": device_lost,
    "differing_names": differing_names,
    "looked_at": looked_at,
    "called_by_a_long_name": called_by_a_long_name,
    "shot_already": shot_already,
    "two_in_the_wrong_order": two_in_the_wrong_order,
}
DAY_OF = datetime(2026, 9, 1, 16, 30, tzinfo=UTC)


def school(classes: int = 3, size: int = 20) -> list[StudentProgress]:
    """A roster in the middle of the day."""
    states = [state for state in ProgressState if state is not ProgressState.PHOTO]
    found = []
    for number in range(classes * size):
        name = f"{'李王马才赵韩周陈'[number % 8]}{'晓雨文子可梓'[number % 6]}{'晨桐静涵欣轩雪'[number % 7]}"
        student = Student(name, f"63280120100312{number:03d}X", "高一", str(number // size + 1))
        state = states[min(number * 7 % 23, 7) if number % 3 else 0]
        record = "r1" if state in {ProgressState.CAPTURED, ProgressState.REVIEW, ProgressState.EXCEPTION} else ""
        at = DAY_OF if record else None
        found.append(StudentProgress(student, state, record, at, "住院" if state is ProgressState.ABSENT else ""))
    return found


def capture() -> CaptureRecord:
    """A face that a person let pass."""
    face = StepResult(
        Step.FACE,
        Verdict.REVIEW,
        DAY_OF,
        3,
        (Score(0.36, SFACE, 0.40),),
        MEASURES,
        (Message("face.unlike_chip_photo"),),
        decided_by="王老师",
        reason="人工比对，确认为本人",
    )
    record = CaptureRecord("r1", STUDENT, 1, DAY_OF, "采集点-01", "采集员", "qinghai-xuekao", "")
    return replace(record, finished_at=DAY_OF, steps=(face,))
