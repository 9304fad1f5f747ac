"""cloudbuild.yaml, and the one of each night: pinned, substitutions declared and used, commands that exist."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.wiring import ROOT

TEXT = (ROOT / "cloudbuild.yaml").read_text()
BUILD: dict[str, Any] = yaml.safe_load(TEXT)
NIGHTLY: dict[str, Any] = yaml.safe_load((ROOT / "cloudbuild.nightly.yaml").read_text())
GIVEN = {"_PR_NUMBER"}  # by Cloud Build itself


@pytest.mark.parametrize("step", [*BUILD["steps"], *NIGHTLY["steps"]], ids=lambda step: str(step["id"]))
def test_images_are_pinned_to_a_version(step: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9./-]+:\d+\.\d+\.\d+(-[a-z]+)?", step["name"])


def test_packages_are_pinned_to_a_version() -> None:
    installed = [line for line in TEXT.splitlines() if "pip install" in line]

    assert installed
    assert all(re.search(r"==\d", line) for line in installed)


def test_substitutions_are_declared_and_used() -> None:
    used = set(re.findall(r"\$\{(_[A-Z_]+)\}", TEXT))

    assert used - GIVEN == set(BUILD["substitutions"])


def test_shell_variables_are_not_taken_for_substitutions() -> None:
    assert re.findall(r"(?<!\$)\$(?![\{\$])", TEXT) == []


def test_it_checks_before_it_plans_and_plans_before_it_applies() -> None:
    steps = {step["id"]: step for step in BUILD["steps"]}

    assert set(steps["plan"]["waitFor"]) == {"test", "terraform-test", "checkov"}
    assert list(steps)[-3:] == ["plan", "apply", "describe"]
    assert not any("waitFor" in steps[each] for each in ("apply", "describe"))


def test_pull_requests_are_never_applied() -> None:
    [apply] = [step for step in BUILD["steps"] if step["id"] == "apply"]
    script = apply["args"][-1]

    assert script.index('-n "$$PULL_REQUEST"') < script.index("exit 0") < script.index("terraform apply")


def test_views_are_described_where_something_was_applied_and_nowhere_else(tmp_path: Path) -> None:
    [apply, describe] = [step for step in BUILD["steps"] if step["id"] in ("apply", "describe")]
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho $*\n")
    python.chmod(0o755)
    script = ["sh", describe["args"][0], describe["args"][1].replace("$$", "$")]

    planned = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (tmp_path / "dataset").write_text("my-project.creatives")
    applied = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert planned == "nothing was applied\n"
    assert applied == "-m creatives.deploy.descriptions my-project.creatives\n"
    assert apply["args"][-1].endswith(
        "terraform apply -input=false build.tfplan\nterraform output -raw dataset > ../dataset\n"
    )
    assert apply["dir"] == "infra"
    assert "dir" not in describe


@pytest.mark.parametrize("build", [BUILD, NIGHTLY], ids=["build", "nightly"])
def test_no_account_is_named_in_a_file_that_a_pull_request_brings_along(build: dict[str, Any]) -> None:
    assert "serviceAccount" not in build


@pytest.mark.parametrize(("build", "target"), [(BUILD, "test"), (NIGHTLY, "test-long")], ids=["build", "nightly"])
def test_what_it_runs_is_what_a_developer_runs_and_looks_at_pages_in_a_browser(
    build: dict[str, Any], target: str, tmp_path: Path
) -> None:
    step = build["steps"][0]
    commands = {"make": 'echo "made $*"', "chromium-headless-shell": "true"}
    for name, does in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)

    run = [step["entrypoint"], *step["args"]]
    ran = subprocess.run(
        run, cwd=ROOT, capture_output=True, text=True, check=True, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    )

    assert ran.stdout == f"made {target}\n"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_what_runs_each_night_deploys_nothing() -> None:
    assert [step["id"] for step in NIGHTLY["steps"]] == ["test-long", "found"]
    assert "cloudbuild.nightly.yaml" in (ROOT / "docs" / "operations.md").read_text()


def test_pull_requests_run_with_an_account_that_reads_and_plans() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    checker, deployer = _roles(guide, "creatives-checker"), _roles(guide, "creatives-deployer")
    changing = re.compile(r"admin|editor|owner|user$|creator|writer|invoker", re.IGNORECASE)

    assert {role for role in checker if changing.search(role)} == {"logging.logWriter"}, "its own log, and nothing else"
    assert checker & deployer == {"logging.logWriter"}
    assert "resourcemanager.projectIamAdmin" in deployer
    assert guide.index("--pull-request-pattern") < guide.index(
        "creatives-checker@my-project", guide.index("triggers create")
    )


def _roles(guide: str, account: str) -> set[str]:
    """The roles that the guide gives an account: those of the loop that ends with it."""
    [loop] = re.findall(rf"for role in ([^;]+); do(?:(?!    done).)*?{account}@", guide, re.DOTALL)
    return set(loop.replace("\\", " ").split())


def test_versions_are_those_of_the_project() -> None:
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    [checkov] = set(re.findall(r"checkov==([\d.]+)", TEXT))

    assert python == ">=3.13,<3.14"
    steps = [*BUILD["steps"], *NIGHTLY["steps"]]
    assert {step["name"].split(":")[1][:4] for step in steps if step["name"].startswith("python")} == {"3.13"}
    assert f"checkov=={checkov}" in (ROOT / ".checkov.yaml").read_text()
