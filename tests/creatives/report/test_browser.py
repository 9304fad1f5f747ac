"""The page in a real browser: what a reader sees, and that nothing in the data can do anything."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from creatives.report.data import DAYS, MEASURED
from creatives.report.model import Ad, Creative, Daily, Fatigue, Feature, Lift, ReportData
from shared.events import Kind, Origin
from shared.reasons import SENTENCES, Reason
from tests import reports
from tests.cases import first_of, some_of
from tests.creatives.report.conftest import Opened, unseen_stops
from tests.creatives.report.screens import WIDTHS, faults, width_of

VIEWS = ("overview", "gallery", "versions", "failures", "money", "performance")

SALE = {
    "has_promotion": True,
    "discount_percent": 50,
    "call_to_action": "Shop now",
    "text": "SUMMER SALE 50% OFF today",
}
OTHER_SALE = {**SALE, "discount_percent": 20, "text": "SUMMER SALE 20% OFF today", "dominant_colors": ["red", "white"]}
LIFT = Lift(
    feature="has_promotion",
    value="true",
    metric="ctr",
    n_with=120,
    n_without=240,
    mean_with=0.034,
    mean_without=0.025,
    lift=0.36,
    low=0.12,
    high=0.61,
    verdict="higher",
)
NO_CLAIM = LIFT.model_copy(update={"feature": "has_people", "low": -0.4, "high": 0.9, "verdict": "no claim"})


def small_report() -> ReportData:
    """Two versions of a sale, a copy of the first in three ads, two others, a failure."""
    sale = reports.creative(1, name="sale-50.jpg", features=SALE, thumbnail=reports.thumbnail(1, 1200, 628, "50%"))
    variant = reports.variant(
        2, sale, name="sale-20.jpg", features=OTHER_SALE, thumbnail=reports.thumbnail(1, 1200, 628, "20%")
    )
    copy = reports.duplicate(3, sale, name="sale-50-small.jpg", n_ads=3, width=600, height=314)
    people = reports.creative(
        4, name="team.jpg", features={"has_people": True, "has_promotion": False, "text": "Hello"}
    )
    calm = reports.creative(5, name="calm.jpg", features={"has_promotion": False, "call_to_action": "Shop now"})
    return reports.report([sale, variant, copy, people, calm, reports.failed(6, name="broken.jpg")])


def show(page: Page, address: str) -> None:
    page.evaluate("address => { location.hash = address }", address)
    expect(page.get_by_role("heading").first).to_be_visible()


def cards(page: Page) -> list[str]:
    return page.locator(".results .card .title").all_inner_texts()


def test_the_overview_says_what_became_of_every_ad(opened: Opened) -> None:
    page = opened(small_report())

    expect(page.get_by_role("heading", level=1)).to_have_text("8 ads use 6 files, 1 of them a copy of another.")
    expect(page.get_by_text("8 ads = 4 analysed + 3 duplicates + 1 failed.")).to_be_visible()
    expect(page.get_by_text("6 different files = 4 with features of their own + 1 duplicate of those")).to_be_visible()


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ([("none", "failed", 1)], ["1 ad could not be opened.", "1ad", "1ad needs attention"]),
        ([("none", "failed", 3)], ["3 ads could not be opened.", "3ads", "3ads need attention"]),
        ([("none", "pending", 1)], ["1 ad in progress.", "1ad in progress", "Creatives appear here", "Not opened yet"]),
        ([("first", "analysed", 1)], ["1 ad uses 1 file.", "1creative analysed"]),
        ([("first", "analysed", 2), ("none", "failed", 3)], ["2 ads use 2 files; 3 more ads led to no file.", "5ads"]),
        (
            [("first", "analysed", 2), ("first", "duplicate", 1), ("again", "duplicate", 1), ("none", "pending", 2)],
            ["6 ads use 3 files so far, 1 of them a copy of another; 2 in progress.", "2ads reuse a known creative"],
        ),
    ],
)
def test_sentences_hold_for_any_number(opened: Opened, ways: list[tuple[str, str, int]], said: list[str]) -> None:
    flow = [
        {"origin": "batch", "file": file, "match": None, "status": status, "ads": ads} for file, status, ads in ways
    ]

    page = opened(reports.report(flow=flow))

    for each in said:
        expect(page.get_by_role("main")).to_contain_text(each)
    expect(page.get_by_role("main")).not_to_contain_text(re.compile(r"0 files|All 0|\b1 (ads|files|creatives)|lists"))


def test_the_ribbons_of_each_step_add_up_to_all_ads(opened: Opened) -> None:
    page = opened(small_report())

    steps = page.locator(".ribbons > g").all()

    sums = [sum(int(number) for number in step.locator("tspan").all_text_contents()) for step in steps]
    assert sums == [8, 8, 8, 8]


def test_a_filter_leaves_what_has_it_and_counts_the_others(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")

    page.get_by_label(re.compile(r"^Yes\s*2")).first.check()

    expect(page.locator("#result-count")).to_contain_text("2 creatives")
    assert cards(page) == ["sale-50.jpg", "sale-20.jpg"]
    expect(page.get_by_role("button", name="Has promotion: Yes")).to_be_visible()
    expect(page.get_by_label(re.compile(r"^No\s*2"))).to_be_visible()


@pytest.mark.parametrize("said", some_of(["none", "new", "constructor", "__proto__"], ["none", "__proto__"]))
def test_what_a_model_said_is_filtered_by_as_it_was_said(opened: Opened, said: str) -> None:
    ones = [reports.creative(number, features={"call_to_action": said}) for number in (1, 2)]
    page = opened(reports.report([*ones, reports.creative(3, features={"call_to_action": "Shop now"})]), "#/gallery")

    page.locator(".facet label", has=page.get_by_text(said, exact=True)).click()

    assert len(cards(page)) == 2
    expect(page.get_by_role("button", name=f"Call to action: {said}")).to_be_visible()


def test_filters_of_two_facets_both_hold_and_can_be_taken_back(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery?by.f.has_promotion=false&by.f.call_to_action=Shop+now")
    found_by_both = cards(page)

    page.get_by_role("button", name="Has promotion: No").click()

    assert found_by_both == ["calm.jpg"]
    assert set(cards(page)) == {"sale-50.jpg", "sale-20.jpg", "calm.jpg"}


def test_a_search_finds_words_of_the_creative_and_keeps_the_cursor(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")

    page.get_by_role("searchbox").press_sequentially("sumer 20%")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("m")

    expect(page.get_by_role("searchbox")).to_have_value("summer 20%")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert cards(page) == ["sale-20.jpg"]


WRITTEN = [
    ("Bettwäsche für große Betten", ["bettwasche", "BETTWAESCHE", "grosse", "Bettwa\u0308sche", "für große"], True),
    ("Maison Orélie, œuvres d'été", ["maison orelie", "oeuvres", "ete"], True),
    ("Gutschein über 20\u00a0% – nur 24,99\u202f€", ["20 %", "20%", "24.99", "24,99 €", "ueber"], True),
    ("Only $1,249.50", ["1,249", "1,249.50"], True),
    ("Only $1,249.50", ["24,99", "2,49 €"], False),
    ("Only $1,249.50", ["1249", "1 249", "1.249"], True),
    ("Vélo 1\u202f299 €", ["1299", "1 299", "1.299 €", "1,299", "1'299", "1 299 €"], True),
    ("iPhone 15 128 GB", ["128 gb", "15 128", "iphone 15"], True),
    ("iPhone 15 128 GB", ["1512"], False),
    ("-25 % on 50-60%", ["-25 %", "-25%", "25", "50-60%", "50-60"], True),
    ("Order now and save", ['"order now"', "“Order now” save", '"order'], True),
    ("Now you can order", ['"order now"'], False),
    ("Złoty, İstanbul, Đà Nẵng", ["zloty", "istanbul", "da nang"], True),
]


@pytest.mark.parametrize(
    ("said", "words", "found"),
    some_of(WRITTEN, in_the_gate=WRITTEN[::3]),
)
def test_words_are_found_however_they_are_written(opened: Opened, said: str, words: list[str], found: bool) -> None:
    told = {**reports.features(np.random.default_rng(1)), "promotion_text": said}
    page = opened(reports.report([reports.creative(1, name="a.jpg", features=told)]), "#/gallery")

    for each in words:
        page.get_by_role("searchbox").fill(each)
        expect(page.locator(".results .card")).to_have_count(int(found))


@pytest.mark.long
def test_no_sign_breaks_the_search(opened: Opened) -> None:
    signs = [chr(code) for code in range(33, 127)]
    told = {"promotion_text": " ".join(f"1{sign}2" for sign in signs)}
    page = opened(reports.report([reports.creative(1, name="a.jpg", features=told)]), "#/gallery")

    for each in (*(f"1{sign}2" for sign in signs if sign != '"'), "-", "(", "[", "\\", '"', '"1'):
        page.get_by_role("searchbox").fill(each)
        expect(page.locator("#result-count")).to_have_text("1 creative")


def test_what_nobody_sees_is_not_searched_and_short_words_are_found_whole(opened: Opened) -> None:
    found = ("728x90", "728×90", "image ad", "vw", "d.jpg", "the copy.png", "24,99", "24", "2 of 3", "促销")
    unseen = ("uploads", "00012", "gs", "2c", "12", "3 for 2", "99")
    told = {"promotion_text": "VW: 2 of 3, 24.99 €, 大促销", "call_to_action": "Former c12"}
    ads = [Ad(ad_id="ad.jpg", source="gs://bucket/uploads/00012c12/ad.jpg", origin=Origin.UPLOAD)]
    one = reports.creative(1, name="ad.jpg", ads=ads, features=told, width=728, height=90)
    copy = reports.duplicate(2, one, name="the copy.png", ads=ads)
    page = opened(reports.report([one, copy, reports.creative(3, name="other.png", ads=())]), "#/gallery")

    for both in zip(found, cycle(unseen), strict=False):
        for words, titles in zip(both, (["ad.jpg"], []), strict=True):
            page.get_by_role("searchbox").fill(words)
            expect(page.locator(".results .card .title"), words).to_have_text(titles)


def test_a_creative_is_found_by_its_id_and_its_duplicates_alone_are_counted(opened: Opened) -> None:
    one, other = reports.creative(1, name="one.jpg"), reports.creative(2, name="other.jpg")
    page = opened(reports.report([one, other, reports.duplicate(3, one), reports.duplicate(4, one)]), "#/gallery")

    expect(page.locator("#result-count")).to_have_text("2 creatives; 2 duplicates stand behind their originals")
    page.get_by_role("searchbox").fill(other.creative_id[:12])

    expect(page.locator(".results .card .title")).to_have_text(["other.jpg"])
    expect(page.locator("#result-count")).to_have_text("1 creative")


def test_a_slash_leads_to_the_search(opened: Opened) -> None:
    page = opened(small_report())

    page.keyboard.press("/")

    expect(page.get_by_role("searchbox")).to_be_focused()


def test_what_is_found_can_be_sorted_by_any_number(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")

    page.get_by_label("Sort").select_option("Discount percent, highest first")

    assert cards(page)[:2] == ["sale-50.jpg", "sale-20.jpg"]


def test_duplicates_stand_behind_their_original_until_they_are_asked_for(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")
    before = cards(page)

    page.get_by_label("Show duplicates").check()

    assert "sale-50-small.jpg" not in before
    assert "sale-50-small.jpg" in cards(page)


def test_the_most_used_is_the_one_with_most_ads_those_of_its_duplicates_among_them(opened: Opened) -> None:
    sale = reports.creative(1, name="sale-50.jpg")
    variant = reports.variant(2, sale, name="sale-20.jpg", n_ads=2)
    copy = reports.duplicate(3, sale, name="sale-50-small.jpg", n_ads=3)
    page = opened(reports.report([variant, sale, copy, reports.creative(4, name="other.jpg", n_ads=3)]))

    names = page.locator(".strip-of-cards .card .title").all_inner_texts()
    first = page.locator(".strip-of-cards .card").first
    expect(first).to_contain_text("4 ads · 1 duplicate · 2 versions")
    first.click()

    assert names == ["sale-50.jpg", "other.jpg", "sale-20.jpg"]
    expect(page.get_by_role("dialog")).to_contain_text("Used by 4 ads: 1 itself, 3 by its duplicates")


def test_what_cannot_be_opened_comes_after_all_that_can_however_many_ads_have_it(opened: Opened) -> None:
    junk = reports.failed(1, name="Thumbs.db", n_ads=40)
    page = opened(reports.report([junk, reports.creative(2, name="ad.jpg")]), "#/gallery")

    assert cards(page) == ["ad.jpg", "Thumbs.db"]


def test_a_creative_opens_with_all_that_is_known_of_it(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")

    page.get_by_role("button", name="sale-50.jpg").click()

    dialog = page.get_by_role("dialog", name="sale-50.jpg")
    expect(dialog.get_by_text("SUMMER SALE 50% OFF today")).to_be_visible()
    expect(dialog.get_by_text("$0.00042")).to_be_visible()
    expect(dialog.get_by_text("1,450")).to_be_visible()
    expect(dialog.get_by_role("link", name="https://shop.example/1.jpg")).to_have_count(0)
    dialog.get_by_text("Raw answer").click()
    expect(dialog.get_by_text('"has_text": true')).to_be_visible()
    expect(dialog.get_by_role("button", name="sale-20.jpg")).to_be_visible()


def test_a_language_is_told_and_found_by_its_name(opened: Opened) -> None:
    spoken = Feature(name="language", type="STRING", repeated=False, description="Of its words.")
    data = reports.report([reports.creative(1, features={"language": "de", "text": "Jetzt"})])
    page = opened(data.model_copy(update={"features": (*data.features, spoken)}), "#/gallery")

    page.get_by_label("Search names, texts, ads").fill("german")
    expect(page.locator("#result-count")).to_contain_text("1 creative")
    page.locator(".results .card").first.click()

    language = page.get_by_role("dialog").locator(".features > div", has=page.get_by_text("Language", exact=True))
    expect(language.locator("dd")).to_contain_text("German")


def test_a_creative_shows_who_corrected_it_and_what_the_model_said(opened: Opened) -> None:
    said = {"author": "Ada", "corrected_at": "2026-11-26T12:00:00Z"}
    words = [{"field": field, **said} for field in ("discount_percent", "product_type")]
    own = {"discount_percent": 24.5, "product_type": "tea"}
    told = {"features": {"discount_percent": 19.5}, "model_features": own, "corrections": words}
    page = opened(reports.report([reports.creative(1, **told)]), f"#/gallery?creative={reports.id_of(1)}")

    dialog = page.get_by_role("dialog")

    expect(dialog.get_by_text("19.5", exact=False).first).to_be_visible()
    expect(dialog.get_by_text("corrected by Ada")).to_have_count(2)
    expect(dialog.get_by_text("the model said 24.5")).to_be_visible()
    expect(dialog.get_by_text("the model said tea")).to_be_visible()


QUOTED: dict[str, Any] = {
    "features": {"call_to_action": "Shop now", "text": "SUMMER SALE Shop now", "product_type": "shoes"},
    "evidence": [
        {
            "field": "call_to_action",
            "quote": "Shop now",
            "verified": "ocr",
            "box": {"left": 600, "top": 314, "right": 900, "bottom": 471},
        },
        {"field": "text", "quote": "SUMMER SALE Shop now", "verified": "not_found"},
    ],
    "confidence": 0.5,
}


@pytest.mark.parametrize(
    ("width", "size"), [(1280, (1200, 628)), (390, (1200, 628)), (1280, (157, 300)), (390, (970, 90))]
)
def test_what_was_read_is_boxed_in_its_place_at_any_size(opened: Opened, width: int, size: tuple[int, int]) -> None:
    box = {"left": size[0] // 2, "top": size[1] // 2, "right": 3 * size[0] // 4, "bottom": 3 * size[1] // 4}
    evidence = [{**QUOTED["evidence"][0], "box": box}, QUOTED["evidence"][1]]
    thumbnail = reports.thumbnail(1, *size, "50%")
    one = reports.creative(1, **{**QUOTED, "evidence": evidence}, width=size[0], height=size[1], thumbnail=thumbnail)
    page = opened(reports.report([one]), f"#/gallery?creative={one.creative_id}", width=width)

    dialog = page.get_by_role("dialog")
    dialog.locator(".shot img").wait_for()
    shown, drawn = page.evaluate(
        """() => {
          const image = document.querySelector(".shot img"), place = image.getBoundingClientRect();
          const scale = Math.min(place.width / image.naturalWidth, place.height / image.naturalHeight);
          const width = image.naturalWidth * scale, height = image.naturalHeight * scale;
          const left = place.left + (place.width - width) / 2, top = place.top + (place.height - height) / 2;
          const box = document.querySelector(".boxes rect").getBoundingClientRect();
          return [[left, top, width, height], [box.left, box.top, box.right, box.bottom]];
        }"""
    )

    left, top, across, down = shown
    expected = [left + across / 2, top + down / 2, left + 3 * across / 4, top + 3 * down / 4]
    assert drawn == pytest.approx(expected, abs=3)
    expect(dialog.locator(".verdict.not_found")).to_have_text(re.compile("not found on it"))


def test_what_does_not_hold_is_sorted_first_and_filtered_by(opened: Opened) -> None:
    page = opened(
        reports.report(
            [
                reports.creative(1, name="sure.jpg", n_ads=9, evidence=QUOTED["evidence"][:1], confidence=1.0),
                reports.creative(2, name="unsure.jpg", n_ads=5, **QUOTED),
                reports.creative(3, name="silent.jpg", n_ads=1),
            ]
        ),
        "#/gallery",
    )

    page.locator("#sort").select_option("unsure")
    sorted_ = cards(page)
    page.get_by_label("Not found on it").check()

    assert sorted_ == ["unsure.jpg", "sure.jpg", "silent.jpg"]
    assert cards(page) == ["unsure.jpg"]


def test_the_keyboard_opens_turns_and_closes_the_details(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")
    card = page.get_by_role("button", name="sale-20.jpg")

    card.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="sale-20.jpg")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("dialog", name="sale-50.jpg")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(card).to_be_focused()
    expect(page).to_have_url(re.compile(r"#/gallery$"))


def test_the_address_brings_back_filters_page_and_creative(opened: Opened) -> None:
    page = opened(small_report(), f"#/gallery?q=sale&by.f.has_promotion=true&creative={reports.id_of(2)}")

    expect(page.get_by_role("dialog", name="sale-20.jpg")).to_be_visible()
    page.get_by_role("button", name="Close").click()

    assert cards(page) == ["sale-50.jpg", "sale-20.jpg"]


def test_versions_stand_side_by_side_with_what_differs_marked(opened: Opened) -> None:
    page = opened(small_report(), "#/versions")

    variant = page.locator(".pair", has_text="Variant")
    expect(variant.get_by_text(re.compile("region.? of the picture differ"))).to_be_visible()
    boxes = variant.locator(".side").first.locator(".box")
    expect(boxes.first).to_be_visible()
    expect(variant.locator("mark", has_text="20%").first).to_be_visible()
    picture, box = variant.locator("img").first.bounding_box(), boxes.first.bounding_box()
    assert picture
    assert box
    assert 0.2 < (box["x"] - picture["x"]) / picture["width"] < 0.6  # where the words were drawn
    copy = page.locator(".pair", has_text="Duplicate")
    expect(copy.get_by_text("They look the same in small, as they are compared here.")).to_be_visible()
    expect(copy.get_by_text("Of a duplicate no text is read.")).to_be_visible()
    expect(copy.get_by_text("600 × 314")).to_be_visible()


def test_of_pictures_that_look_the_same_is_said_what_was_read(opened: Opened) -> None:
    texts = ["Terms A apply", "Terms A apply", "Terms B apply", None]
    first, *others = [{"text": text} if text else {} for text in texts]
    original = reports.creative(1, name="original.jpg", features=first)
    told = [
        reports.variant(n, original, name=f"version-{n}.jpg", features=each, thumbnail=original.thumbnail)
        for n, each in enumerate(others, start=2)
    ]
    page = opened(reports.report([original, *told]), "#/versions")

    found = page.locator(".pair .found")

    looks = "They look the same in small, as they are compared here."
    expect(found).to_have_text(
        [f"{looks} The text that was read is the same.", f"{looks} The text that was read differs.", looks]
    )


def test_a_failure_says_what_to_do(opened: Opened) -> None:
    page = opened(small_report(), "#/failures")

    expect(page.get_by_role("heading", name=SENTENCES[Reason.BROKEN_IMAGE])).to_be_visible()
    page.get_by_role("button", name="Details").click()

    expect(page.get_by_role("dialog", name="broken.jpg")).to_be_visible()


def test_a_failure_is_told_in_words_of_people_and_without_the_bucket_of_this_machine(opened: Opened) -> None:
    address = "gs://local-creatives/uploads/0c1f/empty (1).png"
    equal = "gs://local-creatives/uploads/77aa/an equal one.png has no bytes"
    ad = Ad(ad_id="ads/empty.png", source=address, detail=f"{address} has no bytes")
    copy = Ad(ad_id="ads/copy.png", source=address, detail=equal)
    url = Ad(ad_id="A1", source="http://10.0.0.1/a.png", origin=Origin.BATCH, detail="not a public address")
    failures = [
        {"stage": stage, "reason": reason, "advice": SENTENCES[reason], "n_ads": len(of), "ads": of}
        for stage, reason, of in (("intake", Reason.EMPTY_FILE, [ad, copy]), ("fetch", Reason.FORBIDDEN_URL, [url]))
    ]
    here = reports.report(
        [reports.failed(1, Reason.EMPTY_FILE, uri=address, ads=[ad], detail=ad.detail)],
        failures=failures,
        project="local",
    )

    page = opened(here, "#/failures")

    main = page.get_by_role("main")
    for said in (
        "Forbidden address (Downloading)",
        "Empty file (Receiving)",
        "It has no bytes",
        "http://10.0.0.1/a.png",
    ):
        expect(main).to_contain_text(said)
    expect(main).not_to_contain_text("local-creatives")
    show(page, f"#/gallery?creative={reports.id_of(1)}")
    expect(page.get_by_role("dialog")).to_contain_text("It has no bytes")
    expect(page.get_by_role("dialog")).not_to_contain_text("local-creatives")


def test_of_a_project_it_is_said_where_a_file_is_stored(opened: Opened) -> None:
    page = opened(small_report(), f"#/gallery?creative={reports.id_of(5)}")

    expect(page.get_by_role("dialog")).to_contain_text("gs://creatives/uploads/")


@pytest.mark.parametrize("colour", some_of(["red", "white", "beige", "gray"], in_the_gate=["red", "white"]))
def test_a_colour_is_seen_beside_its_name(opened: Opened, colour: str) -> None:
    one = reports.creative(1, features={"dominant_colors": [colour, "turquoise"], "text": colour})
    other = reports.creative(2, features={"dominant_colors": [colour, "black"], "text": "two"})
    page = opened(reports.report([one, other]), f"#/gallery?creative={one.creative_id}")

    told = page.get_by_role("dialog").locator("dd", has=page.locator(".colour"))
    expect(told).to_have_text(re.compile(rf"^{colour}, turquoise"))
    assert len({each.bounding_box()["y"] for each in told.locator(".colour").all()}) == 1  # type: ignore[index]
    seen = told.locator(".swatch").first.evaluate("one => [getComputedStyle(one).backgroundColor, one.offsetWidth]")
    assert seen == [page.evaluate(f"() => {_AS_COMPUTED}('{colour}')"), 12]
    page.keyboard.press("Escape")
    option = page.get_by_role("group").locator(".option", has=page.locator(".swatch.colour-of")).first
    expect(option).to_have_text(colour)
    first = "one => getComputedStyle(one.lastChild, '::first-letter').textTransform"
    assert option.evaluate(first) == "uppercase"  # as all other options begin


_AS_COMPUTED = """((name) => {
  const one = document.body.appendChild(document.createElement("i"));
  one.style.color = name;
  const told = getComputedStyle(one).color;
  one.remove();
  return told;
})"""


def test_money_is_told_by_day_with_what_duplicates_saved(opened: Opened) -> None:
    page = opened(small_report(), "#/money")

    expect(page.get_by_text("$0.00168 spent; $0.00042 not spent, because 1 file is a duplicate.")).to_be_visible()
    assert page.get_by_role("row").count() == 4


def test_what_answers_without_a_price_cost_is_not_known(opened: Opened) -> None:
    report = small_report()
    free = [row.model_copy(update={"cost_usd": None, "saved_usd": None, "unpriced": 4}) for row in report.spending[:1]]

    page = opened(report.model_copy(update={"spending": tuple(free)}), "#/money")
    expect(page.get_by_text("What 4 answers cost is not known.")).to_be_visible()
    expect(page.locator(".figures")).to_contain_text("unknownspent on answers")
    show(page, "#/overview")

    expect(page.locator(".figures").first).to_contain_text("unknownspent")


def test_answers_of_the_offline_reader_are_told_from_those_of_models(opened: Opened) -> None:
    report = small_report()
    first, *others = report.spending
    read = [first.model_copy(update={"model": "offline-29"}), *others]
    page = opened(report.model_copy(update={"spending": tuple(read)}), "#/money")

    figures = page.locator(".figures")
    expect(figures).to_contain_text(f"{sum(row.answers for row in others)}answers from models")
    expect(figures).to_contain_text(f"{first.answers}answers read offline, of no model")


def test_performance_claims_nothing_where_the_data_is_thin(opened: Opened) -> None:
    few = {"feature": "has_text", "reason": "too few creatives", "equal_with": 4.2, "equal_without": 9.9}
    unsure = NO_CLAIM.model_copy(update={"reason": "uncertain"})
    lifts = [LIFT, unsure, NO_CLAIM.model_copy(update={**few, "low": None, "high": None})]
    page = opened(reports.report([reports.creative(1)], lifts=lifts), "#/performance")

    expect(page.get_by_role("row", name=re.compile("Has promotion: Yes.*higher"))).to_be_visible()
    page.get_by_text("No claim: 2").click()
    expect(page.get_by_role("row", name=re.compile("Has text: Yes.*as sure as 4.2 and 9.9 of equal"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Has people: Yes.*measured and uncertain"))).to_be_visible()


def test_many_creatives_come_a_page_at_a_time(opened: Opened) -> None:
    page = opened(reports.campaign(300), "#/gallery")
    first = cards(page)

    page.get_by_role("button", name="Next").click()

    assert len(first) == len(cards(page)) == 60
    assert not set(first) & set(cards(page))
    expect(page.get_by_text("Page 2 of 4")).to_be_visible()


def test_an_empty_dataset_says_how_to_begin_on_every_screen(opened: Opened) -> None:
    page = opened(reports.report())

    expect(page.get_by_role("heading", name="Nothing has come in yet")).to_be_visible()
    for view in VIEWS:
        show(page, f"#/{view}")
        expect(page.get_by_role("main")).to_contain_text(re.compile("creatives (analyze|results)"))


def test_a_report_can_only_copy_a_link_to_what_is_chosen(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery?q=sale")

    page.get_by_role("button", name="Copy link").click()

    expect(page.locator(".saved [role=status]")).to_have_text(re.compile(r"copied|#/gallery\?q=sale"))
    expect(page.get_by_text("Saved views")).to_have_count(0)


def test_every_view_fits_the_narrowest_screen_without_results_too(opened: Opened) -> None:
    page = opened(small_report(), width=320, height=640)

    for view in VIEWS:
        show(page, f"#/{view}")

        assert width_of(page) <= 320, view


def test_the_current_view_is_marked_where_the_system_has_its_own_colours(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")
    page.emulate_media(forced_colors="active")

    lines = page.locator(".bar nav a").evaluate_all(
        "links => links.map((link) => [link.id, getComputedStyle(link).borderBottomColor])"
    )

    (own,) = {colour for name, colour in lines if name == "view-gallery"}
    assert own not in {colour for name, colour in lines if name != "view-gallery"}


@pytest.mark.parametrize("width", first_of(WIDTHS))
def test_every_view_fits_every_screen_and_axe_finds_nothing_wrong(opened: Opened, width: int) -> None:
    data = with_results()
    creatives = [Creative.model_validate(each.model_dump() | QUOTED) for each in data.creatives]
    page = opened(data.model_copy(update={"creatives": tuple(creatives)}), width=width)

    for view in (*VIEWS, f"gallery?creative={reports.id_of(2)}"):
        show(page, f"#/{view}")

        assert list(faults(page, width)) == [], view


@pytest.mark.parametrize("width", first_of(WIDTHS))
def test_it_is_seen_where_the_focus_is_on_every_screen(opened: Opened, width: int) -> None:
    details = f"gallery?creative={reports.id_of(2)}"
    found = {view: unseen_stops(opened(with_results(), f"#/{view}", width=width)) for view in (*VIEWS, details)}

    assert {view: faults for view, (_, faults) in found.items() if faults} == {}
    assert {view: stops for view, (stops, _) in found.items() if stops < 3} == {}


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "javascript:alert(3)",
    '"><svg onload=alert(4)>',
    "{{script}}${alert(5)}",
    "'-alert(6)-'",
    "constructor",
)


def test_hostile_text_is_shown_and_does_nothing(opened: Opened) -> None:
    made = [hostile_creatives(3 * nth, text) for nth, text in enumerate(HOSTILE)]
    page = opened(reports.report([each for some in made for each in some], project=HOSTILE[1]))

    for view in VIEWS:
        show(page, f"#/{view}")
    for nth, text in enumerate(HOSTILE):
        show(page, f"#/gallery?q={text}&by.{text}={text}&creative={reports.id_of(3 * nth)}")
        expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_have_text(text)

    assert page.locator("a[href^=javascript]").count() == 0
    assert page.locator("script").count() == 2
    assert page.locator("[onerror], [onload]").count() == 0


def hostile_creatives(number: int, text: str) -> list[Creative]:
    """Three of which every text is `text`: one, another version of it, and one that failed."""
    ad = Ad(ad_id=text, source=text, link=text, origin=Origin.BATCH, detail=text)
    said = {"text": text, "call_to_action": text, "has_call_to_action": True, text: text, "brand_logos": [{text: text}]}
    one = reports.creative(number, name=text, features=said, ads=[ad], uri=text, answer=text, model=text)
    other = reports.variant(number + 1, one, name=text, features={**said, "text": f"{text}!"}, thumbnail=text)
    return [one, other, reports.failed(number + 2, name=text, detail=text, ads=[ad])]


def test_a_link_leads_to_a_web_address_only(opened: Opened) -> None:
    address = "https://shop.example/a.jpg"
    ads = [Ad(ad_id="a", source=address, link=address), Ad(ad_id="b", source="ftp://b", link="ftp://b")]
    page = opened(reports.report([reports.creative(1, ads=ads, n_ads=2)]), f"#/gallery?creative={reports.id_of(1)}")

    links = page.get_by_role("dialog").get_by_role("link").all()

    assert [link.get_attribute("href") for link in links] == [address] * 2  # the file, and where the ad has it
    assert {link.get_attribute("rel") for link in links} == {"noopener noreferrer"}


def test_a_storyboard_shows_its_seconds_and_leads_to_the_stretch_where_the_file_may_be_read(opened: Opened) -> None:
    scenes = [{"seconds": second, "picture": reports.thumbnail(1, 64, 48, f"{second}")} for second in (0.0, 1.5)]
    moving = {"kind": "video", "duration_s": 3.0, "storyboard": scenes}
    spot = reports.creative(1, name="spot.mp4", **moving)
    page = opened(reports.report([spot]), f"#/gallery?creative={spot.creative_id}")

    board = page.get_by_role("list", name="Storyboard")

    expect(board.get_by_role("img")).to_have_count(2)
    link = spot.ads[0].link
    ends = ["#t=0,1.5", "#t=1.5,3"] if link else []
    assert [each.get_attribute("href") for each in board.get_by_role("link").all()] == [f"{link}{end}" for end in ends]
    expect(board).to_contain_text("1.5 s")


def test_parts_of_a_film_are_told_as_people_say_them(opened: Opened) -> None:
    told = {
        "scenes": [
            {"start_s": 0, "end_s": 2.5, "text": "Divano", "description": None},
            {"start_s": 2.5, "end_s": 4, "text": None, "description": "A sofa"},
        ],
        "end_card": {"start_s": 4, "text": "Compra ora"},
        "hook": {"text": "Divano", "description": "A sofa"},
        "first_brand": {"brand": "Vanta", "position": "top"},
    }
    spot = reports.creative(1, name="spot.mp4", kind="video", features=told)
    columns = tuple(Feature(name=name, type="RECORD", repeated=name == "scenes", description="") for name in told)
    data = reports.report([spot]).model_copy(update={"features": columns})
    page = opened(data, f"#/gallery?creative={spot.creative_id}")

    dialog = page.get_by_role("dialog")

    for each in (
        "0–2.5 s: Divano",
        "2.5–4 s: description A sofa",
        "from 4 s: Compra ora",
        "Divano; description A sofa",
    ):
        expect(dialog).to_contain_text(each)
    expect(dialog).not_to_contain_text(re.compile(r"\(seconds\)|start |null"))


def days_of(number: int, clicks: int, **changed: object) -> list[Daily]:
    told: dict[str, object] = {
        "network": "meta",
        "campaign": "Autumn",
        "currency": "EUR",
        "impressions": 10_000,
        "spend": "12.5",
    }
    return [
        Daily.model_validate(
            {**told, "canonical_id": reports.id_of(number), "day": date(2026, 11, day), "clicks": clicks, **changed}
        )
        for day in (1, 2, 3)
    ]


def with_results() -> ReportData:
    worn = Fatigue(
        canonical_id=reports.id_of(2), metric="click-through rate", state="worn", since=date(2026, 11, 2), days=30,
        n_ads=40, change=-0.3, low=-0.4, high=-0.2, impressions=120_000, change_by_impressions=-0.25,
        low_by_impressions=-0.35, high_by_impressions=-0.1,
    )  # fmt: skip
    daily = (*days_of(1, 300), *days_of(2, 100), *days_of(4, 50, network="tiktok", currency="USD"))
    return small_report().model_copy(update={"lifts": (LIFT, NO_CLAIM), "fatigue": (worn,), "daily": daily})


def test_what_has_too_few_clicks_to_be_ranked_is_told(opened: Opened) -> None:
    data = with_results()
    thin = [row for number in (4, 5) for row in days_of(number, 2)]
    page = opened(data.model_copy(update={"daily": (*days_of(1, 300), *thin)}), "#/performance")

    expect(page.get_by_text("Left out: 2 creatives with fewer than 30 clicks")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("0 rates")
    page.get_by_label("Metric").select_option("cpm")
    expect(page.get_by_text("Left out:")).to_have_count(0)


def test_results_are_ranked_filtered_and_compared(opened: Opened) -> None:
    page = opened(with_results(), "#/performance")
    best = page.get_by_role("region", name="Best creatives").get_by_role("row")

    expect(best).to_have_count(4)
    expect(best.nth(1)).to_contain_text("3.00 %")
    expect(best.nth(1)).to_contain_text("2.81 % to 3.20 %")
    expect(page.get_by_text("worn since")).to_contain_text(
        "−25 % (−35 % to −10 %) from the first to the last of 120,000"
    )
    expect(
        page.get_by_text(f"the last {DAYS} days that results tell of at most, and the {MEASURED} creatives")
    ).to_be_visible()
    page.get_by_label("Network").select_option("meta")
    expect(best).to_have_count(3)
    page.get_by_label("Metric").select_option("cpc")
    expect(best.nth(1)).to_contain_text("0.0417 EUR")
    for name in ("sale-50.jpg", "sale-20.jpg"):
        page.get_by_role("button", name=f"Compare {name}").click()
    side_by_side = page.get_by_role("region", name="Two creatives side by side")
    expect(side_by_side.get_by_role("row", name="Discount percent")).to_contain_text("20 %")
    expect(side_by_side.get_by_role("row", name="Dominant colours")).to_contain_text("red, white")
    assert "by.network=meta" in page.url


def test_money_of_two_currencies_is_never_in_one_ranking(opened: Opened) -> None:
    report = with_results()
    nameless = report.creatives[3].model_copy(update={"name": reports.id_of(4)[:12]})
    report = report.model_copy(update={"creatives": (*report.creatives[:3], nameless, *report.creatives[4:])})
    page = opened(report, "#/performance?by.metric=cpc")
    best = page.get_by_role("region", name="Best creatives").get_by_role("row")

    expect(best).to_have_count(3)
    expect(best.filter(has_text="USD")).to_have_count(0)
    expect(page.get_by_role("figure")).to_contain_text("EUR")
    page.get_by_label("Currency").select_option("USD")

    expect(best).to_have_count(2)
    expect(best.nth(1)).to_contain_text("0.25 USD")
    expect(best.nth(1).get_by_role("rowheader")).to_have_text(re.compile("^Ad "))


def test_what_is_filtered_can_be_taken_along(opened: Opened) -> None:
    seen = {
        "conversion_value": Decimal("99.5"),
        "video_views": 90,
        "video_25": 70,
        "video_50": 50,
        "video_75": 30,
        "video_100": 10,
    }
    told = with_results()
    daily = [row.model_copy(update=seen) for row in told.daily]
    page = opened(told.model_copy(update={"daily": tuple(daily)}), "#/performance?by.network=tiktok")

    with page.expect_download() as found:
        page.get_by_role("button", name="Export (CSV)").click()

    lines = found.value.path().read_text().splitlines()
    assert [line.split(",")[3] for line in lines] == ["network", *['"tiktok"'] * 3]
    assert [line.split(",")[10:] for line in lines] == [[*seen], *[[f'"{value}"' for value in seen.values()]] * 3]


def test_what_the_gallery_lists_is_taken_along_and_no_formula_is_run(opened: Opened) -> None:
    hostile = {"call_to_action": " =HYPERLINK(1)", "discount_percent": -20.5, "brand_logos": [{"name": "Vanta"}]}
    one = reports.creative(1, name="-1+1.jpg", features=hostile, tags=["sale"])
    others = [reports.creative(n, name=f"{n}.jpg", tags=["sale"] if n > 5 else []) for n in range(2, 80)]
    page = opened(reports.report([one, *others, reports.duplicate(90, one)]), "#/gallery?by.tag=sale&sort=name")

    with page.expect_download() as found:
        page.get_by_role("button", name="Export (CSV)").press("Enter")

    rows = list(csv.DictReader(io.StringIO(found.value.path().read_text("utf-8-sig"))))
    (first,) = [row for row in rows if row["creative"].endswith("1+1.jpg")]
    assert len(rows) == 75  # of all pages
    assert (first["creative"], first["call_to_action"]) == ("'-1+1.jpg", "' =HYPERLINK(1)")
    assert (first["discount_percent"], first["brand_logos"], first["n_ads"]) == ("-20.5", "name Vanta", "2")
    page.get_by_role("searchbox").fill("there is no such word")
    expect(page.get_by_role("button", name="Export (CSV)")).to_be_disabled()


def test_what_was_closed_stays_closed_and_the_focus_goes_back(opened: Opened) -> None:
    page = opened(small_report(), "#/overview")
    page.goto(f"{page.url.partition('#')[0]}#/gallery?q=sale")
    first = page.locator(".results .card").first
    first.press("Enter")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(first).to_be_focused()
    expect(page).to_have_url(re.compile(r"#/gallery\?q=sale$"))
    page.go_back()
    expect(page).to_have_url(re.compile("#/overview$"))
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_way_back_closes_what_was_opened(opened: Opened) -> None:
    page = opened(small_report(), "#/gallery")
    page.locator(".results .card").first.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.go_back()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".results .card").first).to_be_focused()


def test_a_link_to_a_creative_that_is_not_there_says_so(opened: Opened) -> None:
    page = opened(small_report(), f"#/gallery?creative={'f' * 40}")

    expect(page.get_by_text("The creative that this link leads to is not here")).to_be_visible()


def test_a_corrected_price_is_what_a_card_shows(opened: Opened) -> None:
    word = {"field": "price", "action": "correct", "author": "ann", "corrected_at": reports.NOW}
    told = {"price": 19.99, "currency": "EUR", "price_text": "100 €"}
    page = opened(reports.report([reports.creative(1, features=told, corrections=[word])]), "#/gallery")

    expect(page.locator(".results .card .badge.price")).to_have_text("19.99 EUR")


def test_a_still_lacks_nothing_that_only_films_have(opened: Opened) -> None:
    hook = Feature(name="hook", type="STRING", repeated=False, description="How it begins.", kinds=(Kind.VIDEO,))
    said = Feature(name="product_type", type="STRING", repeated=False, description="What is advertised.")
    still = reports.creative(1, features={"text": "Hello"})
    film = reports.creative(2, features={"text": "Hello"}, kind=Kind.VIDEO)
    told = reports.report([still, film]).model_copy(update={"features": (hook, said)})

    for nth, lacks in ((1, "product type"), (2, "hook, product type")):
        page = opened(told, f"#/gallery?creative={reports.id_of(nth)}")
        expect(page.get_by_role("dialog").get_by_text(f"Not told: {lacks}.")).to_be_visible()


def test_a_long_film_lasts_minutes(opened: Opened) -> None:
    films = [reports.creative(nth, kind=Kind.VIDEO, duration_s=seconds) for nth, seconds in ((1, 600.0), (2, 7.7))]

    page = opened(reports.report(films), "#/gallery?sort=name")

    expect(page.locator(".results .card .mark")).to_have_text(["▶ 10:00 min", "▶ 7.7 s"])


def test_a_film_of_no_known_length_is_not_said_to_last_no_second(opened: Opened) -> None:
    film = reports.creative(1, kind=Kind.VIDEO, duration_s=None)

    page = opened(reports.report([film]), "#/gallery")

    expect(page.locator(".results .card .mark")).to_have_text("▶")


def test_the_overview_lists_numbers_in_their_order_however_common_each_is(opened: Opened) -> None:
    percents = [70, 70, 70, 5, 20, 20]
    told = [reports.creative(nth, features={"discount_percent": each}) for nth, each in enumerate(percents, 1)]

    page = opened(reports.report(told))

    expect(page.locator(".shares .option")).to_have_text(["5", "20", "70"])


def test_the_overview_says_where_it_lists_some_of_many(opened: Opened) -> None:
    colours = ["red", "blue", "green", "black", "white", "pink", "gray"]
    told = {"dominant_colors": colours, "has_people": True}

    page = opened(reports.report([reports.creative(nth, features=told) for nth in (1, 2)]))

    expect(page.get_by_role("heading", name="Dominant colours the 5 commonest of 7")).to_be_visible()


def test_what_was_corrected_is_not_said_to_be_read_on_it(opened: Opened) -> None:
    field = QUOTED["evidence"][0]["field"]
    word = {"field": field, "action": "correct", "author": "ann", "corrected_at": reports.NOW}
    as_told = reports.creative(1, **QUOTED)
    corrected = reports.creative(2, **{**QUOTED, "corrections": [word]})
    page = opened(reports.report([as_told, corrected]), f"#/gallery?creative={reports.id_of(1)}")
    ticks = page.get_by_role("dialog").locator(".verdict.ocr")
    expect(ticks).not_to_have_count(0)
    before = ticks.count()

    show(page, f"#/gallery?creative={reports.id_of(2)}")

    expect(ticks).to_have_count(before - 1)


def test_a_creative_that_failed_says_why_in_words_before_what_a_decoder_said(opened: Opened) -> None:
    broken = reports.failed(1, name="cut.mp4", detail="[Errno 1094995529] Invalid data")
    page = opened(reports.report([broken]), f"#/gallery?creative={reports.id_of(1)}")

    problem = page.get_by_role("dialog").locator(".problem")

    expect(problem).to_have_text(f"{SENTENCES[Reason(str(broken.reason))]} [Errno 1094995529] Invalid data")


def test_a_tag_is_listed_as_it_was_typed(opened: Opened) -> None:
    page = opened(reports.report([reports.creative(nth, tags=["summer 26"]) for nth in (1, 2)]), "#/gallery")

    option = page.locator(".facets .option", has_text="summer 26")

    expect(option).to_be_attached()
    assert option.evaluate("each => getComputedStyle(each, '::first-letter').textTransform") == "none"


def test_a_card_says_that_it_was_found_by_the_name_of_a_duplicate(opened: Opened) -> None:
    first = reports.creative(1, name="sofa.jpg")
    copy = reports.duplicate(2, first, name="couch-small.jpg")

    page = opened(reports.report([first, copy]), "#/gallery?q=couch")

    expect(page.locator(".results .card")).to_contain_text("Found by its duplicate couch-small.jpg")
    page.get_by_role("searchbox").fill("sofa")
    expect(page.locator(".results .card")).to_have_count(1)
    expect(page.locator(".results .card")).not_to_contain_text("Found by")


def test_prices_of_two_currencies_are_in_no_range_together(opened: Opened) -> None:
    names = (("price", "FLOAT"), ("currency", "STRING"))
    columns = tuple(Feature(name=name, type=kind, repeated=False, description="Told.") for name, kind in names)
    priced = [(9, "EUR"), (19, "EUR"), (9, "JPY"), (1900, "JPY"), (5, None)]
    creatives = [
        reports.creative(nth, features={"price": price, **({"currency": currency} if currency else {})})
        for nth, (price, currency) in enumerate(priced)
    ]

    page = opened(reports.report(creatives).model_copy(update={"features": columns}), "#/gallery")

    for heading in ("Price (EUR)", "Price (JPY)", "Price (currency not told)"):
        expect(page.locator(".facets")).to_contain_text(heading)
    show(page, "#/gallery?by.f.price.EUR=9")
    expect(page.locator(".results .card")).to_have_count(1)


def test_versions_speak_of_what_is_seen_and_not_of_bits(opened: Opened) -> None:
    one = reports.creative(1)
    page = opened(reports.report([one, reports.variant(2, one, distance=3, score=51.0)]), "#/versions")

    expect(page.get_by_role("main")).to_contain_text("95 % alike at a glance")
    expect(page.get_by_role("main")).not_to_contain_text("black to white")


SPOT = {"kind": Kind.VIDEO, "duration_s": 19.5, "has_audio": True, "width": 640, "height": 360}
BANNER = {"duration_s": 6.0, "width": 728, "height": 90}
PICTURE = {"width": 1080, "height": 1080}


VERSIONS = [
    (SPOT, {"score": 255.0, "at_s": 0.0, "until_s": 19.5}, "the same pictures, another sound"),
    (SPOT, {"score": 255.0}, "the same pictures, another sound"),
    (SPOT, {"score": 255.0, "at_s": 0.0, "until_s": 19.5, "has_audio": False}, "the same pictures, without sound"),
    (SPOT | {"has_audio": False}, {"score": 255.0, "has_audio": True}, "the same pictures, with sound"),
    (
        SPOT,
        {"score": 255.0, "at_s": 2.0, "until_s": 17.0, "duration_s": 15.0},
        "a cut-down: shows seconds 2 to 17 of spot.mp4",
    ),
    (
        SPOT,
        {"score": 255.0, "at_s": 2.0, "until_s": 8.29, "duration_s": 6.0, "has_audio": False},
        "a cut-down: shows seconds 2 to 8.29 of spot.mp4, without sound",
    ),
    (
        SPOT | {"duration_s": 90.0},
        {"score": 255.0, "at_s": 55.0, "until_s": 75.0, "duration_s": 20.0},
        "a cut-down: shows 55 s to 1:15 min of spot.mp4",
    ),
    (
        SPOT | {"duration_s": 15.0},
        {"score": 255.0, "at_s": 0.0, "until_s": 15.0, "duration_s": 19.5},
        "shows all of spot.mp4, and lasts longer",
    ),
    (
        SPOT,
        {"score": 165.77, "at_s": 0.0, "until_s": 15.0, "duration_s": 19.5},
        "shows seconds 0 to 15 of spot.mp4, and something else",
    ),
    (
        SPOT,
        {"score": 201.23, "at_s": 0.0, "until_s": 19.5, "duration_s": 15.6},
        "1.25 times as fast as spot.mp4",
    ),
    (
        SPOT,
        {"score": 255.0, "at_s": 0.0, "until_s": 19.5, "width": 359, "height": 640, "picture_aspect": 1.78},
        "the same scenes, with bars around the picture",
    ),
    (
        SPOT | {"picture_aspect": 1.78},
        {"score": 255.0, "at_s": 0.0, "until_s": 19.5},
        "the same scenes, without the bars of spot.mp4",
    ),
    (SPOT, {"score": 258.35, "at_s": 0.0, "until_s": 19.5}, "the same scenes, parts of the pictures differ"),
    (SPOT, {"score": 6.68}, "the same scenes"),
    (BANNER, {"score": 89.11, "at_s": 0.08, "until_s": 6.0}, "the same scenes, parts of the pictures differ"),
    (BANNER, {"score": 255.0, "at_s": 0.0, "until_s": 6.0}, "the same scenes"),
    (PICTURE, {"score": 258.35}, "100 % alike at a glance"),
    (
        PICTURE,
        {"score": 51.0, "height": 1920, "picture_aspect": 1.0},
        "with bars around the picture; 100 % alike at a glance",
    ),
]


@pytest.mark.parametrize(
    ("known", "changed", "said"),
    some_of(VERSIONS, in_the_gate=VERSIONS[::7]),
)
def test_a_version_is_told_by_what_it_is_to_the_other(
    opened: Opened, known: dict[str, Any], changed: dict[str, Any], said: str
) -> None:
    spot = reports.creative(1, name="spot.mp4", **known)
    version = reports.variant(2, spot, name="version.mp4", **{**known, "picture_aspect": None, **changed})

    page = opened(reports.report([spot, version]), "#/versions")

    expect(page.locator(".verdict .quiet")).to_have_text(said)
    show(page, f"#/gallery?creative={version.creative_id}")
    of_it = said.replace("spot.mp4", "it")
    expect(page.get_by_text("Another version of spot.mp4")).to_have_text(f"Another version of spot.mp4: {of_it}")


def test_a_copy_of_a_film_has_its_pictures_and_its_sound(opened: Opened) -> None:
    spot = reports.creative(1, name="spot.mp4", **SPOT)
    copies = [reports.duplicate(2, spot, **SPOT), reports.duplicate(3, spot, **{**SPOT, "has_audio": False})]

    page = opened(reports.report([spot, *copies]), "#/versions")

    expect(page.locator(".verdict .quiet")).to_have_text(["the same pictures and the same sound", "the same pictures"])


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"at_s": 0.0, "until_s": 19.5}, ["Sound", "one", "another"]),
        ({"at_s": 0.0, "until_s": 19.5, "has_audio": False}, ["Sound", "Yes", "No"]),
        ({"at_s": 4.0, "until_s": 10.0, "duration_s": 6.0}, ["Length", "19.5 s", "6 s"]),
    ],
)
def test_versions_of_the_same_pictures_have_a_row_for_what_is_another(
    opened: Opened, changed: dict[str, Any], row: list[str]
) -> None:
    spot = reports.creative(1, name="spot.mp4", features=SALE, bytes=1000, **SPOT)
    version = reports.variant(2, spot, **{**SPOT, "features": SALE, "bytes": 1000, "score": 255.0, **changed})

    page = opened(reports.report([spot, version]), "#/versions")

    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.locator("tbody tr").locator("th, td").all_inner_texts() == row


@pytest.mark.parametrize("other", ["found by its copy", "copy of another"])
def test_a_creative_is_never_another_version_of_its_own_copy(opened: Opened, other: str) -> None:
    root, large = reports.creative(1, name="root.jpg"), reports.variant(2, reports.creative(1), name="large.jpg")
    own = reports.duplicate(3, large, name="small.jpg")
    copy = reports.duplicate(4, root, name="copy-of-root.jpg")
    matched = {"found by its copy": own, "copy of another": copy}[other]
    large = large.model_copy(update={"matched_id": matched.creative_id})
    page = opened(reports.report([root, large, own, copy]), f"#/gallery?creative={reports.id_of(2)}")

    told = page.get_by_role("dialog").locator("section", has_text="Compared with others").locator("p").first

    ends = {"found by its copy": "a known creative", "copy of another": "root.jpg"}
    expect(told).to_have_text(f"Another version of {ends[other]}")


def test_money_says_why_fewer_answers_were_spared_than_there_are_duplicates(opened: Opened) -> None:
    page = opened(small_report(), "#/money")
    expect(page.get_by_role("main")).not_to_contain_text("saved nothing")

    data = small_report()
    unspared = [each.model_copy(update={"duplicates": 0}) for each in data.spending]
    page = opened(data.model_copy(update={"spending": tuple(unspared)}), "#/money")

    expect(page.get_by_role("main")).to_contain_text(
        "Of 1 duplicate 1 saved nothing: it was analysed before the file that stands for it came."
    )


def test_the_lead_of_versions_names_all_that_makes_a_variant(opened: Opened) -> None:
    page = opened(small_report(), "#/versions")

    expect(page.locator(".lead")).to_contain_text(
        "1 variant: with other words, another product or another sound, cut down, faster, or in another shape."
    )


def test_without_results_the_page_says_what_to_give_it(opened: Opened) -> None:
    page = opened(small_report(), "#/performance")

    expect(page.get_by_text("creatives results FILE")).to_be_visible()
