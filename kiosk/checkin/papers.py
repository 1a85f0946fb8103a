"""What a session leaves on paper: 考场情况记录表 as a signed folder with workbook and PDF, and a sheet for each suspicion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.checkin.admitting import door_name
from kiosk.checkin.register import Register
from kiosk.checkin.roll import Roll
from kiosk.clock import hour, moment
from kiosk.errors import KioskError
from kiosk.exchange.attendance_sheet import (
    DECIDED_NAMES,
    AttendanceRow,
    AttendanceSheet,
    SuspicionSheet,
    print_attendance,
    print_suspicion,
    write_attendance_book,
)
from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.manifest import ManifestWriter, Stamp
from kiosk.records import Candidate, Decided, DoorAct, DoorEvent, FoundBy, Message, Score, Twice, counting, meant_by, room_order

Words = Callable[[Message], str]
_BOOK, _PAPER = "考场情况记录表.xlsx", "考场情况记录表.pdf"
_PROFILE = "checkin"  # what the manifest calls it


def attendance_sheet(roll: Roll, session: int, words: Words, now: datetime) -> AttendanceSheet:
    """Everybody of a session by room and seat. `words` says why somebody was suspected."""
    register, of = roll.register, roll.register.day.sessions[session]
    there, twice = roll.attendance(session), {one.candidate.number: one for one in roll.twice(session)}
    by_candidate: dict[int, list[DoorEvent]] = {}
    for one in sorted(register.events(), key=lambda one: one.at):
        if one.session == session and one.candidate is not None:
            by_candidate.setdefault(one.candidate, []).append(one)
    rows = []
    for who in register.candidates:
        if (seat := who.seat_in(of)) is None:
            continue
        found, own = there[who.number], by_candidate.get(who.number, [])
        came = next((one for one in counting(own) if one.act in (DoorAct.ARRIVED, DoorAct.SUSPECTED)), None)
        note = "；".join(filter(None, (*(_told(one, words) for one in own), _twice(twice.get(who.number)))))
        row = AttendanceRow(
            seat.room, seat.seat, who.exam_number, who.name, found.presence, found.at, came.found_by if came else None, note
        )
        rows.append(row)
    rows.sort(key=lambda row: (room_order(row.room), row.seat))
    when = f"{moment(of.starts_at)} 至 {moment(of.ends_at)}"
    return AttendanceSheet(
        register.day.title,
        register.day.site,
        of.subject,
        when,
        roll.counts(session),
        rows,
        moment(now),
        open=not roll.is_closed(session),
    )


def write_sheets(roll: Roll, session: int, out: Path, stamp: Stamp, words: Words, now: datetime) -> tuple[Path, str]:
    """A folder with workbook, PDF and signed manifest, which `kiosk verify` holds against each other: where it is, and the
    manifest's digest, which the trail has to know."""
    register, of = roll.register, roll.register.day.sessions[session]
    sheet = attendance_sheet(roll, session, words, now)
    name = file_name(f"考场情况记录表-{of.subject}-{now.astimezone():%Y%m%d-%H%M}")
    out.mkdir(parents=True, exist_ok=True)
    folder = free_name(out, marked(name, simulated=register.simulated))
    folder.mkdir()
    write_attendance_book(sheet, folder / _BOOK, simulated=register.simulated)
    (folder / _PAPER).write_bytes(print_attendance(sheet, simulated=register.simulated))
    with ManifestWriter(folder, stamp) as manifest:
        for file in (_BOOK, _PAPER):
            manifest.add(file)
        summary = {"profile": _PROFILE, "made_at": now.isoformat(), "rows": len(sheet.rows), "pictures": 0}
        manifest.finish(summary | {"simulated": register.simulated})
    return folder, manifest.digest


def suspicion_paper(
    register: Register, event: tuple[str, int], words: Words, scale: Callable[[str], str], now: datetime
) -> bytes:
    """The sheet of one suspicion. Raises KioskError("checkin.no_suspicion")."""
    suspected = next((one for one in register.events() if (one.door, one.sequence) == event), None)
    if suspected is None or suspected.act is not DoorAct.SUSPECTED or suspected.candidate is None:
        raise KioskError("checkin.no_suspicion")
    of, who = register.day.sessions[suspected.session], register.candidate(suspected.candidate)
    seat = who.seat_in(of)
    decision = next((one for one in register.events() if one.act is DoorAct.DECIDED and _is_about(one, event)), None)
    sheet = SuspicionSheet(
        register.day.title,
        register.day.site,
        of.subject,
        who.name,
        who.exam_number,
        f"第{seat.room}考场 {seat.seat} 号" if seat is not None else "",
        suspected.at,
        words(Message(suspected.code)),
        [(scale(one.scale), _figure(one)) for one in suspected.scores],
        [*(_named(register.candidate(one)) for one in suspected.like), *(f"全区：{one}" for one in suspected.elsewhere)],
        register.picture(*event),
        register.portrait(who.number),
        DECIDED_NAMES[Decided(decision.code)] if decision is not None else "",
        decision.reason if decision is not None else "",
        decision.by if decision is not None else (),
    )
    return print_suspicion(sheet, made=moment(now), simulated=register.simulated)


def _told(event: DoorEvent, words: Words) -> str:  # noqa: PLR0911 - a line for each act
    match event.act:
        case DoorAct.ARRIVED if event.by and event.found_by is not FoundBy.ROUND:
            return f"{words(Message(event.code))}（{'、'.join(event.by)}）"
        case DoorAct.SUSPECTED:
            return f"{hour(event.at)} 存疑：{words(Message(event.code))}"
        case DoorAct.DECIDED:
            return f"{hour(event.at)} {DECIDED_NAMES[Decided(event.code)]}（{'、'.join(event.by)}）：{event.reason}"
        case DoorAct.LEFT:
            return f"{hour(event.at)} 离场" + (f"：{event.reason}" if event.reason else "")
        case DoorAct.RETURNED:
            return f"{hour(event.at)} 返回"
        case DoorAct.TAKEN_BACK:
            return f"{hour(event.at)} 撤回上一项（{'、'.join(event.by)}）"
    return ""


def _twice(one: Twice | None) -> str:
    if one is None:
        return ""
    return "在多个入口放行：" + "、".join(f"{door_name(door)} {hour(at)}" for door, at in one.arrivals)


def _is_about(event: DoorEvent, of: tuple[str, int]) -> bool:
    return meant_by(event) == of


def _figure(score: Score) -> str:
    limit = f"（界限 {score.limit:.2f}）" if score.limit is not None else ""
    return f"{score.value:.2f}{limit}"


def _named(who: Candidate) -> str:
    return f"{who.name}（{who.exam_number}）"
