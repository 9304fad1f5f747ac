"""A stage for `make deploy`: the real Makefile and code on a copy of the checkout, gcloud and Terraform as scripts.

The scripts note every call, answer what a healthy project answers, and fail where a scene tells them to, with the
message that the real programs print. Not for what Terraform makes: tests/infra has the real one for that.
"""

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import wiring

PROJECT, REGION = "my-project", "europe-west1"
COPIED = (
    "Makefile",
    "pyproject.toml",
    "uv.lock",
    "creatives",
    "functions",
    "generate",
    "infra",
    "local",
    "scripts",
    "shared",
)
_NOT_COPIED = shutil.ignore_patterns(
    "__pycache__", ".build", ".terraform", "backend.tf", "*.tfplan", "*.tfvars", "*.tfstate*"
)

SCRIPT = """#!/bin/sh
case "$1" in -chdir=*) shift;; esac
words="{name} $*"
echo "$words" >> {folder}/calls
case "$words" in
{cases}
esac
"""
FAILS = """  {pattern}) if [ -e {folder}/{key} ]; then
      left=$(cat {folder}/{key}); [ "$left" -gt 1 ] && echo $((left - 1)) > {folder}/{key} || rm {folder}/{key}
      cat {folder}/{key}.said >&2; exit 1
    fi;;
esac
case "$words" in"""
ANSWERS = "  {pattern}) cat {folder}/{key}.said;;"


def function(name: str, *, instances: int = 10, cpu: int = 1, memory: str = "512Mi", action: str = "create") -> Any:
    """A function as a plan has it, `name` that of pipeline.yaml."""
    service = {"max_instance_count": instances, "available_cpu": str(cpu), "available_memory": memory}
    values = {"name": f"creatives-{name}", "labels": OURS, "service_config": [service]}
    return planned("google_cloudfunctions2_function", name, values, action)


def planned(kind: str, key: str, values: Mapping[str, Any], *actions: str) -> Any:
    """A resource as a plan has it."""
    change = {"actions": list(actions or ("create",)), "before": None if actions in ((), ("create",)) else values}
    return {"address": f'{kind}.this["{key}"]', "type": kind, "index": key, "change": change | {"after": values}}


OURS = {"app": "creatives", "deployment": "creatives", "managed-by": "terraform"}
PLACE = {"project": PROJECT, "name": "creatives", "region": REGION, "dataset": "creatives"}
NEW = (
    function("hash"),
    planned("google_pubsub_topic", "ads", {"name": "creatives-ads", "labels": OURS}),
    planned("google_bigquery_table", "ads", {"table_id": "ads"}),
)


def plan(
    *resources: Any, before: Mapping[str, str] | None = None, after: Mapping[str, str] = PLACE, **chosen: Any
) -> str:
    """A plan as `terraform show -json` prints it; `before` is where a deployment is that exists already."""
    prior = {"values": {"outputs": {"deployment": {"value": before}}}} if before else None
    later = {"outputs": {"deployment": {"value": after}}}
    variables = {name: {"value": value} for name, value in chosen.items()}
    shown = {"resource_changes": resources, "prior_state": prior, "planned_values": later, "variables": variables}
    return json.dumps(shown)


def coloured(said: str) -> str:
    """A message with the colours that Terraform puts around its frame and headings, into pipes as well."""
    frame = re.sub("[\u2577\u2575]", lambda found: f"\x1b[31m{found[0]}\x1b[0m\x1b[0m", said)
    frame = frame.replace("\u2502 ", "\x1b[31m\u2502\x1b[0m \x1b[0m")
    return frame.replace("Error: ", "\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1m")


def quotas(*, milli_processors: int = 20_000, memory: int = 40 * 2**30, region: str = REGION) -> str:
    """Cloud Run's quotas as gcloud lists them: the region's own beside the one of all regions."""
    limits = {"run.googleapis.com/cpu_allocation": milli_processors, "run.googleapis.com/mem_allocation": memory}
    return json.dumps(
        [
            {
                "metric": metric,
                "consumerQuotaLimits": [
                    {
                        "quotaBuckets": [
                            {"effectiveLimit": "1", "defaultLimit": "1"},
                            {"effectiveLimit": str(limit), "dimensions": {"region": region}},
                        ]
                    }
                ],
            }
            for metric, limit in limits.items()
        ]
    )


HEALTHY: Mapping[str, str] = {
    "terraform version": '{"terraform_version": "1.11.4"}',
    "gcloud auth application-default": "a-token",
    "gcloud projects describe": '{"lifecycleState": "ACTIVE"}',
    "gcloud billing projects": '{"billingEnabled": true}',
    "gcloud builds list": "[]",
    "gcloud alpha services quota": quotas(),
    "terraform show": plan(*NEW),
    "terraform state list": 'google_bigquery_table.this["ads"]\ngoogle_pubsub_topic.this["ads"]',
    "gcloud": "[]",
}


