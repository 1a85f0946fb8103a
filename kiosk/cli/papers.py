"""`kiosk forms`, `class-list`, `exam-papers`: what is printed."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress

from kiosk.cli.common import console, load, open_store, simulate_option, words_for_errors
from kiosk.exchange.seating import Order
from kiosk.office import Office
from kiosk.words import say

_out_option = click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="输出目录 / folder.")


@click.command()
@_out_option
@click.option("--title", default="考生信息登记表", show_default=True, help="表名 / title.")
@simulate_option
@click.pass_obj
@words_for_errors
def forms(file: Path, out: Path, title: str, simulate: bool) -> None:
    """打印登记表 / The forms that student and guardian sign."""
    settings, folder = load(file)
    language = settings.station.language
    with open_store(settings, folder, simulate=simulate) as store, Progress(console=console, transient=True) as shown:
        papers = Office(store, out).papers(settings.station.profile)
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
            school=settings.station.school,
            actor=settings.station.operator,
        )
    _tell(written, language)


@click.command(name="class-list")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PDF 文件 / PDF file.")
@click.option("--title", default="考生信息签字确认表", show_default=True, help="表名 / title.")
@simulate_option
@click.pass_obj
@words_for_errors
def class_list(file: Path, out: Path, title: str, simulate: bool) -> None:
    """打印班级签字表 / Class lists with a column for signatures."""
    settings, folder = load(file)
    with open_store(settings, folder, simulate=simulate) as store:
        papers = Office(store, folder).papers(settings.station.profile)
        _tell([papers.class_lists(out, title=title, school=settings.station.school)], settings.station.language)


@click.command(name="exam-papers")
@_out_option
@click.option("--title", required=True, help="考试名称 / name of the exam.")
@click.option("--per-room", default=30, show_default=True, type=click.IntRange(1, 500), help="每考场人数 / students a room.")
@click.option(
    "--order", type=click.Choice(list(Order)), default=Order.MIXED, show_default=True, help="编排方式 / who sits where."
)
@simulate_option
@click.pass_obj
@words_for_errors
def exam_papers(file: Path, out: Path, title: str, per_room: int, order: Order, simulate: bool) -> None:
    """打印准考证、座次表、核对表、桌贴、汇总表 / The papers of an exam."""
    settings, folder = load(file)
    with open_store(settings, folder, simulate=simulate) as store:
        papers = Office(store, folder).papers(settings.station.profile)
        written = papers.exam(out, title=title, per_room=per_room, order=Order(order), school=settings.station.school)
    _tell(written, settings.station.language)


def _tell(written: list[Path], language: str) -> None:
    console.print(say(language, "cli.printed", count=len(written)), highlight=False)
    for path in written:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
