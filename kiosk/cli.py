"""The command line: here errors become words and results become tables."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from functools import wraps
from logging.handlers import RotatingFileHandler
from os import environ
from pathlib import Path
from typing import Any, Final, ParamSpec

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kiosk import config, weights
from kiosk.assembly import Kiosk
from kiosk.cli_devices import devices
from kiosk.cli_photo import photo
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.office import Office
from kiosk.rehearsal import Passage, rehearse
from kiosk.rehearsal_report import report
from kiosk.simulation import Simulator, find_simulator
from kiosk.store import Store
from kiosk.web import create_app, serve_app
from kiosk.words import say, say_error, say_message

_CONFIG: Final = "config.toml"
P = ParamSpec("P")

console = Console()


def _language() -> str:
    """Before the configuration is read: Chinese, unless the terminal is set to English."""
    return "en" if environ.get("LC_ALL", environ.get("LANG", "")).startswith("en_") else "zh-CN"


def _words_for_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Errors end a command with words and exit status 2, never with a traceback."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except KioskError as error:
            click.secho(say_error(_language(), error), fg="red", err=True)
            sys.exit(2)

    return guarded


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", "file", type=click.Path(path_type=Path), default=None, help="配置文件 / the configuration file.")
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """考生身份信息采集站 / Capture station for state exams."""
    context.obj = file or _default_config()


main.add_command(devices)
main.add_command(photo)


def _default_config() -> Path:
    """`config.toml` here, else the one beside the package."""
    here = Path(_CONFIG)
    return here if here.exists() else Path(__file__).parent.parent / _CONFIG


def _load(file: Path) -> tuple[Settings, Path]:
    """Settings, and the folder that their relative paths start from."""
    return config.load(file), file.resolve().parent


def _simulator(students: int, seed: int, *, realistic: bool, pcsc: bool) -> Simulator:
    cache = weights.folder().parent / "simulated"
    return find_simulator()(students=students, seed=seed, realistic=realistic, pcsc=pcsc, cache=cache)


_simulation_options: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--seed", default=1, show_default=True, help="同一种子，同一批模拟考生 / the same seed, the same people."),
    click.option("--realistic", is_flag=True, help="设备按真实速度运行 / devices at real speed."),
    click.option("--pcsc", is_flag=True, help="模拟卡经真实的 pcscd / the simulated card through the real pcscd."),
)


def _with_simulation_options(command: Callable[P, None]) -> Callable[P, None]:
    for option in reversed(_simulation_options):
        command = option(command)
    return command


@main.command()
@click.option("--simulate", is_flag=True, help="使用模拟设备 / simulated devices.")
@click.option("--students", default=12, show_default=True, help="模拟考生人数 / how many simulated students.")
@_with_simulation_options
@click.option("--port", type=int, default=None, help="端口 / port (config: web.port).")
@click.option("--no-browser", is_flag=True, help="不打开浏览器 / don't open a browser.")
@click.pass_obj
@_words_for_errors
def serve(
    file: Path, simulate: bool, students: int, seed: int, realistic: bool, pcsc: bool, port: int | None, no_browser: bool
) -> None:
    """启动采集站 / Run the station."""
    settings, folder = _load(file)
    simulator = _simulator(students, seed, realistic=realistic, pcsc=pcsc) if simulate else None
    _log_to(folder / settings.store.folder)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Kiosk(settings, folder, simulator) as kiosk:
        app = create_app(station=kiosk.station, office=kiosk.office, settings=kiosk.settings, simulator=simulator)
        server = serve_app(app, settings.web.port if port is None else port)
        try:
            language = settings.station.language
            console.print(say(language, "cli.serving", url=server.url), highlight=False, soft_wrap=True)
            if simulate:
                console.print(say(language, "cli.simulated"), highlight=False, soft_wrap=True)
            if not no_browser and _has_display():
                webbrowser.open(f"{server.url}/operator")
            while not stopped.wait(0.5):  # short waits: on Windows a signal does not end a long one
                pass
        finally:
            server.stop()
    console.print(say(settings.station.language, "cli.stopped"), highlight=False)


@main.command(name="rehearse")
@click.option("--students", default=20, show_default=True, type=click.IntRange(1, 5000), help="人数 / how many students.")
@_with_simulation_options
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="数据保留在此目录 / keep the data in this folder."
)
@click.pass_obj
@_words_for_errors
def rehearse_command(file: Path, students: int, seed: int, realistic: bool, pcsc: bool, keep: Path | None) -> None:
    """模拟一个班级走完整个采集过程 / A simulated class goes through the whole station."""
    settings, _ = _load(file)
    language = settings.station.language
    if not realistic:
        fast = settings.workflow.model_copy(update={"confirm_s": 0.0})
        settings = settings.model_copy(update={"workflow": fast})
    passages: list[Passage] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-rehearsal-") as scratch:
        simulator = _simulator(students, seed, realistic=realistic, pcsc=pcsc)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Kiosk(settings, keep or Path(scratch), simulator) as kiosk, Progress(*columns, console=console) as progress:
            task = progress.add_task(say(language, "cli.rehearsing"), total=len(simulator.people))
            for passage in rehearse(kiosk):
                passages.append(passage)
                progress.advance(task)
    console.print(report(passages, language))
    sys.exit(0 if passages and all(passage.as_intended for passage in passages) else 1)


@main.command()
@click.option("--profile", default=None, help="导出方案 / export profile (config: station.profile).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="输出目录 / output folder.")
@click.option("--simulate", is_flag=True, help="导出模拟数据 / the simulated records.")
@click.pass_obj
@_words_for_errors
def export(file: Path, profile: str | None, out: Path, simulate: bool) -> None:
    """导出 Excel 与照片 / Write the Excel sheet and the pictures."""
    settings, folder = _load(file)
    language = settings.station.language
    with _store(settings, folder, simulate=simulate) as store, Progress(console=console, transient=True) as progress:
        task = progress.add_task(say(language, "cli.exporting"), total=None)
        done = Office(store, out).export(
            profile or settings.station.profile, out, lambda written: progress.update(task, completed=written)
        )
    console.print(
        say(language, "cli.exported", rows=done.rows, pictures=done.pictures, sheet=done.sheet), highlight=False, soft_wrap=True
    )


@main.command(name="import-roster")
@click.argument("roster", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--simulate", is_flag=True, help="导入到模拟数据 / into the simulated records.")
@click.pass_obj
@_words_for_errors
def import_roster(file: Path, roster: Path, simulate: bool) -> None:
    """导入花名册 / Take a school's roster."""
    settings, folder = _load(file)
    language = settings.station.language
    with _store(settings, folder, simulate=simulate) as store:
        done = Office(store, folder).import_roster(roster)
    for problem in done.problems:
        place = say(language, "cli.roster_row", row=problem.row, column=problem.column, value=problem.value)
        console.print(place + say_message(language, problem.message), style="red", highlight=False, markup=False)
    console.print(
        say(
            language,
            "cli.roster_taken",
            read=done.taken + done.refused,
            taken=done.taken,
            refused=done.refused,
            added=done.added,
            changed=done.changed,
            gone=done.gone,
        ),
        highlight=False,
    )
    sys.exit(1 if done.refused else 0)


@main.command(name="weights")
@click.option("--all", "everything", is_flag=True, help="包括渲染模拟人像的数据 / also what renders simulated people.")
@_words_for_errors
def weights_command(everything: bool) -> None:
    """获取识别模型并校验 / Fetch the networks' weights and check them."""
    wanted = (*weights.STATION, weights.MAKEHUMAN) if everything else weights.STATION
    weights.fetch(wanted, lambda line: console.print(f"  {line}", highlight=False))


def _store(settings: Settings, folder: Path, *, simulate: bool) -> Store:
    return Store.open(folder / settings.store.folder / ("simulated" if simulate else ""))


def _has_display() -> bool:
    return sys.platform in {"win32", "darwin"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _log_to(folder: Path) -> None:
    """What happened, without anybody's data, beside the data: `kiosk.log`, five files of 1 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "kiosk.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
