"""`ads_enriched`, `creatives` and `pipeline_status`: what became of every ad, case by case."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from shared.reasons import Reason
from tests.cases import first_of
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import Row, World, moment

type Build = Callable[[World], list[Row]]
type Said = tuple[str, str | None, str | None]
"""Status, stage (that failed or is waited for), reason."""

ANALYSED: Said = ("analysed", None, None)
DUPLICATE: Said = ("duplicate", None, None)
NOT_FOUND: Said = ("failed", "fetch", "not_found")


def pending(stage: str, reason: str | None = None) -> Said:
    return ("pending", stage, reason)


def failed(stage: str, reason: str = "broken_image") -> Said:
    return ("failed", stage, reason)


# Each case is about the ad `x`, and the creative `a` that it uses.
CASES: dict[str, tuple[Build, Said]] = {
    # how far it came
    "a raw ad that nobody has read waits for import_ads": (lambda w: [w.raw_ad("x")], pending("import_ads")),
    "a published ad waits for fetch": (lambda w: [w.ad("x")], pending("fetch")),
    "a raw ad that was published waits for fetch": (lambda w: [w.raw_ad("x"), w.ad("x")], pending("fetch")),
    "a sighted creative waits for intake": (lambda w: [w.sighting("x", "a")], pending("intake")),
    "an image waits for hash": (lambda w: [w.sighting("x", "a"), w.image("a")], pending("hash")),
    "a video waits for probe": (lambda w: [w.sighting("x", "a"), w.video("a")], pending("probe")),
    "a fingerprint waits for dedup": (lambda w: [w.sighting("x", "a"), w.fingerprint("a")], pending("dedup")),
    "a new creative waits for extract": (lambda w: [w.sighting("x", "a"), w.match("a")], pending("extract")),
    "a video that is shown by its address goes straight to extract": (
        lambda w: [w.sighting("x", "a"), w.match("a", kind="video", method="uri")],
        pending("extract"),
    ),
    "and is analysed without any bytes": (
        lambda w: [w.sighting("x", "a"), w.match("a", kind="video", method="uri"), w.answer("a", kind="video")],
        ANALYSED,
    ),
    "an upload goes the same way": (lambda w: [w.upload("x", "a"), *w.analysed("a")], ANALYSED),
    "an ad whose creative has features is analysed": (
        lambda w: [w.raw_ad("x"), w.ad("x"), w.sighting("x", "a"), *w.analysed("a")],
        ANALYSED,
    ),
    "features suffice, whatever else is late": (lambda w: [w.sighting("x", "a"), w.answer("a")], ANALYSED),
    # duplicates
    "a duplicate of an analysed creative": (
        lambda w: [w.sighting("x", "a"), *w.copied("a", "b"), *w.analysed("b")],
        DUPLICATE,
    ),
    "a duplicate waits with its canonical": (
        lambda w: [w.sighting("x", "a"), *w.copied("a", "b"), w.fingerprint("b"), w.match("b")],
        pending("extract"),
    ),
    "a duplicate of a creative that is not known yet": (
        lambda w: [w.sighting("x", "a"), *w.copied("a", "b")],
        pending("extract"),
    ),
    "a duplicate fails with its canonical": (
        lambda w: [
            w.sighting("x", "a"),
            *w.copied("a", "b"),
            w.match("b"),
            w.failed_creative("b", "extract", Reason.BLOCKED_BY_MODEL),
        ],
        failed("extract", "blocked_by_model"),
    ),
    "a split duplicate waits for features of its own": (
        lambda w: [w.sighting("x", "a"), *w.copied("a", "b"), *w.analysed("b"), w.override("a", "split")],
        pending("extract"),
    ),
    "a merged creative takes over the other's features": (
        lambda w: [w.sighting("x", "a"), *w.analysed("a"), *w.analysed("b"), w.override("a", "merge", "b")],
        DUPLICATE,
    ),
    # failures of the ad
    "a URL that leads nowhere fails": (lambda w: [w.ad("x"), w.failed_ad("x")], NOT_FOUND),
    "so does a raw ad's": (lambda w: [w.raw_ad("x"), w.ad("x"), w.failed_ad("x")], NOT_FOUND),
    "a failure before the ad's own row has come": (lambda w: [w.failed_ad("x")], NOT_FOUND),
    "a later success beats it": (
        lambda w: [w.ad("x"), w.failed_ad("x", at=5), w.sighting("x", "a", at=6)],
        pending("intake"),
    ),
    "a later failure beats a sighting that led to no result yet": (
        lambda w: [w.ad("x"), w.sighting("x", "a", at=5), w.failed_ad("x", at=6)],
        NOT_FOUND,
    ),
    "a result stays when the URL dies afterwards": (
        lambda w: [w.ad("x"), w.sighting("x", "a"), *w.analysed("a"), w.failed_ad("x", at=500)],
        ANALYSED,
    ),
    "of several failures the newest is told": (
        lambda w: [w.ad("x"), w.failed_ad("x", Reason.TOO_LARGE, at=9), w.failed_ad("x", at=10)],
        NOT_FOUND,
    ),
    "a URL that shows something else now is judged by that": (
        lambda w: [w.sighting("x", "b", at=1), *w.analysed("b"), w.sighting("x", "a", at=9), w.image("a", at=10)],
        pending("hash"),
    ),
    "a failure of what it showed before is not its own": (
        lambda w: [
            w.upload("x", "b", at=1),
            w.failed_creative(
                "b", "intake", Reason.UNSUPPORTED_TYPE, ad_id=w.ad_id("x"), source=f"gs://c/{w.ad_id('x')}", at=9
            ),
            w.upload("x", "a", at=5),
            *w.analysed("a"),
        ],
        ANALYSED,
    ),
    # failures of the creative
    "an upload of no media fails at intake": (
        lambda w: [
            w.upload("x", "a"),
            w.failed_creative(
                "a", "intake", Reason.UNSUPPORTED_TYPE, ad_id=w.ad_id("x"), source=f"gs://c/{w.ad_id('x')}"
            ),
        ],
        failed("intake", "unsupported_type"),
    ),
    "a broken image fails at hash": (
        lambda w: [w.sighting("x", "a"), w.image("a"), w.failed_creative("a", "hash")],
        failed("hash"),
    ),
    "a later fingerprint makes it good": (
        lambda w: [w.sighting("x", "a"), w.image("a"), w.failed_creative("a", "hash", at=8), w.fingerprint("a", at=9)],
        pending("dedup"),
    ),
    "a later failure of the same stage beats the fingerprint": (
        lambda w: [w.sighting("x", "a"), w.fingerprint("a", at=8), w.failed_creative("a", "hash", at=9)],
        failed("hash"),
    ),
    "a later decision makes any earlier stage's failure good": (
        lambda w: [w.sighting("x", "a"), w.failed_creative("a", "intake", at=8), w.match("a", at=9)],
        pending("extract"),
    ),
    "an earlier decision does not": (
        lambda w: [w.sighting("x", "a"), w.match("a", at=7), w.failed_creative("a", "dedup", at=8)],
        failed("dedup"),
    ),
    "the failure that came furthest is told": (
        lambda w: [
            w.sighting("x", "a"),
            w.match("a"),
            w.failed_creative("a", "extract", Reason.INVALID_ANSWER, at=8),
            w.failed_creative("a", "hash", Reason.OBJECT_GONE, at=9),
        ],
        failed("extract", "invalid_answer"),
    ),
    "features stay when a later extraction fails": (
        lambda w: [w.sighting("x", "a"), *w.analysed("a"), w.failed_creative("a", "extract", at=99)],
        ANALYSED,
    ),
    "features come after a failed extraction": (
        lambda w: [w.sighting("x", "a"), *w.analysed("a"), w.failed_creative("a", "extract", at=6)],
        ANALYSED,
    ),
    # waiting for money
    "an extraction that is put aside says why": (
        lambda w: [w.sighting("x", "a"), w.match("a"), w.extraction("a"), w.wait("a")],
        pending("extract", "daily_budget"),
    ),
    "once it is asked for again it only waits": (
        lambda w: [
            w.sighting("x", "a"),
            w.match("a"),
            w.extraction("a", at=5),
            w.wait("a", at=6),
            w.extraction("a", at=7),
        ],
        pending("extract"),
    ),
    "a duplicate tells what its canonical waits for": (
        lambda w: [w.sighting("x", "a"), *w.copied("a", "b"), w.match("b"), w.wait("b")],
        pending("extract", "daily_budget"),
    ),
    # given up
    "a URL that was tried in vain": (
        lambda w: [w.ad("x"), w.dead_letter("fetch-ads", w.ad("x"))],
        failed("fetch", "gave_up"),
    ),
    "a replay that succeeds makes it good": (
        lambda w: [w.ad("x"), w.dead_letter("fetch-ads", w.ad("x"), at=90), w.sighting("x", "a", at=99)],
        pending("intake"),
    ),
    "a delivery that had succeeded makes it moot": (
        lambda w: [w.ad("x"), w.sighting("x", "a", at=1), w.dead_letter("fetch-ads", w.ad("x"), at=90)],
        pending("intake"),
    ),
    "a batch that was given up fails its ads": (
        lambda w: [
            w.raw_ad("x"),
            w.dead_letter(
                "fetch-batches", json.dumps({"batch_id": "b", "items": [{"ad_id": w.ad_id("x"), "url": w.url("x")}]})
            ),
        ],
        failed("fetch", "gave_up"),
    ),
    "a batch that was split since, by a replay, waits": (
        lambda w: [
            w.dead_letter("fetch-batches", json.dumps([{"ad_id": w.ad_id("x"), "url": w.url("x")}])),
            w.ad("x", at=95, event_id=f"{w.number}-fetch-batches-90-0"),
        ],
        pending("fetch"),
    ),
    "a batch that was given up once more, half split": (
        lambda w: [
            w.dead_letter("fetch-batches", json.dumps([{"ad_id": w.ad_id("x"), "url": w.url("x")}]), at=97),
            w.ad("x", at=95, event_id=f"{w.number}-fetch-batches-97-0"),
        ],
        failed("fetch", "gave_up"),
    ),
    "a creative that hash gave up": (
        lambda w: [w.sighting("x", "a"), w.image("a"), w.dead_letter("hash", w.image("a"))],
        failed("hash", "gave_up"),
    ),
    "a replayed one goes on": (
        lambda w: [w.sighting("x", "a"), w.image("a"), w.dead_letter("hash", w.image("a")), w.fingerprint("a", at=95)],
        pending("dedup"),
    ),
    "an extraction that was given up": (
        lambda w: [w.sighting("x", "a"), w.match("a"), w.dead_letter("extract", w.extraction("a"))],
        failed("extract", "gave_up"),
    ),
    "a row that its table refused": (
        lambda w: [w.sighting("x", "a"), w.match("a"), w.dead_letter("features-rows", w.answer("a"))],
        failed("extract", "gave_up"),
    ),
    "a row whose loss means nothing to the ad": (
        lambda w: [w.sighting("x", "a"), *w.analysed("a"), w.dead_letter("waits-rows", w.wait("a"))],
        ANALYSED,
    ),
    "a failure row that its table refused": (
        lambda w: [w.sighting("x", "a"), w.image("a"), w.dead_letter("failures-rows", w.failed_creative("a", "hash"))],
        failed("hash", "gave_up"),
    ),
}


@pytest.fixture(scope="module")
def said(module_tables: Tables) -> dict[int, list[dict[str, Any]]]:
    """Each case's rows of `ads_enriched`; every row of every table but raw_ads was written twice."""
    rows = [row for number, (build, _) in enumerate(CASES.values()) for row in build(World(number))]
    module_tables.fill([*rows, *(row for row in rows if not (isinstance(row, tuple) and row[0] == "raw_ads"))])
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(CASES))}
    for row in module_tables.read("ads_enriched"):
        found[int(row["ad_id"].rpartition("@")[2])].append(row)
    return found


