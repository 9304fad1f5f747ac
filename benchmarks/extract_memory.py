"""How much memory an instance of `extract` takes at most: the worst mix of as many creatives as it works on at a time.

    .venv/bin/python -m benchmarks.extract_memory

Pictures of as many pixels as `hash` lets pass, in each format and mode; those that `hash` itself refuses for the memory
that they take are left out. Videos as long as they are sent within a request, videos that are uploaded in pieces, and
videos of which frames are shown to another model. All are asked about at the same moment, in a process of its own, as
many as infra/pipeline.yaml says for one instance, of a model server on this machine. Printed is the most that the
process had at any time and the most that its decoding child had, and what both may have together.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from os import environ
from pathlib import Path
from threading import Barrier
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from PIL import Image

from shared import identity, wiring
from shared.events import Extraction, Kind
from tests import gcs, videos
from tests.azure_server import AzureServer
from tests.gemini_server import GeminiServer

EXTRACT = wiring.load().functions["extract"]
LIMIT_MIB = EXTRACT.memory_mib
CONCURRENCY = EXTRACT.concurrency


@dataclass(frozen=True)
class Peak:
    """The most memory in MiB: of the function's process, and of the child that decodes."""

    process: int
    child: int

    @property
    def together(self) -> int:
        """What both may have at the same moment."""
        return self.process + self.child


@dataclass(frozen=True)
class Drawn:
    """A picture, or a video of one second, with what a request says of it."""

    content: bytes
    content_type: str
    side: int

    @property
    def kind(self) -> Kind:
        """Which of the two."""
        return Kind(self.content_type.partition("/")[0])


FORMATS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "PNG RGBA": ("RGBA", "PNG", {"compress_level": 1}),
    "PNG RGB": ("RGB", "PNG", {"compress_level": 1}),
    "PNG LA": ("LA", "PNG", {"compress_level": 1}),
    "PNG 16 bits": ("I;16", "PNG", {"compress_level": 1}),
    "PNG palette": ("P", "PNG", {"compress_level": 1}),
    "JPEG": ("RGB", "JPEG", {}),
    "JPEG progressive": ("RGB", "JPEG", {"progressive": True}),
    "JPEG CMYK": ("CMYK", "JPEG", {}),
    "TIFF RGBA": ("RGBA", "TIFF", {"compression": "tiff_lzw"}),
    "WebP": ("RGB", "WEBP", {"quality": 10, "method": 0}),
}
"""Mode, format and options of what people make pictures in."""


def largest_side() -> int:
    """Of a square picture that `hash` lets pass."""
    from functions.hash.settings import HashSettings

    return int(HashSettings.model_fields["max_image_pixels"].default ** 0.5)


