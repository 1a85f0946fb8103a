"""`kiosk package exam`: what the doors of an exam's site need, by the office's key or by the station's own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from kiosk.ciphers.certificates import CertificateRequest
from kiosk.cli.common import Opened, by_option, existing_file, local_time, on_the_store, print_line, watched
from kiosk.cli.office_key import read_key
from kiosk.cli.school_package import sealing_for
from kiosk.clock import moment
from kiosk.errors import KioskError, StoreError
from kiosk.office.exam_parcels import ExamParcels
from kiosk.records import ThumbWhen
from kiosk.words import say


@click.command(name="exam")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--exam", "number", type=int, required=True)
@click.option("--key", type=existing_file)
@click.option("--to", multiple=True, metavar="REQUEST|age1…")
@click.option("--lock", is_flag=True)
@click.option("--thumb", type=click.Choice([str(one) for one in ThumbWhen]), default=str(ThumbWhen.UNSURE), show_default=True)
@click.option("--reentry", is_flag=True)
@click.option("--alive", is_flag=True)
@click.option("--district", is_flag=True)
@click.option("--expires", type=local_time, metavar="'YYYY-MM-DD HH:MM'")
@by_option
@on_the_store
def exam_command(
    opened: Opened,
    out: Path,
    number: int,
    key: Path | None,
    to: Sequence[str],
    lock: bool,
    thumb: str,
    reentry: bool,
    alive: bool,
    district: bool,
    expires: datetime | None,
    by: str,
) -> None:
    """Make a package of an exam's candidates, for its doors."""
    from kiosk.assembly import chip_embedder  # the networks' libraries take seconds to load

    store, tongue = opened.store, opened.language
    if out.exists():
        raise KioskError("parcel.there", file=out.name)
    office = read_key(key) if key is not None else None
    own = store.signing.recipient()
    recipients = (*to, *filter(None, [office.recipient if office is not None else ""]))
    sealing = sealing_for((*recipients, own) if not lock else (), own, lock=lock)
    with watched(tongue, "cli.bar.checkin") as progress:
        plan = ExamParcels(store, out.parent).write(
            number,
            out,
            sealing,
            chip_embedder(opened.settings),
            key=office.signing if office is not None else None,
            stations=[one for file in to if (one := _key_in(file))],
            thumb=ThumbWhen(thumb),
            reentry=reentry,
            alive=alive,
            district=district,
            expires_at=expires,
            by=by,
            progress=progress,
        )
    told = {"candidates": plan.candidates, "rooms": plan.rooms, "until": moment(plan.expires_at), "file": out}
    print_line(say(tongue, "cli.checkin.package", **told))
    lacking = {"uncaptured": len(plan.uncaptured), "face": plan.without_face, "thumb": plan.without_thumb}
    if any(lacking.values()):
        print_line(say(tongue, "cli.checkin.lacking", **lacking), "yellow")


def _key_in(request: str) -> bytes:
    """The public key of a station's request; empty for a bare recipient, which names no station."""
    if request.startswith("age1"):
        return b""
    with suppress(StoreError, OSError):
        return CertificateRequest.read(Path(request).read_bytes()).public_key
    return b""
