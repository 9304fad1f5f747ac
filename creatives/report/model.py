"""What a report shows: one frozen model, also the JSON that the page is made of and polls when live."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt

from creatives.analysis.results import Status
from shared.events import Kind, MatchKind, Origin


class Part(BaseModel):
    """What every part of a report is."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Way(Part):
    """A way from an ad's origin to its outcome, and how many ads took it; see flow.sql."""

    origin: Origin | None
    file: Literal["first", "again", "none"]
    match: MatchKind | None
    status: Status
    ads: NonNegativeInt


class Ad(Part):
    """An ad as it may be shown.

    Attributes:
        ad_id: without credentials where it is a URL.
        source: its URL without credentials and signatures, or an upload's gs:// URI.
        link: where a click may lead; None where that is no web address, or one with a secret in it.
        detail: what went wrong, of one that failed.
    """

    ad_id: str
    source: str
    link: str | None = None
    origin: Origin | None = None
    first_seen_at: AwareDatetime | None = None
    creative_id: str | None = None
    detail: str | None = None


class Corrected(Part):
    """A person's word on a feature.

    Attributes:
        action: whether it corrects or confirms what the model said.
        author: who said so.
        note: why.
    """

    field: str
    action: Literal["correct", "confirm"] = "correct"
    author: str
    note: str | None = None
    corrected_at: AwareDatetime


class Note(Part):
    """A person's note on a creative."""

    text: str
    author: str
    noted_at: AwareDatetime


class Box(Part):
    """A part of a creative, in its pixels as displayed."""

    left: NonNegativeInt
    top: NonNegativeInt
    right: NonNegativeInt
    bottom: NonNegativeInt


class Quoted(Part):
    """What became of looking for a quotation on the creative; see `shared.events.Evidence`.

    Attributes:
        box: in pixels of the creative that the features are of.
        at_s: the second at which it was read.
        score: how sure the reader was, 0 to 1.
    """

    field: str
    quote: str
    verified: Literal["ocr", "not_found", "unreadable"]
    box: Box | None = None
    at_s: float | None = None
    score: float | None = None


class SceneShown(Part):
    """A scene of what moves.

    Attributes:
        seconds: when it begins.
        picture: a small picture of it, as a data: URI.
    """

    seconds: float
    picture: str


class Creative(Part):
    """A creative, as the view of this name has it, with what is stored beside it.

    Attributes:
        name: what people call it: its file's name.
        features: what it shows, or its canonical does; what cannot be told is left out.
        corrections: of the features, what people said.
        tags: people's, on all that show the same.
        notes: people's, the oldest first.
        model_features: what the model said itself, where anything is corrected.
        evidence: whether what the model quotes was read on it.
        confidence: the share of that which was.
        ads: those that use it, the first few of `n_ads`.
        picture_aspect: width divided by height inside the bars that it has.
        at_s: the second of `matched_id` from which it shows what that shows, up to `until_s`.
        storyboard: the scenes of what moves, as they were compared.
        alike: the places, among those shown, of the creatives that are most like it in what they say; None: not asked.
        thumbnail: a picture of it, small or (a hundred of a report in a file) large, as a data: URI.
        answer: what the model said, unchanged up to a limit.
    """

    creative_id: str
    name: str
    status: Status
    reason: str | None = None
    detail: str | None = None
    failed_stage: str | None = None
    waiting_stage: str | None = None
    n_ads: NonNegativeInt
    kind: Kind | None = None
    uri: str | None = None
    content_type: str | None = None
    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    aspect_ratio: str | None = None
    picture_aspect: float | None = None
    ad_format: str | None = None
    duration_s: float | None = None
    fps: float | None = None
    codec: str | None = None
    has_audio: bool | None = None
    frame_count: int | None = None
    match: MatchKind | None = None
    canonical_id: str | None = None
    family_id: str | None = None
    matched_id: str | None = None
    distance: int | None = None
    score: float | None = None
    at_s: float | None = None
    until_s: float | None = None
    method: str | None = None
    override: str | None = None
    override_author: str | None = None
    override_note: str | None = None
    overridden_at: AwareDatetime | None = None
    features: dict[str, Any] | None = None
    corrections: tuple[Corrected, ...] = ()
    model_features: dict[str, Any] | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    evidence: tuple[Quoted, ...] = ()
    confidence: float | None = None
    extractor: str | None = None
    model: str | None = None
    feature_version: str | None = None
    prompt_version: str | None = None
    mode: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    thinking_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: Decimal | None = None
    spent_usd: Decimal | None = None
    analysed_at: AwareDatetime | None = None
    answer_uri: str | None = None
    ads: tuple[Ad, ...] = ()
    thumbnail: str | None = None
    storyboard: tuple[SceneShown, ...] = ()
    alike: tuple[NonNegativeInt, ...] | None = None
    answer: str | None = None


