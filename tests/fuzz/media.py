"""Looks for files that break the intake of images and videos, guided by what code each file reaches.

    python -m tests.fuzz.media image --seconds 3600 --corpus /tmp/images

starts from the hostile files of `tests/hostile.py`, changes them, and keeps in the corpus what reaches something new:
in the sniffing, and in how a picture is opened (ours, and Pillow's readers of each format, which are Python). Every
file then goes to the decoder in its sandbox, as `hash` and `probe` run it. It ends with code 0 where all files ended
in a measure or a reason, and else with a file `crash-…`, `timeout-…` or `oom-…` in the corpus: a test to be written.

`test_fuzz.py` runs both for some seconds in every build. Where atheris has no wheel (not Linux on x86-64) nothing runs.
"""

import contextlib
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import atheris  # type: ignore[import-untyped]
import typer

from tests import hostile

with atheris.instrument_imports(include=["shared", "functions", "PIL"], exclude=["PIL._"]):
    from functions.hash import decoding as of_images
    from functions.hash import main as hashing
    from functions.probe import decoding as of_videos
    from functions.probe import main as probing
    from shared.media import images, sniffing

from shared.events import Kind
from shared.media.sandbox import InMemory, Sandbox
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_PIXELS = 4 * 10**6  # larger pictures are refused by their header, so that none takes the fuzzer's time
MAX_SECONDS = 600.0
LARGEST_SEED = 2**16
MEMORY_MIB = 1024
FILE_LIMIT_S = 60


def try_image(sandbox: Sandbox, content: bytes) -> None:
    """Opens a picture here, where new code that is reached is noticed, and decodes it in the sandbox."""
    media = sniffing.sniff(content[: sniffing.HEAD_BYTES])
    if media is None or media.kind is not Kind.IMAGE:
        return
    with contextlib.suppress(Rejected):
        images.open_image(content, media.content_type, max_pixels=MAX_PIXELS)
    options = {"content_type": media.content_type, "max_pixels": MAX_PIXELS}
    _decode(sandbox, content, "functions.hash.decoding:measure", options, of_images.Measured)


def try_video(sandbox: Sandbox, content: bytes) -> None:
    """Decodes a video in the sandbox: what reads its parts is no Python."""
    media = sniffing.sniff(content[: sniffing.HEAD_BYTES])
    if media is None or media.kind is not Kind.VIDEO:
        return
    options = {"content_type": media.content_type, "max_duration_s": MAX_SECONDS}
    _decode(sandbox, content, "functions.probe.decoding:measure", options, of_videos.Measured)


def _decode(
    sandbox: Sandbox, content: bytes, decoder: str, options: dict[str, object], measured: "type[BaseModel]"
) -> None:
    """A measure that fits its model, or a reason; anything else that is raised ends the search."""
    with contextlib.suppress(Rejected):
        measured.model_validate_json(sandbox.run(decoder, InMemory(content), options))


SEEDS = {
    Kind.IMAGE: (hostile.damaged_images, hostile.odd_images),
    Kind.VIDEO: (hostile.damaged_videos, hostile.odd_videos, hostile.hostile_videos),
}


def seeds(kind: Kind) -> list[bytes]:
    """The hostile files of a kind that are small enough to be changed by thousands."""
    contents = [file.content for make in SEEDS[kind] for file in make()]
    return [content for content in contents if len(content) <= LARGEST_SEED]


def main(
    kind: Kind,
    seconds: Annotated[int, typer.Option(min=1)] = 10,
    corpus: Annotated[Path | None, typer.Option(help="A folder that keeps what was found from run to run.")] = None,
) -> None:
    """Searches for `seconds`."""
    folder = corpus or Path(tempfile.mkdtemp(prefix=f"fuzz-{kind}-"))
    folder.mkdir(parents=True, exist_ok=True)
    for content in seeds(kind):
        (folder / hashlib.sha256(content).hexdigest()).write_bytes(content)
    atheris.Setup(
        [
            __file__,
            f"-max_total_time={seconds}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-timeout={FILE_LIMIT_S}",
            f"-max_len={2 * LARGEST_SEED}",
            f"-artifact_prefix={folder}/",
            str(folder),
        ],
        _search(kind),
    )
    atheris.Fuzz()


def _search(kind: Kind) -> Callable[[bytes], None]:
    if kind is Kind.IMAGE:
        images_box = Sandbox(hashing.LIMITS, broken=Reason.BROKEN_IMAGE)
        return lambda content: try_image(images_box, content)
    videos_box = Sandbox(probing.LIMITS, broken=Reason.BROKEN_VIDEO)
    return lambda content: try_video(videos_box, content)


if __name__ == "__main__":
    typer.run(main)
