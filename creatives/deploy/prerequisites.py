"""What has to be there before a deployment: tools, sign-in, project, billing, a region that builds. It only looks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from creatives.deploy import programs
from creatives.deploy.programs import DeployError
from shared import features, wiring

STALE_REQUIREMENTS = (sys.executable, "-m", "generate.requirements", "--check")
STALE_SCHEMAS = (sys.executable, "-m", "generate.schemas", "--check")
OLDEST_TERRAFORM = (1, 9)
LEADS_ELSEWHERE = (
    "STORAGE_EMULATOR_HOST",
    "BIGQUERY_EMULATOR_HOST",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE",
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_BIGQUERY",
)
"""Where one of them is set, Terraform's state, gcloud's buckets or the views are those of the local pipeline."""

BUILD_REGIONS = (
    *("us-central1", "us-west2", "europe-west1"),
    *("asia-east1", "australia-southeast1", "southamerica-east1"),
)
"""Where all projects may build, and new ones only: https://cloud.google.com/build/docs/locations (November 2026)."""


@dataclass(frozen=True)
class Problem:
    """A prerequisite that is not met.

    Attributes:
        found: what is wrong.
        advice: the command, or the page, that mends it.
    """

    found: str
    advice: str


def require(problems: Iterator[Problem]) -> None:
    """Goes on only if there are none.

    Raises:
        DeployError: with each that was found.
    """
    found = list(problems)
    if found:
        raise DeployError("\n".join(f"- {each.found}\n    {each.advice}" for each in found))


def of_deploying(project: str) -> Iterator[Problem]:
    """What is missing before `project` can be deployed to. Without the tools nothing else can be looked at."""
    missing = [*_emulators(), *_missing_tools()]
    yield from missing
    yield from _stale_files()
    if not missing:
        yield from _of_the_project(project)


def of_destroying(project: str) -> Iterator[Problem]:
    """What is missing before a deployment can be destroyed: billing and fresh files are not needed for that."""
    missing = [*_emulators(), *_missing_tools()]
    yield from missing
    if not missing:
        yield from _of_the_project(project, billing=False)


def _of_the_project(project: str, *, billing: bool = True) -> Iterator[Problem]:
    if not programs.succeeds("gcloud", "auth", "application-default", "print-access-token"):
        yield Problem("nobody is signed in for Terraform", "gcloud auth application-default login")
    described = programs.answer("gcloud", "projects", "describe", project)
    if described is None:
        yield Problem(
            f"there is no project {project}, or you may not see it",
            f"gcloud auth login, then: gcloud projects list (it lists ids); or: gcloud projects create {project}",
        )
        return
    if described.get("lifecycleState") != "ACTIVE":
        yield Problem(f"{project} is being deleted", f"gcloud projects undelete {project}, or choose another one")
    paid = programs.answer("gcloud", "billing", "projects", "describe", project) if billing else None
    if paid is not None and not paid.get("billingEnabled"):
        yield Problem(
            f"{project} has no billing account, so nothing can be made in it",
            f"https://console.cloud.google.com/billing/linkedaccount?project={project}",
        )


def of_building(project: str, region: str) -> Iterator[Problem]:
    """Whether builds may be refused in `region`: not where the project has built already."""
    if region in BUILD_REGIONS:
        return
    if programs.answer("gcloud", "builds", "list", f"--region={region}", "--limit=1", f"--project={project}"):
        return
    yield Problem(
        f"{project} has never built in {region}, where new projects may not: no function could be made",
        f"Deploy to one of {', '.join(BUILD_REGIONS)}. Data may lie elsewhere: bigquery_location and bucket_location "
        "in infra/terraform.tfvars. If you know that the project may build there: make deploy … ANY_REGION=1",
    )


def of_features(model: str | None) -> Iterator[Problem]:
    """Whether the tables have the columns of the feature model that was chosen: without, its rows would be refused."""
    if model is None:
        return
    name = f"infra/{model}" if features.is_taxonomy(model) else model
    env = {**os.environ, "FEATURES": name}
    found = subprocess.run(STALE_SCHEMAS, cwd=wiring.ROOT, env=env, capture_output=True, text=True, check=False)
    if found.returncode:
        said = found.stderr.strip().splitlines()
        why = said[-1] if said else "infra/schemas lacks its columns"
        advice = f"creatives taxonomy check {name}" if f"{model}:" in why else f"FEATURES={name} make schemas"
        yield Problem(f"features = {model!r} cannot be deployed: {why}", advice)


def _emulators() -> Iterator[Problem]:
    for name in LEADS_ELSEWHERE:
        if os.environ.get(name):
            yield Problem(f"{name} leads to the local pipeline, not to the cloud", f"unset {name}, or open a new shell")


def _missing_tools() -> Iterator[Problem]:
    if not shutil.which("gcloud"):
        yield Problem("gcloud is not installed", "https://cloud.google.com/sdk/docs/install")
    if not shutil.which("terraform"):
        yield Problem("terraform is not installed", "https://developer.hashicorp.com/terraform/install")
        return
    version = str((programs.parsed("terraform", "version", "-json") or {}).get("terraform_version", "0.0"))
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST_TERRAFORM:
        wanted = ".".join(map(str, OLDEST_TERRAFORM))
        yield Problem(f"terraform {version} is too old", f"Install {wanted} or later.")


def _stale_files() -> Iterator[Problem]:
    found = subprocess.run(STALE_REQUIREMENTS, cwd=wiring.ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        yield Problem(f"requirements are out of date: {found.stderr.strip()}", "make requirements")
