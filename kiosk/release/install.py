#!/usr/bin/env python3
"""Installs the program out of an unpacked bundle, on a machine without any network.

`install.bat` and `install.sh` run this file where it lies at the bundle's top; `kiosk update` uses its parts for the versions
that follow. It knows the standard library only, and nothing of the rest of the program, which isn't there yet.

What an installation looks like (docs/decisions/0021-bundle.md):

    current, previous       one line each: the version that is started, and the one before it
    versions/1.0.0/         the program as the bundle brought it, its `manifest.json`, and its own `.venv`
    release-key             the public key that updates must be signed by
    kiosk.sh | kiosk.bat    starts the version that `current` names; uninstall.sh | uninstall.bat, and `words`
                            that the batch files show
    config.toml, data/, …   the school's own: made at the first start, never touched from here
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import platform
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

FORMAT = 1
KIND = "kiosk release"
MANIFEST = "manifest.json"
PROGRAM = "program/"
SETTINGS = "config.toml"
CURRENT, PREVIOUS, VERSIONS = "current", "previous", "versions"
WINDOWS = os.name == "nt"
STARTER = "kiosk.bat" if WINDOWS else "kiosk.sh"
UNINSTALLER = "uninstall.bat" if WINDOWS else "uninstall.sh"
SCRIPTS = "kiosk/release/scripts"
WORDS = "words"  # what the batch files show by `type`: they are ASCII themselves
SM2_BYTES = 64  # of a public key
_PIECE = 1 << 20

Told = dict[str, Any]  # a manifest as JSON has it


class Refused(Exception):
    """Why nothing is installed, in both languages."""


def main(arguments: list[str] | None = None) -> None:
    asked = argparse.ArgumentParser(description="安装采集站 / installs the capture station")
    asked.add_argument("--to", type=Path, default=usual_place(), metavar="FOLDER", help="安装到 / where to (%(default)s)")
    asked.add_argument("--no-shortcuts", action="store_true", help="不建快捷方式 / no shortcuts")
    asked.add_argument("--packages", action="store_true", help="只安装系统软件包 / the system packages, and nothing else")
    asked.add_argument("--yes", action="store_true", help="不询问指纹是否一致 / don't ask about the fingerprint")
    told = asked.parse_args(arguments)
    source = Path(__file__).resolve().parent
    try:
        if told.packages:
            check_files(source, read_manifest(source))
            require_system_packages(source)
            return
        install(source, told.to.expanduser().resolve(), shortcuts=not told.no_shortcuts, ask=not told.yes)
    except Refused as refusal:
        sys.exit("\n" + str(refusal))
    except OSError as error:
        short = "磁盘空间不足" if error.errno == errno.ENOSPC else "无法读写"
        sys.exit("\n{} / can't be read or written: {}".format(short, error))
    except subprocess.CalledProcessError as error:
        sys.exit("\n安装失败 / the installation failed: {}".format(" ".join(map(str, error.cmd))))


def usual_place() -> Path:
    """In the user's own folders: nobody has to be an administrator."""
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "ExamCaptureKiosk"
    return Path.home() / "exam-capture-kiosk"


def install(source: Path, home: Path, *, shortcuts: bool = True, ask: bool = True) -> None:
    """The first time into `home`; where a version is installed already, that one judges this bundle as an update, and knows
    the key. `ask`: whether somebody at a terminal compares it the first time."""
    manifest = read_manifest(source)
    require_fitting(manifest)
    say("核对文件", "checking the files")
    check_files(source, manifest)
    version = manifest["version"]
    print("  版本 / version     {}\n  发布密钥 / key     {}".format(version, fingerprint(manifest)), flush=True)
    print("  请与上级办公室公布的指纹核对。/ Compare the key with what the office has published.", flush=True)
    installed = (home / CURRENT).exists()
    if ask and not installed:
        require_agreement()
    require_system_packages(source)
    if installed:
        say("已安装过，按更新处理", "installed before: this is an update")
        run_program(home, home / VERSIONS / read_line(home / CURRENT), "update", str(source))
        return
    require_own_place(home)
    program = home / VERSIONS / str(version)
    try:
        say("复制程序", "copying the program")
        put_beside(source, home, manifest)
        set_up(program)
        say("核对签名并自检", "checking the signature, and the self-test")
        run_program(home, program, "update", "--adopt", str(program))
    except BaseException:  # a gigabyte that nobody starts, perhaps on a disk that is full because of it
        shutil.rmtree(str(program), ignore_errors=True)
        raise
    if shortcuts:
        make_shortcuts(home)
    print("\n已安装到 / installed in {}\n启动 / start: {}".format(home, home / STARTER), flush=True)


