"""Imports go down the floors of the tree, and from one stage to another not at all."""

from pathlib import Path

import pytest

from shared import wiring
from tests import floors


def planted(root: Path, file: str, code: str) -> list[str]:
    """What is found where the tree consists of one file."""
    (root / file).parent.mkdir(parents=True)
    (root / file).write_text(code)
    return [each.module for each in floors.upward(root)]


def test_every_import_goes_down() -> None:
    assert [str(each) for each in floors.upward(wiring.ROOT)] == []


def test_every_package_that_is_installed_is_a_floor() -> None:
    packages = {path.parent.name for path in wiring.ROOT.glob("*/__init__.py")}

    assert packages - floors.OUTSIDE == floors.FLOORS.keys()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("shared/log.py", "import functions.hash.main"),
        ("shared/media/images.py", "from local import clock"),
        ("functions/hash/main.py", "from local.pubsub import api"),
        ("functions/hash/main.py", "from functions.probe import decoding"),
        ("functions/hash/main.py", "from functions import probe"),
        ("functions/hash/main.py", "from .. import probe"),
        ("functions/hash/main.py", "from ..probe.decoding import measure"),
        ("local/clock.py", "import creatives"),
        ("local/clock.py", "def later():\n    from creatives.cli import app\n"),
        ("local/clock.py", "if TYPE_CHECKING:\n    from creatives.cli import app\n"),
        ("local/clock.py", "import importlib\nimportlib.import_module('creatives.cli')\n"),
        ("creatives/cli.py", "import typer, generate.schemas"),
        ("generate/diagram.py", "from local import running"),
        ("generate/diagram.py", "from creatives.deploy.terraform import Terraform"),
        ("generate/requirements.py", "from tests.infra import archives"),
        ("creatives/report/data.py", "import benchmarks.report"),
    ],
)
def test_an_import_from_above_is_found(file: str, code: str, tmp_path: Path) -> None:
    assert len(planted(tmp_path, file, code)) == 1


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("functions/hash/main.py", "from shared import log\nfrom functions.hash.settings import settings\n"),
        ("functions/hash/main.py", "from . import settings\nfrom ...shared import log\n"),
        ("local/running.py", "import functions.import_ads.settings\nimport localtime\nimport sharedness\n"),
        ("creatives/cli.py", "from local import running\nfrom creatives.page import commands\n"),
        ("generate/schemas.py", "import functions.extract.settings\nfrom shared.events import EVENTS\n"),
    ],
)
def test_an_import_from_below_or_from_elsewhere_is_none(file: str, code: str, tmp_path: Path) -> None:
    assert planted(tmp_path, file, code) == []
