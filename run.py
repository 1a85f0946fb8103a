#!/usr/bin/env python3
"""Sets the station up and runs it: the only command that anybody needs to know.

    python3 run.py              the station with simulated devices; opens the operator's screen
    python3 run.py serve        the station with the real devices of config.toml
    python3 run.py test [...]   installs what the tests need and runs them (arguments go to pytest)
    python3 run.py set-up       installs what real devices need, and starts nothing
    python3 run.py office       the office's pages: takes what stations send, with the databases of config.toml, else on a
                                PostgreSQL server of its own where one is installed, else in files
    python3 run.py COMMAND      any other command of the kiosk: rehearse, export, … (--help lists them)

Where it came in a bundle, everything is installed out of its folder `wheels`, and no network is asked for anything.

Uses the standard library only, and no syntax that an old Python would stumble over before it can say so.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info[:2] != (3, 11):
    sys.exit(
        "需要 Python 3.11，当前是 {0}.{1}。请安装 Python 3.11 后用它运行 run.py。\n"
        "Python 3.11 is needed, this is {0}.{1}: install it and run run.py with it.".format(*sys.version_info[:2])
    )

ROOT = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
TOOLS = ROOT / ".run"
STAMP = TOOLS / "installed"
WHEELS = ROOT / "wheels"  # in a bundle

# Debian packages: what the wheels of OpenCV and mediapipe load, what pyscard talks to and is built with, what the tests drive.
PICTURES = ["libgl1", "libglib2.0-0", "libegl1", "libgles2"]
READERS = ["pcscd", "libusb-1.0-0"]
CARDS = [*READERS, "libpcsclite-dev", "swig", "gcc", "python3-dev"]
TESTS = ["vsmartcard-vpcd", "chromium-headless-shell", "fonts-noto-cjk", "postgresql"]

# Commands that talk to real readers, or build what does for a bundle; everything else does without PC/SC.
REAL = {"serve", "devices", "set-up", "bundle"}


def main(arguments):
    testing = arguments[:1] == ["test"]
    if arguments == ["office"]:
        arguments = ["office", "serve", "--own-server"]
    extra = "test" if testing else extra_for(arguments)
    keep_bytecode()
    try:
        set_up(extra)
    except subprocess.CalledProcessError as error:
        sys.exit("\n安装失败 / set-up failed: {}".format(" ".join(str(part) for part in error.cmd)))
    if arguments[:1] == ["set-up"]:
        return
    if testing:
        # each process takes one half in order: what a file's tests share is made once
        command = [str(PYTHON), "-m", "pytest", *(arguments[1:] or ["-n", "3", "--dist", "worksteal"])]
    else:
        command = [str(PYTHON), "-m", "kiosk", *(arguments or ["serve", "--simulate"])]
    run_in_place(command)


def extra_for(arguments):
    """What a command needs besides what all of them do."""
    if arguments[:1] == ["office"]:
        return "office"
    return "pcsc" if arguments and arguments[0] in REAL and "--simulate" not in arguments else "station"


def set_up(extra):
    """Install what `extra` needs, unless the stamp says that it is there."""
    built = READERS if WHEELS.is_dir() else CARDS
    packages = PICTURES + (built if extra in ("pcsc", "test") else []) + (TESTS if extra == "test" else [])
    wanted = fingerprint(extra)
    have = STAMP.read_text("ascii").split() if STAMP.exists() and PYTHON.exists() else []
    if wanted in have and not missing_packages(packages):
        return
    say("准备环境（首次约一分钟）", "setting up (about a minute the first time)")
    install_system_packages(packages)
    (install_from_wheels if WHEELS.is_dir() else install_from_index)(extra)
    say("获取识别模型（校验 SHA-256）", "fetching the networks' weights (SHA-256 checked)")
    call([str(PYTHON), "-m", "kiosk", "weights"])
    compile_sources()
    TOOLS.mkdir(exist_ok=True)
    whole = extra == "test" or WHEELS.is_dir()
    kept = [fingerprint(name) for name in ("station", "pcsc", "office") if whole or (extra != name == "station")]
    STAMP.write_text("\n".join([wanted, *kept]), "ascii")


def install_from_index(extra):
    """What the lock names, by its hashes, and the program itself."""
    uv = get_uv()
    make_venv(uv)
    say("安装 Python 依赖", "installing Python packages")
    install(uv, ["--require-hashes", "--requirement", str(ROOT / ".locks" / (extra + ".txt"))])
    install(uv, ["--no-deps", "--editable", str(ROOT)])


def install_from_wheels(_):
    """The same out of a bundle, which has everything that a station needs: pip is in it, too, as Debian's Python has none."""
    say("安装 Python 依赖", "installing Python packages")
    if not PYTHON.exists():
        call([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    pip = str(next(WHEELS.glob("pip-*.whl")) / "pip")
    command = [str(PYTHON), pip, "install", "--quiet", "--disable-pip-version-check", "--no-index", "--find-links", str(WHEELS)]
    call([*command, "--require-hashes", "--requirement", str(WHEELS / "requirements.txt")])
    quiet = dict(os.environ, PYTHONWARNINGS="ignore")  # setuptools explains what an editable installation is
    call([*command, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], env=quiet)


def fingerprint(extra):
    """Changes whenever something else would have to be installed."""
    digest = hashlib.sha256(sys.version.encode() + extra.encode())
    for file in (ROOT / ".locks" / (extra + ".txt"), ROOT / "pyproject.toml", ROOT / "kiosk" / "weights.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def install_system_packages(packages):
    """With apt-get when root; otherwise say the one line that a person has to run."""
    missing = missing_packages(packages)
    if not missing:
        return
    line = "apt-get install -y --no-install-recommends " + " ".join(missing)
    if os.geteuid() != 0:
        sys.exit("缺少系统软件包，请先运行 / system packages are missing, please run first:\n  sudo " + line)
    say("安装系统软件包: " + " ".join(missing), "installing system packages")
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    call(["apt-get", "update", "-qq"], env=quiet)
    call([*line.split(), "-qq", "-o", "Dpkg::Use-Pty=0"], env=quiet, stdout=subprocess.DEVNULL)


def missing_packages(packages):
    """Those that dpkg does not have. Elsewhere than on Debian nothing is looked for."""
    if shutil.which("dpkg-query") is None:
        return []
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    installed = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def get_uv():
    """The path of uv, which installs in a quarter of pip's time, or None where it can't be had."""
    found = shutil.which("uv")
    if found:
        return found
    place = TOOLS / "uv"
    binary = place / "bin" / ("uv.exe" if WINDOWS else "uv")
    if not binary.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-warn-script-location", "--target", str(place), "uv"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return str(binary) if binary.exists() else None


def make_venv(uv):
    if PYTHON.exists():
        return
    if uv:
        call([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)])
        return
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.DEVNULL, check=False).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        install_system_packages(["python3-venv"])
        call([sys.executable, "-m", "venv", str(VENV)])


def install(uv, what):
    """By uv, and by pip where uv can't be had or does not get through."""
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), *what]
        if subprocess.run(command, env=uv_env(), check=False).returncode == 0:
            return
    call([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what])


