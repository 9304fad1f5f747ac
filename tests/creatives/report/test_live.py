"""The live page in a real browser: it sends what it is given and brings itself up to date, filters and all.

The server's side is answered here, as creatives/page answers; the two together are tested there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, FilePayload, Page, Request, Route, expect

from creatives.analysis.results import Status
from creatives.report import page as pages
from creatives.report.model import Feature, ReportData
from tests import reports
from tests.cases import first_of, some_of
from tests.creatives.report.conftest import unseen_stops, watch
from tests.e2e import pipelines

URL = "http://creatives.test/"
NO_FILE = {"origin": "batch", "file": "none", "match": None, "status": "failed", "ads": 1}
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
    refused: list[dict[str, str]] = field(default_factory=list)  # before all of it is sent
    unfit: list[dict[str, str]] = field(default_factory=list)  # of what was sent
    remarks: list[str] = field(default_factory=list)
    waiting: int = 0
    twice: int = 0  # what is told once more of ads that wait
    told: int = 0  # what changes no count
    awaited: int = 0  # ads that were accepted, and are in no data yet
    heard: list[dict[str, str | None]] = field(default_factory=list)  # what became of the ads that were sent
    brought: list[str] = field(default_factory=lambda: ["ad"])  # the ads of what is sent
    asked: list[Route] = field(default_factory=list)  # what means the like, to be answered
    holds_progress: bool = False
    held: list[Route] = field(default_factory=list)  # what is asked meanwhile
    checked: list[Request] = field(default_factory=list)
    labels: list[list[tuple[str, str, str, str]]] = field(default_factory=list)
    problem: str | None = None  # with every label
    posted: list[Request] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        """A request of the page."""
        path = route.request.url.removeprefix(URL)
        if path == "":
            route.fulfill(body=pages.render(self.data, live=True), content_type="text/html; charset=utf-8")
        elif path == "api/data":
            route.fulfill(body=pages.as_json(self.data), content_type="application/json")
        elif path == "api/progress" and self.holds_progress:
            self.held.append(route)
        elif path == "api/progress":
            counts = self._counts()
            stages = {"hash": {"waiting": self.waiting + self.twice}}
            told = {
                "stages": stages,
                "counts": counts,
                "accepted": sum(counts.values()) + self.awaited,
                "told": self.told,
            }
            self._answer_json(route, told)
        elif path == "api/uploads/status":
            keys = (route.request.post_data_json or {})["keys"]
            self._answer_json(route, {"ads": [each for each in self.heard if each["key"] in keys]})
        elif path.startswith("api/find"):
            self.asked.append(route)
        elif path == "api/labels":
            self._answer_labels(route)
        elif path == "api/check":
            self.checked.append(route.request)
            names = re.findall('name="files"; filename="([^"]*)"', route.request.post_data or "")
            refused = {each["name"]: each for each in self.refused}
            self._answer_json(route, {"refused": [refused.get(name) for name in names]})
        else:
            self.posted.append(route.request)
            self.awaited += len(self.brought)
            ads = [{"name": name, "key": key_of(nth)} for nth, name in enumerate(self.brought)]
            self._answer_json(route, {"accepted": len(ads), "refused": self.unfit, "remarks": self.remarks, "ads": ads})

    def _counts(self) -> dict[str, int]:
        ads = dict.fromkeys(map(str, Status), 0)
        for way in self.data.flow:
            ads[way.status] += way.ads
        return {**ads, "pending": self.waiting}

    def _answer_labels(self, route: Route) -> None:
        sent = route.request.post_data_json or []
        self.labels.append([(each["creative_id"], each["kind"], each["text"], each["action"]) for each in sent])
        if self.problem:
            route.fulfill(status=422, body=json.dumps({"error": self.problem}), content_type="application/json")
            return
        said = {"author": "ann", "occurred_at": datetime.now(UTC).isoformat()}
        self._answer_json(route, [{**each, **said} for each in sent])

    def _answer_json(self, route: Route, body: object) -> None:
        route.fulfill(body=json.dumps(body), content_type="application/json")


def key_of(nth: int) -> str:
    return f"{nth:064x}"


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
    with page.expect_response(f"{URL}api/data"):  # as it is at the start
        page.goto(URL)
    yield page
    context.close()
    refused = [
        "console error: Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]
    assert [each for each in complaints if URL not in each] == (refused if server.problem else [])


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


def test_what_was_accepted_is_under_way_until_it_is_settled(page: Page, server: Server) -> None:
    server.data = reports.report(flow=[NO_FILE])
    strip, headline = page.get_by_role("group", name="Progress"), page.get_by_role("heading", level=1)
    expect(headline).to_have_text("1 ad could not be opened.")
    expect(strip).to_have_text("Nothing waits.")
    server.brought = ["a", "b"]

    page.get_by_label("Choose files").set_input_files([chosen("a.png"), chosen("b.png")])

    expect(headline).to_have_text("2 ads in progress, 1 ad could not be opened.")
    expect(strip).to_have_text("2 ads in progress")
    expect(page.get_by_text("3 ads = 0 analysed + 0 duplicates + 1 failed + 2 in progress.")).to_be_visible()
    page.goto(f"{URL}#/gallery")
    expect(page.get_by_role("main")).to_contain_text(re.compile("2 ads in progress.\\s*Creatives appear"))

    server.data = reports.report(
        [reports.creative(1)], flow=[NO_FILE, {**NO_FILE, "file": "first", "status": "analysed"}]
    )
    server.awaited = 1
    expect(strip).to_have_text("1 ad in progress")
    server.awaited = 0
    expect(strip).to_have_text("Nothing waits.")


def test_what_was_sent_is_said_to_be_counted_until_the_server_has_told(page: Page, server: Server) -> None:
    strip = page.get_by_role("group", name="Progress")
    expect(strip).to_have_text("Nothing waits.")
    server.holds_progress = True

    page.get_by_label("Choose files").set_input_files(chosen("a.png"))

    expect(strip).to_have_text("Counting what was sent…")
    server.holds_progress = False
    for route in server.held:
        server.answer(route)
    expect(strip).to_have_text("1 ad in progress")


@pytest.mark.parametrize("what", ["upload", "urls"])
def test_whoever_leaves_while_something_is_sent_is_asked_first(page: Page, server: Server, what: str) -> None:
    window, held = page.context.new_page(), list[Route]()
    window.route(f"{URL}api/{what}", lambda route: held.append(route))
    window.goto(URL)
    window.get_by_role("heading", level=1).click()  # of who has done nothing yet no browser asks
    with window.expect_request(f"{URL}api/{what}"):
        if what == "urls":
            window.get_by_role("textbox", name="Addresses").fill("https://ads.example/a.png")
            window.get_by_role("button", name="Analyse addresses").click()
        else:
            window.get_by_label("Choose files").set_input_files(chosen("a.png"))

    with window.expect_event("dialog") as asked:
        window.close(run_before_unload=True)
    asked.value.dismiss()
    assert asked.value.type == "beforeunload"

    with window.expect_response(f"{URL}api/{what}"):
        server.answer(held[0])
    with window.expect_event("close"):
        window.close(run_before_unload=True)


def test_a_correction_to_nothing_can_be_taken_back(page: Page, server: Server) -> None:
    word = {"field": "price", "action": "correct", "author": "ann", "corrected_at": reports.NOW}
    price = Feature(name="price", type="FLOAT", repeated=False, description="What it costs.")
    emptied = reports.creative(1, features={"text": "a"}, model_features={"price": 9.0}, corrections=[word])
    server.data = reports.report([emptied]).model_copy(update={"features": (price,)})

    page.goto(f"{URL}#/gallery?creative={reports.id_of(1)}")
    page.reload()

    expect(page.get_by_role("dialog")).to_contain_text("the model said 9")
    expect(page.get_by_role("button", name="Take back price")).to_be_visible()


def test_what_another_window_corrected_appears(page: Page, server: Server) -> None:
    page.goto(f"{URL}#/gallery")
    expect(page.locator(".card").first).not_to_contain_text("555 EUR")
    server.data = reports.report([reports.creative(n, features={"price": 555, "currency": "EUR"}) for n in (1, 2)])
    page.wait_for_timeout(100)

    server.told += 1

    expect(page.locator(".card").first).to_contain_text("555 EUR")


@pytest.mark.parametrize("number", some_of([1, 5, 3000], in_the_gate=[3000]))
def test_the_page_counts_as_the_server_does_however_many_were_sent(page: Page, server: Server, number: int) -> None:
    strip, headline = page.get_by_role("group", name="Progress"), page.get_by_role("heading", level=1)
    server.brought = [f"ad {nth}" for nth in range(number)]

    page.get_by_label("Choose files").set_input_files(chosen("a.png"))

    expect(strip).to_have_text(f"{number:,} ad{'s' if number > 1 else ''} in progress")
    expect(headline).to_contain_text(f"{number:,} in progress")
    page.reload()
    expect(strip).to_have_text(f"{number:,} ad{'s' if number > 1 else ''} in progress")


@pytest.mark.long
def test_the_strip_and_the_headline_say_one_number_while_newer_data_is_read(page: Page, server: Server) -> None:
    held: list[Route] = []
    strip, headline = page.get_by_role("group", name="Progress"), page.get_by_role("heading", level=1)
    server.brought = ["a", "b"]
    with page.expect_response(f"{URL}api/data"):  # that of what was sent: held, it would hold all that comes later
        page.get_by_label("Choose files").set_input_files([chosen("a.png"), chosen("b.png")])
    expect(strip).to_have_text("2 ads in progress")

    page.route("**/api/data", lambda route: held.append(route))
    server.heard = [{"key": key_of(nth), "status": "pending"} for nth in range(2)]
    server.waiting, server.awaited = 2, 0
    expect(strip).to_have_text("Pictures22 ads in progress")
    expect(page.get_by_text("In this list: 2 under way.")).to_be_visible()
    expect(headline).to_contain_text("2 in progress")

    server.brought = ["c"]
    page.get_by_label("Choose files").set_input_files(chosen("c.png"))
    expect(page.get_by_text("In this list: 1 sent")).to_be_visible()
    for _ in range(20):
        shown = (strip.inner_text(), headline.inner_text())
        assert re.findall(r"(\d+) ads? in progress", shown[0]) == re.findall(r"(\d+) in progress", shown[1]), shown
        page.wait_for_timeout(50)
    for route in held:
        route.fallback()


def test_what_was_known_already_is_not_under_way(page: Page, server: Server) -> None:
    server.heard = [{"key": key_of(0), "status": "analysed"}]
    strip, headline = page.get_by_role("group", name="Progress"), page.get_by_role("heading", level=1)
    before = headline.inner_text()
    page.route(
        "**/api/progress", lambda route: route.fulfill(json={"stages": {}, "counts": {"analysed": 2}, "accepted": 2})
    )

    page.get_by_label("Choose files").set_input_files(chosen("a.png"))

    expect(page.get_by_role("list", name="What was just sent")).to_contain_text("Analysed")
    expect(strip).to_have_text("Nothing waits.")
    assert headline.inner_text() == before


@pytest.mark.long
def test_of_what_was_sent_neither_what_went_well_nor_what_did_not_hides_the_other(page: Page, server: Server) -> None:
    server.refused = [{"name": f"{nth}.psd", "why": "We cannot read this."} for nth in range(7)]
    server.brought = [f"{nth}.jpg" for nth in range(12)]
    rows = page.get_by_role("list", name="What was just sent").get_by_role("listitem")

    page.get_by_label("Choose files").set_input_files([*(chosen(each["name"]) for each in server.refused), chosen("a")])

    expect(page.get_by_text("In this list: 7 not taken, 12 sent.")).to_be_visible()
    expect(rows).to_have_count(8)
    expect(rows.filter(has_text="Not taken:")).to_have_count(4)
    page.get_by_role("button", name="Show all 19").press("Enter")
    expect(rows).to_have_count(19)
    assert page.evaluate("(list => list.scrollHeight <= list.clientHeight)(document.querySelector('.followed ol'))")
    page.get_by_role("button", name="Show fewer").press("Enter")
    expect(rows).to_have_count(8)


def test_what_was_sent_is_a_line_in_a_view_chosen_later_and_is_hidden_and_shown_by_keyboard(
    page: Page, server: Server
) -> None:
    server.unfit = [{"name": "htp:/b.jpg", "why": "This is not a web address."}]
    sent, toggle = page.get_by_role("list", name="What was just sent"), page.locator("#followed-hide")
    page.get_by_role("textbox", name="Addresses").fill("https://shop.example/a.jpg\nhtp:/b.jpg")
    page.get_by_role("button", name="Analyse addresses").click()
    expect(sent).to_contain_text("Not taken: This is not a web address.")

    page.get_by_role("link", name="Gallery").click()

    expect(page.get_by_text("In this list: 1 not taken, 1 sent.")).to_be_visible()
    expect(sent).to_have_count(0)
    for hidden, shown in (("false", 0), ("true", 1), ("false", 0)):
        expect(toggle).to_have_attribute("aria-expanded", hidden)
        expect(sent).to_have_count(shown)
        toggle.press("Enter")
        expect(toggle).to_be_focused()
    toggle.press("Enter")
    page.get_by_role("button", name="Analyse addresses").click()
    expect(sent).to_contain_text("Not taken: This is not a web address.")


def test_what_was_not_taken_does_not_hide_what_failed(page: Page, server: Server) -> None:
    server.refused = [{"name": f"{nth}.psd", "why": "We cannot read this."} for nth in range(7)]
    server.brought = [f"{nth}.jpg" for nth in range(9)]
    server.heard = [{"key": key_of(nth), "status": "failed", "why": "It is damaged."} for nth in range(6)]
    server.heard += [{"key": key_of(nth), "status": "analysed"} for nth in range(6, 9)]
    rows = page.get_by_role("list", name="What was just sent").get_by_role("listitem")

    page.get_by_label("Choose files").set_input_files([*(chosen(each["name"]) for each in server.refused), chosen("a")])

    expect(rows.filter(has_text="It is damaged.")).to_have_count(4)
    expect(rows.filter(has_text="Not taken:")).to_have_count(4)
    expect(rows.filter(has_text="Analysed")).to_have_count(3)


def test_nothing_is_said_to_be_missing_while_it_is_looked_for(page: Page, server: Server) -> None:
    page.goto(f"{URL}#/gallery")
    page.get_by_role("searchbox").fill("Wanderschuhe")

    with page.expect_request("**/api/find**"):
        expect(page.locator("#result-count")).to_have_text("Looking…")
    expect(page.get_by_text("No creative")).to_have_count(0)
    server.asked[0].fulfill(json={"creatives": [id_of(2)]})

    expect(page.locator("#result-count")).to_have_text("No creative has these words.")
    expect(page.get_by_role("region", name="Close in meaning").locator(".card .title")).to_have_text(["second.jpg"])


def test_where_there_is_no_address_that_is_said(page: Page, server: Server) -> None:
    page.get_by_role("button", name="Analyse addresses").press("Enter")

    expect(page.get_by_text("There is no address yet")).to_be_visible()
    expect(page.get_by_role("textbox", name="Addresses")).to_be_focused()
    assert server.posted == []


def test_a_dropped_file_is_sent(page: Page, server: Server) -> None:
    page.locator(".drop").evaluate(DROP)

    expect(page.get_by_text("1 accepted.")).to_be_visible()
    (sent,) = server.posted
    assert (sent.url, sent.headers["x-creatives"]) == (f"{URL}api/upload", "1")
    assert 'name="files"; filename="dropped.jpg"' in (sent.post_data or "")


def test_a_chosen_file_is_sent_and_a_remark_is_told(page: Page, server: Server) -> None:
    server.remarks = ["<b>list.csv</b>: 2 lines left out"]

    page.get_by_label("Choose files").set_input_files(chosen("a.png"))

    expect(page.get_by_text("<b>list.csv</b>: 2 lines left out")).to_be_visible()
    assert len(server.posted) == 1


def chosen(name: str, content: bytes = b"picture") -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_what_cannot_work_is_not_sent_and_all_else_is(page: Page, server: Server) -> None:
    server.refused = [{"name": "<i>.psd", "why": "We cannot read this."}, {"name": "empty.png", "why": "It is empty."}]

    page.get_by_label("Choose files").set_input_files(
        [chosen("<i>.psd", b"x" * 9000), chosen("a.png"), chosen("empty.png", b"")]
    )

    expect(page.get_by_text("1 accepted. 2 not taken, with the reason below.")).to_be_visible()
    rows = page.get_by_role("list", name="What was just sent").get_by_role("listitem")
    expect(rows).to_contain_text(
        ["<i>.psdNot taken: We cannot read this.", "empty.pngNot taken: It is empty.", "adSent"]
    )
    expect(page.get_by_text("In this list: 2 not taken, 1 sent.")).to_be_visible()
    (sent,), (checked,) = server.posted, server.checked
    assert re.findall('filename="([^"]*)"', sent.post_data or "") == ["a.png"]
    assert len(checked.post_data_buffer or b"") < 6000  # the beginnings alone
    assert "9000" in (checked.post_data or "")


def test_where_nothing_can_work_nothing_is_sent(page: Page, server: Server) -> None:
    server.refused = [{"name": "a.psd", "why": "We cannot read this."}]

    page.get_by_label("Choose files").set_input_files(chosen("a.psd"))

    expect(page.get_by_text("0 accepted. 1 not taken, with the reason below.")).to_be_visible()
    assert server.posted == []


@pytest.mark.long
def test_the_column_of_addresses_is_chosen_by_keyboard_and_stays_chosen(page: Page, server: Server) -> None:
    server.brought = []
    server.unfit = [{"name": "ads.csv", "why": "no column", "columns": ["Nr", "Motiv", "Notiz"]}]  # type: ignore[dict-item]
    page.get_by_label("Choose files").set_input_files(chosen("ads.csv"))
    choice = page.get_by_label("Its addresses are in the column")
    expect(choice).to_have_value("Nr")
    choice.select_option("Motiv")
    server.brought, server.unfit = ["one"], []
    page.get_by_label("Choose files").set_input_files(chosen("other.png"))  # the list is drawn anew
    expect(page.get_by_text("In this list: 1 sent, 1 not taken.")).to_be_visible()
    expect(choice).to_have_value("Motiv")

    with page.expect_response(f"{URL}api/upload"):  # the choice goes before it is sent
        page.get_by_role("button", name="Send again").press("Enter")

    expect(choice).to_have_count(0)
    assert re.search('name="url_column"\\s+Motiv', server.posted[-1].post_data or "")
    assert 'filename="ads.csv"' in (server.posted[-1].post_data or "")


def test_a_pasted_picture_is_sent_and_pasted_text_stays_where_it_is(page: Page, server: Server) -> None:
    paste = """
    ([target, name]) => {
      const pasted = new DataTransfer();
      if (name) pasted.items.add(new File(["picture"], name, { type: "image/png" }));
      else pasted.setData("text/plain", "https://shop.example/a.jpg");
      const event = new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true, cancelable: true });
      document.querySelector(target).dispatchEvent(event);
      return event.defaultPrevented;
    }
    """

    assert not page.evaluate(paste, ["#urls", ""])
    assert page.evaluate(paste, ["#urls", "image.png"])

    expect(page.get_by_text("1 accepted.")).to_be_visible()
    (sent,) = server.posted
    assert re.findall('filename="([^"]*)"', sent.post_data or "") == ["image.png"]


def test_a_dropped_link_is_an_address(page: Page, server: Server) -> None:
    page.locator(".drop").evaluate("""
    zone => {
      const link = new DataTransfer();
      link.setData("text/uri-list", "https://shop.example/a.jpg");
      zone.dispatchEvent(new DragEvent("drop", { dataTransfer: link, bubbles: true, cancelable: true }));
    }
    """)

    expect(page.get_by_text("1 accepted.")).to_be_visible()
    (sent,) = server.posted
    assert sent.post_data_json == {"text": "https://shop.example/a.jpg"}


def test_addresses_that_are_refused_stay_to_be_mended(page: Page, server: Server) -> None:
    server.unfit = [{"name": "htp:/b.jpg", "why": "This is not a web address."}]
    box = page.get_by_role("textbox", name="Addresses")
    box.fill("https://shop.example/a.jpg\nhtp:/b.jpg")

    page.get_by_role("button", name="Analyse addresses").click()
    expect(box).to_have_value("htp:/b.jpg")
    page.get_by_role("button", name="Analyse addresses").click()

    rows = page.get_by_role("list", name="What was just sent").get_by_role("listitem")
    expect(rows.first).to_have_text("htp:/b.jpgNot taken: This is not a web address.")
    expect(page.get_by_text("In this list: 1 not taken, 1 sent.")).to_be_visible()


def test_addresses_are_sent_and_the_box_is_cleared(page: Page, server: Server) -> None:
    box = page.get_by_role("textbox", name="Addresses")
    box.fill("https://shop.example/a.jpg\nhttps://shop.example/b.jpg")

    page.get_by_role("button", name="Analyse addresses").click()

    expect(box).to_have_value("")
    (sent,) = server.posted
    assert sent.headers["x-creatives"] == "1"
    assert sent.post_data_json == {"text": "https://shop.example/a.jpg\nhttps://shop.example/b.jpg"}


def id_of(number: int) -> str:
    return reports.creative(number).creative_id


def test_what_is_selected_is_tagged_together_and_taken_back_by_keyboard_alone(page: Page, server: Server) -> None:
    page.goto(f"{URL}#/gallery")
    server.data = reports.report(
        [reports.creative(1, name="first.jpg", tags=["sale"]), *(reports.creative(n) for n in range(2, 6))]
    )
    expect(page.locator(".results .card")).to_have_count(5)

    page.locator("#select").press("Enter")
    for number in (1, 3):
        page.locator(f"#tick-{id_of(number)}").press("Space")
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.locator("#selected-tag").press_sequentially(" Sale")
    page.locator("#selected-tag").press("Enter")

    expect(page.get_by_text("Tag “sale” put on 1 creative.")).to_be_visible()  # the other has it
    expect(page.locator(".results .card").filter(has_text="#sale")).to_have_count(2)
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.locator("#undo-all").press("Enter")
    expect(page.get_by_text("Tag “sale” taken off 1 creative.")).to_be_visible()
    expect(page.locator("#undo-all")).to_be_focused()
    expect(page.locator(".results .card").filter(has_text="#sale")).to_have_count(1)
    assert server.labels == [[(id_of(3), "tag", "sale", action)] for action in ("add", "remove")]


@pytest.mark.long
@pytest.mark.parametrize("width", first_of([1280, 390]))
def test_it_is_seen_where_the_focus_is_while_selecting_and_where_files_are_chosen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{URL}#/gallery")
    page.locator("#select").press("Enter")
    page.locator(f"#tick-{id_of(1)}").press("Space")
    page.locator("main").focus()
    selecting = unseen_stops(page)
    page.goto(f"{URL}#/overview")
    overview = unseen_stops(page)
    page.goto(f"{URL}#/gallery?creative={id_of(1)}")
    expect(page.get_by_role("dialog")).to_be_visible()
    details = unseen_stops(page)

    assert [faults for _, faults in (selecting, overview, details)] == [[], [], []]
    assert min(stops for stops, _ in (selecting, overview, details)) >= 5


def test_no_more_ads_are_in_a_stage_than_are_in_progress(page: Page, server: Server) -> None:
    server.waiting, server.twice = 3, 20
    stage = page.get_by_role("group", name="Progress").get_by_role("listitem")
    expect(stage.locator("strong")).to_have_text("3")

    server.waiting, server.twice = 0, 2

    expect(page.get_by_text("Almost done.")).to_be_visible()
    expect(stage.locator("strong")).to_have_count(0)


def test_a_click_on_a_picture_selects_it_while_selecting_and_opens_it_after(page: Page, server: Server) -> None:
    page.goto(f"{URL}#/gallery")
    page.get_by_role("button", name="Select", exact=True).click()

    page.locator(".card .frame").first.click()

    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".card .frame").first.click()
    expect(page.get_by_text("0 selected")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    page.locator(".card .frame").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_all_that_is_found_is_selected_whatever_page_it_is_on_and_noted(page: Page, server: Server) -> None:
    failed = reports.creative(99, name="broken.jpg", match=None, status="failed", features=None)
    server.data = reports.report([*(reports.creative(n, name=f"wide-{n}.jpg") for n in range(70)), failed])
    page.goto(f"{URL}#/gallery?sort=name")
    expect(page.locator("#result-count")).to_contain_text("71 creatives")

    page.locator("#select").click()
    page.locator("#select-all").click()
    expect(page.get_by_text("70 selected")).to_be_visible()
    page.get_by_role("searchbox").fill("broken")
    expect(page.get_by_text("70 selected, 70 of them not listed here")).to_be_visible()
    assert page.locator(".tick").count() == 0  # what failed is no creative yet
    page.locator("#selected-note").fill("Runs until May")
    page.locator("#note-all").click()

    expect(page.get_by_text("Note “Runs until May” put on 70 creatives.")).to_be_visible()
    (sent,) = server.labels
    assert {each[1:] for each in sent} == {("note", "Runs until May", "add")}
    page.locator("#select").click()
    expect(page.locator(".selection")).to_have_count(0)


def test_a_range_is_selected_with_shift_and_what_is_refused_is_told(page: Page, server: Server) -> None:
    server.data = reports.report([reports.creative(n, name=f"{n}.jpg") for n in range(1, 7)])
    server.problem = "a tag has up to 60 characters"
    page.goto(f"{URL}#/gallery?sort=name")
    expect(page.locator(".results .card")).to_have_count(6)
    page.locator("#select").click()

    page.locator(f"#tick-{id_of(5)}").check()
    page.locator(f"#tick-{id_of(2)}").click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.locator("#selected-tag").fill("summer")
    page.locator("#tag-all").click()

    expect(page.get_by_text("Not put on 4 creatives: a tag has up to 60 characters")).to_be_visible()
    expect(page.locator("#undo-all")).to_have_count(0)
    assert [each[0] for each in server.labels[0]] == [id_of(n) for n in (5, 2, 3, 4)]


@pytest.mark.parametrize(("width", "dark"), first_of([(390, True), (1440, False)]))
def test_selecting_fits_and_axe_finds_nothing_serious(browser: Browser, server: Server, width: int, dark: bool) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")
    context.route(f"{URL}**", server.answer)
    page = context.new_page()
    page.goto(f"{URL}#/gallery")
    page.locator("#select").click()
    page.locator("#select-all").click()
    expect(page.get_by_text("2 selected")).to_be_visible()

    found = Axe().run(page).response["violations"]

    assert [each["id"] for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


SAVED = {"name": "Sale", "address": "#/gallery", "author": "ann", "saved_at": "2026-11-28T10:00:00Z"}
# each finds its element as it acts: in between, an answer that comes may put another in its place
MARK = (
    "(box => (box.setSelectionRange(0, box.value.length, 'backward'), true))(document.querySelector('[type=search]'))"
)
FOCUS = """
selector => {
  const element = document.querySelector(selector);
  element?.classList.add("before");
  element?.focus();
  return element && element === document.activeElement;
}
"""
UNFOLD = "document.querySelector('.facet summary').click()"
SCROLL = "(filters => (filters.scrollTo(0, 40), filters.scrollTop === 40))(document.querySelector('.facets'))"


def test_what_is_marked_in_a_box_stays_marked_when_new_data_comes(page: Page, server: Server) -> None:
    page.get_by_role("link", name="Gallery").click()
    box = page.get_by_role("searchbox")
    box.fill("d.jpg")
    page.wait_for_function(MARK)
    server.data = reports.report([*server.data.creatives, reports.creative(3, name="third.jpg")])
    expect(page.locator(".card .title")).to_have_text(["second.jpg", "third.jpg"])

    page.keyboard.type("first")

    expect(box).to_have_value("first")


@pytest.mark.parametrize(
    ("view", "element"),
    some_of(
        [
            ("overview", ".brand"),
            ("overview", "a[href='#/gallery?by.f.has_people=true']"),
            ("gallery", f"#card-{id_of(2)}"),
            ("money", ".scroll[tabindex]"),
            (f"gallery?creative={id_of(1)}", "#details-answer"),
        ],
        in_the_gate=[("gallery", f"#card-{id_of(2)}")],
    ),
)
def test_the_focus_stays_where_it_is_when_new_data_comes(page: Page, server: Server, view: str, element: str) -> None:
    page.goto(f"{URL}#/{view}")
    page.wait_for_function(FOCUS, arg=element)

    server.data = reports.report([*server.data.creatives, reports.creative(3)])

    expect(page.locator("#view-gallery")).to_have_text("Gallery3")
    expect(page.locator(f"{element}:not(.before)").first).to_be_focused()


@pytest.mark.long
def test_the_focus_goes_back_to_what_opened_a_creative_though_it_was_drawn_anew(page: Page, server: Server) -> None:
    page.goto(f"{URL}#/gallery")
    page.locator(f"#card-{id_of(2)}").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    server.data = reports.report([*server.data.creatives, reports.creative(3)])
    expect(page.locator("#view-gallery")).to_have_text("Gallery3")

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(f"#card-{id_of(2)}")).to_be_focused()


@pytest.mark.long
def test_what_is_opened_and_scrolled_stays_so_when_new_data_comes(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 320})
    page.goto(f"{URL}#/gallery?creative={id_of(1)}")
    page.get_by_text("Raw answer").click()
    page.evaluate(UNFOLD)
    page.wait_for_function(SCROLL)

    server.data = reports.report([*server.data.creatives, reports.creative(3)])

    expect(page.locator("#view-gallery")).to_have_text("Gallery3")
    expect(page.get_by_role("dialog").locator("pre")).to_be_visible()
    assert page.locator(".facets").evaluate("filters => filters.scrollTop") == 40
    expect(page.locator(".facet").first).not_to_have_attribute("open", "")


@pytest.mark.parametrize("key", first_of([None, "Space"]))
def test_a_click_counts_though_new_data_comes_while_it_is_pressed(page: Page, server: Server, key: str | None) -> None:
    page.goto(f"{URL}#/gallery")
    page.locator("#select").focus()
    page.locator("#select").hover()
    page.keyboard.down(key) if key else page.mouse.down()
    with page.expect_response(f"{URL}api/data") as told:
        server.data = reports.report([*server.data.creatives, reports.creative(3, name="third.jpg")])
    told.value.finished()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    page.keyboard.up(key) if key else page.mouse.up()

    expect(page.get_by_text("0 selected")).to_be_visible()
    expect(page.locator(".card .title")).to_have_text(["first.jpg", "second.jpg", "third.jpg"])


def test_a_view_that_is_saved_stays_though_the_list_of_before_comes_late(page: Page) -> None:
    held: list[Route] = []

    def views(route: Route) -> None:
        if route.request.method == "GET":
            held.append(route)
            return
        route.fulfill(json={"views": [SAVED]})

    page.route("**/api/views", views)
    with page.expect_request("**/api/views"):
        page.get_by_text("Saved views").click()
    page.get_by_label("Name of this view").fill("Sale")
    page.keyboard.press("Enter")
    expect(page.locator(".saved [role=status]")).to_have_text("Saved Sale.")
    with page.expect_event("requestfinished"):
        held[0].fulfill(json={"views": []})

    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.get_by_role("link", name="Sale")).to_be_visible()
    expect(page.locator(".saved [role=status]")).to_have_text("Saved Sale.")


def test_arrows_walk_through_the_saved_views_and_tab_leaves_them(page: Page) -> None:
    page.route("**/api/views", lambda route: route.fulfill(json={"views": [SAVED]}))
    menu, current = page.locator("details.saved"), page.locator(":focus")
    page.locator("#saved-views").focus()

    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Sale")).to_be_visible()
    page.locator("#saved-views").focus()
    for key, there in (
        ("ArrowDown", "Sale"),
        ("ArrowDown", "Delete Sale"),
        ("ArrowUp", "Sale"),
        ("ArrowUp", "Saved views"),
        ("ArrowUp", "Copy link"),
    ):
        page.keyboard.press(key)
        expect(current).to_have_text(there)
    page.keyboard.press("Tab")

    expect(menu).not_to_have_attribute("open", re.compile(".*"))
    expect(current).to_have_text("Overview")


@pytest.mark.long
def test_what_is_told_of_the_views_is_seen_though_the_page_was_drawn_anew(page: Page, server: Server) -> None:
    held: list[Route] = []
    page.route("**/api/views", lambda route: held.append(route))
    with page.expect_request("**/api/views"):
        page.get_by_text("Saved views").click()
    server.data = reports.report([*server.data.creatives, reports.creative(3, name="third.jpg")])
    expect(page.locator("#view-gallery")).to_have_text("Gallery3")

    held[0].fulfill(json={"views": [SAVED]})

    expect(page.get_by_role("link", name="Sale")).to_be_visible()


def test_data_that_comes_late_never_takes_the_place_of_newer_data(page: Page, server: Server) -> None:
    page.goto(f"{URL}#/gallery")
    held: list[Route] = []
    page.route("**/api/data", lambda route: held.append(route))
    before = pages.as_json(server.data)
    page.locator("#select").press("Enter")
    page.locator(f"#tick-{id_of(1)}").press("Space")
    page.locator("#selected-tag").fill("sale")
    page.locator("#selected-tag").press("Enter")
    pipelines.wait_for(lambda: page.evaluate("1") and held)  # a while after a word
    server.data = reports.report([*server.data.creatives, reports.creative(3, name="third.jpg")])
    pipelines.wait_for(lambda: page.evaluate("1") and len(held) == 2)
    late, newer = held

    newer.fulfill(body=pages.as_json(server.data), content_type="application/json")
    expect(page.locator("#view-gallery")).to_have_text("Gallery3")
    with page.expect_event("requestfinished"):
        late.fulfill(body=before, content_type="application/json")

    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.locator("#view-gallery")).to_have_text("Gallery3")
