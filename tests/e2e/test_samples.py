"""The whole chain on the samples: every ad ends as what it is, once, whatever the order and number of deliveries; and
what is made of them, exports and docs/analysis.ipynb.
"""

import csv
import io
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from playwright.sync_api import Browser
from rich.console import Console

from creatives.analysis import rendering
from creatives.analysis.results import AdResult
from creatives.report.pictures import LARGE_SIDE
from shared.wiring import ROOT
from tests.docs.notebook import executed, plots, said, stored
from tests.e2e import pipelines
from tests.e2e.restartable import own_clients

pytestmark = pytest.mark.server

SAMPLES = ROOT / "samples"

# What a person sees in each file: status, and the original of a copy or the reason of a failure.
EXPECTED = {
    "summer-sale-20.jpg": "summer-sale-20",
    "summer-sale-20 (copy).jpg": "summer-sale-20",
    "summer-sale-20-small.jpg": "summer-sale-20",
    "summer-sale-20.webp": "summer-sale-20",
    "summer-sale-50.jpg": "summer-sale-50",
    "vanta-lease.jpg": "vanta-lease",
    "vanta-lease-compressed.jpg": "vanta-lease",
    "cafe-offre.jpg": "cafe-offre",
    "pflege-rabatt.jpg": "pflege-rabatt",
    "story-sunshine.jpg": "story-sunshine",
    "vanta-spot.mp4": "vanta-spot",
    "broken-banner.jpg": "broken_image",
    "media-plan.txt": "unsupported_type",
}


FEW = (
    *("summer-sale-20.jpg", "summer-sale-20 (copy).jpg", "summer-sale-20.webp", "summer-sale-50.jpg"),
    *("vanta-spot.mp4", "broken-banner.jpg", "media-plan.txt"),
)
"""One sample of each kind."""

ORIGINALS = {"summer-sale-20": "summer-sale-20.jpg", "vanta-lease": "vanta-lease.jpg"}
"""The largest copies, which stand for the others whatever comes first: the demo shows every newcomer the same."""


