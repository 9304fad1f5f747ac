"""`verify`: takes an answer, looks for what it quotes in the creative that was shown, publishes what was found.

It is no part of `extract`: reading takes half a second of a processor and half a gigabyte, where asking waits for a
service; and what cannot be read must not cost an answer. What cannot be looked at is said in the same event: an ad
whose features are there has not failed.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import functions_framework

from functions.verify import judging, looking
from functions.verify.claims import Claim, claims, seconds
from functions.verify.looking import Looks, View
from functions.verify.settings import settings
from shared import clients, log, objects, stage
from shared.events import Event, Evidence, Extraction, FeaturesExtracted, Kind, Verification
from shared.media.creative import Creatives
from shared.media.ocr import READ_WORDS, Line
from shared.reasons import Reason, Rejected
from shared.remembering import Remembered

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent
    from google.cloud import storage
    from PIL import Image

MOST_REMEMBERED = 500
"""Answers whose evidence an instance remembers: each ad that shows the same file brings its answer again. Of a model's
answer, 66 quotations of a line each, it is some 10 KB.
"""

# Not the address, which is another for each ad: what it holds is told by the creative's id.
_SAME = {
    "creative_id", "kind", "extractor", "answer_uri", "content_type", "width", "height", "duration_s", "quoting_fields",
    "features",
}  # fmt: skip

_REMEMBERED = Remembered[list[Evidence]](MOST_REMEMBERED)


class Answered(FeaturesExtracted):
    """An answer of any feature model: which of its fields quote stands in it."""

    features: dict[str, Any] | None = None


@functions_framework.cloud_event
def verify(cloud_event: "CloudEvent") -> None:
    """The entry point."""
    project = settings().google_cloud_project
    step = partial(verified, clients.storage_client(project))
    stage.handle(cloud_event, stage="verify", project=project, parse=stage.parse_event(Answered), step=step)


def verified(storage: "storage.Client", answered: Answered) -> Iterator[Event]:
    """The answer's `Verification`; nothing where it quotes nothing, or does not say what it is about."""
    quoted = claims(answered.features or {}, answered.quoting_fields)
    if not quoted or answered.uri is None:
        return
    try:
        evidence = _REMEMBERED.of(_asked(answered), partial(_looked_up, storage, answered, quoted))
    except Rejected as rejection:
        log.info("not looked at", stage="verify", creative_id=answered.creative_id, detail=rejection.detail)
        yield _verification(answered, [judging.unread(claim) for claim in quoted], rejection.reason)
        return
    yield _verification(answered, evidence, None)


def _asked(answered: Answered) -> str:
    """A hash of what the evidence of an answer depends on."""
    return hashlib.sha256(answered.model_dump_json(include=_SAME).encode()).hexdigest()


def _looked_up(storage: "storage.Client", answered: Answered, quoted: Sequence[Claim]) -> list[Evidence]:
    looks = _looks(storage, answered)
    return list(judging.judge(quoted, looks, _size(answered, looks)))


def _verification(answered: Answered, evidence: Sequence[Evidence], reason: Reason | None) -> Verification:
    """Of what was read by the reader itself nothing says how sure it is."""
    same = answered.model_dump(include={"event_id", "creative_id", "extractor", "model", "prompt_version"})
    return Verification(
        **same,
        feature_model=answered.feature_model,
        feature_version=answered.feature_version,
        answered_at=answered.occurred_at,
        evidence=list(evidence),
        confidence=None if answered.extractor == "offline" else judging.confidence(evidence),
        reason=reason,
    )


def _size(answered: Answered, looks: Looks) -> tuple[int, int]:
    """The creative's, in pixels as displayed; a picture's where nobody measured it."""
    if answered.width and answered.height:
        return answered.width, answered.height
    return looks.views[0].size if looks.views else (1, 1)


def _looks(storage: "storage.Client", answered: Answered) -> Looks:
    """What is read in the creative; what the offline extractor has read is not read again.

    Raises:
        Rejected: when it is gone or damaged, or was never ours.
    """
    if answered.extractor == "offline" and (views := list(_kept(storage, answered))):
        return Looks(views)
    shown = Creatives(storage)
    request = Extraction.model_validate(answered.model_dump(include=set(Extraction.model_fields)))
    if answered.kind is Kind.VIDEO:
        named = _named(answered)
        return looking.at_film(shown.shown_frames(request, "high", _seconds(answered, named)), _picture, named)
    if answered.duration_s is not None:
        return looking.at_scenes(shown.shown_scenes(request))
    return looking.at_picture(_picture(shown.read_image(request, "high")))


def _named(answered: Answered) -> list[float]:
    """A moment after each second of a video that the answer names, in order."""
    last = max(0.0, (answered.duration_s or 0.0) - 0.1)
    return sorted({round(min(each + 0.3, last), 1) for each in seconds(answered.features) if each >= 0.0})


def _seconds(answered: Answered, named: Sequence[float]) -> list[float] | None:
    """When to look at a video: at moments that the answer names, and evenly over all of it."""
    if answered.duration_s is None:
        return None
    return sorted({*named[: looking.MOST_LOOKS // 2], *looking.looks(answered.duration_s)})


def _picture(content: bytes) -> "Image.Image":
    """A picture that a child process of ours has written."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["PPM", "JPEG"]) as picture:
        return picture.convert("RGB")


def _kept(storage: "storage.Client", answered: Answered) -> Iterator[View]:
    """What the offline extractor has read, as its answer keeps it; nothing where that is older or gone."""
    if answered.answer_uri is None:
        return
    bucket, name = objects.split(answered.answer_uri)
    content = objects.read(storage.bucket(bucket), name).content
    kept: Mapping[str, Any] = json.loads(json.loads(content)["raw"]) if content else {}
    for each in kept.get(READ_WORDS, []):
        lines = [Line(**line) for line in each["lines"]]
        yield View(lines, (), tuple(each["size"]), each["at_s"])
