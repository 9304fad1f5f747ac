"""`creatives up` for somebody who never opens a terminal: files and addresses go in by the page, and show up on it."""

import base64
import getpass
import io
import json
import re
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from creatives.page import serving
from local import running
from local.processes import ServerError
from shared.wiring import ROOT
from tests import videos
from tests.cases import first_of, some_of
from tests.creatives.report.conftest import watch
from tests.creatives.report.screens import WIDTHS, faults
from tests.e2e import pipelines

pytestmark = pytest.mark.server

SAMPLES = ROOT / "samples"
SCRIPT_NAME = "<img src=x onerror=alert(1)>.jpg"
LIMIT_MS = 90_000

# a gradient of 32x32 grey pixels
PIXELS = (
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAIklEQVR4nGNkYcAPWNgJKeAkpIBjVMGoglEFg1EB428CCgA1DQJq"
    "RoJOlQAAAABJRU5ErkJggg=="
)
VIEWS = ("overview", "gallery", "versions", "failures", "money", "performance", "review")

HALF_A_PICTURE, LESS_OF_IT = (f"data:image/png;base64,{PIXELS[:length]}" for length in (76, 72))
"""They begin as pictures, so that only `hash` can tell that they are none."""

DROP = """
(zone, [name, content]) => {
  const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: "image/jpeg" }));
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a page whose pipeline runs."""
    data = tmp_path_factory.mktemp("page")
    with pipelines.up(data):
        pipelines.wait_for(lambda: "CREATIVES_PAGE_URL" in running.read_variables(data))
        yield running.read_variables(data)["CREATIVES_PAGE_URL"]


@pytest.fixture(scope="module", autouse=True)
def _slow_machines() -> Iterator[None]:
    """What is expected of a pipeline that runs takes as long as the machine needs."""
    expect.set_options(timeout=LIMIT_MS)
    yield
    expect.set_options(timeout=5000)


# What the browser says of a word that the page refuses, which the person is told where they typed it.
REFUSED = tuple(
    f"console error: Failed to load resource: the server responded with a status of {status}" for status in (409, 422)
)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, which must not complain of anything, nor ask any other server."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    watch(page, complaints)
    page.goto(f"{address}/#/gallery")
    yield page
    page.unroute_all(behavior="ignoreErrors")  # one may be fetching what nobody waits for
    context.close()
    expected = (f"request: {address}/", *REFUSED)
    assert [each for each in complaints if not each.startswith(expected)] == []


def shown(page: Page, title: str) -> None:
    """Waits until a creative is on the page, analysed, and opens it."""
    card = page.locator(".card", has=page.get_by_text(title, exact=True))
    expect(card).to_be_visible(timeout=LIMIT_MS)
    expect(page.get_by_text("Nothing waits.")).to_be_visible(timeout=LIMIT_MS)
    card.locator(".title").click()


def test_a_chosen_file_appears_with_its_features(page: Page) -> None:
    page.get_by_label("Choose files").set_input_files(SAMPLES / "vanta-lease.jpg")

    shown(page, "vanta-lease.jpg")
    expect(page.get_by_role("dialog")).to_contain_text("Book a test drive", timeout=LIMIT_MS)
    expect(page.get_by_role("dialog")).to_contain_text("No other creative says the like.")
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("eine Probefahrt buchen")
    expect(page.get_by_text("No creative has these words.")).to_be_visible()
    near = page.get_by_role("region", name="Close in meaning")
    expect(near.locator(".card .title").first).to_have_text("vanta-lease.jpg")
    expect(page.get_by_label(re.compile(r"^Analysed\s*1"))).to_be_visible()  # filters count what is listed


def test_a_dropped_file_appears_and_its_name_does_nothing(page: Page) -> None:
    content = base64.b64encode((SAMPLES / "cafe-offre.jpg").read_bytes()).decode()

    page.locator(".drop").evaluate(DROP, [SCRIPT_NAME, content])

    shown(page, SCRIPT_NAME)
    expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_have_text(SCRIPT_NAME)
    expect(page.get_by_role("dialog")).to_contain_text("2 achetés, 1 offert", timeout=LIMIT_MS)
    assert page.locator("[onerror]").count() == 0


