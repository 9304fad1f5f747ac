"""What analysing will cost, said before anything is paid."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creatives import cli
from creatives.analysis import addresses, inputs
from creatives.extraction import estimate
from creatives.extraction.estimate import Measured
from creatives.page import refusing
from functions.extract.money import cost
from shared import prices, reasons, wiring, youtube
from shared.events import Kind
from shared.reasons import Reason, Rejected
from shared.settings import SettingsError
from tests.functions.render.banners import zipped

DAY = date(2026, 11, 23)
IMAGE = Measured("a" * 40, Kind.IMAGE)
VIDEO = Measured("b" * 40, Kind.VIDEO, duration_s=10.0)


def test_an_image_costs_its_prompt_its_picture_and_its_answer() -> None:
    chosen = estimate.settings(gemini_model="gemini-3.5-flash-lite")

    found = estimate.estimate([IMAGE], chosen, DAY)

    read, written = found.usage.input_tokens, found.usage.output_tokens
    assert found.usage.image_tokens == 560
    assert written == cost.OUTPUT_TOKENS[Kind.IMAGE]
    assert found.usd == (Decimal(read or 0) * Decimal("0.30") + Decimal(written or 0) * Decimal("2.50")) / 1_000_000


@pytest.mark.parametrize(("resolution", "fps", "tokens"), [("medium", 1, 700), ("medium", 2, 1400), ("high", 1, 2800)])
def test_a_video_costs_by_its_frames_and_its_sound(resolution: str, fps: float, tokens: int) -> None:
    found = estimate.estimate([VIDEO], estimate.settings(media_resolution=resolution, video_fps=fps), DAY)

    assert (found.usage.video_tokens, found.usage.audio_tokens) == (tokens, 320)


@pytest.mark.parametrize("mode", ["flex", "batch"])
def test_waiting_halves_the_price(mode: str) -> None:
    standard = estimate.estimate([IMAGE, VIDEO], estimate.settings(), DAY).usd

    halved = estimate.estimate([IMAGE, VIDEO], estimate.settings(extraction_mode=mode), DAY).usd

    assert standard
    assert halved == standard / 2


def test_the_environment_is_heard_and_a_mistake_in_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_RESOLUTION", "low")
    assert estimate.estimate([IMAGE], estimate.settings(), DAY).usage.image_tokens == 280

    monkeypatch.setenv("MEDIA_RESOLUTION", "lowest")
    with pytest.raises(SettingsError, match="MEDIA_RESOLUTION"):
        estimate.settings()


def test_the_same_bytes_are_paid_once() -> None:
    found = estimate.estimate([IMAGE, IMAGE, VIDEO], estimate.settings(), DAY)

    assert (found.images, found.videos, found.same_bytes) == (1, 1, 1)


def test_urls_count_as_images_not_yet_seen() -> None:
    found = estimate.estimate([Measured(None, Kind.IMAGE)] * 3, estimate.settings(), DAY)

    assert (found.images, found.unseen, found.same_bytes) == (3, 3, 0)


@pytest.mark.parametrize("seconds", [0, 40])
def test_a_video_on_youtube_counts_once_and_for_as_long_as_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setenv("YOUTUBE_SECONDS", str(seconds))
    written = ["https://youtu.be/abcdefghijk", "www.youtube.com/watch?v=abcdefghijk&t=3"]

    found = estimate.behind(written)

    creative_id = youtube.creative_id("https://www.youtube.com/watch?v=abcdefghijk")
    page = reasons.sentence(Reason.VIDEO_PLATFORM_PAGE)
    assert found == 2 * [Measured(creative_id, Kind.VIDEO, seconds) if seconds else page]


def test_an_address_that_will_not_be_opened_costs_nothing_and_is_told_as_the_page_tells_it(tmp_path: Path) -> None:
    unfit = ["/tmp/sale.png", "file:///tmp/sale.png", "not a url", "ftp://a.example/x.png", "http://127.0.0.1:9/x.png"]
    (tmp_path / "ads.csv").write_text("id;url\n" + "".join(f"{n};{url}\n" for n, url in enumerate(unfit)))
    with (tmp_path / "ads.csv").open("a") as file:
        file.write("fit;https://a.example/x.png\n")
    command = ["estimate", str(tmp_path / "ads.csv")]

    shown = CliRunner().invoke(cli.app, command, env={"COLUMNS": "500"})
    facts = json.loads(CliRunner().invoke(cli.app, [*command, "--json"]).stdout)

    _, refused = refusing.without_unusable(inputs.read_list(tmp_path / "ads.csv"), addresses.Limits(lambda _: 10**6))
    assert sorted(each.name for each in refused) == sorted(unfit)
    assert (facts["images"], facts["unusable"]) == (1, len(unfit))
    first = min(refused, key=lambda each: each.name)
    assert f"cost nothing: {len(unfit)} ads ({first.name}: {first.why.rstrip('.')}; " in " ".join(shown.output.split())


def test_an_unknown_model_has_an_unknown_price() -> None:
    found = estimate.estimate([IMAGE], estimate.settings(gemini_model="gemini-99"), DAY)

    assert found.usd is None
    assert found.usage.input_tokens


def test_what_a_stage_would_log_is_no_part_of_the_answer(tmp_path: Path) -> None:
    (tmp_path / "ad.jpg").write_bytes((wiring.ROOT / "samples" / "summer-sale-20.jpg").read_bytes())

    done = CliRunner().invoke(cli.app, ["estimate", str(tmp_path), "--json", "--model", "gemini-99"])

    assert json.loads(done.stdout)["usd"] is None
    assert " ".join(done.stderr.split()).count("no price, so the cost is not known") == 1


def test_that_a_model_has_no_price_is_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    images = [replace(IMAGE, creative_id=str(number)) for number in range(20)]

    estimate.estimate(images, estimate.settings(gemini_model="gemini-99"), DAY)

    assert "".join(capfd.readouterr()).count("no price") == 1


def test_a_model_that_ends_is_named() -> None:
    found = estimate.estimate([IMAGE], estimate.settings(gemini_model="gemini-2.5-flash"), DAY)

    assert found.warning
    assert "will be retired on 2026-12-01" in found.warning


SQUARE = Measured("c" * 40, Kind.IMAGE, size=(1024, 1024))
POSTER = Measured("d" * 40, Kind.IMAGE, size=(1800, 2400))
FILM = Measured("e" * 40, Kind.VIDEO, duration_s=4.0, size=(1920, 1080))


@pytest.mark.parametrize(
    ("model", "each", "resolution", "tokens"),
    [
        ("gpt-4.1", SQUARE, "medium", 85 + 170 * 4),
        ("gpt-4.1", SQUARE, "low", 85),
        ("gpt-4.1-mini", SQUARE, "medium", 1659),  # 32 by 32 patches, by 1.62
        ("gpt-4.1-nano", SQUARE, "medium", 2520),
        ("gpt-4.1-mini", POSTER, "high", 2353),  # 33 by 44 of 57 by 75 patches
        ("gpt-4.1", POSTER, "high", 85 + 170 * 4),
        ("gpt-4.1", FILM, "medium", 5 * (85 + 170 * 2)),  # 640x360 at 0, 0.9, 1.9, 2.8 and 3.7 s
    ],
)
def test_azure_is_priced_by_its_own_model_and_its_own_count_of_pictures(
    model: str, each: Measured, resolution: str, tokens: int
) -> None:
    chosen = estimate.settings("azure", model, media_resolution=resolution)

    found = estimate.estimate([each], chosen, DAY)

    known = prices.known(model)
    assert known
    (tier,) = known.prices[0].tiers
    read, written = found.usage.input_tokens or 0, found.usage.output_tokens or 0
    assert (found.extractor, found.model) == ("azure", model)
    assert found.usage.image_tokens == tokens
    assert found.usd == (read * tier.input_price("text") + written * tier.output) / 1_000_000
    assert found.warning is None


def test_a_model_of_ones_own_without_a_price_costs_what_nobody_knows() -> None:
    found = estimate.estimate([SQUARE, FILM], estimate.settings("openai", "qwen3-vl:8b"), DAY)

    assert (found.extractor, found.model, found.usd) == ("openai", "qwen3-vl:8b", None)
    assert found.usage.input_tokens is None
    assert found.warning
    assert "qwen3-vl:8b" in found.warning


def test_vectors_are_in_the_sum_where_a_model_makes_them() -> None:
    chosen = estimate.settings("offline")

    found = estimate.estimate([IMAGE, IMAGE, FILM], chosen, DAY, "gemini-embedding-2")

    pictures, text = 1 + 5, min(cost.OUTPUT_TOKENS[Kind.VIDEO], 1000) + cost.OUTPUT_TOKENS[Kind.IMAGE]
    assert found.vectors
    assert (found.vectors.usage.image_tokens, found.vectors.usage.text_tokens) == (pictures * 267, text)
    expected = (pictures * 267 * Decimal("0.45") + text * Decimal("0.20")) / 1_000_000
    assert found.usd == found.vectors.usd == expected


def test_a_vector_takes_at_most_six_pictures_of_a_film() -> None:
    found = estimate.estimate(
        [replace(FILM, duration_s=600.0)], estimate.settings("offline"), DAY, "gemini-embedding-2"
    )

    assert found.vectors
    assert found.vectors.usage.image_tokens == 6 * 267


def test_vectors_of_an_unknown_price_make_the_sum_unknown() -> None:
    found = estimate.estimate([IMAGE], estimate.settings("offline"), DAY, "gemini-embedding-99")

    assert found.vectors
    assert found.vectors.usd is None
    assert found.usd is None


def test_no_vectors_are_counted_where_no_model_is_named() -> None:
    assert estimate.estimate([IMAGE], estimate.settings("offline"), DAY).vectors is None


def test_the_command_tells_of_vectors_and_by_name_of_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMBEDDING_MODEL", "gemini-embedding-2")
    for name, content in {"plan.pdf": b"%PDF-1.7", "Thumbs.db": b"x", ".hidden.png": b"x"}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "ad.jpg").write_bytes((wiring.ROOT / "samples" / "summer-sale-20.jpg").read_bytes())
    banner = {"index.html": "<meta name='ad.size' content='width=300,height=250'>"}
    (tmp_path / "banner.zip").write_bytes(zipped(banner))

    shown = CliRunner().invoke(cli.app, ["estimate", str(tmp_path)], env={"COLUMNS": "120"})
    told = CliRunner().invoke(cli.app, ["estimate", str(tmp_path), "--json"])

    said = " ".join(shown.output.split())
    assert "cannot be analysed, and cost nothing: 1 ad" in said
    assert "plan.pdf:Wecannotreadthiskindoffile)" in said.replace(" ", "")
    assert "left out: 2 files hidden or no creatives" in said
    assert "tokens by gemini-embedding-2: about $" in said
    assert "1 image, 1 video (30 s)" in said
    facts = json.loads(told.stdout)
    assert (facts["unusable"], facts["embedding_model"]) == (1, "gemini-embedding-2")
    assert 0 < Decimal(facts["embedding_usd"]) < Decimal(facts["usd"])


def test_a_list_that_cannot_be_read_is_told_with_why(tmp_path: Path) -> None:
    (tmp_path / "ad.jpg").write_bytes((wiring.ROOT / "samples" / "summer-sale-20.jpg").read_bytes())
    (tmp_path / "lists.zip").write_bytes(zipped({"a.csv": "x,y\n1,2"}))

    shown = CliRunner().invoke(cli.app, ["estimate", str(tmp_path)])

    assert shown.exit_code == 0
    in_one_line = "".join(shown.output.split())  # a long path is broken anywhere
    assert "lists.zip/a.csv:nocolumnwiththecreatives'addresses" in in_one_line


def test_every_ad_of_a_list_is_counted_also_where_several_have_one_address(tmp_path: Path) -> None:
    shared = "https://ads.example/sale.jpg"
    rows = f"id,url\na,{shared}\nb,{shared}\nc,https://ads.example/other.jpg\nd,{shared}\ne,\n"
    (tmp_path / "ads.csv").write_text(rows)
    sample = wiring.ROOT / "samples" / "summer-sale-20.jpg"
    command = ["estimate", str(tmp_path / "ads.csv"), str(sample)]

    shown = CliRunner().invoke(cli.app, command, env={"COLUMNS": "120"})
    facts = json.loads(CliRunner().invoke(cli.app, [*command, "--json"]).stdout)

    assert "2 ads of the same address" in " ".join(shown.output.split())
    assert (facts["images"], facts["same_address"], facts["unusable"]) == (3, 2, 1)


def test_offline_costs_nothing() -> None:
    found = estimate.estimate([SQUARE, FILM], estimate.settings("offline"), DAY)

    assert found.extractor == "offline"
    assert found.usd == Decimal(0)
    assert found.usage.input_tokens == 0


def test_what_would_answer_has_to_have_a_model() -> None:
    with pytest.raises(SettingsError, match="AZURE_OPENAI_MODEL"):
        estimate.settings("azure")
    with pytest.raises(SettingsError, match="EXTRACTOR"):
        estimate.settings("clairvoyant")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--extractor", "offline"], '"extractor": "offline"'),
        (["--extractor", "azure", "--model", "gpt-4.1-nano"], '"model": "gpt-4.1-nano"'),
        (["--model", "gemini-3.8-flash"], '"model": "gemini-3.8-flash"'),
        ([], '"extractor": "openai"'),
    ],
)
def test_the_command_prices_the_extractor_that_is_chosen(
    monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    environment = {"EXTRACTOR": "gemini"} if "--model" in options else {"EXTRACTOR": "openai", "OPENAI_MODEL": "llava"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sample = str(wiring.ROOT / "samples" / "summer-sale-20.jpg")

    done = CliRunner().invoke(cli.app, ["estimate", sample, "--json", *options])

    assert done.exit_code == 0, done.output
    assert said in done.stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no picture at all", Reason.UNSUPPORTED_TYPE),
        (b"", Reason.EMPTY_FILE),
        (b"<!doctype html><title>x</title>", Reason.NOT_MEDIA_PAGE),
        (b"PK\x05\x06" + bytes(18), Reason.EMPTY_ARCHIVE),
        (zipped({"notes.txt": "x"}), Reason.UNOPENED_ARCHIVE),
        (zipped({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), Reason.UNSUPPORTED_TYPE),
        (zipped({"index.html": "x"})[:-8], Reason.BROKEN_ARCHIVE),
    ],
)
def test_what_cannot_be_analysed_is_refused_for_the_reason_that_fetch_has(
    tmp_path: Path, content: bytes, reason: Reason
) -> None:
    file = tmp_path / "image.png"
    file.write_bytes(content)

    with pytest.raises(Rejected) as rejection:
        estimate.measure(file)

    assert rejection.value.reason is reason


def test_files_are_measured_by_what_they_are() -> None:
    samples = wiring.ROOT / "samples"

    image, video = (estimate.measure(path) for path in (samples / "summer-sale-20.jpg", samples / "vanta-spot.mp4"))

    assert image.kind is Kind.IMAGE
    assert video.duration_s
    assert video.duration_s > 1


def test_copies_are_known_by_their_bytes() -> None:
    samples = wiring.ROOT / "samples"

    original = estimate.measure(samples / "summer-sale-20.jpg")
    copy = estimate.measure(samples / "summer-sale-20 (copy).jpg")

    assert original == copy


def test_more_that_a_taxonomy_asks_costs_more(tmp_path: Path) -> None:
    fields = "".join(f"  - {{name: f{n}, type: text, description: What it says.}}\n" for n in range(40))
    (tmp_path / "more.yaml").write_text(f"fields:\n{fields}")
    (tmp_path / "ads.txt").write_text("https://example.com/1.jpg\n")
    command = ["estimate", str(tmp_path / "ads.txt"), "--json", "--extractor", "gemini"]

    plain = CliRunner().invoke(cli.app, command)
    more = CliRunner().invoke(cli.app, [*command, "--taxonomy", str(tmp_path / "more.yaml")])

    usd = [Decimal(json.loads(said.stdout)["usd"]) for said in (plain, more)]
    assert usd[1] > usd[0] * Decimal("1.5")
