"""What failed, ad by ad: why, what it is about, and what to do about it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, computed_field

from creatives.operations.tables import Tables
from shared import reasons, urls
from shared.reasons import GAVE_UP, Reason

MOST = 1_000_000
"""As many as a command handles at once; what is beyond them is left for its next run."""

LASTING = frozenset(
    {
        Reason.MALFORMED_MESSAGE,
        Reason.MALFORMED_AD,
        Reason.INVALID_URL,
        Reason.FORBIDDEN_URL,
        Reason.VIDEO_PLATFORM_PAGE,
        Reason.EXPIRED_URL,
        Reason.EMPTY_FILE,
        Reason.TOO_LARGE,
        Reason.LOCKED_FILE,
        Reason.UNREADABLE_FILE,
        Reason.BROKEN_ARCHIVE,
        Reason.EMPTY_ARCHIVE,
        Reason.UNOPENED_ARCHIVE,
        Reason.UNSUPPORTED_TYPE,
        Reason.UNSUPPORTED_VARIANT,
        Reason.BROKEN_IMAGE,
        Reason.BROKEN_VIDEO,
        Reason.BROKEN_BANNER,
        Reason.SEVERAL_BANNERS,
        Reason.TOO_MANY_PIXELS,
        Reason.TOO_LONG,
        Reason.TOO_COMPLEX,
        Reason.NO_VIDEO_STREAM,
        Reason.BLOCKED_BY_MODEL,
        Reason.REFUSED_BY_MODEL,
    }
)
"""Reasons that lie in the ad or its file: trying again gives the same, unless a limit, a decoder or the model changed.
Of an address, too, what it shows; that one may have been mended since is for a person to say."""

REPLAY = "mend the cause, then: creatives replay --id {}"
CORRECT = "correct it, then publish or upload it again"


@dataclass(frozen=True)
class Choice:
    """Which failures; without any condition, all.

    Attributes:
        reasons: only of these reasons, of `Reason` or `gave_up`; empty for any.
        stages: only of these stages; empty for any.
        ids: only about these ads, creatives, events, batches or dead letters; empty for any.
        since: only those that happened then or later.
        until: only those that happened before.
        most: how many at most, the newest.
    """

    reasons: Sequence[str] = ()
    stages: Sequence[str] = ()
    ids: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    most: int = MOST


class Failed(BaseModel):
    """One ad that failed, or a message that was given up and that no ad tells of.

    Attributes:
        creative_id: the creative that failed: a duplicate's canonical. None where the ad failed before it had one.
        stage: the function that refused it; of a message that means nothing to an ad, the subscription.
        reason: of `Reason`, or `gave_up`.
        uri: gs:// URI of the object concerned, where that is known.
        event_id: by which its logs are found.
        message_id: of the dead letter, where the message was given up.
        failed_at: when; None for a raw ad that could not even be imported.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ad_id: str | None = None
    source: str | None = None
    creative_id: str | None = None
    stage: str
    reason: str
    detail: str
    batch_id: str | None = None
    uri: str | None = None
    event_id: str | None = None
    message_id: str | None = None
    failed_at: AwareDatetime | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """What went wrong, for the person who runs the ads."""
        return reasons.sentence(self.reason)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def advice(self) -> str:
        """What to do, for the person who runs the pipeline."""
        known = self.message_id or self.ad_id or self.creative_id
        if self.is_lasting or not known or self.stage == "import_ads":
            return CORRECT
        return REPLAY.format(shlex.quote(known))

    @property
    def is_lasting(self) -> bool:
        """Whether trying again would, by the nature of the reason, give the same."""
        return self.reason != GAVE_UP and Reason(self.reason) in LASTING

    def shown(self) -> "Failed":
        """As people may see it: without the secrets that a URL may hold."""
        hidden = {name: urls.redacted(text) for name in ("ad_id", "source") if urls.is_url(text := getattr(self, name))}
        return self.model_copy(update=hidden)


def read(tables: Tables, choice: Choice) -> list[Failed]:
    """The ads that failed, newest first."""
    return [Failed.model_validate(row) for row in tables.ask("failures", **_parameters(choice))]


def lost(tables: Tables, choice: Choice) -> list[Failed]:
    """The messages that were given up and that no ad tells of (see lost.sql), newest first."""
    return [Failed.model_validate(row) for row in tables.ask("lost", **_parameters(choice))]


def _parameters(choice: Choice) -> dict[str, Sequence[str] | datetime | int | None]:
    return {name: getattr(choice, name) for name in ("reasons", "stages", "ids", "since", "until", "most")}
