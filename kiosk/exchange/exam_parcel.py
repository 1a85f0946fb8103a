"""考场包: what the doors of one exam site need, signed: its sessions, and who sits where, with face and thumbs to compare.

A package says until when it may be used. Nothing in it is believed before the signature of the head is, and nothing that can't
be read becomes a candidate.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from kiosk.ciphers import SigningKey
from kiosk.ciphers.age import Sealing
from kiosk.errors import ExchangeError
from kiosk.exchange.parcel import HEAD, Head, Kind, Parcel, Piece, piece, write_parcel
from kiosk.exchange.told import count_of, moment_of, text_of
from kiosk.records import Candidate, Elsewhere, Enrolled, ExamDay, ExamSession, FingerPosition, Seating, ThumbWhen

_CANDIDATES: Final = "candidates.jsonl"
_DISTRICT: Final = "district.jsonl"
_PORTRAITS: Final = "portraits/"
MOST: Final = 100_000  # candidates of a site, and seats of a room
_MOST_SESSIONS: Final = 200
_MOST_THUMBS: Final = 20
_LONGEST_NUMBER: Final = 40


def write_exam(
    target: Path,
    to: Sealing,
    key: SigningKey,
    day: ExamDay,
    enrolled: Sequence[Enrolled],
    *,
    district: Sequence[Elsewhere] = (),
    by_office: bool,
    simulated: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> str:
    """Write and sign it; the digest of its head, which its results name. `district`: whose face it may be otherwise. Raises
    ExchangeError as `write_parcel` does."""
    lines = "".join(json.dumps(told_of(one), ensure_ascii=False) + "\n" for one in enrolled)
    pieces: list[Piece] = [piece(key, _CANDIDATES, lines.encode())]
    if district:
        told_of_others = ([one.name, one.school, _coded(one.face)] for one in district)
        pieces.append(
            piece(key, _DISTRICT, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told_of_others).encode())
        )
    with_portraits = [one for one in enrolled if one.portrait]
    for done, one in enumerate(with_portraits, start=1):
        pieces.append(piece(key, f"{_PORTRAITS}{one.candidate.number:06d}.jpg", one.portrait))
        progress(done, len(with_portraits))
    signer = {"office_key": key.public.hex()} if by_office else {"station": {"public_key": key.public.hex()}}
    told = {
        "id": secrets.token_hex(16),
        **signer,
        "title": day.title,
        "site": day.site,
        "sessions": [
            {name: value if isinstance(value, str) else value.isoformat() for name, value in asdict(one).items()}
            for one in day.sessions
        ],
        "issued_at": day.issued_at.isoformat(),
        "expires_at": day.expires_at.isoformat(),
        "thumb": str(day.thumb),
        "reentry": day.reentry,
        "stations": list(day.stations),
        "alive": day.alive,
        "candidates": len(enrolled),
        "district": len(district),
        "simulated": simulated,
    }
    return write_parcel(target, to, key, Kind.EXAM, told, pieces)


def exam_head(head: Head) -> ExamDay:
    """Raises ExchangeError("parcel.unreadable"), ("parcel.other_kind")."""
    if head.kind is not Kind.EXAM:
        raise ExchangeError("parcel.other_kind", kind=str(head.kind))
    told = head.told
    try:
        sessions = tuple(_session(one) for one in told["sessions"])
        if not 0 < len(sessions) <= _MOST_SESSIONS:
            raise ValueError("no sessions, or too many")
        return ExamDay(
            text_of(told["title"]),
            text_of(told["site"]),
            sessions,
            moment_of(told["issued_at"]),
            moment_of(told["expires_at"]),
            ThumbWhen(told["thumb"]),
            told["reentry"] is True,
            tuple(text_of(one) for one in told["stations"]),
            told.get("alive") is True,  # packages of earlier programs say nothing of it
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ExchangeError("parcel.unreadable", at=HEAD) from None


def read_exam(parcel: Parcel) -> Iterator[Enrolled | Elsewhere]:
    """Everybody, one after the other; who reads to the end has seen that the file is whole. Raises ExchangeError as reading a
    parcel does, and ("parcel.damaged") at a candidate that can't be read."""
    people: dict[int, Enrolled] = {}
    for entry, content in parcel.pieces:
        if entry.name == _CANDIDATES:
            people = _candidates(content, parcel.name)
        elif entry.name == _DISTRICT:
            yield from _district(content, parcel.name)
        elif entry.name.startswith(_PORTRAITS) and (number := _number_in(entry.name)) in people:
            one = people.pop(number)
            yield Enrolled(one.candidate, content, one.face, one.chip, one.thumbs)
        else:
            raise ExchangeError("parcel.damaged", file=parcel.name, at=entry.name)
    yield from people.values()


