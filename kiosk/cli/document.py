"""`kiosk document`: the picture of a student's ID document."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.common import Opened, by_option, console, existing_file, on_the_store
from kiosk.errors import StoreError
from kiosk.office import Documents
from kiosk.words import say


@click.command()
@click.argument("id_number")
@click.argument("picture", type=existing_file)
@click.option("--profile", default=None)
@click.option("--upside-down", is_flag=True)
@click.option("--look", type=click.Path(path_type=Path, dir_okay=False))
@by_option
@on_the_store
def document(
    opened: Opened,
    id_number: str,
    picture: Path,
    profile: str | None,
    upside_down: bool,
    look: Path | None,
    by: str,
) -> None:
    """Straighten the picture of an ID document and keep it."""
    language = opened.language
    record = opened.store.captures.latest_complete(id_number)
    if record is None:
        raise StoreError("store.not_captured")
    documents = Documents(opened.store, profile or opened.settings.station.profile)
    made = documents.make(documents.read(picture), upside_down=upside_down)
    if look is not None:
        look.write_bytes(made.jpeg)
    number = click.prompt(say(language, "cli.document_number"))
    documents.keep(record, made, number, by=by)
    console.print(say(language, "cli.document_kept", kb=round(len(made.jpeg) / 1024, 1)), highlight=False)
