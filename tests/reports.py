"""Reports for tests and benchmarks: creatives drawn from a seed, with flow, families and money that agree with them."""

import base64
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from creatives.analysis.results import Status
from creatives.report.model import Ad, Creative, Failed, Feature, ReportData, Spending, Way
from shared.events import Kind, MatchKind, Origin
from shared.reasons import SENTENCES, Reason

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

FEATURES = (
    Feature(name="product_type", type="STRING", repeated=False, description="What is advertised."),
    Feature(name="has_promotion", type="BOOLEAN", repeated=False, description="Whether a deal is offered."),
    Feature(name="discount_percent", type="FLOAT", repeated=False, description="The percentage off."),
    Feature(name="call_to_action", type="STRING", repeated=False, description="The words of the call."),
    Feature(name="has_people", type="BOOLEAN", repeated=False, description="Whether a person is visible."),
    Feature(name="text", type="STRING", repeated=False, description="All readable words."),
    Feature(name="dominant_colors", type="STRING", repeated=True, description="The largest area first."),
    Feature(name="brand_logos", type="RECORD", repeated=True, description="Each logo visible."),
)

_PRODUCTS = (
    "running shoes",
    "coffee",
    "electric car",
    "face cream",
    "city break",
    "headphones",
    "insurance",
    "dog food",
)
_CALLS = ("Shop now", "Learn more", "Book now", "Try for free", "Discover more")
_COLOURS = ("red", "blue", "green", "black", "white", "orange", "beige")
_FORMATS = (("1:1", 1080, 1080), ("4:5", 1080, 1350), ("9:16", 1080, 1920), ("16:9", 1920, 1080), ("1.91:1", 1200, 628))


def creative(number: int, **changed: Any) -> Creative:
    """An analysed image of its own, used by one ad; anything of it may be changed."""
    random = np.random.default_rng(number)
    creative_id = id_of(number)
    ad_format, width, height = _FORMATS[number % len(_FORMATS)]
    made: dict[str, Any] = {
        "creative_id": creative_id,
        "name": f"ad-{number:05}.jpg",
        "status": Status.ANALYSED,
        "n_ads": 1,
        "kind": Kind.IMAGE,
        "uri": f"gs://creatives/uploads/ad-{number:05}.jpg",
        "content_type": "image/jpeg",
        "bytes": int(random.integers(20_000, 400_000)),
        "width": width,
        "height": height,
        "aspect_ratio": ad_format,
        "ad_format": ad_format,
        "match": MatchKind.NEW,
        "canonical_id": creative_id,
        "family_id": creative_id,
        "method": "hash",
        "features": features(random),
        "extractor": "gemini",
        "model": "gemini-3.5-flash-lite",
        "feature_version": "1",
        "prompt_version": "3",
        "mode": "standard",
        "input_tokens": 1450,
        "output_tokens": 310,
        "cost_usd": Decimal("0.00042"),
        "spent_usd": Decimal("0.00042"),
        "analysed_at": NOW + timedelta(seconds=number),
        "ads": [Ad(ad_id=f"ad-{number}", source=f"https://shop.example/{number}.jpg", origin=Origin.BATCH)],
        "thumbnail": thumbnail(number % 50, width, height),
        "answer": '{"has_text": true}',
    }
    return Creative.model_validate(made | changed)


def duplicate(number: int, original: Creative, **changed: Any) -> Creative:
    """A copy of `original` in another file."""
    taken = {"canonical_id": original.creative_id, "family_id": original.family_id, "features": original.features}
    other = {
        "match": MatchKind.DUPLICATE,
        "status": Status.DUPLICATE,
        "thumbnail": original.thumbnail,
        "spent_usd": None,
    }
    return creative(
        number, **(taken | other | {"distance": 1, "score": 3.4, "method": "pixels", "answer": None} | changed)
    )


def variant(number: int, original: Creative, **changed: Any) -> Creative:
    """Another version of `original`."""
    other = {"match": MatchKind.VARIANT, "family_id": original.family_id, "matched_id": original.creative_id}
    return creative(number, **(other | {"distance": 0, "score": 120.5, "method": "pixels"} | changed))


def failed(number: int, reason: Reason = Reason.BROKEN_IMAGE, **changed: Any) -> Creative:
    """A file that could not be opened."""
    lost = dict.fromkeys(
        ("width", "height", "ad_format", "match", "canonical_id", "family_id", "features", "thumbnail")
    )
    told = {"status": Status.FAILED, "reason": reason, "detail": "image file is truncated", "extractor": None}
    return creative(number, **(lost | told | {"answer": None, "cost_usd": None, "failed_stage": "hash"} | changed))


