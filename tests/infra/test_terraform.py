"""The Terraform files are well-formed and keep their own rules (infra/tests/*.tftest.hcl)."""

import inspect
from pathlib import Path

import pytest

from creatives.deploy.terraform import Terraform
from shared import wiring
from tests import kept
from tests.infra import archives, digests

# A run of all rules takes Terraform minutes of work on two busy cores.
pytestmark = pytest.mark.timeout(1800)

LONG = ("mistakes.tftest.hcl", "options.tftest.hcl", "single_mistakes.tftest.hcl")
EACH = tuple(
    file.name
    for file in sorted((wiring.ROOT / "infra" / "tests").glob("*.tftest.hcl"))
    if file.name not in (*LONG, archives.RULES)  # those of the archives hold where test_archives.py has them written
)


MOST_KEPT = 8
"""Answers of some lines, each of one state of the files."""


def test_the_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run("fmt", "-check", "-recursive") == ""


@pytest.mark.long  # the rules could not be looked at otherwise
def test_the_configuration_is_valid(terraform: Terraform) -> None:
    assert "Success" in terraform.run("validate", "-no-color")


@pytest.mark.parametrize("files", [EACH, pytest.param(LONG, marks=pytest.mark.long)], ids=len)
def test_the_rules_hold(terraform: Terraform, copied: str, files: tuple[str, ...]) -> None:
    said = _said(terraform, copied, files)

    assert "Success!" in said
    assert "0 failed" in said


def _said(terraform: Terraform, copied: str, files: tuple[str, ...]) -> str:
    """What Terraform says of the rules in these files. What it said of the same rules, files and providers is kept, as
    the cloud that it makes of them is: it takes fifteen seconds of processor time. What breaks a rule is asked again.
    """

    def said() -> str:
        return terraform.run("test", "-no-color", *(f"-filter=tests/{name}" for name in files))

    if not terraform.offline:
        return said()
    asking = [Path(__file__), *(Path(inspect.getfile(each)) for each in (Terraform, archives))]
    name = f"{len(files)}-{digests.with_code(copied, asking)}"
    return kept.made_once("rules", name, lambda: said().encode(), most=MOST_KEPT).read_text()
