"""Ads through the local pipeline: rate over time and memory, beside a plain script that does the same work.

    python -m benchmarks.load [--ads 10000] [--quoting] [--answer-ms 40]

Three in ten ads are pictures of their own, six are copies of one of those by byte, one is broken. Both ask the same
model server on this machine, which answers after 40 ms, a fraction of what a model takes: so it did when it was said
that the pipeline may take 1.5 times as long as the script. The exit code is 1 where it takes longer, of 1,000 ads and
more; of few the first seconds of its servers tell. The script opens one file after the other with Pillow, hashes it
with imagehash, compares it with all before, asks with google-genai, and appends a row to a file; what it takes for a
copy is not asked for. It has no retries and survives nothing.

Looking up what an answer quotes takes several times as long as all else that the script does. So either nothing is
quoted, and neither side reads a picture; or, with `--quoting`, all ads have words, the answers quote them, and the
script looks them up, too, with the reader of `verify`. How much there is to read is the same on both sides.

On 1 December 2026, on two idle cores, 1,500 ads without quotations took the pipeline 33 and 35 s (22 ms an ad; of all
processors the functions 36 s, BigQuery 3, Pub/Sub 10, Cloud Storage 8), the script 24 s, of which 18 s are answers that
it waits for one after the other: 1.37 and 1.46 times as long. Before its functions answered in two processes it was
1.64 to 1.79, on another machine of that kind; and before uploads left the disk to the system, and a model's schema
was made once, 1.85.

Before, on two cores that five others loaded (12 to 17 processes waited at a time), so that the clock tells little;
processor time of the pipeline's servers, beside the script's:

    500 ads, quoting        functions 67 s, BigQuery 26, Pub/Sub 7, Cloud Storage 6: 106 s; the script 27 s
    300 ads, quoting        functions 40 s; 70 s before `verify` remembered what it had found; the script 17 s
    600 ads, nothing quoted 47 s by the clock, 13 s the script

On 23 November, on two idle cores, 10,000 ads without quotations took 602 s, the script 198 s with those waits.
"""

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import imagehash
from google import genai
from google.cloud import bigquery, storage
from google.genai import types
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from functions.extract.extractors.schema import response_schema
from functions.verify import judging, looking
from functions.verify.claims import claims
from local import running
from local.chosen import Options
from local.pubsub import status
from local.running import PROJECT, Running
from shared import clients, identity, wiring
from shared.features import ImageFeatures, verifiable_fields
from tests import gemini_model, pictures
from tests.gemini_server import GeminiServer

MODEL = "gemini-3.5-flash-lite"
SAMPLE_S = 2.0
MOST_TIMES = 1.5
"""As long as the script: what the pipeline may take."""
ENOUGH_ADS = 1_000
LIMIT_S = 3600.0
UPLOADERS = 8
WORDS = {"text": "Summer sale 20% OFF Shop now", "promotion_text": "20% OFF", "call_to_action": "Shop now"}
PAGE_BYTES, TICKS_A_SECOND = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
COUNTS = wiring.ROOT / "creatives" / "page" / "counts.sql"


@dataclass(frozen=True)
class Sample:
    """The pipeline at one moment.

    Attributes:
        at_s: since the first upload.
        steps: events that the functions have handled, of all stages.
        memory_mib: resident, by server.
        processor_s: of all processors, by server, with what has ended beneath it.
    """

    at_s: float
    steps: int
    memory_mib: Mapping[str, float]
    processor_s: Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """How the model answers.

    Attributes:
        quoting: whether all ads have words, and the answers quote them.
        answer_s: how long an answer takes.
    """

    quoting: bool
    answer_s: float