def test_a_chosen_folder_comes_whole_and_is_counted_until_it_is_settled(
    page: Page, address: str, tmp_path: Path
) -> None:
    for name in ("de/banner.png", "fr/banner.png", "fr/Thumbs.db"):
        (tmp_path / "ads" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ads" / name).write_bytes(b"\xff\xd8\xff" + name.encode())  # begins as a picture does
    (tmp_path / "ads" / "plan.pdf").write_bytes(b"%PDF-1.7")
    expect(page.get_by_text("Nothing waits.")).to_be_visible(timeout=LIMIT_MS)
    before, all_before = counts(address).get("failed", 0), accepted(address)

    page.get_by_label("Choose a folder").set_input_files(tmp_path / "ads")

    expect(page.get_by_text("2 accepted. 2 not taken, with the reason below.")).to_be_visible()
    told = page.get_by_role("list", name="What was just sent").get_by_role("listitem").filter(has_text="Not taken")
    expect(told.filter(has_text="ads/fr/Thumbs.db")).to_contain_text("no creative, left out")
    expect(told.filter(has_text="ads/plan.pdf")).to_contain_text("We cannot read this kind of file.")
    assert accepted(address) == all_before + 2  # at once, whether a stage has seen them or not
    pipelines.wait_for(lambda: counts(address).get("failed", 0) == before + 2)
    assert accepted(address) == all_before + 2
    expect(page.get_by_text("Nothing waits.")).to_be_visible(timeout=LIMIT_MS)


def test_of_a_zip_and_a_list_what_cannot_work_is_told_by_name(page: Page, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ads.zip", "w") as packed:
        packed.write(SAMPLES / "cafe-offre.jpg", "cafe.jpg")
        packed.writestr("notes.pdf", b"%PDF-1.7")
    (tmp_path / "spend.csv").write_text("Ad name,Colour\nSummer,red\n")

    page.get_by_label("Choose files").set_input_files([tmp_path / "ads.zip", tmp_path / "spend.csv"])

    expect(page.get_by_text("1 accepted. 2 not taken, with the reason below.")).to_be_visible()
    told = page.get_by_role("list", name="What was just sent").get_by_role("listitem")
    expect(told.filter(has_text="ads.zip/notes.pdf")).to_contain_text("We cannot read this kind of file.")
    expect(told.filter(has_text="spend.csv")).to_contain_text("no column")


@pytest.mark.long
def test_addresses_are_analysed_and_what_is_none_is_told(page: Page, address: str) -> None:
    before = counts(address)

    page.get_by_role("textbox", name="Addresses").fill(f"data:image/png;base64,{PIXELS}\nnonsense\n{HALF_A_PICTURE}")
    page.get_by_role("button", name="Analyse addresses").click()

    expect(page.get_by_text("2 accepted. 1 not taken, with the reason below.")).to_be_visible()
    expect(page.get_by_text("Not taken: This is not a web address.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Addresses")).to_have_value("nonsense")
    pipelines.wait_for(lambda: counts(address).get("analysed", 0) > before.get("analysed", 0))
    pipelines.wait_for(lambda: counts(address).get("failed", 0) > before.get("failed", 0))
    expect(page.locator("#view-failures")).to_contain_text(str(before.get("failed", 0) + 1), timeout=LIMIT_MS)


def test_each_line_that_is_pasted_is_told_where_it_cannot_be_taken(page: Page) -> None:
    lines = ["https://localhost/1.png", "not a url", "javascript:alert(1)", "ftp://shop.example/2.png"]
    letter = "Hi Anna,\nhere is file:///C:/3.png\nBest wishes!"
    told = page.get_by_role("list", name="What was just sent").get_by_role("listitem")

    paste(page, "\n".join(lines))

    expect(page.get_by_text("0 accepted. 4 not taken, with the reason below.")).to_be_visible()
    for line in lines:
        expect(told.filter(has_text=line)).to_contain_text("Not taken:")

    paste(page, letter)

    expect(page.get_by_text("0 accepted. 1 not taken, with the reason below. 1 remark below.")).to_be_visible()
    expect(told.filter(has_text="file:///C:/3.png")).to_contain_text("Not taken:")
    expect(told.filter(has_text="2 lines without an address left out: “Hi Anna,”, “Best wishes!”")).to_have_count(1)


def paste(page: Page, text: str) -> None:
    """Puts text into the box for addresses, and sends it."""
    page.get_by_role("textbox", name="Addresses").fill(text)
    page.get_by_role("button", name="Analyse addresses").click()


@pytest.mark.long
def test_everything_can_be_done_by_keyboard_alone(page: Page, address: str, tmp_path: Path) -> None:
    failed = counts(address).get("failed", 0)
    copy = tmp_path / "by keyboard.jpg"
    copy.write_bytes((SAMPLES / "story-sunshine.jpg").read_bytes())

    page.on("filechooser", lambda _: None)  # the browser's own dialog is held back long before the key that opens it
    tab_to(page, "files")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(copy)
    expect(page.get_by_text("1 accepted.")).to_be_visible(timeout=LIMIT_MS)
    tab_to(page, "urls")
    page.keyboard.type(LESS_OF_IT)
    tab_to(page, "send-urls")
    page.keyboard.press("Enter")

    expect(page.locator(".card").get_by_text(copy.name, exact=True)).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#view-failures")).to_contain_text(str(failed + 1), timeout=LIMIT_MS)


@pytest.mark.long
def test_answers_are_confirmed_and_corrected_by_keyboard_alone(page: Page, address: str) -> None:
    page.get_by_label("Choose files").set_input_files(SAMPLES / "pflege-rabatt.jpg")
    shown(page, "pflege-rabatt.jpg")
    creative_id = page.url.partition("creative=")[2]
    page.goto(f"{address}/#/review?at={creative_id}")
    row = page.locator(".fields li[aria-current]")

    expect(row).to_contain_text("read on it", timeout=LIMIT_MS)
    expect(page.locator(".review .boxes rect").first).to_be_visible()
    first = row.get_attribute("data-field")
    page.keyboard.press("y")
    expect(page.locator(f"[data-field={first}]")).to_contain_text(f"confirmed by {getpass.getuser()}")
    expect(row).not_to_have_attribute("data-field", first or "")
    page.keyboard.press("c")
    page.keyboard.press("Control+A")
    page.keyboard.type("something else")
    second = row.get_attribute("data-field")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-field={second}]")).to_contain_text("something else")
    expect(page.locator(f"[data-field={second}]")).to_contain_text("corrected by")
    lists = "[data-field=dominant_colors]"
    while row.get_attribute("data-field") != "dominant_colors":
        page.keyboard.press("n")
    before = page.locator(lists).locator(".value").inner_text()
    page.keyboard.press("c")
    page.keyboard.press("Control+Enter")  # as it was: each item comes back
    expect(page.locator(lists)).to_contain_text("corrected by")
    expect(page.locator(lists).locator(".value")).to_have_text(before)
    page.keyboard.press("a")

    pipelines.wait_for(lambda: len(words_on(address, creative_id)) > 3)
    actions = words_on(address, creative_id)
    assert (actions[str(first)], actions[str(second)]) == ("confirm", "correct")
    assert set(actions.values()) == {"confirm", "correct"}


CREATIVE = "c" * 40
QUESTIONABLE: dict[str, Any] = {
    "creative_id": CREATIVE, "name": "ad.jpg", "kind": "image", "status": "analysed", "n_ads": 1,
    "features": {
        "brand": "Acme", "text": "Terms apply\nfrom May", "style": "photo",
        "claims": ["Terms: 36 months, 4.9% APR", "No fee"],
        "brand_logos": [{"brand": "Acme: the shop", "position": "top left"}, {"brand": "B", "position": None}],
    },
}  # fmt: skip


@pytest.fixture
def held(page: Page) -> list[tuple[Route, list[dict[str, object]]]]:
    """What the page says of a creative with odd answers: each request waits until it is answered."""
    found: list[tuple[Route, list[dict[str, object]]]] = []

    def with_one(route: Route) -> None:
        data = route.fetch().json()
        claims = {"name": "claims", "type": "STRING", "repeated": True, "description": "What it claims."}
        route.fulfill(json={**data, "creatives": [QUESTIONABLE], "features": [*data["features"], claims]})

    page.route("**/api/data", with_one)
    page.route("**/api/corrections", lambda route: found.append((route, route.request.post_data_json)))
    page.goto("about:blank")
    return found


def answered(route: Route, words: list[dict[str, object]]) -> None:
    at = {"occurred_at": "2026-11-27T10:00:00Z", "author": "ada", "note": None}
    route.fulfill(json=[{**word, **at, "told": word["value"]} for word in words])


def test_keys_act_at_once_on_what_is_next_and_what_is_refused_comes_back(
    page: Page, address: str, held: list[tuple[Route, list[dict[str, object]]]]
) -> None:
    page.goto(f"{address}/#/review?at={CREATIVE}")
    # The page has other creatives until it asked for its data.
    expect(page.get_by_role("heading", name="ad.jpg")).to_be_visible()

    page.keyboard.press("y")
    page.keyboard.press("y")
    expect(page.locator(".fields li", has_text="sending…")).to_have_count(2)
    page.keyboard.press("a")

    pipelines.wait_for(lambda: page.evaluate("1") and len(held) == 3)
    said = [[word["field"] for word in words] for _, words in held]
    assert [len(each) for each in said] == [1, 1, 3]
    assert len({field for each in said for field in each}) == 5
    answered(*held[0])
    held[1][0].fulfill(status=409, json={"error": f"{said[1][0]}: it says otherwise now"})
    answered(*held[2])
    expect(page.get_by_role("alert")).to_contain_text("ad.jpg: ")
    expect(page.get_by_role("alert")).to_contain_text("it says otherwise now")
    page.goto(f"{address}/#/review?at={CREATIVE}")
    expect(page.locator(".fields li.reviewed")).to_have_count(4)
    expect(page.locator(f"[data-field={said[1][0]}]")).not_to_contain_text("confirmed")


def test_what_has_commas_or_lines_of_its_own_comes_back_from_the_form_as_it_was(
    page: Page, address: str, held: list[tuple[Route, list[dict[str, object]]]]
) -> None:
    page.goto(f"{address}/#/review?at={CREATIVE}")

    for field in ("claims", "text"):
        page.locator(f"[data-field={field}]").click()
        page.keyboard.press("c")
        expect(page.locator("#correction")).to_be_focused()
        page.keyboard.press("Control+Enter")
        pipelines.wait_for(lambda: page.evaluate("1") and held)
        (route, (word,)) = held.pop()
        assert word["value"] == QUESTIONABLE["features"][field]
        answered(route, [word])
        expect(page.locator(f"[data-field={field}]")).to_contain_text("corrected by ada")


@pytest.mark.long
def test_what_has_several_parts_is_typed_a_line_a_part(
    page: Page, address: str, held: list[tuple[Route, list[dict[str, object]]]]
) -> None:
    logos = QUESTIONABLE["features"]["brand_logos"]
    page.goto(f"{address}/#/review?at={CREATIVE}")
    row = page.locator("[data-field=brand_logos]")

    for typed, value in (
        (None, logos),
        (
            "brand: Nike\nposition:\n\n  \nAdidas, small\n",
            [{"brand": "Nike", "position": None}, {"brand": "Adidas, small"}],
        ),
        (" ", ""),
    ):
        row.click()
        page.keyboard.press("c")
        expect(page.locator("#correction")).to_be_focused()
        if typed:
            page.locator("#correction").fill(typed)
        page.keyboard.press("Control+Enter")
        pipelines.wait_for(lambda: page.evaluate("1") and held)
        (route, (word,)) = held.pop()
        said = str(word["value"])
        assert (json.loads(said) if said else said) == value
        answered(route, [{**word, "value": value}])
        expect(row).to_contain_text("corrected by ada")


def words_on(address: str, creative_id: str) -> dict[str, str]:
    """What people said of a creative, as the page is told."""
    with urlopen(f"{address}/api/data") as answer:
        (found,) = [each for each in json.load(answer)["creatives"] if each["creative_id"] == creative_id]
    return {word["field"]: word["action"] for word in found["corrections"]}


@pytest.mark.long
def test_what_is_typed_stays_when_new_data_comes(
    page: Page, address: str, held: list[tuple[Route, list[dict[str, object]]]]
) -> None:
    page.goto(f"{address}/#/gallery?creative={CREATIVE}")
    page.get_by_role("dialog").get_by_role("button", name="Correct brand", exact=True).click()
    page.keyboard.type("Half a wo")
    with page.expect_response("**/api/data"):
        page.route("**/api/progress", lambda route: route.fulfill(json={"stages": {}, "counts": {"analysed": 77}}))
    page.keyboard.type("rd")

    expect(page.get_by_label("Brand should say")).to_have_value("Half a word")
    assert held == []


def with_one(page: Page, creative: dict[str, Any]) -> None:
    """Has the page show this creative and no other."""
    page.route(
        "**/api/data",
        lambda route: route.fulfill(json={**route.fetch().json(), "creatives": [creative], "n_creatives": 1}),
    )
    page.goto("about:blank")


@pytest.mark.long
def test_a_wide_banner_is_shown_itself_as_wide_as_there_is_room(page: Page, address: str) -> None:
    stored = {"content_type": "image/png", "uri": "gs://ads/wide.png", "width": 970, "height": 90, "bytes": 2000}
    with_one(page, {**QUESTIONABLE, **stored})
    wide = io.BytesIO()
    Image.new("RGB", (970, 90), "teal").save(wide, "PNG")
    page.route("**/api/files/*", lambda route: route.fulfill(body=wide.getvalue(), content_type="image/png"))
    page.goto(f"{address}/#/gallery?creative={CREATIVE}")

    banner = page.get_by_role("dialog").get_by_role("img", name="ad.jpg", exact=True)
    expect(banner).to_have_js_property("naturalWidth", 970)
    box = banner.bounding_box()
    assert box is not None
    assert box["width"] > 900
    expect(page.get_by_role("link", name="Open the file")).to_have_attribute("href", f"/api/files/{CREATIVE}")


@pytest.mark.parametrize(("width", "height"), first_of([(300, 600), (970, 90), (800, 800)]))
def test_what_stands_below_a_picture_stays_where_it_is_once_its_file_is_there(
    page: Page, address: str, width: int, height: int
) -> None:
    """It may have the focus, and would leave the window with it."""
    stored = {"content_type": "image/png", "uri": "gs://ads/one.png", "width": width, "height": height, "bytes": 2000}
    with_one(page, {**QUESTIONABLE, **stored})
    content = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(content, "PNG")
    held: list[Route] = []
    page.route("**/api/files/*", lambda route: held.append(route))
    page.goto(f"{address}/#/gallery?creative={CREATIVE}")
    expect(page.get_by_role("link", name="Open the file")).to_be_visible()
    link_top = "document.getElementById('file').getBoundingClientRect().top"
    before = page.evaluate(link_top)

    for route in held:
        route.fulfill(body=content.getvalue(), content_type="image/png")

    expect(page.get_by_role("dialog").get_by_role("img", name="ad.jpg", exact=True)).to_have_js_property(
        "naturalWidth", width
    )
    assert page.evaluate(link_top) == pytest.approx(before, abs=1)


def test_a_video_of_a_kind_that_no_browser_plays_is_offered_as_a_file(page: Page, address: str) -> None:
    stored = {"content_type": "video/x-msvideo", "uri": "gs://ads/spot.avi", "width": 640, "height": 360}
    with_one(page, {**QUESTIONABLE, **stored, "kind": "video", "name": "spot.avi"})
    page.goto(f"{address}/#/gallery?creative={CREATIVE}")

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("This browser cannot play this kind of video.")).to_be_visible()
    expect(dialog.get_by_role("link", name="Download it")).to_have_attribute("download", "spot.avi")
    expect(dialog.get_by_role("button", name="Play")).to_have_count(0)


