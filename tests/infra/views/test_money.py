"""What extraction cost and what duplicates saved: `costs`, `duplicates`, and the shares in `ads_enriched`."""

from decimal import Decimal
from typing import Any

from shared.reasons import Reason
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World

DAY = 24 * 60


def total(rows: list[dict[str, Any]], column: str) -> Decimal:
    return sum((row[column] for row in rows if row[column] is not None), Decimal())


def test_an_answer_costs_once_however_often_it_is_published(tables: Tables) -> None:
    w = World()
    answer = w.answer("a", cost="0.002")
    tables.fill([answer, answer, answer.model_copy(update={"event_id": "of another delivery"})])

    (row,) = tables.read("costs")

    assert (row["answers"], row["input_tokens"], row["output_tokens"]) == (1, 1000, 200)
    assert row["cost_usd"] == Decimal("0.002")


def test_money_stands_on_the_day_it_was_spent_by_model_and_batch(tables: Tables) -> None:
    w = World()
    tables.fill(
        [
            w.answer("a", cost="0.002", batch_id="spring"),
            w.answer("a", at=DAY, cost="0.005", model="gemini-3.8-flash", batch_id="spring"),
            w.answer("b", at=DAY, cost=None, model="gemini-9"),
        ]
    )

    costs = {
        (str(row["day"]), row["model"], row["batch_id"]): (row["cost_usd"], row["unpriced"])
        for row in tables.read("costs")
    }

    assert costs == {
        ("2026-11-02", "gemini-3.5-flash-lite", "spring"): (Decimal("0.002"), 0),
        ("2026-11-03", "gemini-3.8-flash", "spring"): (Decimal("0.005"), 0),
        ("2026-11-03", "gemini-9", None): (None, 1),
    }


def test_an_answer_tells_what_it_was_for_and_which_batch_pays_whatever_else_is_known(tables: Tables) -> None:
    w = World()
    told: dict[str, Any] = {"batch_id": "autumn", "kind": "video"}
    useless = w.failed_creative(
        "b", "extract", Reason.INVALID_ANSWER, cost_usd=Decimal("0.001"), answer_uri="gs://r/1.json", model="m", **told
    )
    later = w.answer("a", **told).model_copy(update={"event_id": "later", "batch_id": "winter"})
    tables.fill([w.sighting("x", "a", batch_id="spring"), w.image("a"), w.answer("a", **told), later, useless])

    paid = {(row["kind"], row["batch_id"], row["answers"]) for row in tables.read("costs")}
    by_answer = {(row["kind"], row["batch_id"], row["useful"]) for row in tables.read("paid_answers")}

    assert paid == {("video", "autumn", 1)}
    assert by_answer == {("video", "autumn", True), ("video", "autumn", False)}


def test_an_answer_of_no_use_costs_too(tables: Tables) -> None:
    w = World()
    failure = w.failed_creative(
        "a", "extract", Reason.INVALID_ANSWER, cost_usd=Decimal("0.001"), answer_uri="gs://r/1.json", model="gemini-x"
    )
    tables.fill([w.sighting("x", "a"), w.image("a"), w.match("a"), failure, failure])

    (row,) = tables.read("costs")
    (ad,) = tables.read("ads_enriched")

    assert (row["answers"], row["useless_answers"], row["cost_usd"]) == (1, 1, Decimal("0.001"))
    assert (ad["status"], ad["cost_share_usd"]) == ("failed", Decimal("0.001"))


def test_a_creatives_cost_is_shared_by_all_ads_that_use_it_or_its_duplicates(tables: Tables) -> None:
    w = World()
    tables.fill(
        [
            *(w.sighting(f"x{number}", "a") for number in range(4)),
            *(w.sighting(f"y{number}", "b") for number in range(3)),
            w.sighting("z", "c"),
            *w.analysed("a"),
            *w.copied("b", "a"),
            *w.analysed("c"),
        ]
    )

    ads = tables.read("ads_enriched")

    shares = {row["ad_id"]: (row["n_ads_sharing"], row["cost_share_usd"]) for row in ads}
    assert shares[w.ad_id("x0")] == shares[w.ad_id("y2")] == (7, Decimal("0.000142857"))
    assert shares[w.ad_id("z")] == (1, Decimal("0.001"))
    assert abs(total(ads, "cost_share_usd") - total(tables.read("costs"), "cost_usd")) < Decimal("0.00000001")


def test_an_unknown_price_is_not_nothing(tables: Tables) -> None:
    w = World()
    tables.fill([w.sighting("x", "a"), *w.analysed("b"), w.answer("a", cost=None), w.sighting("y", "c")])

    (unpriced,) = [row for row in tables.read("ads_enriched") if row["ad_id"] == w.ad_id("x")]

    assert (unpriced["cost_usd"], unpriced["cost_share_usd"]) == (None, None)


def test_duplicates_save_what_their_canonical_cost(tables: Tables) -> None:
    w = World()
    tables.fill(
        [
            *(w.sighting(f"x{name}", name) for name in "abcd"),
            *w.analysed("a"),
            *w.copied("b", "a"),
            *w.copied("c", "b"),
            *w.analysed("d"),
        ]
    )

    (group,) = tables.read("duplicates")
    costs = tables.read("costs")

    assert (group["canonical_id"], group["n_creatives"], group["n_ads"]) == (w.creative("a"), 3, 3)
    assert [member["creative_id"] for member in group["members"]] == [w.creative(name) for name in "abc"]
    assert group["saved_usd"] == total(costs, "saved_usd") == Decimal("0.002")
    assert sum(row["duplicates"] for row in costs) == 2


def test_a_duplicate_that_was_paid_for_before_it_was_merged_saves_nothing(tables: Tables) -> None:
    w = World()
    tables.fill([w.sighting("x", "a"), *w.analysed("a"), *w.analysed("b"), w.override("a", "merge", "b")])

    (group,) = tables.read("duplicates")
    (ad,) = tables.read("ads_enriched")

    assert group["saved_usd"] is None
    assert total(tables.read("costs"), "cost_usd") == Decimal("0.002")
    assert (ad["cost_usd"], ad["cost_share_usd"]) == (Decimal("0.001"), Decimal("0.002"))


def test_the_status_tells_the_money_of_its_ads(tables: Tables) -> None:
    w = World()
    tables.fill([w.sighting("x", "a"), w.sighting("y", "b"), *w.analysed("a"), *w.copied("b", "a"), w.ad("z")])

    money = {row["status"]: row["cost_usd"] for row in tables.read("pipeline_status")}

    assert money == {"analysed": Decimal("0.0005"), "duplicate": Decimal("0.0005"), "pending": None}