def files(count: int, seed: int = 0, *, quoting: bool = False) -> list[tuple[str, bytes]]:
    """So many ads, in random order."""
    chance = random.Random(seed)
    drawn = (_with_words(n) if quoting else pictures.draw(300, 300, seed=n) for n in range(count * 3 // 10))
    distinct = [pictures.encode(each, "JPEG", quality=85) for each in drawn]
    broken = [content[: len(content) // 2] + os.urandom(4) for content in distinct[: count // 10]]
    copies = [chance.choice(distinct) for _ in range(count - len(distinct) - len(broken))]
    all_of_them = [*distinct, *broken, *copies]
    chance.shuffle(all_of_them)
    return [(f"ad-{number:06}.jpg", content) for number, content in enumerate(all_of_them)]


def _with_words(seed: int) -> Image.Image:
    """A picture that says what the answers quote, on a plate."""
    picture = pictures.draw(300, 300, seed=seed)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 60, 270, 240), fill="white")
    draw.text((45, 75), "Summer sale\n20% OFF\nShop now", fill="black", font=ImageFont.load_default(36))
    return picture


def pipeline(ads: list[tuple[str, bytes]], folder: Path, asked: Asked) -> tuple[list[Sample], dict[str, int]]:
    """Uploads all, waits until the pipeline is quiet; gives samples on the way, and the ads by status."""
    with _model(asked), running.running(folder, Options("gemini", "own")) as found:
        began = time.monotonic()
        samples: list[Sample] = []
        bucket = clients.storage_client(PROJECT).bucket(found.variables["CREATIVES_BUCKET"])
        with ThreadPoolExecutor(UPLOADERS) as uploaders:
            uploads = [uploaders.submit(_upload, bucket, *ad) for ad in ads]
            while not all(upload.done() for upload in uploads) or _outstanding(found):
                samples.append(_sample(found, began))
                _tell(samples)
                if samples[-1].at_s > LIMIT_S:
                    raise SystemExit(f"not done within {LIMIT_S:.0f} s")
                time.sleep(SAMPLE_S)
            for upload in uploads:
                upload.result()
        samples.append(_sample(found, began))
        config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.creatives")
        rows = clients.bigquery_client(PROJECT).query_and_wait(COUNTS.read_text(), job_config=config)
        return samples, {row["status"]: row["ads"] for row in rows}


def script(ads: list[tuple[str, bytes]], folder: Path, asked: Asked) -> float:
    """The same by a plain script; seconds."""
    with _model(asked):
        client = genai.Client(api_key="key")
        known: list[imagehash.ImageHash] = []
        began = time.monotonic()
        with (folder / "rows.ndjson").open("w") as rows:
            for name, content in ads:
                rows.write(json.dumps({"name": name, **_one(client, content, known)}) + "\n")
        return time.monotonic() - began


def _one(client: genai.Client, content: bytes, known: list[imagehash.ImageHash]) -> dict[str, object]:
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except (UnidentifiedImageError, OSError) as error:
        return {"failed": str(error)}
    found = imagehash.dhash(image)
    if any(found - other <= 4 for other in known):
        return {"duplicate": str(found)}
    known.append(found)
    picture = types.Part.from_bytes(data=content, mime_type="image/jpeg")
    question = types.Part.from_text(text="What does this ad show?")
    answer = client.models.generate_content(
        model=MODEL,
        contents=types.Content(role="user", parts=[picture, question]),
        config=types.GenerateContentConfig(
            response_mime_type="application/json", response_schema=response_schema(ImageFeatures)
        ),
    )
    answered = json.loads(answer.text or "{}")
    return {"features": answered, "evidence": _looked_up(image.convert("RGB"), answered)}


def _looked_up(image: Image.Image, answer: Mapping[str, object]) -> dict[str, str]:
    """Of each field that quotes, whether it stands there; nothing is read where nothing is quoted."""
    quoted = claims(answer, verifiable_fields(ImageFeatures))
    if not quoted:
        return {}
    return {each.field: each.verified for each in judging.judge(quoted, looking.at_picture(image), image.size)}


@contextmanager
def _model(asked: Asked) -> Iterator[GeminiServer]:
    said: gemini_model.Json = {"has_text": asked.quoting, **(WORDS if asked.quoting else {})}

    def answer(request: gemini_model.Asked) -> gemini_model.Json:
        time.sleep(asked.answer_s)
        return {**gemini_model.answer_without_quotations(request), **said}

    with GeminiServer() as server:
        server.answer = answer
        os.environ |= {"GEMINI_API_KEY": "key", "GOOGLE_GEMINI_BASE_URL": server.url}
        yield server


def _upload(bucket: storage.Bucket, name: str, content: bytes) -> None:
    bucket.blob(name).upload_from_string(content, "image/jpeg")


def _outstanding(found: Running) -> int:
    return status.read(found.variables["PUBSUB_STATUS_URL"]).outstanding


def _sample(found: Running, began: float) -> Sample:
    log = (found.data / "logs" / "functions.log").read_text(errors="replace").splitlines()
    steps = sum('"handled"' in line for line in log)
    memory = {name: _memory_mib(server.process.pid) for name, server in found.servers.items()}
    processor = {name: _processor_s(server.process.pid) for name, server in found.servers.items()}
    return Sample(time.monotonic() - began, steps, memory, processor)


def _memory_mib(leader: int) -> float:
    """Of a process and its group, which are its workers and the decoders' sandboxes."""
    return sum(int((process / "statm").read_text().split()[1]) * PAGE_BYTES for process, _ in _group(leader)) / 2**20


def _processor_s(leader: int) -> float:
    """Of a process and its group."""
    return sum(sum(map(int, fields[11:15])) for _, fields in _group(leader)) / TICKS_A_SECOND


def _group(leader: int) -> Iterator[tuple[Path, list[str]]]:
    """Each process of a group, with what its `stat` has behind its name."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == leader:
                yield stat.parent, fields
        except OSError:
            continue  # it has ended


def _tell(samples: list[Sample]) -> None:
    sys.stderr.write(f"{samples[-1].at_s:6.0f} s: {samples[-1].steps} steps\n")


def _peak(samples: list[Sample], name: str) -> float:
    return max(sample.memory_mib.get(name, 0) for sample in samples)


def _rate(samples: list[Sample], first: float, last: float) -> float:
    """Steps a second between two shares of the whole time."""
    end = samples[-1].at_s
    within = [sample for sample in samples if first * end <= sample.at_s <= last * end]
    if len(within) < 2:
        return float("nan")
    return (within[-1].steps - within[0].steps) / (within[-1].at_s - within[0].at_s)


def main() -> None:
    """Runs both, and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--ads", type=int, default=10_000)
    parser.add_argument("--quoting", action="store_true")
    parser.add_argument("--answer-ms", type=float, default=40.0)
    chosen = parser.parse_args()
    asked = Asked(chosen.quoting, chosen.answer_ms / 1000)
    ads = files(chosen.ads, quoting=chosen.quoting)
    creatives = len({identity.creative_id(content) for _, content in ads})
    with tempfile.TemporaryDirectory() as folder:
        samples, statuses = pipeline(ads, Path(folder) / "data", asked)
    with tempfile.TemporaryDirectory() as folder:
        worked_s = -time.process_time()
        plain_s = script(ads, Path(folder), asked)
        worked_s += time.process_time()
    seconds = samples[-1].at_s
    _print("ads", f"{len(ads)}, {creatives} different files; " + str(statuses))
    _print("pipeline", f"{seconds:.0f} s, {len(ads) / seconds:.1f} ads/s")
    quarters = [_rate(samples, quarter / 4, (quarter + 1) / 4) for quarter in range(4)]
    _print("rate by quarter of the time", ", ".join(f"{rate:.1f}" for rate in quarters) + " steps/s")
    for name in samples[-1].memory_mib:
        taken_s = samples[-1].processor_s[name] - samples[0].processor_s[name]
        _print(name, f"{taken_s:.0f} s of all processors, {_peak(samples, name):.0f} MiB at most")
    _print("plain script", f"{plain_s:.0f} s, {len(ads) / plain_s:.1f} ads/s; {worked_s:.0f} s of all processors")
    _print("ratio", f"the pipeline takes {seconds / plain_s:.2f} times as long")
    if chosen.ads >= ENOUGH_ADS and seconds > MOST_TIMES * plain_s:
        raise SystemExit(f"more than {MOST_TIMES} times as long")


def _print(name: str, value: str) -> None:
    line: Callable[[str], object] = sys.stdout.write
    line(f"{name:32} {value}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
