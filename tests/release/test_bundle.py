"""What is in a bundle, and what its installer says on a machine where nothing of ours is there yet."""

from __future__ import annotations

import hashlib
import io
import os
import re
import select
import shutil
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.version import Version

from kiosk.ciphers import SUITES, Suite
from kiosk.ciphers.certificates import fingerprint
from kiosk.cli import main
from kiosk.release import PLATFORMS, Home, gathering, install
from kiosk.release.archive import opened
from kiosk.release.gathering import ROOT, requirements
from kiosk.release.platforms import LINUX, WINDOWS, Platform, Wheel, lacking, locked_lines
from tests.release.tiny import KEY, Tiny

ANY = frozenset({Tag("py3", "none", "any")})
SCRIPTS = sorted(path for path in (ROOT / install.SCRIPTS).iterdir() if path.is_file())
WORDS = sorted((ROOT / install.SCRIPTS / install.WORDS).iterdir())
BATCH = [path for path in SCRIPTS if path.suffix == ".bat"]


def run_installer(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As on a bare machine: nothing but the standard library."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-I", "-S", str(folder / "install.py"), "--no-shortcuts", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_the_same_files_make_the_same_bytes_whenever_and_wherever_they_are_packed(tmp_path: Path, name: str) -> None:
    made = []
    for place in ("one", "another"):
        (tmp_path / place).mkdir()
        archive = Tiny(tmp_path / place).archive(name)
        for path in (tmp_path / place).rglob("*"):
            os.utime(path, (1, 1))
            path.chmod(0o700)
        made += [archive.read_bytes(), Tiny(tmp_path / place).archive(name).read_bytes()]
    assert len({hashlib.sha256(content).hexdigest() for content in made}) == 1
    with opened(tmp_path / "one" / name) as (source, manifest):
        for file in manifest.files:
            assert source.open(file).read() == Tiny(tmp_path / "one").files()[file]


def test_row_4_15_a_bundle_installs_with_the_standard_library_alone_and_starts_the_program_that_came_with_it(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "采集 站")
    done = run_installer(Tiny(tmp_path).unpacked(), "--to", str(home.folder))
    assert done.returncode == 0, done.stderr
    program = home.program("1.0.0")
    assert (program / "asked").read_text(
        "utf-8"
    ) == f"-P -m kiosk --config {home.folder}/config.toml update --adopt {program}\n"
    assert not (program / "wheels").exists()
    assert re.search(r"发布密钥 / key +([0-9a-f]{4} ){3}[0-9a-f]{4}\n", done.stdout)


@pytest.mark.skipif(shutil.which("setsid") is None, reason="nothing here gives a program a terminal")
@pytest.mark.parametrize(("typed", "goes_on"), [("\n", True), ("n\n", False), ("\x03", False), ("\x04", False)])
def test_at_a_terminal_the_first_installation_waits_until_the_fingerprint_was_compared(
    tmp_path: Path, typed: str, goes_on: bool
) -> None:
    bundle, home = Tiny(tmp_path).unpacked(), tmp_path / "home"
    person, terminal = os.openpty()
    # Ctrl-C comes from the terminal that is its own, and is heeded: whoever runs the tests behind a shell has told them not to.
    python = ["env", "--default-signal=INT", "setsid", "--ctty", "--wait", sys.executable, "-I", "-S"]
    command = [*python, str(bundle / "install.py"), "--no-shortcuts", "--to", str(home)]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as run:
        os.close(terminal)
        with os.fdopen(person, "rb", buffering=0) as screen:
            said = _until(screen, "[Y/n] ")
            assert not home.exists()
            os.write(person, typed.encode())
            said += _until(screen, "", again=typed.encode() if typed == "\x03" else b"")
    assert re.search(r"发布密钥 / key +([0-9a-f]{4} ){3}", said)
    assert "Traceback" not in said
    assert (run.returncode == 0, home.exists()) == (goes_on, goes_on), said
    assert ("没有安装" in said) is not goes_on


def _until(screen: io.FileIO, words: str, again: bytes = b"") -> str:
    """What a terminal shows up to these words; without any, to its end. `again`: is typed each second until then, as people do
    whose Ctrl-C came between Python's question and its waiting for an answer."""
    shown = b""
    while not (words and shown.decode("utf-8", "ignore").endswith(words)):
        try:
            if again and not select.select([screen], [], [], 1.0)[0]:
                os.write(screen.fileno(), again)
                continue
            piece = screen.read(4096)
        except OSError:  # how Linux tells that nobody writes any more
            break
        if not piece:
            break
        shown += piece
    return shown.decode("utf-8")


def test_who_says_yes_before_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    bundle = Tiny(tmp_path).unpacked()
    with pytest.raises(install.Refused, match="没有安装"):
        install.install(bundle, tmp_path / "home", shortcuts=False)
    install.install(bundle, tmp_path / "home", shortcuts=False, ask=False)
    assert (tmp_path / "home" / install.VERSIONS / "1.0.0").exists()


def test_over_an_installation_the_bundle_is_judged_by_the_program_that_is_there(tmp_path: Path) -> None:
    home, bundle = Tiny(tmp_path).installed(), Tiny(tmp_path, "1.1.0").unpacked()
    assert run_installer(bundle, "--to", str(home.folder)).returncode == 0
    asked = (home.program("1.0.0") / "asked").read_text("utf-8")
    assert asked == f"-P -m kiosk --config {home.folder}/config.toml update {bundle}\n"
    assert not home.program("1.1.0").exists()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda bundle: (bundle / "program/run.py").write_bytes(b"#"), "program/run.py"),
        (lambda bundle: (bundle / "program/config.toml").unlink(), "program/config.toml"),
        (lambda bundle: (bundle / install.MANIFEST).unlink(), "请先把压缩包全部解压"),
        (lambda bundle: (bundle / install.MANIFEST).write_text("[1]"), "请先把压缩包全部解压"),
    ],
)
def test_a_damaged_bundle_is_told_with_the_file_and_installs_nothing(tmp_path: Path, spoil: object, words: str) -> None:
    bundle = Tiny(tmp_path).unpacked()
    assert callable(spoil)
    spoil(bundle)
    done = run_installer(bundle, "--to", str(tmp_path / "home"))
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_bundle_for_other_machines_and_a_folder_with_somebody_s_files_are_refused(tmp_path: Path) -> None:
    assert "本机是" in run_installer(Tiny(tmp_path, platform="windows-arm64").unpacked(), "--to", str(tmp_path / "x")).stderr
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    assert "不是空文件夹" in run_installer(Tiny(tmp_path, "1.0.1").unpacked(), "--to", str(tmp_path / "full")).stderr
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_the_start_script_starts_the_version_that_the_pointer_names_until_nobody_wants_it_anew(tmp_path: Path) -> None:
    home = Tiny(tmp_path).installed()
    python = install.python_of(home.program("1.0.0"))
    python.write_text('#!/bin/sh\necho "$@" >>"$0.asked"\n[ "$(wc -l <"$0.asked")" -ge 3 ] && exit 4\nexit 75\n')
    done = subprocess.run([str(home.folder / "kiosk.sh")], check=False)
    assert done.returncode == 4
    assert Path(f"{python}.asked").read_text("utf-8") == f"-P -m kiosk --config {home.folder}/config.toml serve\n" * 3