def told_of(one: Enrolled) -> dict[str, Any]:
    """A candidate as JSON takes it, but for the portrait."""
    candidate = asdict(one.candidate)
    candidate["seats"] = [[seat.subject, seat.room, seat.seat, seat.place] for seat in one.candidate.seats]
    thumbs = [[int(position), _coded(file)] for position, file in one.thumbs]
    return candidate | {"face": _coded(one.face), "chip": _coded(one.chip), "thumbs": thumbs}


def _candidates(content: bytes, name: str) -> dict[int, Enrolled]:
    found: dict[int, Enrolled] = {}
    numbers: set[str] = set()
    try:
        for line in content.decode().splitlines():
            one = enrolled_of(json.loads(line))
            who = one.candidate
            if who.number in found or who.id_number in numbers:
                raise ValueError("twice")
            found[who.number] = one
            numbers.add(who.id_number)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ExchangeError("parcel.damaged", file=name, at=f"{_CANDIDATES}:{len(found) + 1}") from None
    return found


def _district(content: bytes, name: str) -> Iterator[Elsewhere]:
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        try:
            who, school, face = json.loads(line)
            found = Elsewhere(text_of(who), text_of(school), _decoded(face))
        except (TypeError, ValueError, RecursionError):
            raise ExchangeError("parcel.damaged", file=name, at=f"{_DISTRICT}:{number}") from None
        yield found


def enrolled_of(told: Mapping[str, Any]) -> Enrolled:
    """The candidate that `told_of` told; raises KeyError, TypeError, ValueError."""
    id_number, exam_number = text_of(told["id_number"], _LONGEST_NUMBER), text_of(told["exam_number"], _LONGEST_NUMBER)
    seats = tuple(
        Seating(id_number, exam_number, text_of(room), count_of(seat, MOST), text_of(place), text_of(subject))
        for subject, room, seat, place in told["seats"]
    )
    if not id_number or not told["name"] or not seats or len(told["thumbs"]) > _MOST_THUMBS:
        raise ValueError("nobody")
    who = Candidate(
        count_of(told["number"], MOST),
        id_number,
        exam_number,
        text_of(told["name"]),
        seats,
        text_of(told["sex"]),
        text_of(told["school"]),
        text_of(told["class_name"]),
        alike=told["alike"] is True,
        faced=bool(told["face"]),
        thumbed=bool(told["thumbs"]),
    )
    thumbs = tuple((FingerPosition(position), _decoded(file)) for position, file in told["thumbs"])
    return Enrolled(who, b"", _decoded(told["face"]), _decoded(told["chip"]), thumbs)


def _session(told: Mapping[str, Any]) -> ExamSession:
    found = ExamSession(text_of(told["subject"]), *(moment_of(told[name]) for name in ("starts_at", "ends_at", "latest_entry")))
    if not found.starts_at < found.ends_at or found.latest_entry > found.ends_at:
        raise ValueError("times run backwards")
    return found


def _number_in(name: str) -> int:
    text = name.removeprefix(_PORTRAITS).removesuffix(".jpg")
    return int(text) if text.isascii() and text.isdigit() else -1


def _coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("no bytes")
    return base64.b64decode(text, validate=True)
