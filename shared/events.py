"""The events of the pipeline: one frozen Pydantic model per topic, and the only source of the BigQuery tables.

A stage publishes an event once; the next function and the event's table take the same message. So every event is
a row, tables only grow, and the newest row of a `KEY` is the one that holds (see `infra/views/`).

Fields are added as optional ones and never change their meaning; anything else is a new `schema_version`.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PlainSerializer,
    PositiveInt,
    model_validator,
)

from shared import identity
from shared.reasons import Reason


def in_utf8(text: str) -> str:
    """A text as it is.

    Raises:
        ValueError: when it holds what no message can: half of a pair of UTF-16, as a byte that is no UTF-8 is read to.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("it holds a character that is none: write it in UTF-8") from error
    return text


CreativeId = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Utf8 = Annotated[str, AfterValidator(in_utf8)]
Text = Annotated[Utf8, Field(min_length=1)]
Int64 = Annotated[int, Field(ge=-(2**63), lt=2**63)]


def digits(amount: Decimal) -> str:
    """A number as a NUMERIC column takes it from a message: `0.000000001`, never `1E-9`.

    A BigQuery subscription reads other strings as encoded bytes: https://docs.cloud.google.com/pubsub/docs/bigquery.
    """
    return format(amount, "f")


Usd = Annotated[
    Decimal,
    Field(ge=0, max_digits=38, decimal_places=9),  # what a NUMERIC column holds
    PlainSerializer(digits, return_type=str, when_used="json"),
]


Amount = Usd
"""What is counted in fractions, or is money of any currency: a NUMERIC column."""


class Kind(StrEnum):
    """What a creative is."""

    IMAGE = "image"
    VIDEO = "video"


class Origin(StrEnum):
    """How an ad reached us."""

    UPLOAD = "upload"
    BATCH = "batch"
    RAW_ADS = "raw_ads"


class MatchKind(StrEnum):
    """What `dedup` found: see `Match`."""

    NEW = "new"
    VARIANT = "variant"
    DUPLICATE = "duplicate"


