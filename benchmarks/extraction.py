"""What extraction takes: tokens and money of a model, and how good the offline extractor is that takes neither.

    python -m benchmarks.extraction [--creatives 100] [--model gemini-3.5-flash-lite] [--draws 1]

Per 1,000 creatives, in three ways: every file sent as it is, ours, and ours with the batch API. The corpus is drawn:
30 % of its creatives are duplicates, half of them the same bytes and half the picture saved again. All calls go by the
real client over HTTP to the server of the tests, which counts tokens by the published rules; its answers are one
typical answer (`ANSWER`). Duplicates that are not the same bytes count as found at the recall that dedup has on
synthetic pairs, .96. The naive way is what a first script does: one call per file, the file as it is, the defaults of
SDK and service. Real tokenizers make more tokens of JSON than four characters each, for all three alike.

Then the offline extractor's accuracy per field and its time per image, as benchmarks/offline.py has them.
"""

import argparse
import io
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from google import genai
from google.genai import types
from PIL import Image, ImageDraw, ImageFilter

from benchmarks import offline
from creatives.extraction import estimate
from functions.extract.extractors import conversation, gemini_request, schema
from functions.extract.settings import ExtractSettings
from shared import identity
from shared.events import Kind
from shared.features import ImageFeatures
from shared.media import showing
from shared.models import gemini
from tests.gemini_server import GeminiServer

SIZES = ((1080, 1080), (1200, 628), (1080, 1350), (1080, 1920), (728, 90), (2400, 1256), (4000, 3000))
DUPLICATES = 0.30
RECALL = 0.96
NAIVE_PROMPT = "Analyse this advertisement and describe what it shows."

ANSWER = {
    "product_type": "running shoes",
    "product_category": "sports",
    "brand": "Corsa",
    "brand_logos": [{"brand": "Corsa", "position": "top left"}],
    "has_text": True,
    "text": "CORSA Run further. New Aero 3 with carbon plate 20% OFF until Sunday 119,95 € not 149,95 € Shop now",
    "language": "en",
    "has_promotion": True,
    "promotion_text": "20% OFF until Sunday",
    "discount_percent": 20,
    "price": 119.95,
    "price_text": "119,95 €",
    "currency": "EUR",
    "has_call_to_action": True,
    "call_to_action": "Shop now",
    "car_brand": None,
    "car_model": None,
    "has_people": True,
    "people_count": 1,
    "style": "photo",
    "dominant_colors": ["orange", "white", "black"],
    "setting": "road",
    "mood": "energetic",
    "summary": "A runner on an empty road promotes the Corsa Aero 3 with 20 percent off until Sunday.",
}


@dataclass(frozen=True)
class File:
    """A creative of the corpus, and the number of the creative it duplicates (its own where it does not)."""

    content: bytes
    canonical: int


@dataclass(frozen=True)
class Result:
    """What one way of doing it took."""

    name: str
    calls: int
    input_tokens: int
    output_tokens: int
    usd: Decimal
    sent_bytes: int
    seconds: float

    def per_thousand(self, creatives: int) -> str:
        """A line of the table."""
        factor = Decimal(1000) / creatives
        return (
            f"{self.name:<22}{self.calls * factor:>8.0f}{self.input_tokens * factor:>13,.0f}"
            f"{self.output_tokens * factor:>12,.0f}{self.usd * factor:>10.3f}{self.sent_bytes * factor / 10**6:>9.0f}"
            f"{1000 * self.seconds / max(self.calls, 1):>10.0f}"
        )


def corpus(creatives: int, seed: int = 5) -> list[File]:
    """Drawn ads in common sizes, and duplicates of them."""
    draw = random.Random(seed)
    originals = round(creatives * (1 - DUPLICATES))
    files = [File(_drawn(number, draw), number) for number in range(originals)]
    for number in range(creatives - originals):
        original = draw.choice(files[:originals])
        content = original.content if number % 2 else _saved_again(original.content)
        files.append(File(content, original.canonical))
    return files


def naive(files: list[File], model: str) -> None:
    """One call per file, with defaults."""
    with genai.Client(api_key="key") as client:
        for file in files:
            client.models.generate_content(
                model=model,
                contents=types.Content(
                    role="user",
                    parts=[
                        types.Part.from_bytes(data=file.content, mime_type="image/jpeg"),
                        types.Part.from_text(text=NAIVE_PROMPT),
                    ],
                ),
                config=types.GenerateContentConfig(
                    response_mime_type="application/json", response_schema=schema.response_schema(ImageFeatures)
                ),
            )