@pytest.mark.long
def test_what_is_closed_stays_closed_when_words_are_looked_for(page: Page, address: str) -> None:
    with_one(page, QUESTIONABLE)
    page.goto(f"{address}/#/gallery?creative={CREATIVE}")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")
    page.get_by_role("searchbox").click()
    page.keyboard.type("acme")

    page.wait_for_url("**/#/gallery?q=acme")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_words_that_are_typed_before_the_page_has_noticed_that_a_creative_was_closed_are_looked_for(
    page: Page, address: str
) -> None:
    with_one(page, QUESTIONABLE)
    page.goto(f"{address}/#/gallery")
    page.locator(f"#card-{CREATIVE}").click()
    expect(page.get_by_role("dialog")).to_be_visible()

    page.evaluate("""() => {
      document.getElementById("details").close(); // it is told so a while later
      const box = document.getElementById("search");
      box.value = "acme";
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }""")

    page.wait_for_url("**/#/gallery?q=acme")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_have_value("acme")


@pytest.mark.long
def test_what_is_refused_is_told_though_new_data_came_meanwhile(
    page: Page, address: str, held: list[tuple[Route, list[dict[str, object]]]]
) -> None:
    page.goto(f"{address}/#/gallery?creative={CREATIVE}")
    page.get_by_role("dialog").get_by_role("button", name="Correct brand", exact=True).click()
    page.keyboard.type("Nobody")
    page.keyboard.press("Enter")
    pipelines.wait_for(lambda: page.evaluate("1") and held)
    page.locator("#details-title").evaluate("title => title.classList.add('before')")
    page.route(
        "**/api/progress", lambda route: route.fulfill(json={"stages": {}, "counts": {"analysed": 78}, "accepted": 78})
    )
    expect(page.locator("#details-title.before")).to_have_count(0)

    held[0][0].fulfill(status=422, json={"error": "brand: it cannot stand there"})

    expect(page.get_by_text("brand: it cannot stand there")).to_be_visible()