class Event(BaseModel):
    """What every event carries.

    Attributes:
        TOPIC: the topic it is published to, as `infra/pipeline.yaml` names it.
        KEY: the columns that say which rows are about the same thing; the newest `occurred_at` among them holds.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TOPIC: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    schema_version: Literal[1] = Field(default=1, description="Version of this event's shape.")
    event_id: Text = Field(description="Carried from the first message of a chain to its last, for logs and support.")
    occurred_at: AwareDatetime = Field(
        default_factory=lambda: datetime.now(UTC), description="When the stage decided this."
    )


class Ad(Event):
    """An ad somebody asked us to analyse by its URL: one row per ad and URL, before anything is downloaded."""

    TOPIC = "ads"
    KEY = ("ad_id", "source")

    ad_id: Text = Field(description="The advertiser's own name for the ad.")
    source: Text = Field(description="The URL of its creative.")
    batch_id: Text = Field(description="The published batch it came in.")
    origin: Origin = Field(description="How it reached us.")
    extra: Utf8 | None = Field(default=None, description="The batch's other columns for this ad, as a JSON object.")
    link: Text | None = Field(
        default_factory=lambda ad: identity.link(ad["ad_id"], ad["source"]),
        description="Stands for ad_id and source, so that imports read this column instead of both.",
    )


class Sighting(Event):
    """This ad uses that object: the link between an ad and a creative."""

    TOPIC = "sightings"
    KEY = ("ad_id", "source")

    ad_id: Text = Field(description="The advertiser's name for the ad; an upload's object name where it has none.")
    source: Text = Field(description="The ad's URL; for an upload the gs:// URI.")
    batch_id: Utf8 | None = Field(default=None, description="The published batch it came in; null for an upload.")
    origin: Origin = Field(description="How the ad reached us.")
    creative_id: CreativeId = Field(description="The content it showed.")
    uri: Text = Field(description="gs:// URI of the stored object, or the address that stands for it.")


class MediaObject(Event):
    """An object in the creatives bucket whose first bytes say that it is media."""

    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The content's hash (see shared/identity.py).")
    uri: Text = Field(description="gs:// URI of the stored object.")
    content_type: Text = Field(description="By its bytes, e.g. image/png; never what the sender claimed.")
    bytes: PositiveInt = Field(description="Size of the object.")
    batch_id: Utf8 | None = Field(
        default=None, description="The batch that first brought it, whose budget pays for it."
    )


class ImageObject(MediaObject):
    """An image to be fingerprinted by `hash`."""

    TOPIC = "images"


class VideoObject(MediaObject):
    """A video to be fingerprinted by `probe`."""

    TOPIC = "videos"


class BannerObject(MediaObject):
    """A zip with an HTML5 banner, to be shown to a browser by `render`."""

    TOPIC = "banners"


class Rendition(Event):
    """What a browser showed of an HTML5 banner, and what the banner says and asks for."""

    TOPIC = "renditions"
    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The zip's content hash.")
    batch_id: Utf8 | None = Field(default=None, description="The batch that first brought it.")
    uri: Text = Field(description="gs:// URI of what stands for the banner: a film, a picture where nothing moved.")
    last_frame_uri: Text = Field(description="gs:// URI of the picture that it came to rest with.")
    banner_uri: Text = Field(description="gs:// URI of the zip.")
    bytes: PositiveInt = Field(description="Size of the zip.")
    width: PositiveInt = Field(description="Pixels: what the page's ad.size says, or as it lays itself out.")
    height: PositiveInt = Field(description="Pixels: what the page's ad.size says, or as it lays itself out.")
    click_tag: Utf8 | None = Field(default=None, description="Where a click leads, as the page says; null: nowhere.")
    external_requests: list[str] = Field(default=[], description="Addresses that it asked for in vain, no secrets.")
    seconds: float = Field(ge=0, allow_inf_nan=False, description="For how long it was watched.")
    settled: bool = Field(description="Whether it stood still after that; it is watched for 30 seconds.")


class Fingerprint(MediaObject):
    """What decoding told: measures, and the perceptual hashes that find duplicates."""

    TOPIC = "fingerprints"

    kind: Kind = Field(description="image or video, by its content.")
    width: PositiveInt = Field(description="Pixels as displayed (orientation and pixel aspect applied).")
    height: PositiveInt = Field(description="Pixels as displayed (orientation and pixel aspect applied).")
    aspect_ratio: Text = Field(description="Exact width:height in lowest terms, e.g. 16:9.")
    ad_format: Utf8 | None = Field(default=None, description="The nearest common ad format, null where none is near.")
    duration_s: float | None = Field(default=None, description="Seconds, of an animation one round; null for a still.")
    fps: float | None = Field(default=None, description="Average frames per second; null for an image.")
    codec: Utf8 | None = Field(default=None, description="The video stream's codec; null for an image.")
    has_audio: bool | None = Field(default=None, description="Whether there is an audio stream; null for an image.")
    frame_count: NonNegativeInt | None = Field(default=None, description="Frames of an animation; null otherwise.")
    loops: NonNegativeInt | None = Field(default=None, description="Rounds of an animation, 0 for ever; else null.")
    picture_aspect: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Width divided by height inside bars that stay; null where there are none.",
    )
    near_blank: bool = Field(description="Too flat to be hashed: such creatives match by content alone.")
    dhash: Int64 | None = Field(default=None, description="64-bit dHash, signed; null when near_blank, or it moves.")
    frames: list[Int64] = Field(
        default=[],
        description="dHashes of what moves, four a second (of a large file, of key frames); of a still, inside bars.",
    )
    hash_version: Text = Field(description="Version of decoder, resampling and hash: only equals are compared.")
    pixels_sha: Utf8 | None = Field(
        default=None, description="Equal for equal pixels in any format; null where unknown."
    )
    detail_scale: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Share of width and height at which it would show as much: less than 1 where it was enlarged.",
    )
    lost: NonNegativeInt | None = Field(
        default=None,
        description="To its format: 0 nothing, 1 detail, 2 colours too; what moves: 0 to 31, bits and mono; else null.",
    )
    thumbnail_uri: Utf8 | None = Field(
        default=None,
        description="gs:// URI of a grey picture, or of the storyboard of what moves.",
    )


class Match(Event):
    """What a creative is to those seen before: one decision of `dedup`, with all that is needed to check it.

    `new` stands for itself. A `variant` is another version of a known creative (same family, own features). A
    `duplicate` shows the same as its canonical and takes its features over.
    """

    TOPIC = "matches"
    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The creative that is decided on.")
    kind: Kind = Field(description="image or video.")
    match: MatchKind = Field(description="new, variant (of the same family, its own features) or duplicate.")
    canonical_id: CreativeId = Field(description="Whose features hold: its own id unless it is a duplicate.")
    family_id: CreativeId = Field(description="Leads to the best of all versions of one creative.")
    matched_id: CreativeId | None = Field(default=None, description="The known creative it was closest to.")
    distance: NonNegativeInt | None = Field(default=None, description="Bits that differ in dHash, mean over a video.")
    score: float | None = Field(default=None, description="Worst residual of the verification, in grey levels.")
    at_s: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="The second of matched_id from which this shows what that shows; null for stills, and unknown.",
    )
    until_s: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="The second at which it ends.")
    method: Text = Field(description="What decided: content, hash, pixels, uri, override.")
    revised_for: CreativeId | None = Field(
        default=None, description="The creative whose coming changed an earlier decision; null for the first one."
    )
    method_version: Text = Field(description="Version of that method.")

    @model_validator(mode="after")
    def _ids_agree_with_match(self) -> Self:
        own = self.canonical_id == self.creative_id
        if own == (self.match is MatchKind.DUPLICATE):
            raise ValueError(f"{self.match} with canonical {self.canonical_id} for creative {self.creative_id}")
        return self


class Canonical(Event):
    """A creative others are compared with: the narrow table that `dedup` scans. Its newest row holds.

    Duplicates have one too: a better copy of theirs may come, which then stands for them.
    """

    TOPIC = "canonicals"
    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The creative that others are compared with.")
    kind: Kind = Field(description="image or video: only equals are compared.")
    dhash: Int64 | None = Field(default=None, description="Null for what moves: its frames are compared.")
    aspect: float = Field(
        gt=0, allow_inf_nan=False, description="Width divided by height, of what moves inside its bars."
    )
    frames: list[Int64] = Field(
        default=[],
        description="dHashes of what moves, four a second (of a large file, of key frames); else inside bars.",
    )
    inside_aspect: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="Within bars, that of what is inside them; else null."
    )
    duration_s: float | None = Field(default=None, description="Seconds; null for a still.")
    hash_version: Text = Field(description="As in its fingerprint: only equals are compared.")
    family_id: CreativeId = Field(description="Leads to the best of all versions of one creative.")
    pixels_sha: Utf8 | None = Field(default=None, description="As in its fingerprint.")
    area: PositiveInt | None = Field(
        default=None,
        description="Pixels it shows, if enlarged those it had, less what it lost: the most stands for all.",
    )
    canonical_id: CreativeId | None = Field(
        default=None, description="Whose duplicate it is; null: it stands for itself."
    )
    difference: float | None = Field(
        default=None, description="From that one, in squared levels: the least is the nearest."
    )


class Override(Event):
    """A person's correction of a match: `split` makes it its own canonical, `merge` a duplicate of another.

    `reset` takes the correction back. The newest override of a creative holds, over any decision of `dedup`.
    """

    TOPIC = "overrides"
    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The creative that is corrected.")
    action: Literal["split", "merge", "reset"] = Field(description="split, merge, or reset, which takes either back.")
    canonical_id: CreativeId | None = Field(default=None, description="For merge: the creative whose features hold.")
    author: Text = Field(description="Who corrected it.")
    note: Utf8 | None = Field(default=None, description="Why.")

    @model_validator(mode="after")
    def _merge_has_a_canonical(self) -> Self:
        if (self.action == "merge") != (self.canonical_id is not None) or self.canonical_id == self.creative_id:
            raise ValueError("merge needs another creative as canonical_id; split and reset take none")
        return self


class Correction(Event):
    """A person's word on one feature of a creative: it holds for all that show the same, whoever else answers.

    The newest word on a field holds; `reset` leaves the model's own again. To confirm a value is to say it: it holds as
    a correction does. A word that the feature model does not allow, or on a field that it does not have, is kept, and
    changes nothing.
    """

    TOPIC = "corrections"
    KEY = ("creative_id", "field")

    creative_id: CreativeId = Field(description="The creative that it was said of.")
    field: Text = Field(description="The feature, e.g. price.")
    action: Literal["correct", "confirm", "reset"] = Field(
        default="correct",
        description="correct, confirm (the model is right), or reset, which takes either back; null is correct.",
    )
    value: Utf8 | None = Field(
        default=None,
        description="What the field should say: text as it is, true or false, digits, JSON of a list or of what "
        "has several parts; null: it cannot be told.",
    )
    author: Text = Field(description="Who said so.")
    note: Utf8 | None = Field(default=None, description="Why.")

    @model_validator(mode="after")
    def _reset_says_nothing(self) -> Self:
        if self.action == "reset" and self.value is not None:
            raise ValueError("reset takes no value: it leaves what the model said")
        return self


class Extraction(Event):
    """A request to extract features: made once per canonical creative, again only when asked.

    What is shown by its address (see `shared/youtube.py`) is not ours to measure: it has no bytes and no size.
    """

    TOPIC = "extractions"
    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The content's hash (see shared/identity.py).")
    uri: Text = Field(description="gs:// URI of the stored object, or the address that the model is given instead.")
    content_type: Text = Field(description="By its bytes, e.g. image/png; video/* of an address.")
    bytes: PositiveInt | None = Field(default=None, description="Size of the object; null of an address.")
    batch_id: Utf8 | None = Field(
        default=None, description="The batch that first brought it, whose budget pays for it."
    )
    kind: Kind = Field(description="image or video.")
    width: PositiveInt | None = Field(default=None, description="Pixels as displayed; null of an address.")
    height: PositiveInt | None = Field(default=None, description="Pixels as displayed; null of an address.")
    duration_s: float | None = Field(
        default=None, description="Seconds; of an address those that are shown at most; null for a still."
    )
    requested_by: Literal["dedup", "fetch", "reextract", "resume"] = Field(
        default="dedup", description="Who asked: a stage, a person (reextract), or the tick after a wait (resume)."
    )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height; one by one where nobody knows, which no price of an address depends on."""
        return self.width or 1, self.height or 1