@pytest.mark.parametrize("case", CASES)
def test_an_ad_has_one_row_that_says_what_became_of_it(said: dict[int, list[dict[str, Any]]], case: str) -> None:
    (row,) = said[list(CASES).index(case)]

    assert (row["status"], row["failed_stage"] or row["waiting_stage"], row["reason"]) == CASES[case][1]
    assert (row["failed_stage"] is not None) == (row["status"] == "failed")
    assert (row["waiting_stage"] is not None) == (row["status"] == "pending")
    assert (row["detail"] is not None) == (row["reason"] is not None)
    assert (row["features"] is not None) == (row["status"] in ("analysed", "duplicate"))


@pytest.mark.parametrize("copied_first", first_of([True, False]))
def test_of_the_ads_that_use_one_file_one_is_analysed_whichever_came_first(tables: Tables, copied_first: bool) -> None:
    w = World()
    early, late = (1, 9) if copied_first else (9, 1)
    tables.fill(
        [
            w.raw_ad("y"),
            w.sighting("y", "a", at=early),
            w.sighting("x", "a", at=late),
            w.upload("z", "a", at=early),
            w.sighting("u", "b", at=late),
            w.sighting("v", "b", at=early),
            w.sighting("a (copy of x)", "a", at=early),
            *w.copied("b", "a"),
            *w.analysed("a"),
        ]
    )

    statuses = {row["ad_id"]: row["status"] for row in tables.read("ads_enriched")}

    duplicates = map(w.ad_id, ("u", "v", "y", "z", "a (copy of x)"))
    assert statuses == dict.fromkeys(duplicates, "duplicate") | {w.ad_id("x"): "analysed"}
    assert {row["status"]: row["ads"] for row in tables.read("pipeline_status")} == {"analysed": 1, "duplicate": 5}


