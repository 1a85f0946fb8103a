"""A door's snapshot in words: the operator's, and apart from them the student's, who is never told of a suspicion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.checkin import (
    Door,
    DoorSnapshot,
    Looking,
    Neighbour,
    Order,
    Pressing,
    Searching,
    Seated,
    State,
    Suspected,
    Turned,
    Unsaved,
    Waiting,
    Watched,
)
from kiosk.clock import hour
from kiosk.idnumber import masked
from kiosk.records import CHALLENGES, Candidate, Cue, FoundBy, Message, Seating, Twice, Verdict
from kiosk.web.attendance_words import twice_in_words
from kiosk.words import say, say_message

_KINDS: Final = {
    Waiting: "waiting",
    Searching: "searching",
    Turned: "turned",
    Looking: "looking",
    Pressing: "pressing",
    Watched: "watched",
    Seated: "seated",
    Suspected: "suspected",
    Unsaved: "unsaved",
}
_TONES: Final = {"turned": "stop", "seated": "good", "suspected": "mend", "watched": "mend", "unsaved": "stop"}
_PICTOGRAMS: Final = {"waiting": "lay-card", "pressing": "right-thumb"}
# What a student may know of a reason; of any other, that a teacher will help.
_TOLD: Final = frozenset(
    {"wrong_room", "wrong_session", "too_late", "already_in", "no_session", "other_name", "not_registered", "left_already"}
)


def in_words(
    language: str, snapshot: DoorSnapshot, door: Door, tongues: Sequence[str], neighbours: Sequence[Neighbour] = ()
) -> dict[str, Any]:
    """All of it, for the operator's screen; the student's half in the student's languages, `tongues`."""
    state, kind = snapshot.state, _KINDS[type(snapshot.state)]
    who, seat = _who(state)
    of = door.register.day.sessions[snapshot.session]
    here = [one for one in door.roll.counts(snapshot.session) if snapshot.post.room in ("", one.room)]
    return {
        **for_student(tongues, snapshot),
        "turn": snapshot.turn,
        "operator": _operator(language, state),
        "tone": _TONES.get(kind, "calm"),
        "candidate": None if who is None else _candidate(who, seat, pictured=bool(door.register.portrait(who.number))),
        "orders": [
            {"order": one, "label": say(language, f"order.door.{one}")} for one in state.orders if one is not Order.CHOOSE
        ],
        "searches": Order.CHOOSE in state.orders,
        "alarms": [_alarm(language, one) for one in door.roll.alarms(snapshot.session)],
        "session": snapshot.session,
        "post": {
            "room": snapshot.post.room,
            "where": say(language, "ui.door.room", room=snapshot.post.room)
            if snapshot.post.room
            else say(language, "ui.door.all"),
            "session": f"{of.subject} {hour(of.starts_at)}",
            "latest": say(language, "ui.door.latest", at=hour(of.latest_entry)),
        },
        "counts": {
            "expected": sum(one.expected for one in here),
            "came": sum(one.came for one in here),
            "suspected": sum(one.suspected for one in here),
            "absent": sum(one.absent for one in here),
        },
        "devices": [
            {
                "kind": one.kind,
                "state": one.state,
                "words": say(language, f"device.{one.kind}"),
                "problem": say_message(language, one.problem) if one.problem is not None else "",
            }
            for one in snapshot.devices
        ]
        + _lan(language, neighbours),
    }


def _lan(language: str, neighbours: Sequence[Neighbour]) -> list[dict[str, str]]:
    """The other doors beside the devices, where there are any to be reached."""
    if not neighbours:
        return []
    away = [one for one in neighbours if one.problem is not None]
    words = say(language, "ui.door.lan_count", reached=len(neighbours) - len(away), all=len(neighbours))
    told = "；".join(f"{one.door or one.address}: {say_message(language, one.problem)}" for one in away if one.problem)
    return [{"kind": "doors", "state": "lost" if away else "ready", "words": words, "problem": told}]