class Label(Event):
    """A person's tag or note on a creative: it holds for all that show the same, until somebody takes it off.

    The newest word on a text holds. Tags are compared letter by letter: `creatives tag` and the page bring what people
    type into one form before they publish it.
    """

    TOPIC = "labels"
    KEY = ("creative_id", "kind", "text")

    creative_id: CreativeId = Field(description="The creative that it was said of.")
    kind: Literal["tag", "note"] = Field(description="tag (a word that creatives are filtered by) or note.")
    text: Text = Field(description="The tag, or the note.")
    action: Literal["add", "remove"] = Field(default="add", description="add or remove; null is add.")
    author: Text = Field(description="Who said so.")


class WaitReason(StrEnum):
    """What an extraction waits for: see `Wait`."""

    DAILY_BUDGET = "daily_budget"
    BATCH_BUDGET = "batch_budget"
    BATCH_MODE = "batch_mode"


class Wait(Event):
    """An extraction that is put aside, though nothing is wrong with it: it goes on by itself.

    Its request is acknowledged, so that waiting uses up no delivery attempts; a tick asks again when it may go on.
    """

    TOPIC = "waits"
    KEY = ("creative_id",)

    creative_id: CreativeId = Field(description="The creative whose extraction waits.")
    reason: WaitReason = Field(description="daily_budget, batch_budget or batch_mode.")
    detail: Text = Field(description="What it waits for, in a sentence.")
    until: AwareDatetime | None = Field(default=None, description="When it goes on at the latest; null if it depends.")
    batch_id: Utf8 | None = Field(default=None, description="The published batch it came in, where it waits for that.")


