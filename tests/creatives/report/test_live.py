"""The live page in a real browser: it sends what it is given and brings itself up to date, filters and all.

The server's side is answered here, as creatives/page answers; the two together are tested there.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from creatives.report import page as pages
from creatives.report.model import ReportData
from tests import reports
from tests.creatives.report.conftest import watch

URL = "http://creatives.test/"
DROP = """
zone => {
  const files = new DataTransfer();
  files.items.add(new File(["picture"], "dropped.jpg", { type: "image/jpeg" }));
  zone.dispatchEvent(new DragEvent("dragover", { dataTransfer: files, bubbles: true, cancelable: true }));
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}
"""


@dataclass
class Server:
    """What is answered, and what was sent."""

    data: ReportData
    refused: list[str] = field(default_factory=list)
    waiting: int = 0
    posted: list[Request] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        """A request of the page."""
        path = route.request.url.removeprefix(URL)
        if path == "":
            route.fulfill(body=pages.render(self.data, live=True), content_type="text/html; charset=utf-8")
        elif path == "api/data":
            route.fulfill(body=pages.as_json(self.data), content_type="application/json")
        elif path == "api/progress":
            self._answer_json(route, {"stages": {"hash": {"waiting": self.waiting}}, "counts": self._counts()})
        elif path == "api/uploads/status":
            self._answer_json(route, {"ads": []})
        else:
            self.posted.append(route.request)
            ads = [{"name": "ad", "key": "0" * 64}]
            self._answer_json(route, {"accepted": 1, "refused": self.refused, "ads": ads})

    def _counts(self) -> dict[str, int]:
        return {"analysed": len(self.data.creatives), "duplicate": 0, "failed": 0, "pending": self.waiting}

    def _answer_json(self, route: Route, body: dict[str, Any]) -> None:
        route.fulfill(body=json.dumps(body), content_type="application/json")


@pytest.fixture
def server() -> Server:
    return Server(reports.report([reports.creative(1, name="first.jpg"), reports.creative(2, name="second.jpg")]))


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(f"{URL}**", server.answer)
    page = context.new_page()
    page.set_default_timeout(15_000)
    watch(page, complaints)
    page.goto(URL)
    yield page
    context.close()
    assert [each for each in complaints if URL not in each] == []


def test_a_new_creative_appears_and_the_search_stays(page: Page, server: Server) -> None:
    page.get_by_role("link", name="Gallery").click()
    page.get_by_role("searchbox").fill("d.jpg")
    before = page.locator(".card .title").all_inner_texts()

    server.data = reports.report([*server.data.creatives, reports.creative(3, name="third.jpg")])

    expect(page.locator(".card .title")).to_have_text(["second.jpg", "third.jpg"])
    assert before == ["second.jpg"]
    expect(page.get_by_role("searchbox")).to_have_value("d.jpg")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_progress_says_what_waits(page: Page, server: Server) -> None:
    server.waiting = 3

    expect(page.get_by_text("3 ads in progress")).to_be_visible()


def test_a_dropped_file_is_sent(page: Page, server: Server) -> None:
    page.locator(".drop").evaluate(DROP)

    expect(page.get_by_text("1 accepted.")).to_be_visible()
    (sent,) = server.posted
    assert (sent.url, sent.headers["x-creatives"]) == (f"{URL}api/upload", "1")
    assert 'name="files"; filename="dropped.jpg"' in (sent.post_data or "")


def test_a_chosen_file_is_sent_and_a_refusal_is_told(page: Page, server: Server) -> None:
    server.refused = ["<b>notes.txt</b>: neither a picture nor a video"]

    page.get_by_label("Choose files").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"picture"})

    expect(page.get_by_text("<b>notes.txt</b>: neither a picture nor a video")).to_be_visible()
    assert len(server.posted) == 1


def test_addresses_are_sent_and_the_box_is_cleared(page: Page, server: Server) -> None:
    box = page.get_by_role("textbox", name="Addresses")
    box.fill("https://shop.example/a.jpg\nhttps://shop.example/b.jpg")

    page.get_by_role("button", name="Analyse addresses").click()

    expect(box).to_have_value("")
    (sent,) = server.posted
    assert sent.headers["x-creatives"] == "1"
    assert sent.post_data_json == {"text": "https://shop.example/a.jpg\nhttps://shop.example/b.jpg"}
