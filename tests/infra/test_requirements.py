"""What each function installs: complete, current, and no more than it needs."""

import re

import pytest

from local import pipeline, requirements

FUNCTIONS = sorted(pipeline.load().functions)


def packages(name: str) -> set[str]:
    return set(re.findall(r"(?m)^([a-z0-9._-]+)==", requirements.requirements_file(name).read_text()))


def test_they_are_what_the_lock_file_says() -> None:
    assert requirements.stale(FUNCTIONS) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_builder_finds_the_framework_and_a_hash_for_every_package(name: str) -> None:
    text = requirements.requirements_file(name).read_text()
    pinned = re.findall(r"(?m)^[a-z0-9._-]+==.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)*", text)

    assert re.search(r"(?m)^functions-framework\b([^-]|$)", text)
    assert all("--hash=sha256:" in package for package in pinned)


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("google-genai", {"extract"}),
        ("opencv-python-headless", {"dedup"}),
        ("av", {"probe"}),
        ("onnxruntime", set()),
        ("google-cloud-bigquery", {name for name, f in pipeline.load().functions.items() if f.queries}),
    ],
)
def test_heavy_packages_are_only_where_they_are_used(package: str, allowed: set[str]) -> None:
    assert {name for name in FUNCTIONS if package in packages(name)} <= allowed