class FeaturesExtracted(Event):
    """The answer for one creative, with what it took. `features` itself is added from the feature model in use.

    See `shared/features.py` (`features_event`), which builds the model of the whole row.
    """

    TOPIC = "features"
    KEY = ("creative_id", "feature_model", "feature_version", "prompt_version", "extractor", "model")

    creative_id: CreativeId = Field(description="The creative that was asked about.")
    kind: Kind = Field(description="image or video.")
    extractor: Text = Field(description="offline, gemini, azure or openai.")
    model: Text = Field(description="The model that answered, as its service names it.")
    feature_model: Text = Field(description="module:Class of the feature model.")
    feature_version: Text = Field(description="Version of that model's fields.")
    prompt_version: Text = Field(description="Version of what the extractor is told; none where nothing is.")
    answer_uri: Utf8 | None = Field(default=None, description="gs:// URI of the raw answer.")
    uri: Utf8 | None = Field(default=None, description="gs:// URI, or address, of what the model was shown.")
    content_type: Utf8 | None = Field(default=None, description="Of that, by its bytes.")
    width: PositiveInt | None = Field(default=None, description="Pixels of that, as displayed; null of an address.")
    height: PositiveInt | None = Field(default=None, description="Pixels of that, as displayed; null of an address.")
    duration_s: float | None = Field(default=None, description="Seconds of that; null for a still.")
    quoting_fields: list[str] = Field(
        default=[], description="The features that repeat what is printed on it, e.g. price_text, scenes.text."
    )
    input_tokens: NonNegativeInt | None = Field(
        default=None, description="All that the model read; null where nothing is paid for, or the service did not say."
    )
    text_tokens: NonNegativeInt | None = Field(default=None, description="Of these: the question.")
    image_tokens: NonNegativeInt | None = Field(default=None, description="Of these: pictures.")
    video_tokens: NonNegativeInt | None = Field(default=None, description="Of these: frames of a video.")
    audio_tokens: NonNegativeInt | None = Field(default=None, description="Of these: its sound.")
    cached_tokens: NonNegativeInt | None = Field(
        default=None, description="Of these: read from a cache, at its lower price."
    )
    thinking_tokens: NonNegativeInt | None = Field(
        default=None, description="Thoughts: paid like output, and no part of it."
    )
    output_tokens: NonNegativeInt | None = Field(default=None, description="The answer.")
    mode: Literal["standard", "batch", "flex", "other"] = Field(default="standard", description="As it was billed.")
    unusable_fields: list[str] = Field(
        default=[], description="Fields whose answer could not be used, e.g. price: that is why they are null."
    )
    cost_usd: Usd | None = Field(
        default=None, description="Null when the price is not known, never 0; without calls whose reply was lost."
    )
    price_date: Utf8 | None = Field(default=None, description="Valid-from date of the price used (shared/prices.yaml).")
    batch_id: Utf8 | None = Field(default=None, description="The batch that the request came in, which pays for it.")


