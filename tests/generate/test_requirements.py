"""What each function installs: complete, current, and no more than it needs."""

import re
import tomllib

import pytest

from generate import requirements
from shared import wiring
from tests.infra.code import code_of

FUNCTIONS = sorted(wiring.load().functions)


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
        ("google-genai", {"embed", "extract"}),
        ("opencv-python-headless", {"dedup", "verify"}),
        ("av", {"dedup", "embed", "hash", "probe", "render", "verify"}),
        ("playwright", {"render"}),
        ("onnxruntime", {"verify"}),
        ("google-cloud-bigquery", {name for name, f in wiring.load().functions.items() if f.queries}),
    ],
)
def test_heavy_packages_are_only_where_they_are_used(package: str, allowed: set[str]) -> None:
    assert {name for name in FUNCTIONS if package in packages(name)} <= allowed


# How each package is imported, of those that a function's group names.
IMPORTED_AS = {
    "av": "av",
    "google-cloud-bigquery": "google.cloud.bigquery",
    "google-cloud-storage": "google.cloud.storage",
    "google-genai": "google.genai",
    "httpx": "httpx",
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "playwright": "playwright",
    "pyyaml": "yaml",
}

# What runs another package, which does not ask for it itself.
RUN_BY = {"onnxruntime": "rapidocr", "opencv-python-headless": "rapidocr"}


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_asks_for_is_imported(name: str) -> None:
    groups = tomllib.loads((wiring.ROOT / "pyproject.toml").read_text())["dependency-groups"]
    asked = {re.split(r"[>=<\[ ]", entry)[0] for entry in groups[name] if isinstance(entry, str)}

    code = code_of(name)
    asked -= {package for package, other in RUN_BY.items() if code.imports(other)}
    unused = {package for package in asked if not code.imports(IMPORTED_AS.get(package, package))}

    assert unused == set()