def for_student(tongues: Sequence[str], snapshot: DoorSnapshot) -> dict[str, Any]:
    """What the student sees, in the large language and the small one: nothing of why, and nothing of anybody else."""
    state, kind = snapshot.state, _KINDS[type(snapshot.state)]
    said = [_student(tongue, state) for tongue in (tongues[0], tongues[-1])]
    guide = snapshot.guide or (None if kind == "looking" else snapshot.press)
    if guide is not None:
        said = [(say_message(tongue, guide), place) for tongue, (_, place) in zip((tongues[0], tongues[-1]), said, strict=True)]
    (title, place), (small, small_place) = said
    who, _ = _who(state)
    shown = "seated" if kind == "suspected" else kind
    return {
        "number": snapshot.number,
        "kind": shown,
        "studentTone": {"seated": "good", "turned": "stop"}.get(shown, "calm"),
        "title": title,
        "titleSmall": " · ".join(filter(None, (small, small_place))) if len(tongues) > 1 else "",
        "place": place,
        "thumb": " · ".join(dict.fromkeys(_thumb(tongue, snapshot) for tongue in (tongues[0], tongues[-1]))),
        "name": who.name if who is not None and not _is_strange(state) else "",
        "pictogram": _asked(snapshot.cue) if kind == "looking" else _PICTOGRAMS.get(kind, ""),
        "live": kind == "looking" or (isinstance(state, Searching) and state.by is FoundBy.FACE),
        "sound": {"seated": "good", "turned": "stop"}.get(shown, ""),
        "instruction": title,
        "notice": "",
        "untested": "",
    }


def _asked(cue: Cue | None) -> str:
    """The pictogram of a proof of life that is asked for."""
    return cue.replace("_", "-") if cue is not None and cue in CHALLENGES else ""


def _thumb(language: str, snapshot: DoorSnapshot) -> str:
    """What is said of the thumb while the face is looked at; empty where nobody wants it."""
    match snapshot.state:
        case Looking(thumb=True):
            lifts = snapshot.press is not None and snapshot.press.code == "checkin.lift"
            return say(language, "checkin.lift" if lifts else "checkin.student.meanwhile")
        case Looking(visit) if visit.thumb is Verdict.PASS:
            return say(language, "checkin.student.thumb_done")
    return ""


def _student(language: str, state: State) -> tuple[str, str]:
    """What the student is told, and where to go."""
    match state:
        case Seated(visit) | Suspected(visit):
            return say(language, "checkin.student.seated"), _place(language, visit.seat)
        case Looking(visit) | Pressing(visit):
            return say(language, f"checkin.student.{_KINDS[type(state)]}"), _place(language, visit.seat)
        case Watched(visit):
            return say(language, "checkin.student.wait"), _place(language, visit.seat)
        case Turned(reason, _, seat):
            name = reason.code.removeprefix("checkin.")
            code = name if name in _TOLD else "ask"
            place = _place(language, seat) if code == "wrong_room" and seat is not None else ""
            return say_message(language, Message(f"checkin.student.{code}", reason.data)), place
        case Unsaved():
            return say(language, "checkin.student.wait"), ""
    return say(language, f"checkin.student.{_KINDS[type(state)]}"), ""


def _place(language: str, seat: Seating) -> str:
    return say(language, "checkin.student.place", room=seat.room, seat=seat.seat)


def _alarm(language: str, one: Twice) -> dict[str, Any]:
    """Somebody who came in at this door and at another."""
    return {"candidate": one.candidate.number, "words": twice_in_words(language, one)}


def _operator(language: str, state: State) -> str:
    match state:
        case Turned(reason):
            return say_message(language, reason)
        case Unsaved(_, _, problem):
            return say_message(language, problem)
        case Waiting(said) if said is not None:
            return say_message(language, said)
        case Looking(visit, again) | Pressing(visit, again):
            failed = say(language, "checkin.failures", count=visit.failures) if visit.failures else ""
            return " ".join(filter(None, (say_message(language, again) if again is not None else "", failed))) or say(
                language, f"checkin.operator.{_KINDS[type(state)]}"
            )
    return say(language, f"checkin.operator.{_KINDS[type(state)]}")


def _who(state: State) -> tuple[Candidate | None, Seating | None]:
    match state:
        case Looking(visit) | Pressing(visit) | Watched(visit) | Seated(visit) | Suspected(visit):
            return visit.candidate, visit.seat
        case Turned(_, candidate, seat):
            return candidate, seat
    return None, None


def _is_strange(state: State) -> bool:
    """Whether the name on the screen would be somebody else's."""
    return isinstance(state, Turned) and state.reason.code == "checkin.other_name"


def _candidate(who: Candidate, seat: Seating | None, *, pictured: bool) -> dict[str, Any]:
    return {
        "number": who.number,
        "name": who.name,
        "examNumber": who.exam_number,
        "idNumber": masked(who.id_number),
        "school": " ".join(filter(None, (who.school, who.class_name))),
        "room": seat.room if seat is not None else "",
        "seat": seat.seat if seat is not None else "",
        "place": seat.place if seat is not None else "",
        "portrait": f"/door/portrait/{who.number}" if pictured else None,
    }