class Box(BaseModel):
    """A part of a creative, in its pixels as displayed, from the upper left."""

    model_config = ConfigDict(frozen=True)

    left: NonNegativeInt = Field(description="Pixels from the left to where it begins.")
    top: NonNegativeInt = Field(description="Pixels from the top to where it begins.")
    right: NonNegativeInt = Field(description="Pixels from the left to where it ends.")
    bottom: NonNegativeInt = Field(description="Pixels from the top to where it ends.")


class Evidence(BaseModel):
    """Whether one quotation stands on the creative."""

    model_config = ConfigDict(frozen=True)

    field: Text = Field(description="The feature that quotes, e.g. price_text, scenes.text.")
    quote: str = Field(description="What it quotes; the first 1,000 characters.")
    verified: Literal["ocr", "not_found", "unreadable"] = Field(
        description="ocr: it was read there; not_found: it was not, or something else was read in its place; "
        "unreadable: where it may stand, nothing could be read."
    )
    box: Box | None = Field(default=None, description="Where it was read.")
    at_s: float | None = Field(default=None, description="The second at which it was read first; null of a still.")
    score: float | None = Field(default=None, description="How sure the reader is of its letters, 0 to 1.")


class Verification(Event):
    """What became of looking for all that an answer quotes in the creative itself."""

    TOPIC = "verifications"
    KEY = ("creative_id", "feature_model", "feature_version", "prompt_version", "extractor", "model")

    creative_id: CreativeId = Field(description="The creative that was looked at.")
    extractor: Text = Field(description="Who answered: offline, gemini, azure or openai.")
    model: Text = Field(description="The model that answered, as its service names it.")
    feature_model: Text = Field(description="module:Class of the feature model.")
    feature_version: Text = Field(description="Version of that model's fields.")
    prompt_version: Text = Field(description="Version of what the extractor is told; none where nothing is.")
    answered_at: AwareDatetime = Field(description="When the answer was given: `occurred_at` of its row of features.")
    evidence: list[Evidence] = Field(description="Each quotation of the answer.")
    confidence: float | None = Field(
        default=None,
        description="The share that was read, of those that could be looked for; null where there are none, and of the "
        "offline extractor, whose quotations are what was read.",
    )
    reason: Reason | None = Field(default=None, description="Why the creative could not be looked at.")


