"""The tables and views of a new data folder, made once and kept: making them takes more than all the rest of a start.

They are kept in `.cache/` of the checkout by a digest of all that they are made from: the files of infra/, the code
that makes them, the server's version. What is kept is BigQuery's own files as they lie between two requests; a server
reads them as it does after a crash.
"""

import hashlib
import json
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from local import dataset
from local.dataset import RawAds
from shared.features import ImageFeatures
from shared.tables import corrected
from shared.wiring import ROOT, Pipeline

if TYPE_CHECKING:
    from google.cloud import bigquery

KEPT = ROOT / ".cache" / "datasets"
MOST_KEPT = 8
"""A tenth of a megabyte each: one for each state of the files that somebody works on."""

_NOTE = "made-from"
_MAKERS = ("bigquery.py", "dataset.py", "tidying.py")
_PACKAGES = ("local-bigquery", "duckdb", "duckdb-extension-ducklake")


@dataclass(frozen=True)
class Prepared:
    """A dataset as the files say it is.

    Attributes:
        wired: names its tables and views.
        project: it is in.
        name: of the dataset.
        raw_ads: what its views read.
        model: the feature model in use.
    """

    wired: Pipeline
    project: str
    name: str
    raw_ads: RawAds = field(default_factory=RawAds)
    model: type[BaseModel] = ImageFeatures

    def lay(self, data: Path) -> bool:
        """Gives a data folder without tables those that are kept; no server runs there yet.

        Whether it still has none: nobody has kept any yet, or not so that they can be read.
        """
        folder = data / "bigquery"
        if any(folder.glob("*.ducklake")):
            return False
        with suppress(FileNotFoundError, zipfile.BadZipFile), zipfile.ZipFile(self.archive) as kept:
            if kept.testzip() is None:
                kept.extractall(folder)
                return False
        return True

    def ensure(self, client: "bigquery.Client", data: Path, *, new: bool) -> None:
        """Makes the dataset what the files say, unless it is; its server runs on `data`, and nobody else asks it.

        What is made on a `new` folder, as `lay` says, is kept.

        Raises:
            GoogleAPIError: as `dataset.ensure` does.
        """
        note = data / "bigquery" / _NOTE
        if note.exists() and note.read_text() == self._digest and self._is_whole(client):
            return
        dataset.ensure(
            client,
            self.wired,
            project=self.project,
            dataset=self.name,
            raw_ads=self.raw_ads,
            model=self.model,
            views_anew=note.exists(),  # by other code than this
        )
        note.write_text(self._digest)
        if new:
            with suppress(OSError):  # of a checkout that cannot be written, or a full disk: the next start makes it too
                self._keep(note.parent)

    @property
    def archive(self) -> Path:
        """Where it is kept."""
        return KEPT / f"{self._digest}.zip"

    def _is_whole(self, client: "bigquery.Client") -> bool:
        """Whether all is still there: somebody may have dropped a table."""
        there = {table.table_id for table in client.list_tables(f"{self.project}.{self.name}")}
        return there >= {*self.wired.tables, *self.wired.views}

    def _keep(self, folder: Path) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as unfinished:
            made = Path(unfinished) / "archive"
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in [folder / _NOTE, *folder.glob("*.duckdb*"), *folder.glob("*.ducklake*")]:
                    archive.write(file, file.name)
            made.replace(self.archive)
        for old in sorted(KEPT.glob("*.zip"), key=lambda each: each.stat().st_mtime)[:-MOST_KEPT]:
            old.unlink(missing_ok=True)

    @cached_property
    def _digest(self) -> str:
        columns = {name: dataset.columns(each, self.model) for name, each in self.wired.tables.items()}
        made_from = [
            [self.project, self.name, asdict(self.raw_ads)],
            [self._view(view) for view in self.wired.views],
            {name: (each.model_dump_json(), columns[name]) for name, each in self.wired.tables.items()},
            list(corrected.parts(columns["features"], self.model).values()) if "features" in columns else [],
            [(Path(__file__).with_name(maker)).read_text() for maker in _MAKERS],
            [version(package) for package in _PACKAGES],
        ]
        return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:32]

    def _view(self, name: str) -> tuple[str, str]:
        sql = dataset.view_query(name, project=self.project, dataset=self.name, raw_ads=self.raw_ads)
        return name, sql
