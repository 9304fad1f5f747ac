"""The Terraform files are well-formed and keep their own rules (infra/tests/*.tftest.hcl)."""

import pytest

from creatives.deploy.terraform import Terraform

# A run of all rules takes Terraform minutes of work on two busy cores.
pytestmark = pytest.mark.timeout(1800)


def test_the_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run("fmt", "-check", "-recursive") == ""


def test_the_configuration_is_valid(terraform: Terraform) -> None:
    assert "Success" in terraform.run("validate", "-no-color")


def test_the_rules_hold(terraform: Terraform) -> None:
    said = terraform.run("test", "-no-color")

    assert "Success!" in said
    assert "0 failed" in said