class Embedding(Event):
    """What a creative means, as a vector: of what it shows, and of the words that its features say of it.

    Only creatives that stand for themselves are given one. Where none could be made there is a reason, and no vector.
    """

    TOPIC = "embeddings"
    KEY = ("creative_id", "model", "dimensions")

    creative_id: CreativeId = Field(description="The creative that it is of.")
    kind: Kind = Field(description="image or video.")
    model: Text = Field(description="The model that made it: only vectors of one model can be compared.")
    dimensions: PositiveInt = Field(description="How long its vectors are.")
    answered_at: AwareDatetime = Field(description="When the features were said whose words went into it.")
    vector: list[float] = Field(default=[], description="As long as `dimensions`; empty where there is a reason.")
    input_tokens: NonNegativeInt | None = Field(
        default=None, description="All that the model read; null where nothing was paid, or the service did not say."
    )
    cost_usd: Usd | None = Field(default=None, description="Null when nothing was paid or nobody knows, never 0.")
    price_date: Utf8 | None = Field(default=None, description="Valid-from date of the price used (shared/prices.yaml).")
    batch_id: Utf8 | None = Field(default=None, description="The batch that the creative came in, which pays for it.")
    answer_uri: Utf8 | None = Field(
        default=None, description="gs:// URI of what is kept of it; null where the model was not asked."
    )
    reason: Reason | None = Field(default=None, description="Why there is none; null where there is one.")
    detail: Utf8 | None = Field(default=None, description="What happened, where there is none.")

    @model_validator(mode="after")
    def _is_one_or_says_why(self) -> Self:
        if bool(self.vector) == bool(self.reason) or len(self.vector) not in (0, self.dimensions):
            raise ValueError("a vector as long as its dimensions, or a reason")
        return self


class Result(Event):
    """What an ad got, as its network or a list of the user's reports it: on one day, over several, or all in all.

    What is not reported is null, which is not 0. Money has a currency where anything told it; amounts of different
    currencies, and of a known and an unknown one, are never added.
    """

    TOPIC = "results"
    KEY = ("ad_id", "day", "network", "placement", "asset")

    ad_id: Text = Field(description="The advertiser's name for the ad, as in sightings.")
    day: date | None = Field(default=None, description="The day, or the first one; null: all of the ad's time.")
    last_day: date | None = Field(default=None, description="The last day, where the row covers several.")
    network: Utf8 | None = Field(default=None, description="meta, google, tiktok, dv360 or as the list calls it.")
    campaign: Utf8 | None = Field(default=None, description="The campaign that the ad runs in.")
    placement: Utf8 | None = Field(default=None, description="Where it was shown, as the network calls it.")
    asset: Utf8 | None = Field(
        default=None, description="The creative's address, where creatives are reported one by one; else null."
    )
    impressions: NonNegativeInt | None = Field(default=None, description="How often it was shown.")
    clicks: NonNegativeInt | None = Field(default=None, description="How often it was clicked.")
    spend: Amount | None = Field(default=None, description="What showing it cost, in units of `currency`.")
    currency: Utf8 | None = Field(
        default=None, pattern=r"^[A-Z]{3}$", description="Of spend and value, as ISO 4217; null: nothing tells."
    )
    conversions: Amount | None = Field(default=None, description="As the network counts them, perhaps in fractions.")
    conversion_value: Amount | None = Field(default=None, description="What they were worth, in `currency`.")
    video_views: NonNegativeInt | None = Field(default=None, description="Views, as the network defines them.")
    video_25: NonNegativeInt | None = Field(default=None, description="Plays that came to a quarter of the video.")
    video_50: NonNegativeInt | None = Field(default=None, description="Plays that came to its half.")
    video_75: NonNegativeInt | None = Field(default=None, description="Plays that came to three quarters of it.")
    video_100: NonNegativeInt | None = Field(default=None, description="Plays that came to its end.")
    source: Text = Field(description="Where this was read: list, google_ads, facebook_ads, dv360, …")
    unreadable: list[str] = Field(
        default=[], description="Columns whose value was none that can be read, e.g. clicks: that is why they are null."
    )


