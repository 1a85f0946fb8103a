"""`kiosk forms`, `class-list`, `exam-papers`: what is printed."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress

from kiosk.cli.common import Opened, at_terminal, console, on_the_store
from kiosk.exchange.seating import Order
from kiosk.office import Office
from kiosk.words import say

_out_option = click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="输出目录 / folder.")


@click.command()
@_out_option
@click.option("--title", default="考生信息登记表", show_default=True, help="表名 / title.")
@on_the_store
def forms(opened: Opened, out: Path, title: str) -> None:
    """打印登记表 / The forms that student and guardian sign."""
    language = opened.language
    with Progress(console=console, transient=True) as shown:
        papers = Office(opened.store, out).papers(opened.settings.station.profile)
        for record, missing in papers.unprintable():
            words = say(
                language, "cli.unprintable", name=record.student.name, characters=" ".join(f"U+{ord(c):04X}" for c in missing)
            )
            shown.console.print(words, style="yellow", highlight=False, markup=False)
        task = shown.add_task(say(language, "cli.printing"), total=None)
        written = papers.forms(
            out,
            lambda done: shown.update(task, completed=done),
            title=title,
            school=opened.store.school.get().name,
            actor=at_terminal(),
        )
    _tell(written, language)


@click.command(name="class-list")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PDF 文件 / PDF file.")
@click.option("--title", default="考生信息签字确认表", show_default=True, help="表名 / title.")
@on_the_store
def class_list(opened: Opened, out: Path, title: str) -> None:
    """打印班级签字表 / Class lists with a column for signatures."""
    papers = Office(opened.store, opened.folder).papers(opened.settings.station.profile)
    _tell([papers.class_lists(out, title=title, school=opened.store.school.get().name)], opened.language)


@click.command(name="exam-papers")
@_out_option
@click.option("--title", required=True, help="考试名称 / name of the exam.")
@click.option("--per-room", default=30, show_default=True, type=click.IntRange(1, 500), help="每考场人数 / students a room.")
@click.option(
    "--order", type=click.Choice(list(Order)), default=Order.MIXED, show_default=True, help="编排方式 / who sits where."
)
@on_the_store
def exam_papers(opened: Opened, out: Path, title: str, per_room: int, order: Order) -> None:
    """打印准考证、座次表、核对表、桌贴、汇总表 / The papers of an exam."""
    papers = Office(opened.store, opened.folder).papers(opened.settings.station.profile)
    written = papers.exam(out, title=title, per_room=per_room, order=Order(order), school=opened.store.school.get().name)
    _tell(written, opened.language)


def _tell(written: list[Path], language: str) -> None:
    console.print(say(language, "cli.printed", count=len(written)), highlight=False)
    for path in written:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