def test_a_feature_is_corrected_where_it_is_seen_and_taken_back(page: Page) -> None:
    page.get_by_label("Choose files").set_input_files(SAMPLES / "cafe-offre.jpg")
    card = page.locator(".card", has=page.locator(".badge.offer"), has_text="2 achetés").first
    expect(card).to_be_visible(timeout=LIMIT_MS)
    card.locator(".title").click()
    language = page.get_by_role("dialog").locator(".features > div", has_text="Language")
    button = language.get_by_role("button", name="Correct language")

    button.click()
    page.keyboard.type("frenhc")
    page.keyboard.press("Enter")
    expect(language.get_by_role("alert")).to_contain_text("cannot stand there")
    language.get_by_role("textbox").fill("italian")
    page.keyboard.press("Enter")
    expect(language).to_contain_text("Italian")
    expect(language).to_contain_text("the model said French")
    language.get_by_role("button", name="Take back language").click()

    expect(language).not_to_contain_text("the model said")
    expect(language.locator("dd")).to_contain_text("French")


@pytest.mark.long
def test_a_view_is_saved_opened_elsewhere_and_deleted_by_keyboard_alone(
    browser: Browser, page: Page, address: str
) -> None:
    page.goto(f"{address}/#/gallery?q=drive&sort=name")
    tab_to(page, "saved-views")
    page.keyboard.press("Enter")
    tab_to(page, "view-name")
    page.keyboard.type("Test drives")
    page.keyboard.press("Enter")
    expect(page.locator(".saved [role=status]")).to_have_text("Saved Test drives.")

    context = browser.new_context()
    other = context.new_page()
    other.goto(address)
    other.get_by_text("Saved views").click()
    other.get_by_role("link", name="Test drives").click()
    expect(other.get_by_role("searchbox")).to_have_value("drive")
    expect(other.locator(".saved .menu")).to_be_hidden()
    other.get_by_text("Saved views").click()
    assert other.url.endswith("#/gallery?q=drive&sort=name")
    assert [each["id"] for each in Axe().run(other).response["violations"]] == []
    context.close()

    page.keyboard.press("Shift+Tab")  # back from the name: on by Tab leaves the menu
    expect(page.locator("#delete-Test_20drives")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".saved")).to_contain_text("None yet")
    page.keyboard.press("Escape")
    expect(page.locator("#saved-views")).to_be_focused()