class Lift(Event):
    """How a metric of the creatives with a value of a feature compares with that of the others: one of a run's claims.

    What goes together need not be the cause: creatives are not shown to people at random.
    """

    TOPIC = "lifts"
    KEY = ("run", "feature", "value", "metric", "currency")

    run: AwareDatetime = Field(description="When it was measured; only the lifts of one run go together.")
    feature: Text = Field(description="The feature, e.g. has_promotion.")
    value: Text = Field(description="The value of it that is compared with all others.")
    metric: Text = Field(description="click-through rate, cost per click, conversion rate, …")
    currency: Utf8 | None = Field(default=None, description="Of means that are money; null: not told, or none.")
    effect: float | None = Field(default=None, description="Ratio of both sides less 1; null: a side got nothing.")
    low: float | None = Field(default=None, description="Lower end of its interval; null: too thin for one.")
    high: float | None = Field(default=None, description="Upper end; widened for all that was looked at.")
    verdict: Literal["higher", "lower", "no claim"] = Field(description="no claim: chance may be all of it.")
    reason: Literal["too few creatives", "too few events", "uncertain"] | None = Field(
        default=None,
        description="Of no claim: below 8 creatives of equal weight or 30 events, or the interval holds 0.",
    )
    mean_with: float = Field(
        allow_inf_nan=False, description="The metric of the creatives with it, where both kinds ran."
    )
    mean_without: float = Field(allow_inf_nan=False, description="That of the others there.")
    n_with: NonNegativeInt = Field(description="Creatives with it.")
    n_without: NonNegativeInt = Field(description="Creatives without.")
    equal_with: float | None = Field(
        default=None, description="Those with it, as many as would be as sure if all had the same weight; 8 are needed."
    )
    equal_without: float | None = Field(default=None, description="The same of those without.")
    n_ads: NonNegativeInt = Field(description="Ads of all of them.")
    days: NonNegativeInt | None = Field(default=None, description="From the first to the last; null: not reported.")
    adjusted_for: Text = Field(description="Within what creatives were compared.")


class Fatigue(Event):
    """Whether a creative wears out, over all ads that show it: how its rate goes with its age."""

    TOPIC = "fatigue"
    KEY = ("run", "canonical_id", "metric")

    run: AwareDatetime = Field(description="When it was measured.")
    canonical_id: CreativeId = Field(description="The creative that its duplicates are counted with.")
    metric: Text = Field(description="click-through rate or conversion rate.")
    state: Literal["fresh", "wearing", "worn", "too thin"] = Field(description="worn: it has lost a fifth and more.")
    since: date | None = Field(default=None, description="Since when it falls; null unless wearing or worn.")
    first_day: date = Field(description="Its first day with results.")
    last_day: date = Field(description="Its last one.")
    days: NonNegativeInt = Field(description="Days with results.")
    n_ads: NonNegativeInt = Field(description="Ads that showed it, on one day at most.")
    exposure: float = Field(allow_inf_nan=False, description="Impressions (clicks, of the conversion rate) in all.")
    level_before: float | None = Field(default=None, description="The rate before it fell, or at first.")
    level_now: float | None = Field(default=None, description="The rate of the last seven days.")
    change: float | None = Field(default=None, description="Of the rate by the last day: -0.3 is a loss of 30 %.")
    low: float | None = Field(default=None, description="Lower end of its interval.")
    high: float | None = Field(default=None, description="Upper end; widened for all that was looked at.")
    impressions: NonNegativeInt | None = Field(default=None, description="In all; null: not known of each day.")
    level_at_first: float | None = Field(default=None, description="The rate at its first impression, by the trend.")
    change_by_impressions: float | None = Field(
        default=None, description="Of the rate from its first impression to its last; null: too thin."
    )
    low_by_impressions: float | None = Field(default=None, description="Lower end of its interval.")
    high_by_impressions: float | None = Field(default=None, description="Upper end, widened likewise.")


