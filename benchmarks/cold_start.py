"""What a new instance of each function costs before its first event: size installed, time to import.

    python -m benchmarks.cold_start [NAME …] [--runs 5]

Each function's archive is composed by Terraform, unpacked, installed with its own requirements into an empty
environment, and its entry point imported in fresh processes: what the cloud does too, apart from fetching and starting
the container.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from creatives.deploy.terraform import of_a_copy
from shared import wiring
from tests.infra import archives
from tests.infra.archives import Installed

# The clock starts after the interpreter: what is left is the function's own doing. Peak memory is in KiB on Linux.
_MEASURE = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
started = time.perf_counter()
import main
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, len(sys.modules))
"""
_ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "test",
    "CREATIVES_BUCKET": "test-creatives",
    "RESULTS_BUCKET": "test-results",
    "STAGING_BUCKET": "test-staging",
    "INDEX_BUCKET": "test-index",
}


@dataclass(frozen=True)
class ColdStart:
    """What was measured of one function.

    Attributes:
        name: the function's.
        packages: how many are installed.
        installed_mb: their size on disk, in 10^6 bytes.
        archive_kb: the archive's size, in 10^3 bytes.
        first_s: importing the entry point the first time, bytecode still to be compiled and files unread.
        import_s: importing it again, median.
        memory_mb: peak resident memory once imported, in 10^6 bytes.
    """

    name: str
    packages: int
    installed_mb: float
    archive_kb: float
    first_s: float
    import_s: float
    memory_mb: float


def measure(archive: Path, folder: Path, runs: int) -> ColdStart:
    """Installs a function's archive in `folder` and measures it.

    Raises:
        subprocess.CalledProcessError: when it cannot be installed or imported.
    """
    installed = archives.install(archive, folder)
    first, *again = [_import(installed) for _ in range(runs + 1)]
    packages = _site_packages(installed)
    return ColdStart(
        name=installed.name,
        packages=len(list(packages.glob("*.dist-info"))),
        installed_mb=_size(packages) / 1e6,
        archive_kb=archive.stat().st_size / 1e3,
        first_s=first[0],
        import_s=statistics.median(seconds for seconds, _ in again),
        memory_mb=first[1] * 1024 / 1e6,
    )


def _import(installed: Installed) -> tuple[float, int]:
    command = [str(installed.python), "-c", _MEASURE, str(installed.source)]
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{installed.name} cannot be imported:\n{done.stderr}")
    seconds, memory, _ = done.stdout.split()[-3:]
    return float(seconds), int(memory)


def _site_packages(installed: Installed) -> Path:
    return next(installed.environment.glob("lib/python*/site-packages"))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=sorted(wiring.load().functions))
    parser.add_argument("--runs", type=int, default=5, help="imports after the first, of which the median is shown")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = of_a_copy(Path(folder) / "checkout")
        if found is None:
            raise SystemExit("terraform composes the archives: install it first")
        found.init()
        composed = archives.compose(found)
        print(f"Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d')}, {options.runs} runs\n")
        print("| function | packages | installed MB | archive kB | first import s | import s | memory MB |")
        print("|---|---|---|---|---|---|---|")
        for name in options.names:
            one = measure(composed[name], Path(folder) / name, options.runs)
            print(
                f"| {one.name} | {one.packages} | {one.installed_mb:.0f} | {one.archive_kb:.0f} "
                f"| {one.first_s:.2f} | {one.import_s:.2f} | {one.memory_mb:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
