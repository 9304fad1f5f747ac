"""The fonts at hand: those of the packages in the groups `benchmarks` and `dev`, and the system's DejaVu."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

# Package → folder in it and the files that are used; each has every accent of our six languages and the euro sign.
PACKAGED = {
    "font_roboto": ("files", ("Roboto-Bold.ttf", "Roboto-Light.ttf", "Roboto-BlackItalic.ttf")),
    "font_lato": ("files", ("Lato-Regular.ttf", "Lato-Black.ttf")),
    "font_source_serif_pro": ("files", ("SourceSerifPro-Regular.ttf", "SourceSerifPro-Bold.ttf")),
    "font_source_sans_pro": ("files", ("SourceSansPro-Semibold.ttf", "SourceSansPro-Black.ttf")),
    "font_caladea": ("files", ("Caladea-Bold.ttf", "Caladea-BoldItalic.ttf")),
    "font_fjallaone": ("files", ("FjallaOne-Regular.ttf",)),
    "font_fredoka_one": ("files", ("FredokaOne-Regular.ttf",)),
    "font_hanken_grotesk": ("files", ("HankenGrotesk-Medium.otf", "HankenGrotesk-Bold.otf")),
    "font_manrope": ("files", ("Manrope-Regular.ttf", "Manrope-ExtraBold.ttf")),
    "matplotlib": ("mpl-data/fonts/ttf", ("DejaVuSerif-Bold.ttf", "DejaVuSans.ttf")),
}
SYSTEM = ("DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansCondensed-Bold.ttf")


@cache
def font_files() -> tuple[str, ...]:
    """What `ImageFont.truetype` takes, in a fixed order.

    Raises:
        FileNotFoundError: when there is not one font.
    """
    packaged = [path for package in PACKAGED for path in _in_package(package)]
    found = (*packaged, *(name for name in SYSTEM if _opens(name)))
    if not found:
        raise FileNotFoundError("no font: install fonts-dejavu-core (Debian), or the packages font-roboto, font-lato")
    return found


def package_folder(package: str) -> Path | None:
    """Where a package lies, without importing it; None where it is not installed."""
    spec = find_spec(package)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


def _in_package(package: str) -> list[str]:
    folder = package_folder(package)
    inside, names = PACKAGED[package]
    return [str(path) for name in names if folder and (path := folder / inside / name).exists()]


def _opens(name: str) -> bool:
    try:
        ImageFont.truetype(name, 12)
    except OSError:
        return False
    return True
