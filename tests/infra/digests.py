"""Under which name is kept what Terraform makes of a copy: the same wherever the copy and the checkout lie."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from creatives.deploy.terraform import Terraform


def of_copy(terraform: Terraform) -> str:
    """A digest of Terraform, its stand-in providers and the copy that it reads: as long as it has run nothing there,
    since it leaves files of its own.
    """
    found = hashlib.sha256(terraform.program.read_bytes())
    found.update(Path(str(shutil.which("terraform"))).resolve().read_bytes())
    copy, providers = terraform.folder.parent, terraform.program.parent
    copied = [(file.relative_to(copy).as_posix(), file) for file in copy.rglob("*") if file.is_file()]
    beside = [(file.name, file) for file in providers.iterdir() if file.is_file()]
    for name, file in [*sorted(copied), *sorted(beside)]:
        found.update(_line(name, file))
    return found.hexdigest()


def with_code(of_copy: str, asking: Iterable[Path]) -> str:
    """A digest of a copy's and the code that asks Terraform of it."""
    found = hashlib.sha256(of_copy.encode())
    for file in asking:
        found.update(_line(file.name, file))
    return found.hexdigest()


def _line(name: str, file: Path) -> bytes:
    return f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode()
