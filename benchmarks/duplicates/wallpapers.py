"""Pictures by others: wallpapers of Debian's packages, fetched once and unpacked, and photographs of PyPI's.

They are dealt out in two halves: on one of them thresholds were set, the other is kept for the figures. Beside them
are those of other packages, for what holds on photographs that no threshold has seen.
"""

import hashlib
import subprocess
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from tempfile import gettempdir

from PIL import Image, ImageOps

from benchmarks.duplicates import photos

USUAL, OTHERS = "usual", "others"
PACKAGES = {
    USUAL: ("mate-backgrounds", "gnome-backgrounds"),
    OTHERS: ("plasma-workspace-wallpapers", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "ukui-wallpapers"),
}
"""Nature and abstract photographs (CC-BY-SA, CC0, GPL: each package's copyright file says): 42 pictures in all, and 63
others.
"""

_FOLDER = Path(gettempdir()) / "creatives-wallpapers"
_LEAST_BYTES = 100_000  # smaller files are patterns and emblems
_KEPT_PIXELS = 2400


def count() -> int:
    """How many pictures there are: so many seeds from 0 on show each of them once, where their number is even."""
    return len(_paths(USUAL))


def background(seed: int, size: tuple[int, int], *, part: float, of: str = USUAL) -> Image.Image:
    """A part of one of the pictures, at a size: the same for the same seed and `part` (0 to 1: where it is cut).

    Even seeds see one half of the pictures, odd ones the other.
    """
    half = _paths(of)[seed % 2 :: 2]
    picture = _opened(half[seed // 2 % len(half)])
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=(part, 1 - part))


@lru_cache(maxsize=8)
def _opened(path: Path) -> Image.Image:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((_KEPT_PIXELS, _KEPT_PIXELS))
    return picture


@cache
def _paths(of: str) -> list[Path]:
    """In an order that has nothing to do with their names.

    Raises:
        FileNotFoundError: when apt-get could not fetch them.
    """
    packages = PACKAGES[of]
    for package in packages:
        if not (_FOLDER / package).exists():
            _fetch(package)
    files = (path for package in packages for path in (_FOLDER / package).rglob("*"))
    found = [path for path in files if path.suffix in {".jpg", ".png", ".webp"} and _is_large(path)]
    if not found:
        raise FileNotFoundError(f"no wallpapers in {_FOLDER}: `apt-get download {' '.join(packages)}` gives them")
    if of == OTHERS:
        return sorted(
            _largest(found), key=lambda path: hashlib.sha256(str(path.relative_to(_FOLDER)).encode()).digest()
        )
    return sorted([*found, *photos.paths()], key=lambda path: hashlib.sha256(path.name.encode()).digest())


def _largest(paths: Iterable[Path]) -> Iterable[Path]:
    """Of each folder of one picture in several sizes that with most bytes, and all of the others."""
    sized = sorted(paths, key=lambda path: path.stat().st_size)
    return {path.parent if path.parent.name.startswith("images") else path: path for path in sized}.values()


def _is_large(path: Path) -> bool:
    is_large = path.is_file() and not path.is_symlink() and path.stat().st_size >= _LEAST_BYTES
    return is_large and path.stem != "screenshot"  # one of the others, smaller


def _fetch(package: str) -> None:
    _FOLDER.mkdir(exist_ok=True)
    subprocess.run(["apt-get", "download", package], cwd=_FOLDER, check=True, capture_output=True)
    (archive,) = _FOLDER.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "-x", archive, _FOLDER / package], check=True)
    archive.unlink()