@pytest.mark.long
def test_tags_and_notes_are_put_on_filtered_by_and_taken_off_by_keyboard_alone(page: Page, address: str) -> None:
    page.get_by_label("Choose files").set_input_files(SAMPLES / "vanta-lease.jpg")
    shown(page, "vanta-lease.jpg")
    creative_id = page.url.partition("creative=")[2]
    labels = page.get_by_role("dialog").locator("section", has=page.get_by_text("Tags and notes"))

    tab_to(page, "new-tag")
    for tag in ("Summer", "electric"):
        page.keyboard.type(tag)
        page.keyboard.press("Enter")
        expect(labels.get_by_role("listitem").filter(has_text=tag.lower())).to_be_visible()
        expect(page.locator("#new-tag")).to_be_focused()
    tab_to(page, "new-note")
    page.keyboard.type("Runs until May")
    page.keyboard.press("Control+Enter")
    expect(labels).to_contain_text(f"Runs until May{getpass.getuser()}, ")
    tab_to(page, "untag-electric")
    page.keyboard.press("Enter")
    expect(labels.get_by_role("listitem")).to_have_count(1)
    pipelines.wait_for(lambda: labels_on(address, creative_id) == (["summer"], ["Runs until May"]))
    page.keyboard.press("Escape")
    page.get_by_label(re.compile(r"^summer\s*1")).press("Space")

    expect(page.locator(".results .card .title").first).to_have_text("vanta-lease.jpg")
    expect(page.locator("#result-count")).to_contain_text("1 creative")
    expect(page.locator(".results .card")).to_contain_text("#summer")
    assert "by.tag=summer" in page.url


