"""Addresses of the page: whatever stands in one, the page opens, and says what of it is unknown."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from tests.creatives.report.conftest import Opened
from tests.creatives.report.test_browser import with_results

# As a link that is followed: what goes wrong is told, and what the page shows then.
FOLLOW = """
hash => {
  const wrong = [];
  const note = event => wrong.push(event.message);
  addEventListener("error", note);
  history.replaceState(null, "", hash);
  dispatchEvent(new PopStateEvent("popstate"));
  removeEventListener("error", note);
  const main = document.getElementById("main");
  return { wrong, title: main.querySelector("h1")?.textContent ?? "", text: main.textContent };
}
"""
VIEWS = (
    "overview",
    "gallery",
    "versions",
    "failures",
    "money",
    "performance",
    "review",
    "__proto__",
    "constructor",
    "",
)
NAMES: tuple[str, ...] = (
    "q",
    "sort",
    "page",
    "copies",
    "creative",
    "at",
    "by.",
    "by.tag",
    "by.f.text",
    "by.f.__proto__",
    "by.status",
)
NAMES += ("by.metric", "by.compare", "by.group", "by.from", "by.currency", "__proto__", "by.constructor", "")
VALUES: tuple[str, ...] = (
    "f.__proto__",
    "f.text",
    "f.dominant_colors",
    "f.brand_logos",
    "-1",
    "1e400",
    "NaN",
    "%E0%A4%A",
    "%",
    "-25 %",
    "(",
)
VALUES += (
    "\\\\",
    "[",
    "a-b",
    "1.299 -",
    "“",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "ctr",
    "true",
    "\u0000",
    "a" * 5000,
)


def test_no_address_breaks_the_page(opened: Opened) -> None:
    page = opened(with_results())
    some = st.sampled_from(VALUES) | st.text(max_size=30) | st.from_regex(r"[-+*?^$.()\[\]{}|/\\0-9%,'a ]{1,12}")
    field = st.tuples(st.sampled_from(NAMES) | st.text(max_size=5), some).map("=".join)
    address = st.builds("#/{}?{}".format, st.sampled_from(VIEWS) | st.text(max_size=8), st.lists(field).map("&".join))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(address | st.text(max_size=40).map("#{}".format))
    def holds(hash_: str) -> None:
        shown = page.evaluate(FOLLOW, hash_)

        assert shown["wrong"] == []
        assert shown["title"]
        assert "cannot be shown" not in shown["text"]

    holds()


@pytest.mark.parametrize(
    ("address", "title", "told"),
    [
        ("#/galery?q=sale", "8 ads use", "There is no page “galery”: this is the overview."),
        ("#/gallery?sort=beauty", "Gallery", "This link sorts by “beauty”, which is not known here."),
        ("#/gallery?by.f.mood=calm&q=sale", "Gallery", "This link filters by “f.mood”, which no creative here tells"),
        ("#/performance?by.mood=calm", "Performance", "This link filters by “mood”, which no creative here tells"),
        (f"#/gallery?creative={'f' * 40}", "Gallery", "The creative that this link leads to is not here"),
    ],
)
def test_what_of_an_address_is_unknown_is_said_and_all_else_shown(
    opened: Opened, address: str, title: str, told: str
) -> None:
    page = opened(with_results(), address)

    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    expect(page.get_by_role("main").get_by_role("status").filter(has_text=told)).to_be_visible()
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_text(told)).to_have_count(0)


def test_a_choice_that_cannot_be_shown_is_told_and_all_else_is_shown(opened: Opened) -> None:
    page = opened(with_results())
    # As a fault of ours in the search was: the page must not stay blank for whoever follows the link.
    page.evaluate(
        "() => { String.prototype.matchAll = function () { if (this.length) throw Error('odd'); return [] } }"
    )

    shown = page.evaluate(FOLLOW, "#/gallery?q=-25+%25")

    assert shown["wrong"] == []
    expect(page.get_by_text("What this link chooses cannot be shown (odd): this is all there is.")).to_be_visible()
    assert page.locator(".results .card").count() > 1