@pytest.mark.parametrize("word", ["", "DELETE"])
def test_data_stay_when_the_program_is_removed_unless_somebody_writes_the_word(tmp_path: Path, word: str) -> None:
    home = Tiny(tmp_path).installed()
    (home.folder / "data").mkdir()
    (home.folder / "data" / "identity.sqlite3").touch()
    command = ["sh", str(home.folder / "uninstall.sh")]
    env = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    subprocess.run(command, input="n\n", text=True, check=False, env=env, stdout=subprocess.DEVNULL)
    assert home.current, "nobody agreed"
    subprocess.run(command, input=f"y\n{word}\n", text=True, check=True, env=env, stdout=subprocess.DEVNULL)
    assert (home.folder / "data" / "identity.sqlite3").exists() is (word == "")
    assert not (home.folder / "versions").exists()


@pytest.mark.parametrize("failing", ["sets_up", "passes"])
def test_a_first_installation_that_fails_is_told_in_its_own_words_and_leaves_no_program(tmp_path: Path, failing: str) -> None:
    bundle = Tiny(tmp_path, sets_up=failing != "sets_up", passes=failing != "passes").unpacked()
    done = run_installer(bundle, "--to", str(tmp_path / "home"))
    assert done.returncode == 1
    assert "安装失败" in done.stderr
    assert re.search(r"no space|upside down", done.stderr)
    assert list((tmp_path / "home" / "versions").iterdir()) == []


def test_where_nothing_can_be_written_it_is_told_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run_installer(Tiny(tmp_path).unpacked(), "--to", str(tmp_path / "file" / "home"))
    assert done.returncode == 1
    assert "无法读写 / can't be read or written" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_an_uninstalled_station_left_is_taken_up_again(tmp_path: Path) -> None:
    home = Tiny(tmp_path).installed()
    (home.folder / "config.toml").write_bytes("[station]\nname = '高一采集点'\n".encode("gb18030"))
    (home.folder / "data").mkdir()
    (home.folder / "data" / "identity.sqlite3").write_bytes(b"a student")
    env = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    uninstall = ["sh", str(home.folder / "uninstall.sh")]
    subprocess.run(uninstall, input="y\n\n", text=True, check=True, env=env, stdout=subprocess.DEVNULL)
    left = {one.name: one for one in home.folder.iterdir()}
    assert set(left) == {"config.toml", "data"}
    settings = left["config.toml"].read_bytes()
    done = run_installer(Tiny(tmp_path).unpacked(), "--to", str(home.folder))
    assert done.returncode == 0, done.stderr
    assert left["config.toml"].read_bytes() == settings
    assert (left["data"] / "identity.sqlite3").read_bytes() == b"a student"


