"""The whole chain on the samples: every ad ends as what it is, once, whatever the order and number of deliveries; and
what is made of them, exports and docs/analysis.ipynb.
"""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.wiring import ROOT
from tests.docs.notebook import executed, plots, said, stored
from tests.e2e import pipelines

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


# Of several copies the first to arrive stands for all: docs/analysis.ipynb tells of a run in which it was these.
ORIGINALS = ("summer-sale-20.webp", "vanta-lease.jpg")


def by_name(ads: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {Path(ad["source"]).name: ad for ad in ads}


def check(ads: list[dict[str, Any]]) -> None:
    """Asserts that the ads are those of the samples, each as EXPECTED says."""
    named = by_name(ads)
    assert named.keys() == EXPECTED.keys()
    groups: dict[str, set[str]] = {}
    for name, expected in EXPECTED.items():
        ad = named[name]
        if ad["status"] == "failed":
            assert ad["reason"] == expected
        else:
            groups.setdefault(expected, set()).add(ad["canonical_id"])
            assert ad["creative_id"] == ad["canonical_id"] or ad["status"] == "duplicate"
    assert all(len(canonicals) == 1 for canonicals in groups.values()), groups
    assert len({canonical for canonicals in groups.values() for canonical in canonicals}) == len(groups)
    statuses = Counter(ad["status"] for ad in ads)
    assert statuses == {"analysed": 7, "duplicate": 4, "failed": 2}


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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@pytest.fixture(scope="module")
def ads(data: Path) -> list[dict[str, Any]]:
    """The samples, analysed by the command; those whose copies are among them first, so that they stand for these."""
    pipelines.analyze(*(SAMPLES / name for name in ORIGINALS), data=data)
    return pipelines.analyze(SAMPLES, data=data)


def test_every_sample_ends_as_what_it_is(ads: list[dict[str, Any]]) -> None:
    check(ads)


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


def test_the_same_again_analyses_nothing_says_the_same_and_exits_1_if_strict(
    data: Path, ads: list[dict[str, Any]]
) -> None:
    before = handled_creatives(data)

    again = pipelines.analyze(SAMPLES, "--strict", data=data, expect=1)  # two of the samples fail

    assert by_name(again) == by_name(ads)
    assert handled_creatives(data) == before


@pytest.fixture(scope="module")
def export(data: Path, ads: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the samples' export."""
    folder = tmp_path_factory.mktemp("export")
    pipelines.run("export", "--out", folder / "ads_enriched.ndjson", data=data)
    assert len((folder / "ads_enriched.ndjson").read_text().splitlines()) == len(ads)
    return folder


def test_the_export_has_every_ad_in_the_format_that_the_file_is_named_for(export: Path) -> None:
    rows = [json.loads(line) for line in (export / "ads_enriched.ndjson").read_text().splitlines()]

    assert {Path(row["source"]).name for row in rows} == EXPECTED.keys()
    assert all(row["status"] in ("analysed", "duplicate", "failed") for row in rows)


def test_an_export_can_be_piped(export: Path, data: Path) -> None:
    done = pipelines.run("export", "--out", "-", "--format", "csv", data=data)

    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert len(rows) == len(EXPECTED)
    assert {row["features.call_to_action"] for row in rows} >= {"Shop now", "Book a test drive"}
    assert f"{len(rows)} ads written to standard output" in done.stderr


def test_a_folder_without_a_dataset_is_said(tmp_path: Path) -> None:
    done = pipelines.run("export", "--out", tmp_path / "ads.csv", data=tmp_path / "nothing", expect=2)

    assert "holds no dataset yet" in done.stderr
    assert not list(tmp_path.iterdir())


# What an image costs is the mean of those that were asked about: of equal copies whichever came first.
PRICED = re.compile(r"USD [\d,]+ instead of USD [\d,]+")


def unpriced(texts: list[str]) -> list[str]:
    return [PRICED.sub("price", text) for text in texts]


def test_the_notebook_says_on_fresh_data_what_is_stored_in_it(export: Path) -> None:
    fresh, before = executed(export), stored()

    assert [unpriced(texts) for texts in said(fresh)] == [unpriced(texts) for texts in said(before)]
    assert [plots(cell) for cell in fresh] == [plots(cell) for cell in before]


def test_every_message_twice_and_out_of_order_ends_the_same(tmp_path: Path, ads: list[dict[str, Any]]) -> None:
    disordered = pipelines.analyze(SAMPLES, "--disorder", "7", data=tmp_path)

    check(disordered)
    assert outcomes(disordered) == outcomes(ads)


def test_a_path_that_does_not_exist_is_said_without_a_traceback(tmp_path: Path) -> None:
    done = pipelines.run("analyze", tmp_path / "nothing", data=tmp_path, expect=2)

    assert "no such file or folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
