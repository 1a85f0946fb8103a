"""The command line: here errors become words and results become tables."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from os import environ
from pathlib import Path
from typing import Any, Final, ParamSpec

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kiosk import weights
from kiosk.assembly import Kiosk
from kiosk.cli_calibrate import calibrate_command
from kiosk.cli_devices import devices
from kiosk.cli_photo import photo
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.office import Office
from kiosk.cli_common import console, load, words_for_errors
from kiosk.cli_day import absent, authorise, correct, deadline, office_key, sign, window
from kiosk.cli_files import export, profiles, progress, report_command
from kiosk.cli_papers import class_list, exam_papers, forms
from kiosk.cli_roster import import_roster
from kiosk.rehearsal import Passage, rehearse
from kiosk.rehearsal_report import report
from kiosk.simulation import Simulator, find_simulator
from kiosk.web import create_app, serve_app
from kiosk.words import say

_CONFIG: Final = "config.toml"
P = ParamSpec("P")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", "file", type=click.Path(path_type=Path), default=None, help="配置文件 / the configuration file.")
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """考生身份信息采集站 / Capture station for state exams."""
    context.obj = file or _default_config()


for _command in (
    import_roster,
    profiles,
    report_command,
    export,
    progress,
    forms,
    class_list,
    exam_papers,
    window,
    deadline,
    authorise,
    office_key,
    absent,
    correct,
    sign,
    devices,
    photo,
    calibrate_command,
):
    main.add_command(_command)


def _default_config() -> Path:
    """`config.toml` here, else the one beside the package."""
    here = Path(_CONFIG)
    return here if here.exists() else Path(__file__).parent.parent / _CONFIG


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
@words_for_errors
def serve(
    file: Path, simulate: bool, students: int, seed: int, realistic: bool, pcsc: bool, port: int | None, no_browser: bool
) -> None:
    """启动采集站 / Run the station."""
    settings, folder = load(file)
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
@words_for_errors
def rehearse_command(file: Path, students: int, seed: int, realistic: bool, pcsc: bool, keep: Path | None) -> None:
    """模拟一个班级走完整个采集过程 / A simulated class goes through the whole station."""
    settings, _ = load(file)
    language = settings.station.language
    if not realistic:
        fast = settings.workflow.model_copy(update={"confirm_s": 0.0})
        settings = settings.model_copy(update={"workflow": fast})
    passages: list[Passage] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-rehearsal-") as scratch:
        simulator = _simulator(students, seed, realistic=realistic, pcsc=pcsc)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Kiosk(settings, keep or Path(scratch), simulator) as kiosk, Progress(*columns, console=console) as shown:
            task = shown.add_task(say(language, "cli.rehearsing"), total=len(simulator.people))
            for passage in rehearse(kiosk):
                passages.append(passage)
                shown.advance(task)
    console.print(report(passages, language))
    sys.exit(0 if passages and all(passage.as_intended for passage in passages) else 1)


@main.command(name="weights")
@click.option("--all", "everything", is_flag=True, help="包括渲染模拟人像的数据 / also what renders simulated people.")
@words_for_errors
def weights_command(everything: bool) -> None:
    """获取识别模型并校验 / Fetch the networks' weights and check them."""
    wanted = (*weights.STATION, weights.MAKEHUMAN) if everything else weights.STATION
    weights.fetch(wanted, lambda line: console.print(f"  {line}", highlight=False))


def _has_display() -> bool:
    return sys.platform in {"win32", "darwin"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _log_to(folder: Path) -> None:
    """What happened, without anybody's data, beside the data: `kiosk.log`, five files of 1 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "kiosk.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
