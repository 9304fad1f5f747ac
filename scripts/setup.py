"""Sets the project up from nothing: uv from PyPI into `.uv/`, Python 3.13 where it is missing, the locked packages.

Runs under any Python from 3.8 on and needs nothing but the standard library.

    python3 scripts/setup.py                 what `make demo` needs, into .venv
    python3 scripts/setup.py --dev           the tools of `make test` as well; into .venv/notebook those of the notebook
    python3 scripts/setup.py --benchmarks    what `make found` needs, into .venv/benchmarks: rivals, fonts, photographs
"""

import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

UV_VERSION = "0.13.9"
PYTHON_VERSION = "3.13"
PHOTOGRAPHS = (
    "scikit-image==0.26.0",  # in no group: pyproject.toml keeps it out for the sake of another package
    "lazy-loader==0.6",  # which it imports
)
ROOT = Path(__file__).resolve().parent.parent
UV_FOLDER = ROOT / ".uv"
UV = UV_FOLDER / "bin" / ("uv.exe" if os.name == "nt" else "uv")

# As uv names a package that has neither a wheel for this platform nor a source to build it from, or whose build failed.
_NO_WHEEL = re.compile(r"Distribution `(?P<package>[^`@\s]+)[^`]*` can't be installed")
_NOT_BUILT = re.compile(r"Failed to build `(?P<package>[^`@\s]+)")


def main() -> None:
    """Installs uv, finds or installs Python, installs the packages."""
    if os.name == "nt":
        sys.exit(
            "set-up failed: this runs on Linux and macOS. On Windows use WSL: https://learn.microsoft.com/windows/wsl"
        )
    uv = str(UV if _is_wanted(UV) else _install_uv())
    environment = {**os.environ, "UV_PYTHON_INSTALL_DIR": str(UV_FOLDER / "python"), "UV_NO_PROGRESS": "1"}
    python = _existing_python() or PYTHON_VERSION
    if "--benchmarks" in sys.argv[1:]:
        _say("installing what benchmarks are held against into .venv/benchmarks")
        _sync(uv, python, _apart(environment, "benchmarks"), "--group", "benchmarks", "--inexact")
        photographs = [uv, "pip", "install", "--quiet", "--no-config", "--no-deps", *PHOTOGRAPHS]
        subprocess.run([*photographs, "--python", str(ROOT / ".venv" / "benchmarks")], check=True)
        return
    dev = "--dev" in sys.argv[1:]
    _say(f"installing the locked packages into .venv (Python: {python})")
    _sync(uv, python, environment, *([] if dev else ["--no-default-groups", "--inexact"]))
    if dev:
        _sync(uv, python, _apart(environment, "notebook"), "--no-default-groups", "--group", "notebook")


def _apart(environment: "dict[str, str]", name: str) -> "dict[str, str]":
    return {**environment, "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv" / name)}


def _sync(uv: str, python: str, environment: "dict[str, str]", *packages: str) -> None:
    command = [uv, "sync", "--quiet", "--frozen", "--python", python, *packages]
    done = subprocess.run(command, cwd=str(ROOT), env=environment, stderr=subprocess.PIPE, check=False)
    said = done.stderr.decode(errors="replace")
    sys.stderr.write(said)
    if done.returncode:
        sys.exit("set-up failed: " + why(said, this_platform()))


def why(said: str, machine: str) -> str:
    """What went wrong, by what uv said of it, and what to do."""
    missing = _NO_WHEEL.search(said) or _NOT_BUILT.search(said)
    if missing:
        return (
            missing["package"] + " has no package for this computer (" + machine + "). README.md says under Platforms "
            "where this runs; a container of Debian or Ubuntu does everywhere."
        )
    return "see uv's message above. Needed: a connection to PyPI and about 1.3 GB of disk."


def this_platform() -> str:
    """The system, its version and its processor, as people name them."""
    system = {"Darwin": "macOS " + platform.mac_ver()[0]}.get(platform.system(), platform.system())
    return system + (" with musl" if Path("/etc/alpine-release").exists() else "") + ", " + platform.machine()


def _say(text: str) -> None:
    sys.stderr.write("set-up: " + text + "\n")


def _is_wanted(uv: Path) -> bool:
    if not uv.exists():
        return False
    version = subprocess.run([str(uv), "--version"], stdout=subprocess.PIPE, check=False).stdout.decode()
    return UV_VERSION in version.split()


def _install_uv() -> Path:
    """Uv's binary, by pip where there is one (it knows the user's mirror and proxy), else straight from PyPI."""
    _say("installing uv " + UV_VERSION)
    shutil.rmtree(UV_FOLDER / "bin", ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(UV_FOLDER), "uv==" + UV_VERSION]
    by_pip = subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if by_pip.returncode or not UV.exists():
        _download_uv()
    return UV


def _download_uv() -> None:
    with urllib.request.urlopen("https://pypi.org/pypi/uv/" + UV_VERSION + "/json") as response:
        files = json.load(response)["urls"]
    wheel = next((file for file in files if _fits_this_machine(file["filename"])), None)
    if wheel is None:
        sys.exit("set-up failed: PyPI has no uv for this machine. Install uv yourself: https://docs.astral.sh/uv/")
    with urllib.request.urlopen(wheel["url"]) as response:  # noqa: S310 - PyPI's own answer, checked by its hash
        content = response.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        sys.exit("set-up failed: the download of uv is damaged. Try again.")
    archive = zipfile.ZipFile(io.BytesIO(content))
    binary = next(name for name in archive.namelist() if name.endswith(("/scripts/uv", "/scripts/uv.exe")))
    UV.parent.mkdir(parents=True, exist_ok=True)
    UV.write_bytes(archive.read(binary))
    UV.chmod(0o755)


def _fits_this_machine(filename: str) -> bool:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    libc = "musllinux" if Path("/etc/alpine-release").exists() else "manylinux"
    system = {"Linux": libc, "Darwin": "macosx", "Windows": "win"}.get(platform.system(), "?")
    names = {"aarch64": ("aarch64", "arm64"), "x86_64": ("x86_64", "amd64")}.get(machine, (machine,))
    return filename.endswith(".whl") and system in filename and any(name in filename for name in names)


def _existing_python() -> "str | None":
    """An interpreter that is already there: on PATH or in pyenv's folder, which uv does not look into."""
    name = "python" + PYTHON_VERSION
    folders = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    candidates = [Path(folder) / name for folder in folders if folder]
    candidates += sorted(pyenv.glob(PYTHON_VERSION + "*/bin/" + name), reverse=True)
    return next((str(candidate) for candidate in candidates if _runs(candidate)), None)


def _runs(python: Path) -> bool:
    """Whether it is really that version: a pyenv shim of an unselected version exists but does not run."""
    if not python.exists():
        return False
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().strip() == PYTHON_VERSION


if __name__ == "__main__":
    main()