def read_manifest(source: Path) -> Told:
    """What the bundle says it holds; whether that is so, and who signed it, is another question. Raises Refused."""
    try:
        told = json.loads((source / MANIFEST).read_text("utf-8"))
        if told["kind"] != KIND or told["format"] != FORMAT:
            raise ValueError(told["kind"])
        for name, file in told["files"].items():
            require_inside(name)
            int(file["size"]), bytes.fromhex(file["sha256"])
        str(told["version"]), str(told["platform"]), bytes.fromhex(told["release_key"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Refused(
            "安装包不完整：请先把压缩包全部解压，再运行安装程序。\n"
            "The bundle is not whole: unpack all of the archive first, then start the installation again."
        ) from None
    found: Told = told
    return found


def require_inside(name: str) -> None:
    """A name that leads nowhere else, on any system; raises ValueError."""
    parts = name.split("/")
    if not name or any(part in {"", ".", ".."} or (part != part.strip(" .") and part[0] != ".") for part in parts):
        raise ValueError(name)
    if any(char in name for char in '\\:*?"<>|') or any(ord(char) < 32 for char in name):
        raise ValueError(name)


def require_fitting(manifest: Told) -> None:
    """Raises Refused for a bundle that was made for other machines."""
    here = this_platform()
    if manifest["platform"] != here:
        raise Refused(
            "此安装包适用于 {0}，本机是 {1}。请使用对应的安装包。\n"
            "This bundle is for {0}, and this machine is {1}: take the one for it.".format(manifest["platform"], here)
        )


def this_platform() -> str:
    """As manifests name it."""
    system = {"nt": "windows", "posix": "linux"}.get(os.name, os.name)
    machine = platform.machine().lower()
    return "{}-{}".format(system, {"amd64": "x86_64"}.get(machine, machine))


def check_files(source: Path, manifest: Told) -> None:
    """Every file of the manifest is there, as it was when the bundle was made; raises Refused naming those that aren't."""
    bad = [name for name, file in manifest["files"].items() if digest_of(source / name) != file["sha256"]]
    if bad:
        raise Refused(
            "安装包已损坏，请重新复制（共 {0} 个文件）：\n{1}\nThe bundle is damaged, copy it again ({0} files).".format(
                len(bad), "\n".join("  " + name for name in bad[:10])
            )
        )


def digest_of(path: Path) -> str:
    """SHA-256, hexadecimal; empty for what is not there or no file."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for piece in iter(lambda: file.read(_PIECE), b""):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def fingerprint(manifest: Told) -> str:
    """Of the public key, in groups that two people can compare: by the digest of its suite, as `kiosk office-key` prints it."""
    key = bytes.fromhex(manifest["release_key"])
    try:
        digits = hashlib.new("sm3" if len(key) == SM2_BYTES else "sha256", key).hexdigest()[:16]
    except ValueError:  # an OpenSSL without SM3: the program says it before it starts
        return "?"
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def require_agreement() -> None:
    """Of who sits at a terminal; without one nobody is asked. Raises Refused."""
    if not sys.stdin.isatty():
        return
    try:
        answer = input("  一致按回车继续，不一致输入 n / the same: press Enter; another one: write n [Y/n] ")
    except (EOFError, KeyboardInterrupt):
        answer = "n"
    if answer.strip().lower() not in {"", "y", "yes"}:
        raise Refused(
            "没有安装。请向上级办公室核实此安装包的来源。\nNothing is installed. Ask the office where this bundle comes from."
        )


def require_own_place(home: Path) -> None:
    """Raises Refused for a folder in which somebody else's files lie. What an uninstalled station left is our own: the new
    program goes on with it."""
    if not home.exists() or was_a_station(home):
        return
    if not home.is_dir() or any(one.name not in {VERSIONS, "python"} for one in home.iterdir()):
        raise Refused(
            "{0} 已存在且不是空文件夹。请用 --to 指定另一个文件夹。\n"
            "{0} is there, and not empty: name another folder by --to.".format(home)
        )


def was_a_station(home: Path) -> bool:
    """Whether settings of ours lie in a folder; any encoding will do, for people edit them."""
    try:
        return b"[station]" in (home / SETTINGS).read_bytes()
    except OSError:
        return False


def put_beside(source: Path, home: Path, manifest: Told) -> Path:
    """The program of a bundle, in a folder of its own beside other versions; what an earlier try left there is removed."""
    program = home / VERSIONS / str(manifest["version"])
    if program.exists():
        shutil.rmtree(str(program))
    for name in manifest["files"]:
        if name.startswith(PROGRAM):
            target = program / name[len(PROGRAM) :]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(source / name), str(target))
    shutil.copyfile(str(source / MANIFEST), str(program / MANIFEST))
    return program


def set_up(program: Path) -> None:
    """Its own environment, out of the wheels that it brought, which aren't needed afterwards. Raises CalledProcessError."""
    subprocess.run([base_python(), str(program / "run.py"), "set-up"], check=True, cwd=str(program), env=clean_environment())
    shutil.rmtree(str(program / "wheels"))


def base_python() -> str:
    """The Python that environments are made with: of the environment that this runs in, if it is one, its base."""
    return getattr(sys, "_base_executable", "") or sys.executable


def clean_environment() -> dict[str, str]:
    """Without what the environment of another Python would bring along."""
    return {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}}


def python_of(program: Path) -> Path:
    """The interpreter of a version."""
    return program / ".venv" / ("Scripts/python.exe" if WINDOWS else "bin/python")


def run_program(home: Path, program: Path, *arguments: str) -> None:
    """A command of an installed version, on the installation's own settings. Raises CalledProcessError."""
    command = [str(python_of(program)), "-P", "-m", "kiosk", "--config", str(home / SETTINGS), *arguments]
    subprocess.run(command, check=True, cwd=str(program), env=clean_environment())


def switch(home: Path, version: str) -> None:
    """`version` is the one that is started from now on; what was before stays, and is the way back."""
    before = read_line(home / CURRENT)
    if before and before != version:
        write_line(home / PREVIOUS, before)
    write_scripts(home, version)
    write_line(home / CURRENT, version)


def write_scripts(home: Path, version: str) -> None:
    """The scripts at the installation's top, as a version has them; settings where there are none yet."""
    program = home / VERSIONS / version
    names = [STARTER, UNINSTALLER]
    if WINDOWS:
        names += ["{}/{}".format(WORDS, path.name) for path in (program / SCRIPTS / WORDS).iterdir()]
        (home / WORDS).mkdir(exist_ok=True)
    for name in names:
        content = (program / SCRIPTS / name).read_bytes()
        if not (home / name).exists() or (home / name).read_bytes() != content:
            write_whole(home / name, content, 0o755)
    if not (home / SETTINGS).exists():
        write_whole(home / SETTINGS, (program / SETTINGS).read_bytes(), 0o600)


def read_line(file: Path) -> str:
    """The first line; empty where there is no file."""
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def write_line(file: Path, line: str) -> None:
    write_whole(file, (line + "\n").encode("ascii"), 0o644)


def write_whole(file: Path, content: bytes, mode: int) -> None:
    """The whole file or nothing: what was there before stays until then, also when the power goes."""
    handle, draft = tempfile.mkstemp(prefix=".new-", dir=str(file.parent))
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.chmod(draft, mode)
    os.replace(draft, str(file))


def require_system_packages(source: Path) -> None:
    """On Debian: what the program loads and the system lacks is installed, out of the bundle where it brought it. Raises
    Refused where a person has to do something first.
    """
    if WINDOWS:
        return
    names = runpy.run_path(str(source / "program" / "run.py"))
    missing = names["missing_packages"](names["PICTURES"] + names["READERS"])
    if not missing:
        return
    brought = (source / "system" / "Packages").exists()
    if os.geteuid() != 0:
        own = "sudo {} {} --packages".format(shlex.quote(sys.executable), shlex.quote(str(Path(__file__).resolve())))
        raise Refused(
            "缺少系统软件包，请先运行以下命令，再重新安装 / system packages are missing, please run this, then start again:\n  "
            + (own if brought else "sudo apt-get install -y --no-install-recommends " + " ".join(missing))
        )
    say("安装系统软件包: " + " ".join(missing), "installing system packages")
    with tempfile.TemporaryDirectory(prefix="kiosk-apt-") as scratch:
        options = own_packages(source / "system", Path(scratch)) if brought else []
        install_them = ["install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *missing]
        for what in (["update", "-qq"], install_them):
            quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
            subprocess.run(["apt-get", *options, *what], env=quiet, stdout=subprocess.DEVNULL, check=True)


def own_packages(debs: Path, scratch: Path) -> list[str]:
    """How apt-get is told to look at the bundle's packages and nowhere else; their hashes are in the bundle's manifest."""
    (scratch / "lists" / "partial").mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text("deb [trusted=yes] file:{} ./\n".format(quote(str(debs))), "ascii")
    settings = {"sourcelist": sources, "sourceparts": "-"}
    found = ["-o", "Dir::State::lists={}".format(scratch / "lists")]
    for name, value in settings.items():
        found += ["-o", "Dir::Etc::{}={}".format(name, value)]
    return found


def make_shortcuts(home: Path) -> None:
    """On the desktop and in the menu. Where that isn't possible, nothing is lost: the script starts the station, too."""
    name = "考生信息采集站"
    if WINDOWS:
        places = "[Environment]::GetFolderPath('Desktop'), [Environment]::GetFolderPath('Programs')"
        script = (
            "$shell = New-Object -ComObject WScript.Shell\n"
            "foreach ($place in {}) {{\n"
            "  $link = $shell.CreateShortcut((Join-Path $place '{}.lnk'))\n"
            "  $link.TargetPath = {}\n  $link.WorkingDirectory = {}\n  $link.WindowStyle = 7\n  $link.Save()\n}}\n"
        ).format(places, name, quoted(home / STARTER), quoted(home))
        run_powershell(script)
        return
    # By a shell: GLib looks for a program before it reads %% as one %.
    entry = (
        "[Desktop Entry]\nType=Application\nName={}\nName[en]=Exam capture station\nExec=/bin/sh {}\nPath={}\nTerminal=true\n"
    )
    content = entry.format(name, as_exec(home / STARTER), str(home).replace("\\", "\\\\")).encode("utf-8")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    for place in (data / "applications", Path.home() / "Desktop", Path.home() / "桌面"):
        if place.name == "applications" or place.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            write_whole(place / "exam-capture-kiosk.desktop", content, 0o755)


def as_exec(script: Path) -> str:
    r"""As a desktop entry names an argument (Desktop Entry Specification 1.5, "The Exec key"): quoted once as an argument, once
    more as a text of such a file, and with every % twice.

    >>> print(as_exec(Path('/opt/100% "$5"/kiosk.sh')))
    "/opt/100%% \\"\\$5\\"/kiosk.sh"
    """
    argument = "".join("\\" + char if char in '"`$\\' else char for char in str(script))
    return '"{}"'.format(argument.replace("\\", "\\\\").replace("%", "%%"))


def quoted(path: Path) -> str:
    """As PowerShell takes a text that means nothing but itself.

    >>> quoted(Path("O'Brien"))
    "'O''Brien'"
    """
    return "'{}'".format(str(path).replace("'", "''"))


def run_powershell(script: str) -> None:
    """A script with words of any language: by a file with a mark in front, as Windows PowerShell 5.1 reads it."""
    handle, file = tempfile.mkstemp(suffix=".ps1")
    with os.fdopen(handle, "wb") as out:
        out.write(b"\xef\xbb\xbf" + script.replace("\n", "\r\n").encode("utf-8"))
    try:
        subprocess.run(["powershell", "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", file], check=False)
    finally:
        os.unlink(file)


def say(chinese: str, english: str) -> None:
    print("• {} / {} …".format(chinese, english), flush=True)


if __name__ == "__main__":
    if sys.version_info[:2] != (3, 11):
        sys.exit("需要 Python 3.11，当前是 {0}.{1}。\nPython 3.11 is needed, this is {0}.{1}.".format(*sys.version_info[:2]))
    main()
