from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from kiosk.config import Settings
from kiosk.web import Server, create_app, serve_app
from tests.web.browser import Watched, watched
from tests.web.drawings import picture_book
from tests.web.scripted import ScriptedOffice, ScriptedSimulator, ScriptedStation


@pytest.fixture
def station() -> ScriptedStation:
    scripted = ScriptedStation()
    scripted.pictures = picture_book()
    return scripted


@pytest.fixture
def office() -> ScriptedOffice:
    return ScriptedOffice()


@pytest.fixture
def simulator() -> ScriptedSimulator:
    return ScriptedSimulator()


@pytest.fixture
def app(station: ScriptedStation, office: ScriptedOffice, simulator: ScriptedSimulator) -> Flask:
    return create_app(station=station, office=office, settings=Settings(), simulator=simulator, demonstrator=office.operator)  # type: ignore[arg-type]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    running = serve_app(app, 0)
    yield running
    running.stop()


@pytest.fixture
def roster_file(tmp_path: Path) -> Path:
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(b"PK a sheet")
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Watched]:
    with watched(browser, viewport={"width": 1366, "height": 768}) as found:
        yield found