@pytest.mark.skipif(shutil.which("gio") is None, reason="nothing here starts programs as a desktop does")
@pytest.mark.parametrize("name", ["采集 站", "50%f & off (1)!", "O'Brien $HOME `id`", 'a "b" \\c\\t'])
def test_the_shortcut_starts_the_station_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home = tmp_path / name
    home.mkdir()
    os.mkfifo(home / "ran")
    (home / install.STARTER).write_text("#!/bin/sh\npwd >ran\n")
    (home / install.STARTER).chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    install.make_shortcuts(home)
    entry = tmp_path / "share" / "applications" / "exam-capture-kiosk.desktop"
    entry.write_text(entry.read_text("utf-8").replace("Terminal=true", "Terminal=false"), "utf-8")  # there is none here
    subprocess.run(["gio", "launch", str(entry)], check=True)
    assert (home / "ran").read_text("utf-8") == f"{home}\n"  # waits for who writes


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS)
def test_the_lock_has_all_that_its_packages_need_on_each_system(platform: Platform) -> None:
    """By what the packages that are installed here say; the wheels themselves are held when a bundle is made."""
    pinned = sorted({name for lock in ("pcsc", "office", "tools") for name, _ in locked_lines(_lock(lock), platform)})
    wheels = []
    for name, _, number in (line.partition("==") for line in pinned):
        try:
            needs = distribution(name).requires or []
        except ModuleNotFoundError:
            needs = []  # of another system
        wheels.append(Wheel(name, Version(number), ANY, tuple(map(Requirement, needs))))
    assert lacking(requirements(ROOT), wheels, platform) == []
    assert "numpy" in {wheel.name for wheel in wheels}
    without = [wheel for wheel in wheels if wheel.name != "werkzeug"]
    assert [fault.partition(">=")[0] for fault in lacking(requirements(ROOT), without, platform)] == ["flask: werkzeug"]


def _lock(name: str) -> str:
    return (ROOT / ".locks" / f"{name}.txt").read_text("ascii")


def test_what_only_one_system_needs_and_wheels_of_another_are_told_apart() -> None:
    asks = [Requirement('a[x]; sys_platform == "win32"'), Requirement("b>=2")]
    a = Wheel("a", Version("1"), ANY, (Requirement('c; extra == "x"'), Requirement('d; extra == "y"')))
    b = Wheel("b", Version("2"), frozenset({Tag("cp311", "cp311", "win_amd64")}))
    old = Wheel("b", Version("1"), ANY)
    assert lacking(asks, [a, b], WINDOWS) == ["a: c"]
    assert lacking(asks, [a, b], LINUX) == ["exam-capture-kiosk: b>=2"]
    assert lacking(asks, [a, old], LINUX) == ["exam-capture-kiosk: b>=2"]


def test_a_lock_s_lines_are_those_for_the_system() -> None:
    lock = "a==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nb==2 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n"
    assert list(locked_lines(lock, LINUX)) == [("a==1", ["aa", "bb"])]
    assert list(locked_lines(lock, WINDOWS)) == [("a==1", ["aa", "bb"]), ("b==2", ["cc"])]


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_the_installer_and_the_office_call_a_key_by_the_same_digits(suite: Suite) -> None:
    key = suite.new_signing_key().public
    assert install.fingerprint({"release_key": key.hex()}) == fingerprint(key)


@pytest.mark.parametrize(("cut", "added"), [(0, "no digits"), (0, "ab"), (-2, ""), (None, "00")])
def test_a_next_key_that_is_none_makes_no_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int | None, added: str
) -> None:
    spoilt = KEY.public.hex()[:cut] + added
    monkeypatch.setattr("kiosk.cli.bundle.gather", lambda *_: pytest.fail("no station would believe another bundle"))
    key = tmp_path / "release.key"
    assert CliRunner().invoke(main, ["office-key", "make", str(key)]).exit_code == 0
    command = ["bundle", "--platform", "linux", "--key", str(key), "--next-key", spoilt, "--out", str(tmp_path / "x.tar.gz")]
    refused = CliRunner().invoke(main, command, catch_exceptions=False)
    assert (refused.exit_code, "--next-key" in refused.output) == (2, True)


