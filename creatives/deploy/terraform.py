"""Terraform, found and run: for deployments, and for the tests and benchmarks that read what it would make."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import wiring

OFFLINE = wiring.ROOT.parent / "shared" / "terraform-offline" / "terraform-offline"
"""A terraform whose providers are stand-ins, where one lies beside the checkout: it needs no network, no account."""

_NOT_COPIED = shutil.ignore_patterns(".build", ".terraform", "*.tfstate*", "backend.tf", "*.tfvars", "__pycache__")


class TerraformError(Exception):
    """Terraform ended with an error; the message is its output."""


@dataclass(frozen=True)
class Terraform:
    """Terraform on one folder.

    Attributes:
        program: the executable.
        folder: the one that holds the .tf files.
        offline: whether its providers are stand-ins, so that even `apply` touches nothing outside.
    """

    program: Path
    folder: Path
    offline: bool

    def run(self, *arguments: str) -> str:
        """Runs a command and gives what it printed.

        Raises:
            TerraformError: when it fails.
        """
        command = [str(self.program), f"-chdir={self.folder}", *arguments]
        environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise TerraformError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def init(self) -> None:
        """Gets the providers; state stays in the folder.

        Raises:
            TerraformError: when the registry cannot be reached.
        """
        if not self.offline:
            self.run("init", "-backend=false", "-input=false", "-no-color")

    def state(self) -> list[dict[str, Any]]:
        """Every resource that the last `apply` made: `address`, `mode`, `type`, `name`, `index` and `values`."""
        shown = json.loads(self.run("show", "-json"))
        return _resources(shown["values"]["root_module"])

    def planned(self, file: str) -> list[dict[str, Any]]:
        """Every resource that a saved plan would leave, as `state` gives them, without what only the cloud knows."""
        shown = json.loads(self.run("show", "-json", file))
        return _resources(shown["planned_values"]["root_module"])

    def changes(self, *arguments: str) -> dict[str, list[str]]:
        """What a plan with these arguments would do beside nothing, by address: `create`, `update`, `delete`."""
        self.run("plan", "-out=changes.tfplan", "-no-color", *arguments)
        shown = json.loads(self.run("show", "-json", "changes.tfplan"))
        planned = {each["address"]: each["change"]["actions"] for each in shown["resource_changes"]}
        return {address: actions for address, actions in planned.items() if actions not in (["no-op"], ["read"])}


def find() -> tuple[Path, bool] | None:
    """The terraform to run without an account, and whether it is the one with stand-in providers."""
    if not shutil.which("terraform"):
        return None
    if OFFLINE.exists():
        return OFFLINE, True
    return Path(str(shutil.which("terraform"))), False


def of_a_copy(folder: Path) -> Terraform | None:
    """Terraform on a copy, in `folder`, of all that it reads of the checkout; None where it is not installed."""
    found = find()
    if found is None:
        return None
    for part in ("infra", "shared", "functions"):
        shutil.copytree(wiring.ROOT / part, folder / part, ignore=_NOT_COPIED)
    return Terraform(found[0], folder / "infra", offline=found[1])


def _resources(module: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [resource for child in module.get("child_modules", []) for resource in _resources(child)]
    return [*module.get("resources", []), *inner]
