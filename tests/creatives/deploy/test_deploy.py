"""`make deploy` and `make destroy`, with programs in place of gcloud and terraform that note how they were called."""

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from creatives.deploy import deployment
from creatives.deploy.deployment import DeployError, Problem

pytestmark = pytest.mark.slow

HEALTHY: dict[str, Any] = {
    "terraform version": {"terraform_version": "1.11.4"},
    "gcloud auth application-default": "token",
    "gcloud projects describe": {"lifecycleState": "ACTIVE"},
    "gcloud billing projects": {"billingEnabled": True},
    "gcloud storage buckets describe": {},
}
PROGRAM = """#!{python}
import json, sys
words = ["{name}", *[word for word in sys.argv[1:] if not word.startswith("-chdir=")]]
open({calls!r}, "a").write(" ".join(words) + chr(10))
answers = json.load(open({answers!r}))
found = [answer for begin, answer in answers.items() if " ".join(words).startswith(begin)]
if found and found[0] is None:
    sys.exit(1)
print(json.dumps(found[0]) if found else "")
"""

type Machine = Callable[..., Callable[[], list[str]]]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Sets the machine up: its programs answer `answers` (None fails); gives what was called since."""

    def set_up(answers: dict[str, Any], *, without: str = "") -> Callable[[], list[str]]:
        calls = tmp_path / "calls"
        calls.write_text("")
        (tmp_path / "answers").write_text(json.dumps(answers))
        for name in {"gcloud", "terraform"} - {without}:
            _install(tmp_path, name, calls)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(deployment, "INFRA", tmp_path)
        return lambda: calls.read_text().splitlines()

    return set_up


def _install(folder: Path, name: str, calls: Path) -> None:
    program = folder / name
    places = {"calls": str(calls), "answers": str(folder / "answers")}
    program.write_text(PROGRAM.format(python=sys.executable, name=name, **places))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def found(project: str = "my-project") -> list[str]:
    return [each.found for each in deployment.problems(project)]


def test_a_machine_that_has_everything_has_no_problems(machine: Machine) -> None:
    machine(HEALTHY)

    assert found() == []


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"terraform version": {"terraform_version": "1.5.7"}}, "terraform 1.5.7 is too old"),
        ({"gcloud auth application-default": None}, "nobody is signed in for Terraform"),
        ({"gcloud projects describe": None}, "there is no project my-project, or you may not see it"),
        ({"gcloud projects describe": {"lifecycleState": "DELETE_REQUESTED"}}, "my-project is being deleted"),
        ({"gcloud billing projects": {"billingEnabled": False}}, "my-project has no billing account, so nothing can"),
    ],
)
def test_each_missing_prerequisite_is_named(machine: Machine, answers: dict[str, Any], problem: str) -> None:
    machine(HEALTHY | answers)

    [one] = found()

    assert one.startswith(problem)


@pytest.mark.parametrize("tool", ["gcloud", "terraform"])
def test_a_missing_tool_is_named_with_where_to_get_it(machine: Machine, tool: str) -> None:
    machine(HEALTHY, without=tool)

    [one] = deployment.problems("my-project")

    assert one.found == f"{tool} is not installed"
    assert one.advice.startswith("https://")


def test_stale_requirements_are_not_deployed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(HEALTHY)
    says_stale = "import sys; sys.exit('hash: stale')"
    monkeypatch.setattr(deployment, "STALE_REQUIREMENTS", (sys.executable, "-c", says_stale))

    assert list(deployment.problems("my-project")) == [
        Problem("requirements are out of date: hash: stale", "make requirements")
    ]


def test_nothing_is_made_while_something_is_missing(machine: Machine) -> None:
    calls = machine(HEALTHY | {"gcloud billing projects": {"billingEnabled": False}})

    with pytest.raises(DeployError, match="billing"):
        deployment.up("my-project", "europe-west1", yes=True)

    assert not [call for call in calls() if "apply" in call or "enable" in call]


def test_deploying_prepares_initialises_and_applies_in_this_order(machine: Machine, tmp_path: Path) -> None:
    calls = machine(HEALTHY | {"gcloud storage buckets describe": None})

    deployment.up("my-project", "europe-west1", yes=True)

    steps = ["services enable", "identity create", "buckets create", "buckets update", "init", "apply"]
    happened = [step for call in calls() for step in steps if step in call]
    assert happened == steps
    assert 'bucket = "my-project-terraform-state"' in (tmp_path / "backend.tf").read_text()
    assert calls()[-1].endswith("-var=project=my-project -var=region=europe-west1 -auto-approve")


def test_a_second_deployment_leaves_the_state_bucket_alone(machine: Machine) -> None:
    calls = machine(HEALTHY)

    deployment.up("my-project", "europe-west1", yes=True)

    assert not [call for call in calls() if "buckets create" in call]


def test_destroying_takes_the_protection_away_first(machine: Machine) -> None:
    calls = machine(HEALTHY)

    deployment.down("my-project", "europe-west1", confirmed="my-project")

    last_two = calls()[-2:]
    assert [call.split()[1] for call in last_two] == ["apply", "destroy"]
    assert all("-var=deletion_protection=false" in call for call in last_two)


def test_nothing_is_destroyed_without_the_projects_id(machine: Machine) -> None:
    calls = machine(HEALTHY)

    with pytest.raises(DeployError, match="nothing was destroyed"):
        deployment.down("my-project", "europe-west1", confirmed="yes")

    assert calls() == []
