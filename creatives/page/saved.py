"""The views of the page that people gave a name, kept in a small file of the data folder: every browser has them.

A view is an address within the page, which says what is searched, filtered and sorted.
"""

import getpass
import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from creatives import printable, replaced

MOST_VIEWS = 200
_FILE = "saved-views.json"


class UnfitViewError(ValueError):
    """A view that cannot be saved, or views that cannot be read; the message says why."""


class SavedView(BaseModel):
    """A view with its name.

    Attributes:
        address: within the page, e.g. `#/gallery?q=sale`.
    """

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=80)]
    address: Annotated[str, Field(pattern=r"^#/[a-z]+(\?[^\s#]*)?$", max_length=4000)]
    author: str = Field(default_factory=getpass.getuser)
    saved_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))


_VIEWS = TypeAdapter(tuple[SavedView, ...])


class SavedViews:
    """The views of a data folder, by name; requests may come at the same time."""

    def __init__(self, data: Path) -> None:
        self._file = data / _FILE
        self._lock = threading.Lock()

    def all(self) -> Sequence[SavedView]:
        """All of them, in the order of their names.

        Raises:
            UnfitViewError: when the file has been made something else.
        """
        try:
            return _VIEWS.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return ()
        except ValidationError as error:
            raise UnfitViewError(f"{self._file} cannot be read: mend it, or delete it to begin anew") from error

    def save(self, name: str, address: str) -> Sequence[SavedView]:
        """All of them, with one more; one of that name is replaced.

        Raises:
            UnfitViewError: when it cannot be saved, or the others cannot be read.
        """
        name = " ".join(name.split())
        if printable.line(name) != name:
            raise UnfitViewError("a name has characters that can be seen")
        try:
            view = SavedView(name=name, address=address)
        except ValidationError as error:
            raise UnfitViewError("give it a name of up to 80 characters, and an address of this page") from error
        return self._changed(name, [view])

    def delete(self, name: str) -> Sequence[SavedView]:
        """All of them but one.

        Raises:
            UnfitViewError: when they cannot be read.
        """
        return self._changed(name, [])

    def _changed(self, name: str, views: Sequence[SavedView]) -> Sequence[SavedView]:
        """Puts `views` in the place of the one of that name."""
        with self._lock:
            kept = [*(view for view in self.all() if view.name != name), *views]
            if len(kept) > MOST_VIEWS:
                raise UnfitViewError(f"{MOST_VIEWS} views are saved: delete one first")
            kept.sort(key=lambda view: view.name.casefold())
            with replaced.whole(self._file) as new:
                new.write(json.dumps([view.model_dump(mode="json") for view in kept], indent=1).encode())
            return kept
