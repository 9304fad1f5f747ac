"""The functions' archives, exactly as Terraform composes them, unpacked and installed as the cloud's builder would."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from creatives.deploy.terraform import Terraform
from generate import requirements

RULES = "archives.tftest.hcl"
_LOOKED_FOR = ("functions/__init__.py", "shared/events.py")


@dataclass(frozen=True)
class Installed:
    """An unpacked archive with an environment that holds its requirements and nothing else.

    Attributes:
        name: the function's.
        source: the folder with the archive's files.
        environment: the virtual environment's folder.
    """

    name: str
    source: Path
    environment: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.environment / "bin" / "python"

    @property
    def framework(self) -> Path:
        """Its functions-framework."""
        return self.environment / "bin" / "functions-framework"


def hollow(root: Path) -> None:
    """Leaves of what a copy would put into the archives what rules look for: the name of a package, of a file.

    So nothing that Terraform makes of the copy depends on the code.
    """
    parts = [root / part for part in ("functions", "shared")]
    for file in [file for part in parts for file in part.rglob("*") if file.is_file()]:
        if file.name == "requirements.txt":
            file.write_text(_pins(file.read_text()))
        elif file.relative_to(root).as_posix() in _LOOKED_FOR:
            file.write_text("")
        else:
            file.unlink()


def _pins(text: str) -> str:
    """The lines of requirements.txt that name a package, without those of its hashes."""
    return "".join(line for line in text.splitlines(keepends=True) if "==" in line)


def compose(terraform: Terraform) -> dict[str, Path]:
    """Lets Terraform write the archives: each function's zip file.

    Its test of the archives does so: of all commands that read a configuration it alone needs no account.

    Raises:
        TerraformError: when they cannot be written or break a rule.
    """
    terraform.run("test", f"-filter=tests/{RULES}", "-no-color")
    return written(terraform)


def written(terraform: Terraform) -> dict[str, Path]:
    """The archives that Terraform has written."""
    return {archive.stem: archive for archive in sorted((terraform.folder / ".build").glob("*.zip"))}


def install(archive: Path, folder: Path) -> Installed:
    """Unpacks an archive and installs its requirements, hashes checked, into an environment of their own.

    Raises:
        subprocess.CalledProcessError: when a package cannot be had.
    """
    installed = Installed(archive.stem, folder / "source", folder / "environment")
    with zipfile.ZipFile(archive) as files:
        files.extractall(installed.source)
    pinned = installed.source / "requirements.txt"
    uv = requirements.uv_program()
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, installed.environment])
        _run([uv, "pip", "install", "--quiet", "--python", installed.python, "--require-hashes", "-r", pinned])
    else:
        _run([sys.executable, "-m", "venv", installed.environment])
        _run([installed.python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", pinned])
    return installed


def _run(command: list[str | Path]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    subprocess.run([str(word) for word in command], check=True, env=environment)
