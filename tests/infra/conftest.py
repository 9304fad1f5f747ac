"""Terraform on a copy of the checkout, run once for all tests of this folder."""

import inspect
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from creatives.deploy.terraform import Terraform, TerraformError, of_a_copy
from tests import kept
from tests.infra import archives, digests
from tests.infra.cloud import NAME, Cloud, edges

MOST_KEPT = 4
"""Clouds of a megabyte: one for each state of the files that somebody works on."""

_MADE_ONCE = ("venv", "gen")
NOT_INSTALLED = "terraform is not installed, and nothing but a deployment needs it"


@pytest.fixture(scope="session")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files that the stand-in Terraform writes at each start: workers that share them read what another half wrote."""
    made = Path.home() / ".cache" / "terraform-offline"
    own = tmp_path_factory.mktemp("terraform-offline")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOGC", "400")  # Terraform spends a fifth of its time on collecting garbage
        if all((made / part).exists() for part in _MADE_ONCE):
            for part in _MADE_ONCE:
                (own / part).symlink_to(made / part)
            patch.setenv("TERRAFORM_OFFLINE_CACHE", str(own))
        yield


@pytest.fixture(scope="session")
def _copied(tmp_path_factory: pytest.TempPathFactory, _own_settings: None) -> tuple[Terraform, str]:
    """Terraform on a copy whose archives will hold empty files, its providers at hand; and a digest of all of it.

    Its state holds what goes into the archives, and is written anew with each of 300 resources: with the code in them
    that is six of seven parts of what an `apply` takes.
    """
    found = _ready(tmp_path_factory.mktemp("checkout"))
    archives.hollow(found.folder.parent)
    return found, digests.of_copy(found) if found.offline else ""


@pytest.fixture(scope="session")
def terraform(_copied: tuple[Terraform, str]) -> Terraform:
    """Terraform on the copy."""
    return _copied[0]


@pytest.fixture(scope="session")
def copied(_copied: tuple[Terraform, str]) -> str:
    """The digest of Terraform, its stand-in providers, and the copy as it was before anything was run on it."""
    return _copied[1]


@pytest.fixture(scope="session")
def composed(tmp_path_factory: pytest.TempPathFactory, _own_settings: None) -> dict[str, Path]:
    """Each function's archive, with the code that there is."""
    return archives.compose(_ready(tmp_path_factory.mktemp("checkout")))


def _ready(folder: Path) -> Terraform:
    found = of_a_copy(folder)
    if found is None:
        pytest.skip(NOT_INSTALLED)
    try:
        found.init()
    except TerraformError as error:
        pytest.skip(f"terraform cannot get its providers: {error}")
    return found


@pytest.fixture(scope="session")
def cloud(terraform: Terraform, copied: str) -> Cloud:
    """What Terraform makes of infra/ as it stands; only stand-in providers can do so without an account.

    It takes half a minute of processor time: made once for all processes that run tests, and kept by a digest of
    all that it is made from, for later runs (tests/kept.py).
    """
    if not terraform.offline:
        pytest.skip("only stand-in providers can apply without an account")
    asking = [Path(__file__), *(Path(inspect.getfile(each)) for each in (Terraform, Cloud, archives))]
    name = f"{digests.with_code(copied, asking)}.pickle"
    file = kept.made_once("cloud", name, lambda: pickle.dumps(_made(terraform)), most=MOST_KEPT)
    made: Cloud = pickle.loads(file.read_bytes())
    return made


def _made(terraform: Terraform) -> Cloud:
    chosen = {"project": "test-project", "region": "europe-west1", "name": NAME, "alert_emails": '["ads@example.com"]'}
    given = [f"-var={name}={value}" for name, value in chosen.items()]
    terraform.run("plan", "-out=made.tfplan", "-no-color", *given)
    planned = terraform.planned("made.tfplan")
    terraform.run("apply", "-no-color", "made.tfplan")
    anew = terraform.changes(*given, '-replace=google_cloudfunctions2_function.this["hash"]')
    return Cloud(terraform.state(), planned, edges(terraform.run("graph")), anew)