def test_the_program_goes_whole_and_nothing_else_goes() -> None:
    names = {name for name, _ in gathering.program_files(ROOT)}
    assert {"program/run.py", "program/.locks/pcsc.txt", "program/kiosk/translations/zh-CN/release.po"} <= names
    assert {f"program/{path.relative_to(ROOT).as_posix()}" for path in (*SCRIPTS, *WORDS)} <= names
    assert not any(re.search(r"/tests/|/bench/|__pycache__|\.sqlite3", name) for name in names)
    for name in names:
        install.require_inside(name)


def test_the_version_that_is_told_is_the_project_s() -> None:
    assert gathering.project(ROOT)["version"] == version("exam-capture-kiosk")


@pytest.mark.parametrize("path", BATCH, ids=lambda path: path.name)
def test_batch_files_are_what_every_windows_reads(path: Path) -> None:
    content = path.read_bytes()
    assert content.isascii(), "any code page"
    assert content.count(b"\r\n") == content.count(b"\n") > 0
    lines = content.decode().splitlines()
    assert lines[:1] == ["@echo off"]
    code = [line for line in lines if not line.startswith("rem ")]
    bare = re.sub(r"\^.|\"[^\"]*\"|\(goto\)", "", "\n".join(line for line in code if not line.strip().startswith("echo")))
    assert bare.count("(") == bare.count(")")
    for line in code:
        assert line.count('"') % 2 == 0, line
        unquoted = re.sub(r'"[^"]*"', "", line)
        assert not re.search(r"%(KIOSK_(HOME|SOURCE|WORDS|PYTHON|TRY)|~)", unquoted), f"a path with spaces, or R&D: {line}"
        assert line.count("%*") == unquoted.count("%*"), f"what is quoted among the arguments would not be quoted: {line}"
        assert not re.search(r"call :\w+ ", line), f"what `call` is told is expanded twice: {line}"
    called = set(re.findall(r"(?:call :|goto )(\w+)", "\n".join(code)))
    assert called == {line[1:] for line in code if line.startswith(":")}


def shown_by(path: Path) -> list[str]:
    """The texts that a batch file shows."""
    return re.findall(r'\btype "%KIOSK_(?:WORDS%|HOME%words\\)([^"]+)"', path.read_text("ascii"))


@pytest.mark.parametrize("path", BATCH, ids=lambda path: path.name)
def test_batch_files_speak_by_texts_once_the_console_takes_them(path: Path) -> None:
    lines = [line.strip() for line in path.read_text("ascii").splitlines()]
    showing = [at for at, line in enumerate(lines) if re.search(r"\btype ", line)]
    assert set(shown_by(path)) <= {text.name for text in WORDS}
    assert len(shown_by(path)) == len(showing) > 0
    assert lines.index("chcp 65001 >nul") < showing[0]
    for line in lines:
        if line.startswith("echo "):
            assert re.fullmatch(r'echo "%[^" ]+"', line), f"no words of its own, only where: {line}"
        if line.startswith("set /p "):
            assert re.fullmatch(r'set /p \w+=(<"[^"]+"|"(\[y/N\]|>) ")', line), line


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.stem)
def test_the_texts_of_batch_files_are_chinese_first_and_english(path: Path) -> None:
    content = path.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    chinese, english = content.decode("utf-8").splitlines()
    assert re.match(r"[\u4e00-\u9fff]|Python 3\.11 \w*[\u4e00-\u9fff]", chinese)
    assert re.fullmatch(r"[A-Z][ -~]+", english)
    assert path.name in {name for script in BATCH for name in shown_by(script)}


def test_who_starts_the_installer_within_the_archive_is_told_in_both_languages() -> None:
    """Windows unpacks that one file only: its words can't lie in another."""
    script = (ROOT / install.SCRIPTS / "install.bat").read_text("ascii")
    told = re.search(r"char\[\]\]\(([0-9A-Fx,]+)\)\) \+ ' install\.bat'; 'Unpack all of the archive first", script)
    assert told is not None
    assert "".join(chr(int(code, 16)) for code in told[1].split(",")) == "请先把压缩包全部解压，再运行"


def test_on_windows_the_texts_lie_where_the_scripts_beside_them_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WINDOWS": True, "STARTER": "kiosk.bat", "UNINSTALLER": "uninstall.bat"}.items():
        monkeypatch.setattr(install, name, value)
    home = tmp_path / "home"
    shutil.copytree(ROOT / install.SCRIPTS, home / install.VERSIONS / "1.0.0" / install.SCRIPTS)
    (home / install.VERSIONS / "1.0.0" / install.SETTINGS).touch()
    install.write_scripts(home, "1.0.0")
    for script in ("kiosk.bat", "uninstall.bat"):
        assert all((home / install.WORDS / name).is_file() for name in shown_by(home / script))


def test_shell_scripts_are_sound() -> None:
    for path in SCRIPTS:
        if path.suffix == ".sh":
            subprocess.run(["sh", "-n", str(path)], check=True)
            assert b"\r" not in path.read_bytes()
