"""A long list of ads over a quarter as many URLs, some hostile: each ad has its row, and none is downloaded in vain."""

import json
import random
from pathlib import Path

import pytest

from local.pubsub import status
from tests import gemini_model
from tests.e2e import pipelines
from tests.gemini_server import GeminiServer
from tests.hostile_server import Canary, HostileServer

pytestmark = pytest.mark.server

ADS_A_URL = 4
ATTEMPTS = 2
LIMIT_S = 840

# What became of each kind of hostile URL, and how often it may be asked for.
PAGES = {
    "/status/404?{}": ("not_found", 1),
    "/status/403?{}": ("access_denied", 1),
    "/status/500?{}": ("site_unavailable", ATTEMPTS),
    "/page.html?{}": ("not_media_page", 1),
    "/empty.png?{}": ("empty_file", 1),
    "/drawing.svg?{}": ("unsupported_type", 1),
    "/reset?{}": ("site_unavailable", ATTEMPTS),
    "/loop?{}": ("too_many_redirects", 6),
}


def hostile_urls(site: HostileServer, inside: Canary, count: int) -> dict[str, tuple[str, int]]:
    """URLs, each with the reason that its ads fail for and the requests that it may cost."""
    pages = list(PAGES.items())
    found = {}
    for number in range(count - 10):
        path, expected = pages[number % len(pages)]
        found[site.url(path.format(number))] = expected
    for number in range(10):
        found[inside.url(f"/secret.png?{number}")] = ("forbidden_url", 0)
    return found


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("urls", "bad"), [(40, 26), (500, 50)])
def test_every_ad_of_a_long_list_has_its_row_and_its_url_was_downloaded_once(
    tmp_path: Path, urls: int, bad: int
) -> None:
    with HostileServer() as site, Canary() as inside, GeminiServer() as gemini:
        gemini.answer = gemini_model.answer_without_quotations
        hostile = hostile_urls(site, inside, bad)
        good = [site.url(f"/images/{number}.png") for number in range(urls - bad)]
        chance = random.Random(0)
        links = [*good, *hostile, *chance.choices([*good, *hostile], k=urls * (ADS_A_URL - 1))]
        chance.shuffle(links)
        file = tmp_path / "ads.ndjson"
        file.write_text("".join(json.dumps({"ad_id": f"ad-{n}", "url": url}) + "\n" for n, url in enumerate(links)))
        variables = {
            "FETCH_ALLOW_HOSTS": site.host_port,
            "FETCH_ATTEMPTS": str(ATTEMPTS),
            "FETCH_BACKOFF_S": "0.1",
            "GEMINI_API_KEY": "key",
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
        }

        with pipelines.up(tmp_path / "data", "--extractor", "gemini", variables=variables) as reached:
            for _ in range(2):  # a list that is published twice is fetched, counted and paid for once
                pipelines.run("publish", file, data=tmp_path / "data")
            status.wait_until_idle(reached["PUBSUB_STATUS_URL"], limit_s=LIMIT_S)
            ads = pipelines.enriched(
                pipelines.bigquery_client(reached), "ad_id, source, status, reason, creative_id, canonical_id"
            )
        hits = site.hits

    assert len(ads) == urls * ADS_A_URL
    outcome = {(ad["ad_id"], ad["source"]): (ad["status"], ad["reason"]) for ad in ads}
    first = {url: f"ad-{links.index(url)}" for url in good}
    assert outcome == {
        (f"ad-{n}", url): ("failed", hostile[url][0])
        if url in hostile
        else ("analysed" if first[url] == f"ad-{n}" else "duplicate", None)
        for n, url in enumerate(links)
    }
    assert len({ad["creative_id"] for ad in ads if ad["status"] == "analysed"}) == len(good) == len(gemini.ledger)
    assert {url: hits[url.removeprefix(site.url(""))] for url in good} == dict.fromkeys(good, 1)
    for url, (_, most) in hostile.items():
        path = url.removeprefix(site.url(""))
        assert hits.get(path, 0) <= most, path
    assert inside.visits == 0