def test_the_counts_add_up(tables: Tables) -> None:
    rows = [row for number, (build, _) in enumerate(CASES.values()) for row in build(World(number))]
    tables.fill(rows)

    counts = {(row["status"], row["stage"], row["reason"]): row["ads"] for row in tables.read("pipeline_status")}

    assert counts == Counter(expected for _, expected in CASES.values())


def test_a_raw_ad_keeps_all_its_columns(tables: Tables) -> None:
    w = World()
    tables.fill([w.raw_ad("x", campaign="spring", spend_usd="12.5", impressions=7), w.ad("x"), w.ad("y")])

    rows = {row["ad_id"]: row for row in tables.read("ads_enriched")}

    raw = rows[w.ad_id("x")]["raw_ad"]
    assert (raw["ad_id"], raw["url"], raw["campaign"], raw["impressions"]) == (w.ad_id("x"), w.url("x"), "spring", 7)
    assert rows[w.ad_id("y")]["raw_ad"] is None


def test_each_raw_ad_is_there_even_where_ids_repeat_or_lack(tables: Tables) -> None:
    w = World()
    tables.fill([w.raw_ad("x"), w.raw_ad("x"), w.raw_ad("y", url=None), w.raw_ad("z", ad_id=" ")])

    rows = tables.read("ads_enriched")

    assert Counter((row["status"], row["reason"]) for row in rows) == Counter(
        {("pending", None): 2, ("failed", "malformed_ad"): 2}
    )
    assert all(row["raw_ad"] is not None and row["origin"] == "raw_ads" for row in rows)


