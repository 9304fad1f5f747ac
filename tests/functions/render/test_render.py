"""Banners are shown by a real browser, from a real bucket: what comes of them, and that nothing leaves."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from google.cloud import storage
from PIL import Image

from functions.render import browsers, main
from functions.render.settings import settings
from shared import identity, objects
from shared.events import BannerObject, Event, ImageObject, Rendition, VideoObject
from shared.media import videos
from shared.media.sandbox import InMemory
from shared.reasons import Reason, Rejected
from tests.browser import NONE
from tests.cases import first_of
from tests.functions.render.banners import banner
from tests.gcs import Buckets

pytestmark = pytest.mark.slow

needs_browser = pytest.mark.skipif(browsers.on_path() is None, reason=NONE)


@pytest.fixture(autouse=True)
def _settings_of_this_test(buckets: Buckets) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def stored(buckets: Buckets, content: bytes) -> BannerObject:
    blob = buckets.upload("ads/banner.zip", content)
    return BannerObject(
        event_id="e",
        creative_id=identity.creative_id(content),
        uri=f"gs://{blob.bucket.name}/ads/banner.zip",
        content_type="application/zip",
        bytes=len(content),
    )


def shown(buckets: Buckets, content: bytes) -> tuple[Rendition, Event]:
    rendition, media = main.shown(stored(buckets, content))
    assert isinstance(rendition, Rendition)
    return rendition, media


MOVING = """<div id=a style="position:absolute;inset:0;background:red"></div><script>
var clickTag = "https://shop.example/spring"; const style = document.getElementById("a").style;
setTimeout(() => style.background = "lime", 900); setTimeout(() => style.background = "blue", 1800);</script>"""


@needs_browser
def test_a_banner_that_moves_is_a_film_that_ends_with_its_last_frame(buckets: Buckets, gcs: storage.Client) -> None:
    rendition, media = shown(buckets, banner(MOVING, (728, 90)))

    assert (rendition.width, rendition.height, rendition.settled) == (728, 90, True)
    assert (rendition.click_tag, rendition.external_requests) == ("https://shop.example/spring", [])
    assert isinstance(media, VideoObject)
    found = objects.find_content(gcs, media.uri, media.creative_id)
    film = videos.read(InMemory(found.read(max_bytes=10**7)), "video/mp4", max_duration_s=60)
    assert (film.width, film.height) == (728, 90)
    assert 2 < film.duration_s < 20
    last = objects.find(gcs, rendition.last_frame_uri)
    assert last
    with Image.open(io.BytesIO(last.read(max_bytes=10**6))) as picture:
        assert picture.convert("RGB").getpixel((10, 10)) == (0, 0, 255)


@needs_browser
@pytest.mark.parametrize("declared", first_of(["throw 1;</script><script>let clickTAG =", "const clickTag ="]))
def test_a_click_tag_is_told_however_it_is_declared(buckets: Buckets, declared: str) -> None:
    page = f'<p>Spring</p><script>{declared} "https://shop.example/spring";</script>'

    rendition, _ = shown(buckets, banner(page, (300, 250)))

    assert rendition.click_tag == "https://shop.example/spring"


@needs_browser
def test_a_banner_is_shown_once_and_the_same_is_published_again(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def published() -> list[dict[str, object]]:
        return [event.model_dump(exclude={"occurred_at"}) for event in main.shown(delivered)]

    delivered = stored(buckets, banner("<h1>Spring sale</h1>"))
    first = published()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("PATH", "")
    settings.cache_clear()

    assert published() == first


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """A site on this machine, and what it was asked for."""
    asked: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


ESCAPES = """<link rel=dns-prefetch href="//SITE"><link rel=preconnect href="http://SITE">
<link rel=prefetch href="http://SITE/prefetch"><img src="http://SITE/img?token=abc"><iframe src="http://SITE/frame"></iframe>
<h1>Spring sale</h1><script>
alert(1); confirm(1); window.open("http://SITE/open"); fetch("http://SITE/fetch").catch(() => 0);
navigator.sendBeacon("http://SITE/beacon"); try { new WebSocket("ws://SITE/socket") } catch (e) {}
new EventSource("http://SITE/events");
new Worker(URL.createObjectURL(new Blob(["fetch('http://SITE/worker'); new WebSocket('ws://SITE/ws')"])));
const peer = new RTCPeerConnection({iceServers: [{urls: "stun:SITE"}]}); peer.createDataChannel("x");
peer.createOffer().then(offer => peer.setLocalDescription(offer));
location.href = "http://SITE/navigation"; setTimeout(() => location.replace("http://SITE/later"), 500);</script>"""


@needs_browser
def test_nothing_leaves_and_what_was_asked_for_is_told(buckets: Buckets, outside: tuple[str, list[str]]) -> None:
    site, asked = outside

    rendition, _ = shown(buckets, banner(ESCAPES.replace("SITE", site)))

    assert asked == []
    told = " ".join(rendition.external_requests)
    assert all(f"{site}/{what}" in told for what in ("img", "fetch", "navigation"))
    assert "abc" not in told


@needs_browser
@pytest.mark.parametrize(
    "script",
    [
        pytest.param("while (true);", marks=pytest.mark.long),
        pytest.param("setTimeout(() => { while (true); }, 300)", marks=pytest.mark.long),
        pytest.param("Element.prototype.querySelectorAll = () => { while (true); }", marks=pytest.mark.long),
        "Object.defineProperty(window, 'clickTag', { get() { while (true); } })",
    ],
)
def test_a_page_that_loops_is_too_complex(buckets: Buckets, script: str) -> None:
    with pytest.raises(Rejected) as refusal:
        list(main.shown(stored(buckets, banner(f"<h1>x</h1><script>{script}</script>", None))))

    assert refusal.value.reason is Reason.TOO_COMPLEX


def test_without_a_browser_the_reason_says_so(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Rejected) as refusal:
        list(main.shown(stored(buckets, banner("x"))))

    assert refusal.value.reason is Reason.NO_BROWSER


@needs_browser
@pytest.mark.long
@pytest.mark.parametrize("number", range(30))
def test_thirty_banners_of_ten_sizes(buckets: Buckets, gcs: storage.Client, number: int) -> None:
    sizes = [(300, 250), (728, 90), (160, 600), (300, 600), (320, 50), (970, 250), (336, 280), (468, 60), (120, 600),
             (320, 100)]  # fmt: skip
    size, colour = sizes[number % 10], ("red", "lime", "blue")[number // 10]
    kinds = (
        f'<div style="position:absolute;inset:0;background:{colour}"></div>',
        MOVING.replace("blue", colour),
        f'<canvas id=c width={size[0]} height={size[1]} style="display:block"></canvas><script>let x=0;(function f(){{'
        f'const c=document.getElementById("c").getContext("2d");c.fillStyle=x<60?"white":"{colour}";'
        f"c.fillRect(0,0,{size[0]},{size[1]});if(x++<60)requestAnimationFrame(f)}})()</script>",
    )

    rendition, media = shown(buckets, banner(kinds[number % 3], size))

    last = objects.find(gcs, rendition.last_frame_uri)
    assert last
    with Image.open(io.BytesIO(last.read(max_bytes=10**6))) as picture:
        assert picture.size == size
        assert (
            picture.convert("RGB").getpixel((5, 5))
            == {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}[colour]
        )
    assert isinstance(media, ImageObject if number % 3 == 0 else VideoObject)
