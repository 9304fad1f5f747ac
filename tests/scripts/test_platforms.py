"""The lock file gives every platform of README.md's table what `make demo` and `make test` install."""

import copy

import pytest

from shared.wiring import ROOT
from tests.scripts import platforms
from tests.scripts.platforms import PLATFORMS

LOCK = platforms.read(ROOT / "uv.lock")


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_demo_has_a_wheel_of_every_package(name: str) -> None:
    assert platforms.without_wheel(LOCK, PLATFORMS[name]) == set()


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_tests_have_a_wheel_or_a_source_of_every_package(name: str) -> None:
    assert platforms.without_wheel(LOCK, PLATFORMS[name], dev=True) == set()


@pytest.mark.parametrize(
    ("name", "package", "kept"),
    [
        ("macOS x86-64", "cryptography", "manylinux"),
        ("Linux arm64", "duckdb", "x86_64"),
        ("macOS arm64", "av", "linux"),
    ],
)
def test_a_package_that_loses_its_wheel_is_named(name: str, package: str, kept: str) -> None:
    lock = copy.deepcopy(LOCK)
    for each in lock["package"]:
        if each["name"] == package:
            each["wheels"] = [wheel for wheel in each["wheels"] if kept in wheel["url"]]

    found = platforms.without_wheel(lock, PLATFORMS[name])

    assert {each.split("==")[0] for each in found} == {package}


@pytest.mark.parametrize(
    ("wheel", "taken_by"),
    [
        ("a-1-py3-none-any.whl", set(PLATFORMS)),
        ("a-1-cp313-cp313-macosx_14_0_arm64.whl", {"macOS arm64"}),
        ("a-1-cp313-cp313-macosx_15_0_arm64.whl", set()),
        ("a-1-cp39-abi3-macosx_10_9_universal2.whl", {"macOS arm64", "macOS x86-64"}),
        ("a-1-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", {"Linux arm64"}),
        ("a-1-cp313-cp313-manylinux_2_34_x86_64.whl", set()),
        ("a-1-cp313-cp313-musllinux_1_2_x86_64.whl", set()),
        ("a-1-cp312-cp312-manylinux_2_28_x86_64.whl", set()),
        ("a-1-cp313-cp313t-manylinux_2_28_x86_64.whl", set()),
    ],
)
def test_a_wheel_fits_as_its_name_says(wheel: str, taken_by: set[str]) -> None:
    assert {name for name, platform in PLATFORMS.items() if platform.takes(wheel)} == taken_by


def test_the_table_of_the_readme_has_every_platform() -> None:
    readme = (ROOT / "README.md").read_text()

    assert all(f"| {name}" in readme for name in PLATFORMS)
