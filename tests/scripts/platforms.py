"""What the lock file gives a platform: each package's wheel, its source, or nothing. Read, not asked of any index."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

PYTHON = (3, 13)
GLIBC = (2, 28)
MACOS = (14, 0)


@dataclass(frozen=True)
class Platform:
    """A system and its processor, as markers (PEP 508) name them."""

    system: str
    machine: str

    def environment(self) -> dict[str, str]:
        """What markers ask about."""
        return {
            "sys_platform": self.system,
            "platform_machine": self.machine,
            "platform_system": {"linux": "Linux", "darwin": "Darwin"}[self.system],
            "os_name": "posix",
            "python_version": "3.13",
            "python_full_version": "3.13.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }

    def takes(self, wheel: str) -> bool:
        """Whether a wheel of that file name can be installed on it, under CPython 3.13."""
        _, _, _, tags = parse_wheel_filename(wheel)
        return any(_of_python(tag.interpreter, tag.abi) and self._runs(tag.platform) for tag in tags)

    def _runs(self, tag: str) -> bool:
        if tag == "any":
            return True
        if self.system == "darwin":
            found = re.fullmatch(r"macosx_(\d+)_(\d+)_(\w+)", tag)
            return bool(found and (int(found[1]), int(found[2])) <= MACOS and found[3] in {self.machine, "universal2"})
        found = re.fullmatch(r"manylinux_(\d+)_(\d+)_(\w+)", tag)
        if found:
            return (int(found[1]), int(found[2])) <= GLIBC and found[3] == self.machine
        return bool(re.fullmatch(rf"manylinux(1|2010|2014)_{self.machine}", tag))


PLATFORMS = {
    "Linux x86-64": Platform("linux", "x86_64"),
    "Linux arm64": Platform("linux", "aarch64"),
    "macOS arm64": Platform("darwin", "arm64"),
    "macOS x86-64": Platform("darwin", "x86_64"),
}


def _of_python(interpreter: str, abi: str) -> bool:
    if interpreter in {"py3", "py313"}:
        return True
    found = re.fullmatch(r"cp3(\d+)", interpreter)
    if not found:
        return False
    return abi == "cp313" or (abi in {"abi3", "none"} and int(found[1]) <= PYTHON[1])


def read(lock: Path) -> dict[str, Any]:
    """The lock file."""
    return tomllib.loads(lock.read_text())


def without_wheel(lock: Mapping[str, Any], platform: Platform, *, dev: bool = False) -> set[str]:
    """The packages that the project needs on a platform and the lock has no wheel of, as name==version.

    With `dev` those of the tests too, of which a source will do as well.
    """
    needed = _needed(lock, platform, dev=dev)
    return {
        f"{package['name']}=={package['version']}"
        for package in needed
        if not (
            any(platform.takes(_file(wheel)) for wheel in package.get("wheels", ())) or (dev and "sdist" in package)
        )
    }


def _file(wheel: Mapping[str, Any]) -> str:
    return str(wheel["url"]).rsplit("/", 1)[-1]


def _needed(lock: Mapping[str, Any], platform: Platform, *, dev: bool) -> list[Mapping[str, Any]]:
    packages = lock["package"]
    root = next(package for package in packages if package["name"] == "creatives")
    waiting = list(_wanted(root, platform, dev=dev))
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    while waiting:
        wanted = waiting.pop()
        for package in packages:
            key = package["name"], package["version"]
            if package["name"] == wanted["name"] and wanted.get("version", key[1]) == key[1] and key not in found:
                found[key] = package
                waiting += _wanted(package, platform, extras=wanted.get("extra", ()))
    return list(found.values())


def _wanted(
    package: Mapping[str, Any], platform: Platform, *, extras: tuple[str, ...] = (), dev: bool = False
) -> Iterator[Mapping[str, Any]]:
    lists = [package.get("dependencies", ())]
    lists += [package.get("optional-dependencies", {}).get(extra, ()) for extra in extras]
    lists += [package["dev-dependencies"][group] for group in ("dev", "notebook")] if dev else []
    for wanted in (each for some in lists for each in some):
        if "marker" not in wanted or Marker(wanted["marker"]).evaluate(platform.environment()):
            yield wanted