def by_name(ads: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {Path(ad["source"]).name: ad for ad in ads}


def check(ads: list[dict[str, Any]], samples: Mapping[str, str] = EXPECTED) -> None:
    """Asserts that the ads are those of the samples, each as EXPECTED says."""
    named = by_name(ads)
    assert named.keys() == samples.keys()
    groups: dict[str, set[str]] = {}
    for name, expected in samples.items():
        ad = named[name]
        if ad["status"] == "failed":
            assert ad["reason"] == expected
        else:
            groups.setdefault(expected, set()).add(ad["canonical_id"])
            assert ad["creative_id"] == ad["canonical_id"] or ad["status"] == "duplicate"
    assert all(len(canonicals) == 1 for canonicals in groups.values()), groups
    assert len({canonical for canonicals in groups.values() for canonical in canonicals}) == len(groups)
    statuses = Counter(ad["status"] for ad in ads)
    assert statuses["analysed"] == len(groups)
    assert statuses.keys() == {"analysed", "duplicate", "failed"}


def outcomes(ads: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What each file came to, but for which of several copies stands for them: that depends on who came first."""
    facts = ("reason", "creative_id", "kind", "width", "height", "aspect_ratio", "duration_s", "extractor")
    return {
        name: {fact: ad[fact] for fact in facts} | {"failed": ad["status"] == "failed"}
        for name, ad in by_name(ads).items()
    }


def handled_creatives(data: Path) -> int:
    """How many events about creatives the functions have handled; ticks of the clock do not count."""
    lines = (data / "logs" / "functions.log").read_text().splitlines()
    return sum('"handled"' in line and '"creative_id"' in line for line in lines)


@dataclass(frozen=True)
class Analysed:
    """What the commands said about the samples, while one pipeline ran for them all.

    Attributes:
        data: its folder.
        ads: the samples.
        again: the same, when they were analysed once more.
        handled: events about creatives that were handled before and after that.
        export: the file with all ads.
        report: the page in a file.
        beginning: what a pipe that ends after a byte has of the same, and what was said.
        review: what there is to review, a line each.
        found: what has "test drive", as the command says.
        told: the same, as an assistant is told.
    """

    data: Path
    ads: list[dict[str, Any]]
    again: list[dict[str, Any]]
    handled: tuple[int, int]
    export: Path
    report: Path
    beginning: subprocess.CompletedProcess[str]
    review: str
    found: str
    told: list[dict[str, Any]]


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """The samples, analysed by the command."""
    folder = tmp_path_factory.mktemp("samples")
    data, export, report = folder / ".creatives", folder / "all.ndjson", folder / "report.html"
    (folder / "samples").symlink_to(SAMPLES)
    with pipelines.up(data):
        ads = pipelines.analyze(SAMPLES, data=data)
        before = handled_creatives(data)
        again = pipelines.analyze(SAMPLES, "--strict", data=data, expect=1)  # two of the samples fail
        after = handled_creatives(data)
        beginning = its_beginning(data)
        told = anyio.run(told_an_assistant, data)
        with patch.dict(os.environ, pipelines.environment(), clear=True), own_clients():
            pipelines.printed("export", "--out", export, data=data)
            pipelines.printed("report", "--out", report, data=data)
            review = pipelines.printed("review", "--json", data=data)
            found = pipelines.printed("find", "test", "drive", "--json", data=data)
    return Analysed(data, ads, again, (before, after), export, report, beginning, review, found, told)


def its_beginning(data: Path) -> subprocess.CompletedProcess[str]:
    """A byte of the export, from a pipe that ends there."""
    command = f"{pipelines.CREATIVES} export --out - --data {data} | head -c 1"
    return subprocess.run(command, shell=True, capture_output=True, text=True, env=pipelines.environment(), check=False)


async def told_an_assistant(data: Path) -> list[dict[str, Any]]:
    command = StdioServerParameters(
        command=str(pipelines.CREATIVES), args=["mcp", "--data", str(data)], env=pipelines.environment()
    )
    async with Client(stdio_client(command)) as client:
        found = await client.call_tool("find", {"words": "test drive"})
        return list((found.structured_content or {})["result"]["creatives"])


@pytest.fixture(scope="module")
def ads(analysed: Analysed) -> list[dict[str, Any]]:
    return analysed.ads


def test_every_sample_ends_as_what_it_is(ads: list[dict[str, Any]]) -> None:
    check(ads)
    assert Counter(ad["status"] for ad in ads) == {"analysed": 7, "duplicate": 4, "failed": 2}
    named = by_name(ads)
    for name, group in EXPECTED.items():
        if group in ORIGINALS:
            assert named[name]["canonical_id"] == named[ORIGINALS[group]]["creative_id"]


def test_readme_shows_what_the_demo_prints(analysed: Analysed) -> None:
    formats = {row["ad_id"]: row["ad_format"] for row in map(json.loads, analysed.export.read_text().splitlines())}
    results = [AdResult.model_validate({**ad, "ad_format": formats[ad["ad_id"]]}) for ad in analysed.ads]
    console = Console(file=io.StringIO(), width=400, record=True)
    rendering.show(console, results, with_stages=True)
    printed = [" ".join(line.split()) for line in console.export_text().splitlines()]
    shown = re.search(r"is settled and prints:\n\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)

    assert shown
    lines = [" ".join(line.rstrip().removesuffix("…").strip("─ ").split()) for line in shown[1].splitlines()]
    assert [line for line in lines if not any(each.startswith(line) for each in printed)] == []


def test_a_text_variant_has_its_own_features_and_the_family_of_its_template(ads: list[dict[str, Any]]) -> None:
    named = by_name(ads)

    twenty, fifty = named["summer-sale-20.jpg"], named["summer-sale-50.jpg"]

    assert {twenty["match"], fifty["match"]} <= {"new", "variant", "duplicate"}
    assert fifty["match"] != "duplicate"
    assert "50" in fifty["features"]["text"]
    assert "20" in twenty["features"]["text"]


def test_copies_carry_the_features_of_their_canonical(ads: list[dict[str, Any]]) -> None:
    named = by_name(ads)

    texts = {named[name]["features"]["text"] for name, group in EXPECTED.items() if group == "summer-sale-20"}

    assert len(texts) == 1


def test_the_video_has_its_metadata(ads: list[dict[str, Any]]) -> None:
    spot = by_name(ads)["vanta-spot.mp4"]

    assert (spot["kind"], spot["width"], spot["height"], spot["aspect_ratio"]) == ("video", 640, 360, "16:9")
    assert spot["duration_s"] == pytest.approx(6, abs=0.1)


def test_offline_features_are_marked_so_and_leave_null_what_pixels_cannot_tell(ads: list[dict[str, Any]]) -> None:
    lease = by_name(ads)["vanta-lease.jpg"]

    assert lease["extractor"] == "offline"
    assert lease["features"].get("brand") is None


def test_what_is_to_be_reviewed_is_listed_with_what_was_read_on_it(analysed: Analysed) -> None:
    listed = {found["creative_id"]: found for found in map(json.loads, analysed.review.splitlines())}
    lease = listed[by_name(analysed.ads)["vanta-lease.jpg"]["canonical_id"]]
    assert lease["confidence"] is None  # the reader would agree with itself
    assert {each["field"]: each["verdict"] for each in lease["features"]}["call_to_action"] == "read on it"


def test_the_same_again_analyses_nothing_says_the_same_and_exits_1_if_strict(analysed: Analysed) -> None:
    before, after = analysed.handled

    assert by_name(analysed.again) == by_name(analysed.ads)
    assert after == before > 0


def test_the_export_has_every_ad_in_the_format_that_the_file_is_named_for(analysed: Analysed) -> None:
    rows = [json.loads(line) for line in analysed.export.read_text().splitlines()]

    assert len(rows) == len(analysed.ads)
    assert {Path(row["source"]).name for row in rows} == EXPECTED.keys()
    assert all(row["status"] in ("analysed", "duplicate", "failed") for row in rows)


@pytest.mark.long
def test_an_export_can_be_piped(analysed: Analysed) -> None:
    done = pipelines.run("export", "--out", "-", "--format", "csv", data=analysed.data)

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == len(EXPECTED)
    assert {row["features.call_to_action"] for row in rows} >= {"Shop now", "Book a test drive"}
    assert f"{len(rows)} ads written to standard output" in done.stderr


def test_who_reads_the_beginning_of_an_export_is_told_of_no_fault(analysed: Analysed) -> None:
    assert len(analysed.beginning.stdout) == 1
    assert "ipe" not in analysed.beginning.stderr.replace("pipeline", "")


def test_the_report_shows_each_creative_large_and_what_is_like_it(analysed: Analysed, browser: Browser) -> None:
    page = browser.new_page(offline=True)
    page.goto(f"{analysed.report.as_uri()}#/gallery")
    dialog = page.get_by_role("dialog")
    shown: dict[str, int] = {}
    alike: dict[str, list[str]] = {}
    for card in page.locator(".results .card").all():
        name = card.locator(".title").inner_text()
        card.click()
        picture = dialog.get_by_role("img", name=name)
        if picture.count() and picture.evaluate("each => each.tagName") == "IMG":
            picture.evaluate("each => each.decode()")
            shown[name] = picture.evaluate("each => Math.max(each.naturalWidth, each.naturalHeight)")
        section = dialog.locator("section", has=page.get_by_role("heading", name="More like this"))
        alike[name] = section.locator(".title").all_inner_texts()
        page.keyboard.press("Escape")
    page.close()

    assert len(shown) == 7  # all that are no copies, and no failure
    assert min(shown.values()) >= LARGE_SIDE
    assert alike["summer-sale-20.jpg"] == ["story-sunshine.jpg"]  # and not its own version


def test_an_assistant_asks_by_the_command(analysed: Analysed) -> None:
    assert [json.loads(line) for line in analysed.found.splitlines()] == analysed.told
    assert "test drive" in analysed.found.lower()


def test_a_folder_without_a_dataset_is_said(tmp_path: Path) -> None:
    done = pipelines.run("export", "--out", tmp_path / "ads.csv", data=tmp_path / "nothing", expect=2)

    assert "holds no dataset yet" in done.stderr
    assert not list(tmp_path.iterdir())


# What an image costs is the mean of those that were asked about: of equal copies whichever came first.
PRICED = re.compile(r"USD [\d,]+ instead of USD [\d,]+")


def unpriced(texts: list[str]) -> list[str]:
    return [PRICED.sub("price", text) for text in texts]


@pytest.mark.long
def test_the_notebook_says_on_fresh_data_what_is_stored_in_it(analysed: Analysed) -> None:
    with pipelines.up(analysed.data):
        fresh, before = executed(analysed.data.parent), stored()

    assert [unpriced(texts) for texts in said(fresh)] == [unpriced(texts) for texts in said(before)]
    assert [plots(cell) for cell in fresh] == [plots(cell) for cell in before]


@pytest.mark.long
@pytest.mark.parametrize("names", [FEW, tuple(EXPECTED)], ids=len)
def test_every_message_twice_and_out_of_order_ends_the_same(
    tmp_path: Path, ads: list[dict[str, Any]], names: tuple[str, ...]
) -> None:
    disordered = pipelines.analyze(*(SAMPLES / name for name in names), "--disorder", "7", data=tmp_path)

    check(disordered, {name: EXPECTED[name] for name in names})
    assert outcomes(disordered) == outcomes([ad for ad in ads if Path(ad["source"]).name in names])


def test_a_path_that_does_not_exist_is_said_without_a_traceback(tmp_path: Path) -> None:
    done = pipelines.run("analyze", tmp_path / "nothing", data=tmp_path, expect=2)

    assert "no such file or folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
