"""`make deploy` and `make destroy`: what Terraform needs is checked, and made, before it starts; then it does the rest.

    python -m creatives.deploy up --project my-project --region europe-west1 [--yes]
    python -m creatives.deploy down --project my-project --region europe-west1

Variables beside project and region come from infra/terraform.tfvars (see infra/variables.tf). Terraform's state lies in
a bucket of the project, `<project>-terraform-state`, with all its versions, so that several people can deploy.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared import wiring

INFRA = wiring.ROOT / "infra"
STALE_REQUIREMENTS = (sys.executable, "-m", "generate.requirements", "--check")
OLDEST_TERRAFORM = (1, 9)

# Terraform enables all other APIs itself; these it needs to begin with.
FIRST_APIS = ("cloudresourcemanager", "iam", "pubsub", "serviceusage", "storage")


class DeployError(Exception):
    """The deployment cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Problem:
    """A prerequisite that is not met.

    Attributes:
        found: what is wrong.
        advice: the command, or the page, that mends it.
    """

    found: str
    advice: str


def problems(project: str) -> Iterator[Problem]:
    """What is missing before `project` can be deployed to. Without the tools nothing else can be looked at."""
    missing = list(_missing_tools())
    yield from missing
    yield from _stale_files()
    if missing:
        return
    if _failed("gcloud", "auth", "application-default", "print-access-token"):
        yield Problem("nobody is signed in for Terraform", "gcloud auth application-default login")
    described = _json("gcloud", "projects", "describe", project)
    if described is None:
        yield Problem(
            f"there is no project {project}, or you may not see it",
            f"gcloud auth login, then: gcloud projects list (it lists ids); or: gcloud projects create {project}",
        )
        return
    if described.get("lifecycleState") != "ACTIVE":
        yield Problem(f"{project} is being deleted", f"gcloud projects undelete {project}, or choose another one")
    billing = _json("gcloud", "billing", "projects", "describe", project)
    if billing is not None and not billing.get("billingEnabled"):
        yield Problem(
            f"{project} has no billing account, so nothing can be made in it",
            f"https://console.cloud.google.com/billing/linkedaccount?project={project}",
        )


def _missing_tools() -> Iterator[Problem]:
    if not shutil.which("gcloud"):
        yield Problem("gcloud is not installed", "https://cloud.google.com/sdk/docs/install")
    if not shutil.which("terraform"):
        yield Problem("terraform is not installed", "https://developer.hashicorp.com/terraform/install")
        return
    version = str((_json("terraform", "version", "-json", as_is=True) or {}).get("terraform_version", "0.0"))
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST_TERRAFORM:
        wanted = ".".join(map(str, OLDEST_TERRAFORM))
        yield Problem(f"terraform {version} is too old", f"Install {wanted} or later.")


def _stale_files() -> Iterator[Problem]:
    found = subprocess.run(STALE_REQUIREMENTS, cwd=wiring.ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        yield Problem(f"requirements are out of date: {found.stderr.strip()}", "make requirements")


def prepare(project: str, region: str) -> None:
    """Makes what Terraform cannot make for itself: the first APIs, Pub/Sub's own account, the bucket of its state."""
    _gcloud("services", "enable", *(f"{name}.googleapis.com" for name in FIRST_APIS), project=project)
    # Without a first use of Pub/Sub its service agent does not exist, and nothing can be granted to it.
    _gcloud("beta", "services", "identity", "create", "--service=pubsub.googleapis.com", project=project)
    bucket = f"gs://{state_bucket(project)}"
    if _failed("gcloud", "storage", "buckets", "describe", bucket):
        privacy = ("--uniform-bucket-level-access", "--public-access-prevention")
        _gcloud("storage", "buckets", "create", bucket, f"--location={region}", *privacy, project=project)
        _gcloud("storage", "buckets", "update", bucket, "--versioning", project=project)


def state_bucket(project: str) -> str:
    """The bucket that holds Terraform's state."""
    return f"{project}-terraform-state"


def backend(project: str) -> str:
    """The file that tells Terraform so."""
    where = f'    bucket = "{state_bucket(project)}"\n    prefix = "creatives"\n'
    return f'# Written by creatives/deploy; not in git.\n\nterraform {{\n  backend "gcs" {{\n{where}  }}\n}}\n'


def up(project: str, region: str, *, yes: bool) -> None:
    """Deploys; asks before it changes anything unless `yes`.

    Raises:
        DeployError: when a prerequisite is not met or a command fails.
    """
    _require_nothing_missing(project)
    _initialise(project, region)
    _terraform("apply", *_variables(project, region), *(["-auto-approve"] if yes else []))


def down(project: str, region: str, *, confirmed: str) -> None:
    """Destroys everything that was deployed, creatives and tables with it. The bucket of the state stays.

    Raises:
        DeployError: when `confirmed` is not the project's id, or a command fails.
    """
    if confirmed != project:
        raise DeployError("not confirmed: nothing was destroyed")
    _initialise(project, region)
    unprotected = [*_variables(project, region), "-var=deletion_protection=false", "-auto-approve"]
    _terraform("apply", *unprotected)  # a protected table or bucket refuses to be destroyed
    _terraform("destroy", *unprotected)


def _require_nothing_missing(project: str) -> None:
    found = list(problems(project))
    if found:
        raise DeployError("\n".join(f"- {each.found}\n    {each.advice}" for each in found))


def _initialise(project: str, region: str) -> None:
    prepare(project, region)
    (INFRA / "backend.tf").write_text(backend(project))
    _terraform("init", "-input=false", "-reconfigure")


def _variables(project: str, region: str) -> list[str]:
    return ["-input=false", f"-var=project={project}", f"-var=region={region}"]


def _terraform(*arguments: str) -> None:
    _run("terraform", f"-chdir={INFRA}", *arguments)


def _gcloud(*arguments: str, project: str) -> None:
    _run("gcloud", *arguments, f"--project={project}", "--quiet")


def _run(*command: str) -> None:
    sys.stderr.write(f"$ {' '.join(command)}\n")
    if subprocess.call(command):
        raise DeployError(f"failed: {' '.join(command)}\nIts message is above. What was done so far stays; try again.")


def _failed(*command: str) -> bool:
    return subprocess.run([*command, "--quiet"], capture_output=True, check=False).returncode != 0


def _json(*command: str, as_is: bool = False) -> dict[str, Any] | None:
    """A command's answer; None when it fails."""
    words = [*command] if as_is else [*command, "--format=json", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """The command; a fault is told without a traceback."""
    options = _parser().parse_args()
    try:
        if options.action == "up":
            up(options.project, options.region, yes=options.yes)
        else:
            down(options.project, options.region, confirmed=options.confirm or _ask(options.project))
    except DeployError as error:
        sys.exit(f"deploy: not possible yet:\n{error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creatives.deploy", description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--project", required=True, help="the project's id")
    parser.add_argument("--region", required=True, help="such as europe-west1")
    parser.add_argument("--yes", action="store_true", help="up: do not ask before applying")
    parser.add_argument("--confirm", default="", metavar="PROJECT", help="down: the project's id once more")
    return parser


def _ask(project: str) -> str:
    sys.stderr.write(f"This deletes every creative, table and function in {project}.\nType the project's id to go on: ")
    return sys.stdin.readline().strip()