def draw(name: str, side: int) -> Drawn:
    """A square picture in one of the formats."""
    mode, written_as, options = FORMATS[name]
    image = Image.new(mode, (side, side))
    image.paste(image.crop((0, 0, side // 2, side // 3)).point(lambda value: value + 90), (side // 8, side // 8))
    encoded = io.BytesIO()
    image.save(encoded, written_as, **options)
    return Drawn(encoded.getvalue(), f"image/{written_as.lower()}", side)


def film(size: int, side: int = 240) -> Drawn:
    """A square video of so many bytes, most of which players skip."""
    encoded = videos.encode(videos.moving_square(1, width=side, height=side))
    skipped = size - len(encoded)
    return Drawn(encoded + skipped.to_bytes(4, "big") + b"free" + bytes(skipped - 8), "video/mp4", side)


def passes_hash(drawn: Drawn) -> bool:
    """Whether `hash` can decode it within its own memory."""
    from functions.hash import main as hash_main
    from functions.hash.settings import HashSettings
    from shared.media.sandbox import InMemory, Sandbox
    from shared.reasons import Reason, Rejected

    options = {
        "content_type": drawn.content_type,
        "max_pixels": HashSettings.model_fields["max_image_pixels"].default,
    }
    limits = replace(hash_main.LIMITS, clock_s=600)  # a busy machine refuses none
    sandbox = Sandbox(limits, broken=Reason.BROKEN_IMAGE, most=1)
    try:
        sandbox.run("functions.hash.decoding:measure", InMemory(drawn.content), options)
    except Rejected:
        return False
    finally:
        sandbox.close()
    return True


def peak(bucket: storage.Bucket, mix: Sequence[Drawn], model: GeminiServer, **settings: str) -> Peak:
    """The most memory of an instance that is asked about all of `mix` at once.

    Args:
        bucket: of a Cloud Storage server that STORAGE_EMULATOR_HOST names.
        mix: creatives, at most as many as an instance works on at a time.
        model: answers, once all are asked about: over a slow network all requests are under way at the same moment.
        settings: other settings of the function.
    """
    model.paid_for = partial(_wait_for_all, Barrier(len(mix)))
    requests = [_stored(bucket, drawn, number).model_dump(mode="json") for number, drawn in enumerate(mix)]
    named = dict.fromkeys(("CREATIVES_BUCKET", "RESULTS_BUCKET", "STAGING_BUCKET"), bucket.name)
    asked = {"EXTRACTOR": "gemini", "GEMINI_API_KEY": "key", "GOOGLE_GEMINI_BASE_URL": model.url}
    command = [sys.executable, "-m", "benchmarks.extract_memory", "--instance"]
    env = {**environ, "GOOGLE_CLOUD_PROJECT": "test", **named, **asked, **settings}
    done = subprocess.run(command, input=json.dumps(requests), env=env, cwd=wiring.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Peak(**json.loads(done.stdout.splitlines()[-1]))


def _wait_for_all(meeting: Barrier, _asked: object) -> None:
    meeting.wait(timeout=300)


def _stored(bucket: storage.Bucket, drawn: Drawn, number: int) -> Extraction:
    """A request about a creative; the same one several times is several creatives, by a byte after its end."""
    content = drawn.content + bytes([number])
    creative_id = identity.creative_id(content)
    blob = bucket.blob(f"fetched/{creative_id}")
    blob.upload_from_string(content, drawn.content_type)
    return Extraction(
        event_id=f"event-{number}",
        creative_id=creative_id,
        uri=f"gs://{bucket.name}/{blob.name}",
        content_type=drawn.content_type,
        bytes=len(content),
        kind=drawn.kind,
        width=drawn.side,
        height=drawn.side,
        duration_s=1.0 if drawn.kind is Kind.VIDEO else None,
    )


def instance(requests: Sequence[Mapping[str, Any]]) -> Peak:
    """Answers all of the requests at once, as the deployed function does, and says what memory that took."""
    from functions.extract import dependencies, main
    from shared.events import FeaturesExtracted
    from shared.media import creative

    deps = dependencies.of_this_process()
    with ThreadPoolExecutor(CONCURRENCY) as threads:
        rows = [*threads.map(lambda each: [*main.step(deps, Extraction.model_validate(each))], requests)]
    if not all(isinstance(row, FeaturesExtracted) for (row,) in rows):
        raise RuntimeError(f"not all were answered: {rows}")
    creative._sandbox().close()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Peak(_own_peak_mib(), children // (2**20 if sys.platform == "darwin" else 2**10))


def _own_peak_mib() -> int:
    """Of this program alone: on Linux `ru_maxrss` has in it what the process had before it became this program."""
    status = Path("/proc/self/status")
    if not status.exists():
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20)
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) // 2**10


@contextmanager
def _bucket() -> Iterator[storage.Bucket]:
    with tempfile.TemporaryDirectory() as folder, gcs.served(Path(folder)):
        yield storage.Client(project="test", credentials=AnonymousCredentials()).create_bucket("creatives")


def main() -> None:
    """Prints the peak of each format alone, of the worst mix, and of videos."""
    side = largest_side()
    print(f"{CONCURRENCY} pictures of {side}x{side} at a time; the function has {LIMIT_MIB} MiB\n")
    with _bucket() as bucket, GeminiServer() as model:
        found: dict[str, Peak] = {}
        for name in FORMATS:
            drawn = draw(name, side)
            if not passes_hash(drawn):
                print(f"{name:<18} is refused by `hash`: it takes too much to decode")
                continue
            found[name] = peak(bucket, [drawn] * 2, model)
            print(f"{name:<18} {found[name].process} MiB and {found[name].child} MiB to decode it")
        worst = sorted(found, key=lambda name: found[name].together)[-CONCURRENCY:]
        mix = peak(bucket, [draw(name, side) for name in worst], model)
    print(f"\nthe worst mix, {', '.join(worst)}:")
    print(f"{mix.process} MiB and {mix.child} MiB: {mix.together} of {LIMIT_MIB} MiB\n")
    with _bucket() as bucket, GeminiServer() as model, AzureServer() as other:
        for name, drawn, settings in films(other):
            found_of = peak(bucket, [drawn] * CONCURRENCY, model, **settings)
            print(f"{CONCURRENCY} {name}: {found_of.process} MiB and {found_of.child} MiB to decode them")


def films(other: AzureServer) -> Iterator[tuple[str, Drawn, dict[str, str]]]:
    """Videos with what they are called, and the settings under which they are asked about."""
    from functions.extract.extractors.gemini import INLINE_BYTES

    yield "videos within their requests", film(INLINE_BYTES), {}
    yield "videos that are uploaded", film(INLINE_BYTES + 1), {}
    frames = {"EXTRACTOR": "openai", "OPENAI_BASE_URL": f"{other.url}/v1", "OPENAI_MODEL": "gpt-4.1-mini"}
    yield "videos shown as frames", film(INLINE_BYTES, 2160), frames | {"MEDIA_RESOLUTION": "high"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().instance:
        print(json.dumps(vars(instance(json.load(sys.stdin)))))
    else:
        main()