def ours(files: list[File], chosen: ExtractSettings, mode: str) -> None:
    """One call per creative that is no duplicate, as `extract` makes it."""
    with gemini.client(chosen) as client:
        for content in _distinct(files):
            with Image.open(io.BytesIO(content)) as image:
                shown = showing.shown_image(image, chosen.media_resolution)
            part = types.Part.from_bytes(data=shown, mime_type="image/jpeg")
            turn = conversation.first_turn(Kind.IMAGE, chosen)
            contents = gemini_request.contents(part, turn)
            config = gemini_request.config(turn, ImageFeatures, chosen)
            if mode == "batch":
                inlined = types.InlinedRequest(contents=list(contents), config=config)
                named = types.CreateBatchJobConfig(display_name="benchmark")
                job = client.batches.create(model=chosen.gemini_model, src=[inlined], config=named)
                client.batches.get(name=job.name or "")
            else:
                client.models.generate_content(model=chosen.gemini_model, contents=list(contents), config=config)


def _distinct(files: list[File]) -> Iterator[bytes]:
    """What is left to ask about: the same bytes are always found, the same picture at dedup's recall."""
    draw = random.Random(1)
    seen_bytes: set[str] = set()
    seen_pictures: set[int] = set()
    for file in files:
        creative_id = identity.creative_id(file.content)
        found = creative_id in seen_bytes or (file.canonical in seen_pictures and draw.random() < RECALL)
        seen_bytes.add(creative_id)
        seen_pictures.add(file.canonical)
        if not found:
            yield file.content


def _drawn(number: int, draw: random.Random) -> bytes:
    width, height = SIZES[number % len(SIZES)]
    noise = (
        Image.effect_noise((width // 4, height // 4), 60).resize((width, height)).filter(ImageFilter.GaussianBlur(3))
    )
    shares = [draw.random() for _ in range(3)]
    image = Image.merge("RGB", [noise.point([int(v * share) for v in range(256)]) for share in shares])
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, width, height // 5), fill=(draw.randrange(256), draw.randrange(256), 60))
    pen.text((width // 20, height // 20), f"CORSA {number}  20% OFF", fill="white", font_size=max(height // 12, 12))
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=92)
    return encoded.getvalue()


def _saved_again(content: bytes) -> bytes:
    encoded = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.resize((image.width * 4 // 5, image.height * 4 // 5)).save(encoded, "JPEG", quality=75)
    return encoded.getvalue()


@contextmanager
def _served() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        server.answer = lambda _: ANSWER
        os.environ["GOOGLE_GEMINI_BASE_URL"] = server.url
        yield server
        del os.environ["GOOGLE_GEMINI_BASE_URL"]


def main() -> None:
    """Runs the three ways and prints what each takes per 1,000 creatives; then the offline extractor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creatives", type=int, default=100)
    parser.add_argument("--model", default="gemini-3.5-flash-lite")
    parser.add_argument("--draws", type=int, default=1, help="how often each copy is drawn for the offline extractor")
    options = parser.parse_args()
    compare_costs(options.creatives, options.model)
    print("\noffline, nothing paid, per field:\n")
    offline.report(offline.drawn("kept", options.draws), "kept")


def compare_costs(creatives: int, model: str) -> None:
    """Prints what the three ways take, and the money of the later two as a share of the first one's."""
    files = corpus(creatives)
    chosen = estimate.settings(gemini_model=model, gemini_api_key="key")
    print(f"{model}, {creatives} creatives, {DUPLICATES:.0%} duplicates; per 1,000 creatives:\n")
    print(f"{'':<22}{'calls':>8}{'input tok.':>13}{'output tok.':>12}{'USD':>10}{'MB sent':>9}{'ms/call':>10}")
    ways: dict[str, Callable[[], None]] = {
        "naive": lambda: naive(files, model),
        "ours": lambda: ours(files, chosen, "standard"),
        "ours, batch or flex": lambda: ours(files, chosen, "batch"),
    }
    results = []
    for name, way in ways.items():
        with _served() as server:
            started = time.perf_counter()
            way()
            results.append(_result(name, server, time.perf_counter() - started))
        print(results[-1].per_thousand(creatives))
    first = results[0].usd
    print("\n" + ", ".join(f"{r.name}: {r.usd / first:.0%} of naive" for r in results[1:]))


def _result(name: str, server: GeminiServer, seconds: float) -> Result:
    return Result(
        name,
        calls=len(server.ledger),
        input_tokens=sum(paid.tokens.input for paid in server.ledger),
        output_tokens=sum(paid.tokens.output + paid.tokens.thoughts for paid in server.ledger),
        usd=server.spent_usd,
        sent_bytes=sum(len(seen.content) for asked in server.accepted for seen in asked.seen),
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
