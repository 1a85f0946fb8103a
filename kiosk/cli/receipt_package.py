"""`kiosk package receipt`: the office's answer to 采集包: what arrived, what is wanted again; on the office's machine only."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Opening, Sealing, is_recipient
from kiosk.ciphers.certificates import Revocations
from kiosk.cli.common import console, existing_file, print_line, words_for_errors
from kiosk.cli.office_key import key_option, read_key
from kiosk.cli.spoken import language
from kiosk.errors import KioskError
from kiosk.exchange.captures_parcel import captures_head, received
from kiosk.exchange.file_names import free_name
from kiosk.exchange.parcel import SUFFIX, reading
from kiosk.exchange.receipt_parcel import Pairs, ReceiptHead, ReceiptParcel, write_receipt
from kiosk.office import Tone
from kiosk.office.parcel_look import Belief, look
from kiosk.words import say, say_message

_LONGEST: Final = 500


@dataclass
class _Answer:
    """What goes back to one station."""

    recipient: str
    station: str
    parcels: list[str] = field(default_factory=list)
    received: dict[tuple[str, str], None] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)  # the newest record by ID number, and each by its own id
    versions: dict[str, int] = field(default_factory=dict)


@click.command(name="receipt")
@click.argument("files", type=existing_file, nargs=-1, required=True)
@key_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--may-delete", is_flag=True)
@click.option("--again", type=existing_file)
@click.option("--decisions", type=existing_file)
@click.option("--revocations", type=existing_file)
@words_for_errors
def receipt_command(
    files: Sequence[Path],
    key: Path,
    out: Path,
    may_delete: bool,
    again: Path | None,
    decisions: Path | None,
    revocations: Path | None,
) -> None:
    """Answer packages that arrived: a receipt for each station."""
    office = read_key(key)
    revoked = Revocations.read(revocations.read_bytes()) if revocations is not None else None
    answers, bad = _answers(files, office, Belief(frozenset({office.signing.public}), revoked))
    wanted, decided = _said(again, "reason"), _said(decisions, "decision")
    known = {who for answer in answers.values() for who in answer.people}
    for line, (who, _) in enumerate((*wanted, *decided), start=2):
        if who not in known:
            raise KioskError("parcel.nobody", line=line)
    issued = datetime.now(UTC)
    for store, answer in answers.items():
        head = ReceiptHead(store, issued, may_delete, tuple(answer.parcels))
        parcel = ReceiptParcel(head, tuple(answer.received), _of(answer, wanted), _of(answer, decided))
        path = free_name(out, f"receipt-{issued.astimezone():%Y%m%d-%H%M%S}-{store[:8]}{SUFFIX}")
        to = Sealing(recipients=tuple(filter(None, (answer.recipient, office.recipient))))
        write_receipt(path, to, office, parcel)
        words = say(language(), "cli.parcel.receipt", station=answer.station, records=len(answer.received), file=path)
        print_line(words)
    if bad:
        sys.exit(1)


def _answers(files: Sequence[Path], office: OfficeKey, belief: Belief) -> tuple[dict[str, _Answer], int]:
    """By store. A package that is not good in every way is told, and not answered: how many there are."""
    by, answers, bad = Opening(identities=(office.identity,)), dict[str, _Answer](), 0
    for file in files:
        verdict = look(file, by, belief)
        if verdict.tone is not Tone.GOOD:
            bad += 1
            for line in verdict.lines:
                if line.tone is not Tone.GOOD:
                    console.print(say_message(language(), line.message), style="red", highlight=False, markup=False)
            continue
        with reading(file, by) as parcel:
            head = captures_head(parcel.head)
            if not is_recipient(head.recipient):
                raise KioskError("parcel.no_recipient")
            answer = answers.setdefault(head.store, _Answer(head.recipient, head.station))
            answer.parcels.append(head.id)
            for one in received(parcel):
                answer.received[one.id, one.digest] = None
                answer.people[one.id] = one.id
                who, version = str(one.told["record"]["id_number"]), int(one.told["record"]["version"])
                if version >= answer.versions.get(who, 0):
                    answer.versions[who], answer.people[who] = version, one.id
    return answers, bad


def _said(file: Path | None, column: str) -> Pairs:
    """Lines of a CSV file with `who`, an ID number or a record's id, and what is said of them."""
    if file is None:
        return ()
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            rows = csv.DictReader(content)
            if set(rows.fieldnames or ()) != {"who", column}:
                raise ValueError(rows.fieldnames)
            found = tuple(((row["who"] or "").strip(), (row[column] or "").strip()) for row in rows)
    except (ValueError, csv.Error):
        raise KioskError("parcel.said", columns=f"who,{column}") from None
    if not all(who and 0 < len(text) <= _LONGEST for who, text in found):
        raise KioskError("parcel.said", columns=f"who,{column}")
    return found


def _of(answer: _Answer, said: Pairs) -> Pairs:
    return tuple((answer.people[who], text) for who, text in said if who in answer.people)