def labels_on(address: str, creative_id: str) -> tuple[list[str], list[str]]:
    """The tags and notes of a creative, as the page is told."""
    with urlopen(f"{address}/api/data") as answer:
        (found,) = [each for each in json.load(answer)["creatives"] if each["creative_id"] == creative_id]
    return found["tags"], [note["text"] for note in found["notes"]]


@pytest.mark.long
def test_a_match_is_split_merged_and_taken_back_by_keyboard_alone(page: Page, address: str, tmp_path: Path) -> None:
    copy = tmp_path / "pflege in small.jpg"
    with Image.open(SAMPLES / "pflege-rabatt.jpg") as picture:
        picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)).save(copy, quality=90)
    broken, junk = tmp_path / "<img src=x onerror=alert(1)>.jpg", tmp_path / "Thumbs.db"
    broken.write_bytes((SAMPLES / "pflege-rabatt.jpg").read_bytes()[:2000])
    junk.write_bytes(b"x")
    page.get_by_label("Choose files").set_input_files(
        [copy, SAMPLES / "pflege-rabatt.jpg", SAMPLES / "vanta-lease.jpg", broken, junk]
    )
    expect(page.get_by_text("4 accepted.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 900})
    sent = page.get_by_role("list", name="What was just sent").get_by_role("listitem")
    expect(sent.filter(has_text=copy.name)).to_contain_text("Duplicate of pflege-rabatt.jpg")
    expect(sent.filter(has_text="vanta-lease.jpg")).to_contain_text("Analysed")
    expect(sent.filter(has_text=broken.name)).to_contain_text(re.compile("Failed: .+"))
    expect(sent.filter(has_text="Thumbs.db")).to_contain_text("Not taken: no creative, left out")
    expect(page.get_by_text("In this list: ")).to_contain_text("1 failed")
    expect(sent).to_have_count(5)
    assert page.locator("[onerror]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [each["id"] for each in Axe().run(page, {"include": [[".live"]]}).response["violations"]] == []
    sent.filter(has_text="vanta-lease.jpg").get_by_role("link", name="Analysed").click()
    expect(page.locator("#details-title")).to_have_text("vanta-lease.jpg")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 900})
    pipelines.wait_for(lambda: {copy.name, "pflege-rabatt.jpg", "vanta-lease.jpg"} <= settled(address).keys())
    small = settled(address)[copy.name]
    page.goto(f"{address}/#/gallery?creative={small['creative_id']}")
    compared = page.get_by_role("dialog").locator("section", has=page.get_by_text("Compared with others"))
    expect(compared).to_contain_text("Shows the same as pflege-rabatt.jpg")

    tab_to(page, "split")
    page.keyboard.press("Enter")
    expect(page.locator("#ruling-note")).to_be_focused()
    page.keyboard.type("another offer")
    page.keyboard.press("Enter")
    expect(compared).to_contain_text(f"Split by {getpass.getuser()}")
    expect(compared).to_contain_text("“another offer”")
    pipelines.wait_for(lambda: settled(address).get(copy.name, {}).get("override") == "split")
    tab_to(page, "merge")
    page.keyboard.press("Enter")
    expect(page.locator("#ruling-search")).to_be_focused()
    page.keyboard.type("vanta-lease")
    expect(compared.get_by_role("radio", name="vanta-lease.jpg")).to_be_checked()
    expect(compared.get_by_role("radio")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(compared).to_contain_text("Shows the same as vanta-lease.jpg")
    pipelines.wait_for(lambda: settled(address)[copy.name].get("override") == "merge")
    tab_to(page, "reset")
    page.keyboard.press("Enter")

    expect(compared).to_contain_text("Shows the same as pflege-rabatt.jpg")
    expect(compared).not_to_contain_text("Merged by")
    assert settled(address)[copy.name]["canonical_id"] == small["canonical_id"]


def settled(address: str) -> dict[str, dict[str, Any]]:
    """The creatives that have features of their own or another's, by name."""
    with urlopen(f"{address}/api/data") as answer:
        found = json.load(answer)["creatives"]
    return {each["name"]: each for each in found if each["status"] in ("analysed", "duplicate")}


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
def test_every_view_fits_every_screen_and_axe_finds_nothing_wrong(page: Page, address: str, width: int) -> None:
    page.goto(address)
    page.get_by_label("Choose files").set_input_files(SAMPLES / "vanta-lease.jpg")
    pipelines.wait_for(lambda: "vanta-lease.jpg" in settled(address))
    lease = settled(address)["vanta-lease.jpg"]["creative_id"]
    page.set_viewport_size({"width": width, "height": 900})

    for view in (*VIEWS, f"gallery?creative={lease}"):
        page.goto(f"{address}/#/{view}")
        expect(page.get_by_role("heading").first).to_be_visible()

        assert list(faults(page, width)) == [], view
        hidden = page.evaluate("(nav => nav.scrollWidth - nav.clientWidth)(document.querySelector('.bar nav'))")
        assert hidden <= 0 or width < 900, "a view in the bar is out of sight"


def tab_to(page: Page, element: str) -> None:
    """Presses Tab until the element of this id has the focus."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == element:
            return
    raise AssertionError(f"#{element} cannot be reached by keyboard")


def test_a_video_plays_on_the_page_from_where_it_is_told(page: Page) -> None:
    film = videos.encode(videos.moving_square(8, fps=5), muxer="webm", codec="libvpx", fps=5)
    page.get_by_label("Choose files").set_input_files({"name": "spot.webm", "mimeType": "video/webm", "buffer": film})

    shown(page, "spot.webm")
    with page.expect_response("**/api/files/*") as answer:
        page.get_by_role("dialog").get_by_role("button", name="Play").click()
    assert answer.value.status == 206
    player = page.get_by_label("Video: spot.webm")
    page.get_by_role("button", name=re.compile("^From 7.* s on$")).last.press("Enter")
    page.wait_for_function("video => video.currentTime >= 7", arg=player.element_handle())
    page.wait_for_function("video => video.ended", arg=player.element_handle())
    player.focus()
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")  # as newer data do, it draws the dialog anew
    expect(player).to_be_focused()
    for arrow in ("ArrowRight", "ArrowLeft"):  # they seek
        page.keyboard.press(arrow)
        expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_have_text("spot.webm")
    player.evaluate("video => video.play()")  # from its start
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert player.evaluate("video => video.paused")


@pytest.mark.long
def test_until_a_videos_file_is_there_its_picture_stands_in_its_place(page: Page) -> None:
    film = videos.encode(videos.moving_square(4, fps=5, seed=9), muxer="webm", codec="libvpx", fps=5)
    page.get_by_label("Choose files").set_input_files({"name": "slow.webm", "mimeType": "video/webm", "buffer": film})
    shown(page, "slow.webm")
    frame = page.get_by_role("dialog").locator(".frame").first
    before = frame.bounding_box()
    page.route("**/api/files/*", lambda _: None)  # it never comes

    page.get_by_role("dialog").get_by_role("button", name="Play").click()

    expect(page.get_by_role("dialog").get_by_role("button", name="Play")).to_be_hidden()
    expect(page.get_by_label("Video: slow.webm")).to_have_attribute("poster", re.compile("^data:image/webp;base64,"))
    # Newer data draw the dialog anew: what was found a moment ago may have no place any more.
    pipelines.wait_for(lambda: frame.bounding_box() == pytest.approx(before, abs=1))
    page.unroute_all(behavior="ignoreErrors")


def test_the_page_is_on_one_loopback_address_only(address: str) -> None:
    port = urlsplit(address).port or 0

    assert urlsplit(address).hostname == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


@pytest.mark.parametrize(
    "garbled",
    some_of([None, b"", b"99999", b"-1", b"\xff\xfe", "²".encode()], in_the_gate=[None, b"99999", "²".encode()]),
)
def test_the_port_is_the_last_one_of_the_folder_while_that_is_free(tmp_path: Path, garbled: bytes | None) -> None:
    kept = tmp_path / "page-port"
    if garbled is not None:
        kept.write_bytes(garbled)
    with serving.listening(tmp_path) as first:
        port = first.getsockname()[1]
        kept.write_text(f"{port}\n")
        with serving.listening(tmp_path) as beside:
            other = beside.getsockname()[1]

    with serving.listening(tmp_path) as again:
        assert again.getsockname()[1] == port != other


@pytest.mark.long
def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ServerError, match=f"port {port}: Address already in use"):
            serving.listening(tmp_path, port)


def accepted(address: str) -> int:
    with urlopen(f"{address}/api/progress", timeout=60) as answer:
        number: int = json.load(answer)["accepted"]
    return number


def counts(address: str) -> dict[str, int]:
    with urlopen(f"{address}/api/progress", timeout=60) as response:
        found: dict[str, int] = json.load(response)["counts"]
    return found
