"""The taxonomy that a pipeline on this machine asks by: a copy in its data folder, which no editor changes under it.

Its name holds its content's hash, as an object's does that Terraform puts into a bucket.
"""

import hashlib
from collections.abc import MutableMapping
from pathlib import Path

from shared import features
from shared.taxonomy import compiling, definition

_FOLDER = "taxonomies"
_SETTING = "FEATURES"


def settle(data: Path, given: Path | None, environment: MutableMapping[str, str]) -> None:
    """Has FEATURES name a copy in the data folder, where a taxonomy's file is given, or is what FEATURES names.

    Raises:
        TaxonomyError: with each fault of the file and its line.
    """
    name = str(given) if given else environment.get(_SETTING, "")
    if not given and (not features.is_taxonomy(name) or name.startswith("gs://")):
        return
    content = compiling.content(name)
    definition.read(content, Path(name).name)
    kept = data.absolute() / _FOLDER / f"{Path(name).stem}-{hashlib.sha256(content).hexdigest()[:12]}.yaml"
    if Path(name).absolute().parent == kept.parent:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    environment[_SETTING] = str(kept)
