"""Files that are no creatives by their nature: what operating systems and office programs leave in folders."""

import re

_NAMES = re.compile(
    r"thumbs\.db(?::encryptable)?|ehthumbs(?:_vista)?\.db|desktop\.ini|icon\r|\.ds_store|\.localized|\.nomedia|\.picasa\.ini"
    r"|\._.*|\.~lock\..*#|~\$.*|\.directory|\.spotlight-v100|\.fseventsd|\.trashes|@eadir|__macosx",
    re.IGNORECASE,
)


def is_hidden(path: str) -> bool:
    """Whether a file at this path, or a folder that it lies in, is one that systems do not show."""
    return any(part.startswith(".") and part.strip(".") for part in path.replace("\\", "/").split("/"))


def is_junk(path: str) -> bool:
    """Whether a file at this path, or a folder that it lies in, is none that anybody made."""
    return any(_NAMES.fullmatch(part) for part in path.replace("\\", "/").split("/"))