def uv_env():
    """The index and the certificates that pip was told to use: uv does not read pip's settings."""
    env = dict(os.environ)
    ask = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    asked = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout.strip()
    if asked:
        env.setdefault("UV_DEFAULT_INDEX", asked)
    if env.get("PIP_CERT"):
        env.setdefault("SSL_CERT_FILE", env["PIP_CERT"])
    return env


def call(command, **options):
    subprocess.run(command, check=True, **options)


def say(chinese, english):
    print(f"• {chinese} / {english} …", flush=True)


def keep_bytecode():
    """Compiled once, every start is seconds quicker. Who wants no bytecode beside the sources has it in our own folder."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(TOOLS / "bytecode"))


def compile_sources():
    """So that the first start is as quick as all others; what can't be compiled is nothing that we load."""
    libraries = VENV / ("Lib/site-packages" if WINDOWS else "lib/python3.11/site-packages")
    folders = [str(folder) for folder in (ROOT / "kiosk", ROOT / "drivers_sim", libraries)]
    command = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", "-x", r"[\\/]tests[\\/]", *folders]
    subprocess.run(command, check=False)


def run_in_place(command):
    """Hand over to the program; on Windows, which can't replace a process, wait for it."""
    os.chdir(str(ROOT))
    if not WINDOWS:
        os.execv(command[0], command)
    try:
        sys.exit(subprocess.call(command))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
