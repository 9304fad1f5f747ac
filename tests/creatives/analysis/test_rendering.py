"""The closing line of `creatives analyze`: counts that add up, and all the money."""

from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from creatives.analysis import rendering
from creatives.analysis.results import AdResult, Status
from shared.events import MatchKind
from shared.reasons import Reason


def ad(name: str, status: Status, cost: str | None = None, share: str | None = None, creative: str = "") -> AdResult:
    return AdResult(
        ad_id=name,
        source=name,
        status=status,
        creative_id=creative or name,
        cost_usd=Decimal(cost) if cost else None,
        cost_share_usd=Decimal(share) if share else None,
    )


def lost(name: str, reason: Reason, share: str | None = None) -> AdResult:
    return ad(name, Status.FAILED, None, share).model_copy(update={"reason": reason})


@pytest.mark.parametrize(
    ("results", "money"),
    [
        ([ad("a", Status.ANALYSED, "0")], "nothing spent"),
        ([ad("a", Status.ANALYSED, "0.01"), ad("b", Status.ANALYSED, "0.02")], "$0.0300 spent"),
        (
            [ad("a", Status.ANALYSED, "0.01"), ad("b", Status.DUPLICATE, "0.01", "0.005")],
            "$0.0100 spent; 1 equal file has the features of another",
        ),
        ([ad("a", Status.ANALYSED, "0.01"), ad("b", Status.FAILED, None, "0.004")], "$0.0140 spent"),
        ([ad("a", Status.FAILED, None, "0.002", "c"), ad("b", Status.FAILED, None, "0.002", "c")], "$0.0040 spent"),
        ([ad("a", Status.FAILED)], "nothing spent"),
        ([lost("a", Reason.BROKEN_IMAGE)], "nothing spent"),
        ([lost("a", Reason.INVALID_ANSWER), lost("b", Reason.REPLY_LOST)], "what 2 answers cost is not known"),
        ([lost("a", Reason.INVALID_ANSWER, "0.0072")], "$0.0072 spent"),
        ([ad("a", Status.ANALYSED)], "what 1 answer cost is not known"),
        (
            [ad("a", Status.ANALYSED), ad("b", Status.ANALYSED, "0.01")],
            "$0.0100 spent, what 1 answer cost is not known",
        ),
    ],
)
def test_all_that_was_paid_is_told(results: list[AdResult], money: str) -> None:
    assert f"; {money}" in rendering.summary(results).plain


def test_what_duplicates_saved_is_counted_by_files_as_costs_does() -> None:
    near = [
        ad(name, Status.DUPLICATE, creative=file).model_copy(update={"match": MatchKind.DUPLICATE})
        for name, file in (("b.jpg", "small"), ("c.jpg", "small"), ("d.jpg", "webp"))
    ]
    equal = ad("e.jpg", Status.DUPLICATE, creative="a").model_copy(update={"match": MatchKind.NEW})

    told = rendering.summary([ad("a.jpg", Status.ANALYSED, "0", creative="a"), *near, equal]).plain

    assert (
        told == "5 ads = 1 analysed + 4 duplicate + 0 failed; nothing spent; "
        "2 near-duplicates and 2 equal files have the features of another"
    )


@pytest.mark.parametrize(
    ("features", "told"),
    [
        ({"has_text": False, "text": None, "people_count": 2}, "no text; 2 people"),
        ({"has_text": True, "text": None, "people_count": 2}, "text that cannot be read here; 2 people"),
        ({"has_text": True, "people_count": 2}, "- 2 people"),  # a taxonomy that does not ask for it
        ({"has_text": None, "text": None, "heel": "flat", "uses": ["sport", "office"], "vegan": False},
         "heel flat; uses sport, office; vegan False"),
        ({"text": "NEW", "claim": "x" * 50, "stars": None, "sizes": []}, f"“NEW”; claim {'x' * 40}…"),
        ({f"f{n}": n for n in range(1, 11)}, "; ".join(f"f{n} {n}" for n in range(1, 9)) + "; 2 more"),
    ],
)  # fmt: skip
def test_what_a_taxonomy_asks_is_told_and_nothing_of_what_it_does_not(features: dict[str, object], told: str) -> None:
    shown = ad("a", Status.ANALYSED).model_copy(update={"features": features})
    console = Console(width=300, record=True, file=StringIO())

    console.print(rendering.table([shown]))

    assert told in " ".join(console.export_text().split())


@pytest.mark.parametrize(
    ("ad_id", "shown"),
    [
        ("ads/summer/banner.jpg", "banner.jpg"),
        ("https://cdn.example/banner.jpg?sig=a/b", "banner.jpg"),
        ("https://cdn.example/", "cdn.example"),
        ("data:image/png;base64,iVBORw0KGgo/AAAA", "data:image/png;base64"),
        ("9004", "9004"),
        ("a?b/c#d.jpg", "c#d.jpg"),
    ],
)
def test_an_ad_is_shown_by_the_last_part_of_its_name(ad_id: str, shown: str) -> None:
    assert rendering._names([ad(ad_id, Status.ANALYSED)]) == {ad_id: shown}


def test_ads_of_one_name_are_told_apart_by_as_little_of_their_paths_as_it_takes() -> None:
    ids = {
        "/home/me/ads/summer/de/banner.jpg": "summer/de/banner.jpg",
        "/home/me/ads/winter/de/banner.jpg": "winter/de/banner.jpg",
        "/home/me/ads/bundle.zip/banner.jpg": "bundle.zip/banner.jpg",
        "/home/me/ads/logo.png": "logo.png",
        "https://cdn.example/a.jpg?size=1": "https://cdn.example/a.jpg?size=1",
        "https://cdn.example/a.jpg?size=2": "https://cdn.example/a.jpg?size=2",
        "banner.jpg": "banner.jpg",
        "": "",
    }

    names = rendering._names([ad(each, Status.ANALYSED) for each in ids])

    assert names == ids
