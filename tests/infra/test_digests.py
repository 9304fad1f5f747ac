"""What Terraform makes is kept by what it is made from, and not by where that lies."""

from pathlib import Path

import pytest

from creatives.deploy.terraform import Terraform
from tests.infra import digests

PARTS = {"copy": "copy/infra/main.tf", "provider": "programs/provider", "code": "asking/cloud.py"}


def laid(root: Path, where: dict[str, str], changed: str = "") -> str:
    """The digest where each part lies in a folder of this name, one of them changed."""
    for name, file in PARTS.items():
        path = root / where[name] / file
        path.parent.mkdir(parents=True)
        path.write_text("other" if name == changed else name)
    program = root / where["provider"] / "programs" / "terraform-offline"
    program.touch()
    terraform = Terraform(program, root / where["copy"] / "copy" / "infra", offline=True)
    return digests.with_code(digests.of_copy(terraform), [root / where["code"] / PARTS["code"]])


@pytest.fixture(autouse=True)
def _terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "terraform").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_it_is_kept_for_every_clone_wherever_that_and_the_copies_of_tests_lie(tmp_path: Path) -> None:
    here = laid(tmp_path / "here", {"copy": "a", "provider": "b", "code": "c"})
    there = laid(tmp_path / "there", {"copy": "z", "provider": "y", "code": "x"})

    assert here == there


@pytest.mark.parametrize("part", PARTS)
def test_whatever_has_changed_has_it_made_anew(tmp_path: Path, part: str) -> None:
    where = dict.fromkeys(PARTS, "a")

    assert laid(tmp_path / "before", where) != laid(tmp_path / "after", where, changed=part)