@dataclass(frozen=True)
class Failure:
    """A call that fails.

    Attributes:
        call: the words that it has.
        said: what the real program prints then, on stderr.
        times: how often; after that it goes well.
    """

    call: str
    said: str
    times: int = 1


@dataclass(frozen=True)
class Told:
    """What a person saw.

    Attributes:
        code: how the command ended.
        text: all that it said.
        calls: the programs that it ran, with their words.
    """

    code: int
    text: str
    calls: list[str]

    def ran(self, *words: str) -> bool:
        """Whether there was a call with all these words."""
        return any(all(word in call for word in words) for call in self.calls)

    def times(self, words: str) -> int:
        """How many calls had these words."""
        return sum(words in call for call in self.calls)


@dataclass(frozen=True)
class Stage:
    """A copy of the checkout and the folder of the scripts.

    Attributes:
        checkout: the copy.
        programs: what PATH begins with.
    """

    checkout: Path
    programs: Path

    @classmethod
    def set_up(cls, folder: Path) -> "Stage":
        """Copies what `make deploy` reads, the environment linked."""
        checkout = folder / "checkout"
        checkout.mkdir()
        for name in COPIED:
            source = wiring.ROOT / name
            if source.is_dir():
                shutil.copytree(source, checkout / name, ignore=_NOT_COPIED)
            else:
                shutil.copy2(source, checkout / name)
        for name in (".venv", ".uv"):
            (checkout / name).symlink_to(wiring.ROOT / name)
        return cls(checkout, folder / "programs")

    def play(self, *failures: Failure, answers: Mapping[str, str] | None = None, without: str = "") -> None:
        """Begins a scene: what fails, what is answered otherwise, and which program there is not."""
        shutil.rmtree(self.programs, ignore_errors=True)
        self.programs.mkdir()
        for tool in ("cat", "make", "rm", "sh"):  # and nothing else: a real gcloud would be found
            (self.programs / tool).symlink_to(str(shutil.which(tool)))
        for name in {"gcloud", "terraform"} - {without}:
            self._write(name, failures, {**HEALTHY, **(answers or {})})

    def _write(self, name: str, failures: tuple[Failure, ...], answers: Mapping[str, str]) -> None:
        cases = []
        for at, failure in enumerate(failures):
            (self.programs / f"failure{at}").write_text(str(failure.times))
            (self.programs / f"failure{at}.said").write_text(coloured(failure.said) + "\n")
            cases.append(FAILS.format(pattern=f'*"{failure.call}"*', folder=self.programs, key=f"failure{at}"))
        for at, (call, answer) in enumerate(sorted(answers.items(), key=lambda each: -len(each[0]))):
            (self.programs / f"answer{at}.said").write_text(answer + "\n")
            cases.append(ANSWERS.format(pattern=f'"{call}"*', folder=self.programs, key=f"answer{at}"))
        program = self.programs / name
        program.write_text(SCRIPT.format(name=name, folder=self.programs, cases="\n".join(cases)))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def make(self, goal: str, *variables: str, said: str = "", **more: str) -> Told:
        """Gives the command, with PROJECT, REGION and whatever else; `said` is what the person types."""
        process = self.begin(goal, *variables, **more)
        text, _ = process.communicate(said)
        return Told(process.returncode, text, (self.programs / "calls").read_text().splitlines())

    def begin(self, goal: str, *variables: str, **more: str) -> "subprocess.Popen[str]":
        """Gives the command in a session of its own, as a terminal does."""
        (self.programs / "calls").write_text("")
        given = {"PROJECT": PROJECT, "REGION": REGION, "PAUSE": "0"} | more
        settings = [f"{name}={value}" for name, value in given.items()]
        return subprocess.Popen(
            ["make", "-s", "-o", ".venv/.ready", goal, *settings, *variables],
            cwd=self.checkout,
            env={**os.environ, "PATH": str(self.programs)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def hold(self, words: str) -> Path:
        """From now on a call with these words, deaf to Ctrl-C, tells by the pipe `begun` that it is there, and ends
        when something comes by `go`. Returns the folder of both."""
        for pipe in ("begun", "go"):
            os.mkfifo(self.programs / pipe)
        name = words.split()[0]
        held = f"""  *"{words}"*) trap "" INT; echo >{self.programs}/begun; read -r line <{self.programs}/go
      echo "the state is written" >&2; exit 1;;"""
        program = self.programs / name
        program.write_text(program.read_text().replace('case "$words" in\n', f'case "$words" in\n{held}\n', 1))
        return self.programs