class Named(Part):
    """What a report finds by meaning: of each thing that can be named the creatives that show the like of it.

    Attributes:
        names: of things, by their numbers; the words of a name as the glossary compares them, a space between.
        near: of each thing the creatives, by their places among those shown, and how near in hundredths, nearest first.
    """

    names: dict[str, tuple[NonNegativeInt, ...]]
    near: tuple[tuple[tuple[NonNegativeInt, int], ...], ...]


class Failed(Part):
    """The ads that failed for one reason.

    Attributes:
        advice: what the person who runs the ads can do.
        ads: some of `n_ads`, the newest.
    """

    stage: str | None
    reason: str
    advice: str
    n_ads: NonNegativeInt
    ads: tuple[Ad, ...]


class Spending(Part):
    """What a day took, of one model and kind; money is None where no price is known."""

    day: date
    model: str
    kind: str
    answers: NonNegativeInt
    useless_answers: NonNegativeInt
    unpriced: NonNegativeInt
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Decimal | None
    duplicates: NonNegativeInt
    saved_usd: Decimal | None


class Feature(Part):
    """A column of the feature model.

    Attributes:
        type: as BigQuery names it, e.g. STRING, BOOLEAN, RECORD.
        repeated: whether it is a list.
        parts: of a record, in their order; None where one of them is more than a value, so that nobody can type it.
        kinds: of creatives that it is asked of.
    """

    name: str
    type: str
    repeated: bool
    description: str
    parts: tuple[str, ...] | None = None
    kinds: tuple[Kind, ...] = (Kind.IMAGE, Kind.VIDEO)


class Lift(Part):
    """How a metric differs between the creatives with a feature and those without, within campaigns and networks.

    Attributes:
        currency: of the means, where they are money and it is known.
        lift: ratio of both, less one: 0.25 is a quarter more.
        low: lower end of the lift's interval, widened for all that was looked at.
        high: its upper end.
        verdict: `no claim` where the interval holds 0 or the data is too thin.
        reason: which of these it is.
        equal_with: the creatives with it, as many as would be as sure if all had the same weight.
        equal_without: those without, likewise.
    """

    feature: str
    value: str
    metric: str
    currency: str | None = None
    n_with: NonNegativeInt
    n_without: NonNegativeInt
    equal_with: float | None = None
    equal_without: float | None = None
    mean_with: float
    mean_without: float
    lift: float | None
    low: float | None
    high: float | None
    verdict: Literal["higher", "lower", "no claim"]
    reason: str | None = None


class Fatigue(Part):
    """Whether a creative wears out, over all its ads; as the table of this name has it."""

    canonical_id: str
    metric: str
    state: Literal["fresh", "wearing", "worn", "too thin"]
    since: date | None = None
    days: NonNegativeInt
    n_ads: NonNegativeInt
    level_before: float | None = None
    level_now: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    impressions: NonNegativeInt | None = None
    change_by_impressions: float | None = None
    low_by_impressions: float | None = None
    high_by_impressions: float | None = None


class Daily(Part):
    """What all ads of a canonical creative got on a day, in one network and currency; day None: no day was told."""

    canonical_id: str
    day: date | None = None
    network: str | None = None
    campaign: str | None = None
    currency: str | None = None
    impressions: NonNegativeInt | None = None
    clicks: NonNegativeInt | None = None
    spend: Decimal | None = None
    conversions: Decimal | None = None
    conversion_value: Decimal | None = None
    video_views: NonNegativeInt | None = None
    video_25: NonNegativeInt | None = None
    video_50: NonNegativeInt | None = None
    video_75: NonNegativeInt | None = None
    video_100: NonNegativeInt | None = None


class ReportData(Part):
    """All that a report shows.

    Attributes:
        n_creatives: in the dataset; `creatives` holds the most used of them.
        named: what is found by meaning where there is no server to ask; None: nothing is.
    """

    generated_at: AwareDatetime
    project: str
    dataset: str
    flow: tuple[Way, ...]
    n_creatives: NonNegativeInt
    creatives: tuple[Creative, ...]
    failures: tuple[Failed, ...]
    spending: tuple[Spending, ...]
    features: tuple[Feature, ...]
    lifts: tuple[Lift, ...] = ()
    fatigue: tuple[Fatigue, ...] = ()
    daily: tuple[Daily, ...] = ()
    named: Named | None = None
