"""run.py: what it says and does before anything is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module, with a dpkg-query that knows of one installed package."""
    monkeypatch.syspath_prepend(str(ROOT))
    import run

    fake = tmp_path / "bin" / "dpkg-query"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho libgl1 installed\necho swig config-files\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    return run


def test_a_wrong_python_is_told_in_one_clear_line_before_anything_is_installed(tmp_path: Path) -> None:
    code = f"import sys; sys.version_info = (3, 9, 2); exec(open({str(ROOT / 'run.py')!r}, encoding='utf-8').read())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert told.returncode == 1
    assert "需要 Python 3.11，当前是 3.9" in told.stderr
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_only_missing_system_packages_are_named(run: ModuleType) -> None:
    assert run.missing_packages(["libgl1", "swig", "gcc"]) == ["swig", "gcc"]


def test_what_a_bundle_is_made_of_can_be_built(run: ModuleType) -> None:
    """pyscard has no wheel for Linux: without swig and PC/SC's headers there would be no bundle on a bare machine."""
    wanted = [run.extra_for([command, "--platform", "linux"]) for command in ("bundle", "office-key")]
    assert wanted == ["pcsc", "station"]


def test_without_root_the_one_line_to_run_is_printed(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as told:
        run.install_system_packages(["libgl1", "swig"])
    assert "sudo apt-get install -y --no-install-recommends swig" in str(told.value)


def test_nothing_is_asked_of_apt_when_all_is_there(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "call", lambda *_, **__: pytest.fail("apt was called"))
    run.install_system_packages(["libgl1"])


def test_another_lock_means_another_set_up(run: ModuleType) -> None:
    assert len({run.fingerprint(extra) for extra in ("station", "pcsc", "test")}) == 3
    assert run.fingerprint("test") == run.fingerprint("test")


def test_what_was_compiled_is_kept_for_the_next_start_but_not_beside_the_sources(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "TOOLS", tmp_path)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    for unwanted, kept in (("", None), ("1", str(tmp_path / "bytecode"))):
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", unwanted)
        run.keep_bytecode()
        assert "PYTHONDONTWRITEBYTECODE" not in os.environ
        assert os.environ.get("PYTHONPYCACHEPREFIX") == kept
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")


def test_a_bundle_is_installed_out_of_its_own_wheels_by_their_hashes_and_no_network_is_asked(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "pip-26.3-py3-none-any.whl").touch()
    called: list[list[str]] = []
    monkeypatch.setattr(run, "WHEELS", tmp_path / "wheels")
    monkeypatch.setattr(run, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(run, "TOOLS", tmp_path / ".run")
    monkeypatch.setattr(run, "STAMP", tmp_path / ".run" / "installed")
    monkeypatch.setattr(run, "install_system_packages", called.append)
    monkeypatch.setattr(run, "call", lambda command, **_: called.append(command))
    monkeypatch.setattr(run, "compile_sources", lambda: None)
    monkeypatch.setattr(run, "run_in_place", lambda _: pytest.fail("nothing is to be started"))

    run.main(["set-up"])

    packages, venv, wheels, program, weights = called
    assert packages == run.PICTURES + run.READERS, "nothing is built, so no compiler is needed"
    assert venv[1:4] == ["-m", "venv", "--without-pip"]
    assert all("--no-index" in command and str(tmp_path / "wheels") in command for command in (wheels, program))
    assert wheels[-3:] == ["--require-hashes", "--requirement", str(tmp_path / "wheels" / "requirements.txt")]
    assert {"--no-deps", "--no-build-isolation"} <= set(program)
    assert weights[-2:] == ["kiosk", "weights"]
    (tmp_path / "python").touch()
    called.clear()
    monkeypatch.setattr(run, "missing_packages", lambda _: [])
    run.main(["set-up"])
    assert called == [], "once is enough"


def test_the_first_start_finds_bytecode_even_where_python_is_told_to_write_none(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "station.py").write_text("", "ascii")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "TOOLS", tmp_path / ".run")
    monkeypatch.setattr(run, "PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    run.keep_bytecode()
    run.compile_sources()
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")
    assert [file.name for file in (tmp_path / ".run").rglob("kiosk/*.pyc")] == ["station.cpython-311.pyc"]