def report(creatives: Iterable[Creative] = (), **changed: Any) -> ReportData:
    """A report on these creatives, in which every figure agrees with them."""
    shown = tuple(creatives)
    made: dict[str, Any] = {
        "generated_at": NOW,
        "project": "test",
        "dataset": "creatives",
        "flow": _flow(shown),
        "n_creatives": len(shown),
        "creatives": shown,
        "failures": _failures(shown),
        "spending": _spending(shown),
        "features": FEATURES,
    }
    return ReportData.model_validate(made | changed)


def campaign(size: int) -> ReportData:
    """A report on `size` creatives: of ten, six are new, one a variant, two duplicates, and one in a hundred failed."""
    made: list[Creative] = []
    for number in range(size):
        place, original = number % 10, made[number - number % 10] if number % 10 else None
        if number % 100 == 99:
            made.append(failed(number))
        elif original and place in (6, 7):
            made.append(duplicate(number, original))
        elif original and place == 8:
            made.append(variant(number, original))
        else:
            made.append(creative(number))
    return report(made)


def features(random: np.random.Generator) -> dict[str, Any]:
    """Some features, as an extractor tells them."""
    promotion = bool(random.random() < 0.4)
    product, call = str(random.choice(_PRODUCTS)), str(random.choice(_CALLS))
    discount = int(random.integers(1, 15)) * 5
    return {
        "product_type": product,
        "has_promotion": promotion,
        **({"discount_percent": discount} if promotion else {}),
        "call_to_action": call,
        "has_people": bool(random.random() < 0.5),
        "text": f"{discount} % off {product} {call} {random.integers(10**6)}",
        "dominant_colors": [str(colour) for colour in random.choice(_COLOURS, 3, replace=False)],
        "brand_logos": [{"brand": f"Brand {random.integers(20)}", "position": "top left"}],
    }


def id_of(number: int) -> str:
    """The id of the creative of a number."""
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()


@cache
def thumbnail(seed: int, width: int, height: int, text: str = "") -> str:
    """A small picture as a data: URI: patches of colour, and a block where a `text` would stand."""
    random = np.random.default_rng(seed)
    patches = random.integers(60, 220, (4, 5, 3), dtype=np.uint8)
    scale = 240 / max(width, height)
    picture = Image.fromarray(patches).resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    if text:
        ImageDraw.Draw(picture).text((picture.width // 4, picture.height // 3), text, fill="white", font_size=40)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=60)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def _flow(creatives: Sequence[Creative]) -> tuple[Way, ...]:
    ways: Counter[tuple[Origin | None, str, MatchKind | None, Status]] = Counter()
    for each in creatives:
        origin = each.ads[0].origin if each.ads else Origin.BATCH
        ways[origin, "first", each.match, each.status] += 1
        others = Status.DUPLICATE if each.status is Status.ANALYSED else each.status
        ways[origin, "again", each.match, others] += each.n_ads - 1
    return tuple(
        Way.model_validate({"origin": origin, "file": file, "match": match, "status": status, "ads": ads})
        for (origin, file, match, status), ads in ways.items()
        if ads
    )


def _failures(creatives: Sequence[Creative]) -> tuple[Failed, ...]:
    lost = [each for each in creatives if each.status is Status.FAILED and each.reason]
    return tuple(
        Failed(
            stage="hash",
            reason=reason,
            advice=SENTENCES[Reason(reason)],
            n_ads=sum(each.n_ads for each in lost if each.reason == reason),
            ads=tuple(
                ad.model_copy(update={"creative_id": each.creative_id, "detail": each.detail})
                for each in lost
                if each.reason == reason
                for ad in each.ads
            ),
        )
        for reason in dict.fromkeys(each.reason for each in lost if each.reason)
    )


def _spending(creatives: Sequence[Creative]) -> tuple[Spending, ...]:
    paid = [each for each in creatives if each.status is Status.ANALYSED]
    copies = [each for each in creatives if each.status is Status.DUPLICATE]
    if not paid:
        return ()
    return tuple(
        Spending(
            day=date(2026, 11, 20 + nth),
            model="gemini-3.5-flash-lite",
            kind="image",
            answers=len(paid[nth::3]),
            useless_answers=0,
            unpriced=0,
            input_tokens=sum(each.input_tokens or 0 for each in paid[nth::3]),
            output_tokens=sum(each.output_tokens or 0 for each in paid[nth::3]),
            cost_usd=sum((each.cost_usd or Decimal(0) for each in paid[nth::3]), Decimal(0)),
            duplicates=len(copies[nth::3]),
            saved_usd=sum((each.cost_usd or Decimal(0) for each in copies[nth::3]), Decimal(0)),
        )
        for nth in range(3)
    )
