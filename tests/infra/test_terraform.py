"""The Terraform files are well-formed and keep their own rules (infra/tests/*.tftest.hcl)."""

import pytest

from creatives.deploy.terraform import Terraform
from shared import wiring
from tests.infra import archives

# A run of all rules takes Terraform minutes of work on two busy cores.
pytestmark = pytest.mark.timeout(1800)

LONG = ("mistakes.tftest.hcl", "options.tftest.hcl", "single_mistakes.tftest.hcl")
EACH = tuple(
    file.name
    for file in sorted((wiring.ROOT / "infra" / "tests").glob("*.tftest.hcl"))
    if file.name not in (*LONG, archives.RULES)  # those of the archives hold where test_archives.py has them written
)


def test_the_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run("fmt", "-check", "-recursive") == ""


@pytest.mark.long  # the rules could not be looked at otherwise
def test_the_configuration_is_valid(terraform: Terraform) -> None:
    assert "Success" in terraform.run("validate", "-no-color")


@pytest.mark.parametrize("files", [EACH, pytest.param(LONG, marks=pytest.mark.long)], ids=len)
def test_the_rules_hold(terraform: Terraform, files: tuple[str, ...]) -> None:
    said = terraform.run("test", "-no-color", *(f"-filter=tests/{name}" for name in files))

    assert "Success!" in said
    assert "0 failed" in said
