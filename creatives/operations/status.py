"""How the pipeline stands: where its ads are, what failed why, what waits since when, and what it cost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, computed_field

from creatives.analysis.results import Status
from creatives.operations.tables import Tables


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Count(_Frozen):
    """The ads of one status, stage and reason.

    Attributes:
        stage: the one that failed, or that is waited for; None for ads with a result.
        reason: why; None for ads with a result, and for those that simply wait their turn.
        creatives: how many different ones they show.
        oldest_at: since when the longest-known of them is known; None for raw ads that nobody has read yet.
    """

    status: Status
    stage: str | None
    reason: str | None
    ads: int
    creatives: int
    oldest_at: AwareDatetime | None


class Money(_Frozen):
    """US dollars; None where no answer with a known price was paid for, which is not 0.

    Attributes:
        today_usd: paid since midnight UTC.
        saved_today_usd: what the duplicates found since then would have cost.
        answers: that were paid for, or given for nothing by the offline extractor; one of two questions counts once.
        unpriced: those among them that no price is known for: they are in no sum.
        duplicates: that took their canonical's features over.
    """

    today_usd: Decimal | None
    saved_today_usd: Decimal | None
    total_usd: Decimal | None
    saved_usd: Decimal | None
    answers: int
    unpriced: int
    duplicates: int


class PipelineStatus(_Frozen):
    """How the pipeline stands.

    Attributes:
        settled_at: when the ads and the money were counted; None: at the moment of asking.
        lost: dead letters that no ad tells of, and that are still open (see lost.sql).
    """

    counts: tuple[Count, ...]
    money: Money
    settled_at: AwareDatetime | None = None
    lost: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ads(self) -> int:
        """All of them."""
        return sum(count.ads for count in self.counts)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def by_status(self) -> dict[Status, int]:
        """Ads of each status; they add up to all."""
        return {status: sum(each.ads for each in self.counts if each.status is status) for status in Status}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def failures(self) -> dict[str, int]:
        """Failed ads by reason, the most first."""
        failed = [each for each in self.counts if each.status is Status.FAILED]
        reasons = {each.reason or "" for each in failed}
        counted = {reason: sum(each.ads for each in failed if each.reason == reason) for reason in reasons}
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def oldest_waiting(self) -> datetime | None:
        """Since when the ad that waits longest is known."""
        waiting = (each.oldest_at for each in self.counts if each.status is Status.PENDING)
        return min((since for since in waiting if since), default=None)


def read(tables: Tables, today: date, *, kept: bool = False) -> PipelineStatus:
    """How the pipeline stands now; `today` is the date in UTC.

    `kept`: how it stood when `settle` counted last, where it has. To count now reads all rows that there are;
    what copies saved is in a project as `settle` added it up last.
    """
    settled = _settled(tables, today) if kept else None
    if settled is None:
        [money] = tables.ask("money", today=today)
        settled = {"counts": tables.ask("counts_now"), "money": money}
    return PipelineStatus.model_validate({**settled, "lost": _lost(tables)})


def _settled(tables: Tables, today: date) -> dict[str, Any] | None:
    """What was kept last; of another day nothing is known of today."""
    for row in tables.ask("settled"):
        nothing = {} if row["day"] == today else {"today_usd": None, "saved_today_usd": None}
        counts = sorted(row["counts"], key=lambda each: (each["status"], -each["ads"]))
        return {"counts": counts, "money": row | nothing, "settled_at": row["occurred_at"]}
    return None


def _lost(tables: Tables) -> int:
    """Where nothing was ever given up, no row is read."""
    [found] = tables.ask("letters_count")
    if not found["letters"]:
        return 0
    everything: dict[str, tuple[str, ...] | int | None] = {"reasons": (), "stages": (), "ids": ()}
    lost = tables.ask("lost", **everything, since=None, until=None, most=10**6)
    return len({row["message_id"] for row in lost})