def test_items_of_a_batch_that_are_no_ads_are_accounted_for_one_by_one(tables: Tables) -> None:
    w = World()
    nameless: dict[str, Any] = {"ad_id": None, "source": None, "reason": Reason.MALFORMED_AD}
    rows: list[Row] = [
        w.failed_ad("x", event_id="m-0", **nameless),
        w.failed_ad("x", event_id="m-1", **nameless),
        w.failed_ad("x", event_id="m-2", **nameless | {"ad_id": "half"}),
        w.failed_ad("x", event_id="n-2", **nameless | {"ad_id": "half"}),  # sent again
    ]
    tables.fill([*rows, *rows])

    found = tables.read("ads_enriched")

    assert Counter((row["ad_id"], row["status"], row["reason"]) for row in found) == Counter(
        {(None, "failed", "malformed_ad"): 2, ("half", "failed", "malformed_ad"): 1}
    )


def test_an_upload_that_intake_gave_up_is_the_ad_that_intake_would_have_named(tables: Tables) -> None:
    notice = {
        "bucket": "c",
        "name": "a b.png",
        "metadata": {"ad_id": "ad 7"},
        "md5Hash": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "crc32c": "AAAAAA==",
        "timeCreated": "2026-11-02T08:00:00Z",
    }
    tables.fill([World().dead_letter("intake", json.dumps(notice))])

    (row,) = tables.read("ads_enriched")

    assert (row["ad_id"], row["source"], row["status"]) == ("ad 7", "gs://c/a b.png", "failed")
    assert tables.read("creatives")[0]["creative_id"] == "d41d8cd98f00b204e9800998ecf8427e00000000"


