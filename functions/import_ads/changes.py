"""Whether the raw ads may have changed, and which partitions of them: told by metadata.

Where nothing can be told there is no description (shared/described.py), and the raw ads are read.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery

from functions.import_ads import history, rawads
from functions.import_ads.history import Came
from shared import bill, described, partitions
from shared.partitions import Partitions

if TYPE_CHECKING:
    from google.cloud import storage

    from functions.import_ads.settings import ImportSettings

NOTE = "imported/raw_ads"
"""The object that holds what was read."""

REMEMBERED = 20
"""Times that are noted: by one alone a tick that comes late puts all the others off, too (bill.rests_until)."""


def description(client: bigquery.Client, settings: "ImportSettings") -> str | None:
    """A digest of what is to be read: while it stays the same, so do the links in it. None where that is not known."""
    return described.description(client, [settings.raw_ads], rawads.unseen_text(settings))


@dataclass(frozen=True)
class State:
    """What the raw ads are, or were when all of them had been read.

    Attributes:
        description: what tells that they have changed; None where that is not known.
        read_as: the table and the columns of it that are read.
        partitions: what each partition is; None where there are none, or they cannot be told.
        linked: whether all rows of `ads` have their `link`.
        came: when partitions came (history.py).
        counted_at: when it was last counted whether they repeat ads of others, and
        repeats: what was found; true until then.
        repeats_others: whether they repeat others than those of the partition before.
        earlier: when all of them had been read before, the last times, oldest first.
    """

    description: str | None = None
    read_as: str = ""
    partitions: Partitions | None = None
    linked: bool = False
    came: Came = field(default_factory=dict)
    counted_at: str | None = None
    repeats: bool = True
    repeats_others: bool = True
    earlier: Sequence[str] = ()

    def changed_since(self, before: "State") -> set[str] | None:
        """The partitions that are new, or not what they were; None where all has to be read."""
        if self.partitions is None or before.partitions is None or self.read_as != before.read_as:
            return None
        return partitions.changed(self.partitions, before.partitions)

    def after(self, noted: "Noted") -> "State":
        """With what goes on to hold of the last time."""
        before = noted.state
        earlier = before.earlier if noted.is_none else [*before.earlier, noted.at.isoformat()][-REMEMBERED:]
        now = replace(self, linked=before.linked, earlier=earlier)
        if self.partitions is None or before.partitions is None or self.read_as != before.read_as:
            return now
        came = history.came(self.partitions, before.partitions, before.came, noted.at)
        return replace(
            now,
            came=came,
            counted_at=before.counted_at,
            repeats=before.repeats,
            repeats_others=before.repeats_others,
        )


@dataclass(frozen=True)
class Noted:
    """What is known of the last time when all raw ads had been read.

    Attributes:
        state: what they were then.
        at: when that was.
    """

    state: State = State()
    at: datetime = bill.NEVER

    @property
    def is_none(self) -> bool:
        """Whether nothing is known: there was no such time, or it is of an earlier version."""
        return self.at == bill.NEVER

    def rests_until(self, usd: float, usd_a_day: float) -> datetime:
        """When reading may cost so much, so that it costs no more than that a day."""
        earlier = map(datetime.fromisoformat, self.state.earlier)
        return bill.rests_until([*earlier, self.at], usd, usd_a_day)


def found(client: bigquery.Client, settings: "ImportSettings", table: bigquery.Table, description: str | None) -> State:
    """What the raw ads are now. To ask for partitions is billed: only where `description` is not what it was."""
    read_as = f"{table.full_table_id} {table.created} {rawads.unseen_text(settings)}"
    try:
        told = rawads.partitions_now(client, settings) if partitions.are_told(table) else None
    except Forbidden:  # whoever may read a table need not be allowed to list its dataset
        told = None
    return State(description, read_as, told)


def noted(bucket: "storage.Bucket") -> Noted:
    """What was noted last."""
    blob = bucket.blob(NOTE)
    try:
        said = json.loads(blob.download_as_bytes())
        blob.reload()
        return Noted(State(**said), blob.updated)
    except (NotFound, ValueError, TypeError):  # nothing, or what another version wrote
        return Noted()


def note(bucket: "storage.Bucket", state: State) -> None:
    """Notes what the raw ads were when all had been read."""
    bucket.blob(NOTE).upload_from_string(json.dumps(asdict(state)), content_type="application/json")


def forget(bucket: "storage.Bucket") -> None:
    """All raw ads have to be read, whatever they are."""
    try:
        bucket.blob(NOTE).delete()
    except NotFound:
        return
