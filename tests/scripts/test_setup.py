"""What the set-up says when it fails: the package and the platform where there is no wheel, else the network; and what
it keeps apart.
"""

import importlib.util
import subprocess
from types import ModuleType

import pytest

from generate.requirements import uv_program
from shared.wiring import ROOT


@pytest.fixture(scope="module")
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts" / "setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("target", ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"])
def test_a_platform_without_a_wheel_is_told_so_by_what_uv_says(setup: ModuleType, target: str) -> None:
    uv = uv_program()
    assert uv
    command = [uv, "sync", "--frozen", "--no-default-groups", "--dry-run", "--offline", "--python-platform", target]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    told = setup.why(done.stderr, "Linux with musl, x86_64")

    assert done.returncode
    assert "==" in told.split()[0]
    assert told.split()[0] in done.stderr
    assert "Linux with musl, x86_64" in told
    assert "connection" not in told


def test_a_build_that_failed_is_the_packages_fault(setup: ModuleType) -> None:
    told = setup.why(
        "  × Failed to build `opencv-python-headless==5.0.0.93`\n  ├─▶ The build backend ...", "macOS 13.7, x86_64"
    )

    assert told.startswith("opencv-python-headless==5.0.0.93 has no package for this computer (macOS 13.7, x86_64)")


def test_anything_else_is_the_network_or_the_disk(setup: ModuleType) -> None:
    assert "connection to PyPI" in setup.why("error: Failed to fetch: `https://pypi.org/simple/av/`", "Linux, x86_64")


def test_windows_is_told_to_use_wsl(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.os, "name", "nt")

    with pytest.raises(SystemExit, match="use WSL"):
        setup.main()


@pytest.mark.parametrize("package", ["pandas", "IPython"])
def test_what_the_google_clients_load_wherever_they_find_it_is_not_found(package: str) -> None:
    assert importlib.util.find_spec(package) is None
