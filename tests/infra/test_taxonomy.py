"""Terraform by itself refuses a taxonomy that is none, or asks for columns that the table of features lacks."""

from pathlib import Path

import pytest

from creatives.deploy.terraform import Terraform, TerraformError

# A plan of everything, twice: the rehearsed deployment has the same checks, of our own command, in the gate.
pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

RULES = """
mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project  = "test-project"
  region   = "europe-west1"
  features = "shoes.yaml"
}

run "it_is_refused" {
  command = plan
}
"""
HEEL = "fields:\n  - {name: heel, type: yes_no, description: Whether it has one.}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEEL, "asks heel, for which the table of features has no column"),
        (HEEL + "rename: {brand: maker}\n", "asks heel, maker, for which"),
        (HEEL.replace("name: heel, ", ""), "is no taxonomy"),
        ("fields: [", "is no taxonomy"),
    ],
)
def test_terraform_refuses_what_the_tables_have_no_columns_for(terraform: Terraform, text: str, said: str) -> None:
    made = {
        terraform.folder / "shoes.yaml": text,
        terraform.folder / "tests" / "shoes.tftest.hcl": RULES,
    }
    for file, content in made.items():
        Path(file).write_text(content)

    try:
        with pytest.raises(TerraformError) as refused:
            terraform.run("test", "-no-color", "-filter=tests/shoes.tftest.hcl")
    finally:
        for file in made:
            file.unlink()

    assert said in " ".join(str(refused.value).split())
