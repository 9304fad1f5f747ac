"""What was found of an answer, remembered by an instance: each ad that shows the same file brings its answer again.

Forgotten with the instance: who does not remember looks once more.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from shared.events import Evidence, FeaturesExtracted

MOST = 500
"""Answers; of a model's, 66 quotations of a line each, some 10 KB."""

# Not the address, which is another for each ad: what it holds is told by the creative's id.
_SAME = {
    "creative_id", "kind", "extractor", "answer_uri", "content_type", "width", "height", "duration_s", "quoting_fields",
    "features",
}  # fmt: skip


class Remembered:
    """The evidence of the last answers that were looked into; requests come at the same time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[str, Sequence[Evidence]] = OrderedDict()

    def evidence(self, answered: FeaturesExtracted, look: Callable[[], Sequence[Evidence]]) -> Sequence[Evidence]:
        """What is known of this answer, or what `look` finds; what it raises is not remembered."""
        key = hashlib.sha256(answered.model_dump_json(include=_SAME).encode()).hexdigest()
        with self._lock:
            found = self._found.get(key)
        if found is None:
            found = look()
        with self._lock:
            self._found[key] = found
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return found