class StatusCount(BaseModel):
    """The ads of one status, stage and reason."""

    model_config = ConfigDict(frozen=True)

    status: Text = Field(description="analysed, duplicate, failed or pending.")
    stage: Utf8 | None = Field(default=None, description="The one that failed, or is waited for; null with a result.")
    reason: Utf8 | None = Field(default=None, description="Why it failed or waits.")
    ads: NonNegativeInt = Field(description="How many.")
    creatives: NonNegativeInt = Field(description="Different creatives of them.")
    oldest_at: AwareDatetime | None = Field(default=None, description="Since when the longest-known of them is known.")
    cost_usd: Usd | None = Field(default=None, description="Their share of what was paid; null where nobody knows.")


class Settled(Event):
    """How the pipeline stood at one moment: all that `creatives status` tells, kept as one row.

    So it is whole or not there, and to ask it costs the same however many ads there are.
    """

    TOPIC = "settled"
    KEY = ("occurred_at",)

    description: Utf8 | None = Field(
        default=None,
        description="Digest of what the tables were: while it stays so, all of this holds.",
    )
    counts: list[StatusCount] = Field(description="All ads, by status, stage and reason.")
    day: date = Field(description="The day in UTC.")
    today_usd: Usd | None = Field(default=None, description="Paid on that day until then; null where nobody knows.")
    saved_today_usd: Usd | None = Field(default=None, description="What duplicates found on it would have cost.")
    total_usd: Usd | None = Field(default=None, description="Paid in all.")
    saved_usd: Usd | None = Field(default=None, description="What duplicates would have cost in all.")
    answers: NonNegativeInt = Field(description="Answers that were asked for.")
    unpriced: NonNegativeInt = Field(description="Those of them whose model has no known price.")
    duplicates: NonNegativeInt = Field(description="Creatives that took their canonical's features over.")


class Failure(Event):
    """Something that cannot be analysed, and why. What it is about is named by whichever ids are known."""

    TOPIC = "failures"
    KEY = ("stage", "ad_id", "source", "creative_id")

    stage: Text = Field(description="The function that refused it.")
    reason: Reason = Field(description="One of a closed list (shared/reasons.py).")
    detail: Text = Field(description="What happened to what; no secrets, no file contents.")
    ad_id: Utf8 | None = Field(default=None, description="The ad, as in sightings; null where it is not known.")
    source: Utf8 | None = Field(default=None, description="URL or gs:// URI of the ad, as in sightings.")
    batch_id: Utf8 | None = Field(default=None, description="The published batch it came in.")
    creative_id: CreativeId | None = Field(default=None, description="The creative; null where none was had.")
    uri: Utf8 | None = Field(default=None, description="gs:// URI of the object concerned.")
    answer_uri: Utf8 | None = Field(
        default=None, description="gs:// URI of the model's raw answer, where there is one."
    )
    model: Utf8 | None = Field(default=None, description="The model that was paid for an answer of no use.")
    cost_usd: Usd | None = Field(
        default=None, description="What that answer cost; null where none was paid, or nobody knows."
    )
    kind: Kind | None = Field(default=None, description="What was paid for: image or video; null where nothing was.")


EVENTS: tuple[type[Event], ...] = (
    Ad,
    Sighting,
    ImageObject,
    VideoObject,
    BannerObject,
    Rendition,
    Fingerprint,
    Match,
    Canonical,
    Override,
    Correction,
    Label,
    Extraction,
    Wait,
    FeaturesExtracted,
    Verification,
    Embedding,
    Result,
    Lift,
    Fatigue,
    Settled,
    Failure,
)
