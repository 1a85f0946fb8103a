from __future__ import annotations

import gc
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import MethodType
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser
from werkzeug.routing import Rule

from drivers_sim.classroom import Classroom
from kiosk import memory, weights
from kiosk.arms_length import door
from kiosk.assembly import Kiosk
from kiosk.config import Settings
from kiosk.records import Step
from tests import networks, reading, statements
from tests.web.browser import chromium

StartKiosk = Callable[..., Kiosk]

STARTED = door.started

FPS = 10  # of the simulated camera, a third of those of a simulated school: each costs 30 ms of processor time

MEMORY = Path("/dev/shm")
ROOM = 6 << 30  # bytes there, for the tests' folders

# How quickly a machine makes up examples says nothing about them.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
memory.share_pools()  # as a station that serves: hundreds of them start and end in a process of the tests


def pytest_configure(config: pytest.Config) -> None:
    """A try costs what the machine can bear in a test, before the first module makes an account; what is stored or sealed says
    its cost by itself. Folders lie in memory where there is room: thousands of small databases would wait for the disk, as long
    as they compute."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setattr("kiosk.ciphers.age.WORK", 4)
    patch.setattr("kiosk.store.pins.MEMORY_KIB", 64)
    patch.setattr("kiosk.store.pins.PASSES", 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nobody looks for cycles in what is being loaded."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What was loaded for the tests stays: nobody goes through a million objects of theirs whenever a test leaves a cycle."""
    gc.collect()
    gc.freeze()


def quick(settings: Settings | None = None) -> Settings:
    """Settings under which no proof of life is asked for."""
    settings = settings or Settings()
    face = settings.face.model_copy(update={"liveness": False})
    return settings.model_copy(update={"face": face})


@pytest.fixture(scope="session")
def _networks_are_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    own = tmp_path_factory.getbasetemp()
    of_the_run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with pytest.MonkeyPatch.context() as patch:
        networks.share(patch, of_the_run / "networks")
        yield


def with_steps(*steps: Step, guardian_always: bool = False) -> Settings:
    """The same, with these steps."""
    settings = quick()
    workflow = settings.workflow.model_copy(update={"steps": steps, "guardian_always": guardian_always})
    return settings.model_copy(update={"workflow": workflow})


@pytest.fixture
def start_kiosk(tmp_path: Path, _networks_are_shared: None) -> Iterator[StartKiosk]:
    """Starts a station with a simulated classroom; everything is stopped at the end of the test."""
    with ExitStack() as stack:

        def start(
            *, students: int = 1, seed: int = 1, settings: Settings | None = None, folder: Path = tmp_path, fps: int = FPS
        ) -> Kiosk:
            cache = weights.folder().parent / "simulated"
            classroom = Classroom(students=students, seed=seed, realistic=False, pcsc=False, cache=cache, fps=fps)
            return stack.enter_context(Kiosk(settings or quick(), folder, classroom))

        yield start
    memory.give_back()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for the whole process: each page has a context of its own."""
    with chromium() as running:
        yield running


class CompiledTemplates(BytecodeCache):
    """Each template is compiled once for a process: every app of a test would do it again, a quarter of a second for a page."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool, bool], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._known.get(_template(bucket))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[_template(bucket)] = bucket.bytecode_to_string()


def _template(bucket: Bucket) -> tuple[str, str, bool, bool]:
    """What its code is made of."""
    return bucket.key, bucket.checksum, bucket.environment.trim_blocks, bucket.environment.lstrip_blocks


def _rule_compiler() -> Callable[[Rule], None]:
    """What werkzeug makes of each address of an app: of 150 for each app, a tenth of a second in all."""
    real, known = Rule.compile, dict[object, dict[str, Any]]()

    def compiled(rule: Rule) -> None:
        key = rule.rule, rule.host, rule.subdomain, repr(rule.defaults), rule.merge_slashes, rule.map.host_matching
        if key not in known:
            real(rule)
            known[key] = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters", "arguments")}
            known[key] |= {name: getattr(rule, name).__func__ for name in ("_build", "_build_unknown")}
        for name, made in known[key].items():
            setattr(rule, name, MethodType(made, rule) if name.startswith("_build") else made)

    return compiled


@pytest.fixture(autouse=True, scope="session")
def _apps_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledTemplates()})
        patch.setattr(Rule, "compile", _rule_compiler())
        yield


@pytest.fixture(autouse=True, scope="session")
def _statements_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        statements.share(patch)
        yield


@pytest.fixture(autouse=True, scope="session")
def _reading_processes_are_split_off() -> Iterator[None]:
    """Four hundred of them would load the same, 0.3 s of processor time each."""
    with pytest.MonkeyPatch.context() as patch:
        if os.name == "posix":
            patch.setattr(door, "started", reading.SplitOff)
        yield


@pytest.fixture
def reading_processes_start_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a school."""
    monkeypatch.setattr(door, "started", STARTED)


@pytest.fixture(autouse=True)
def _no_errors_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A traceback in a thread must not pass unseen."""
    yield
    crashed = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR and record.exc_info]
    assert not crashed, [record.getMessage() for record in crashed]
