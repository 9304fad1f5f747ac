"""The mistakes of broken_rules.py can still be made: they change the files as those are now."""

from pathlib import Path

import pytest

from creatives.deploy.terraform import Terraform
from shared.wiring import ROOT
from tests.infra.broken_rules import MISTAKES, Mistake, applied, batches, require_sound


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_changes_its_file(mistake: Mistake) -> None:
    text = (ROOT / mistake.file).read_text()

    assert applied(mistake, text) != text


def test_mistakes_that_are_made_together_are_told_apart() -> None:
    together = batches(MISTAKES)

    assert sorted(each.name for group in together for each in group) == sorted(each.name for each in MISTAKES)
    for group in together:
        words = [mistake.says for mistake in group]
        assert len({mistake.rules for mistake in group}) == 1
        assert len(group) == 1 or all(words)
        assert [one for one in words for other in words if one in other and one != other] == []
        assert len(set(words)) == len(words)


def test_what_is_refused_before_anything_is_broken_proves_nothing(terraform: Terraform, tmp_path: Path) -> None:
    (tmp_path / "infra" / "tests").mkdir(parents=True)
    (tmp_path / "infra" / "main.tf").write_text('output "lost" { value = "there" }')
    (tmp_path / "infra" / "tests" / "lost.tftest.hcl").write_text(
        'run "found" {\n  command = plan\n  assert {\n    condition = output.lost == "found"\n'
        '    error_message = "It is lost."\n  }\n}\n'
    )

    with pytest.raises(SystemExit, match="before anything is broken"):
        require_sound(tmp_path, "lost")