def test_a_dead_letter_that_is_no_json_is_counted_and_breaks_no_view(tables: Tables) -> None:
    w = World()
    tables.fill([w.dead_letter("fetch-batches", "https://a\nhttps://b"), w.dead_letter("hash", "{"), w.ad("x")])

    statuses = Counter(row["status"] for row in tables.read("ads_enriched"))

    assert statuses == {"failed": 1, "pending": 1}


def test_a_batch_that_no_view_can_read_is_forgotten_once_a_replay_has_split_it(tables: Tables) -> None:
    w = World()
    letter = w.dead_letter("fetch-batches", f"{w.url('x')}\n{w.url('y')}", at=90)
    split = [w.ad(name, at=95, event_id=f"0-fetch-batches-90-{place}") for place, name in enumerate("xy")]
    tables.fill([letter, *split])

    assert Counter(row["status"] for row in tables.read("ads_enriched")) == {"pending": 2}


def test_first_seen_is_the_earliest_word_of_the_ad(tables: Tables) -> None:
    w = World()
    tables.fill([w.ad("x", at=30), w.ad("x", at=10), w.sighting("x", "a", at=40)])

    (row,) = tables.read("ads_enriched")

    assert row["first_seen_at"] == moment(10)
    assert tables.read("pipeline_status")[0]["oldest_at"] == moment(10)


def test_a_creative_has_its_media_facts_and_its_canonicals_features(tables: Tables) -> None:
    w = World()
    facts: dict[str, Any] = {
        "kind": "video",
        "width": 640,
        "height": 360,
        "aspect_ratio": "16:9",
        "duration_s": 6.0,
        "fps": 25.0,
    }
    tables.fill(
        [
            w.upload("x", "a"),
            w.video("a"),
            w.fingerprint("a", **facts),
            w.match("a", "b", kind="video", distance=2, score=3.5),
            *w.analysed("b"),
            w.answer("b", at=99, features={"text": "newer"}, model="gemini-3.8-flash"),
        ]
    )

    row = {row["creative_id"]: row for row in tables.read("creatives")}[w.creative("a")]

    assert {name: row[name] for name in facts} == facts
    assert (row["canonical_id"], row["distance"], row["score"]) == (w.creative("b"), 2, 3.5)
    assert (row["features"]["text"], row["model"]) == ("newer", "gemini-3.8-flash")
