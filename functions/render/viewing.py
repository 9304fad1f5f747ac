"""Shows a banner to a browser: run as a program of its own, so that it can be ended with all that it has started.

    python -m functions.render.viewing BANNER.zip NAME OUT BROWSER

Writes into the folder OUT: `last.png`, `film.mp4` where the banner moved, and `told.json`, a `Told`. A banner that is
refused is told there too.

The browser has no network: every request is answered out of the zip or refused here, and beneath that names resolve to
nothing and the only proxy is a closed port, for what a page can start without asking (workers, WebRTC, prefetching).
"""

import asyncio
import base64
import io
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from PIL import Image
from pydantic import BaseModel, ConfigDict

from functions.render import bundle, measuring
from functions.render.bundle import Bundle, Size
from shared.media import x264
from shared.media.banners import LONGEST_S
from shared.reasons import Reason, Rejected
from shared.urls import redacted

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, Route

STILL_S = 4.0
"""A banner that has not changed for this long stands still: its scenes are rarely shown for more than three."""

_FPS = 10
_HOST = "banner.invalid"
_LOADED_MS = 5_000
_ANSWER_S = 60.0
_BUSY_S = 5.0  # of a processor, while it leaves one question unanswered; the clock would blame a busy machine's banners
_MOST_REQUESTS = 50
_MOST_CHARS = 2_048

# Nothing that the browser or a page could do on its own reaches anywhere. No sandbox of Chromium's own: containers do
# not let it make one, and the function's account and network are what is kept from a page.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
    "--disable-extensions", "--disable-default-apps", "--dns-prefetch-disable", "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:1", "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=256", "--force-color-profile=srgb", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip

# What scripts declare by let and const is no property of the window.
_CLICK_TAG = """() => {
    for (const tell of [() => clickTag, () => clickTAG, () => clicktag, () => ClickTag, () => clickTag1]) {
        try { const tag = tell(); if (typeof tag === 'string' && tag) return tag; } catch { continue; }
    }
    return null; }"""
# Dialogs and windows stop a page until somebody answers: there is nobody.
_NOBODY = "for (const ask of ['alert', 'confirm', 'prompt', 'print', 'open']) window[ask] = () => null;"


class Told(BaseModel):
    """What came of it.

    Attributes:
        width, height: of the banner, in pixels.
        click_tag: where a click leads, as the banner says itself.
        external_requests: addresses that it asked for and did not get, without secrets.
        seconds: for how long it was watched.
        settled: whether it stood still at the end.
        moved: whether it has looked otherwise in between: then there is a film.
        reason, detail: why it is refused; None where it is not.
    """

    model_config = ConfigDict(frozen=True)

    width: int = 0
    height: int = 0
    click_tag: str | None = None
    external_requests: list[str] = []
    seconds: float = 0.0
    settled: bool = False
    moved: bool = False
    reason: Reason | None = None
    detail: str = ""


@dataclass
class _Watch:
    """What is seen of a page: frames with the second that they came at."""

    started: float = field(default_factory=time.monotonic)
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    outside: dict[str, None] = field(default_factory=dict)
    crashed: bool = False

    def see(self, jpeg: bytes) -> None:
        if not self.frames or self.frames[-1][1] != jpeg:
            self.frames.append((time.monotonic() - self.started, jpeg))

    @property
    def unchanged_s(self) -> float:
        """Seconds since it last looked otherwise."""
        return time.monotonic() - self.started - (self.frames[-1][0] if self.frames else 0.0)


def main(arguments: list[str]) -> None:
    """Shows one banner."""
    content, name, out, browser = Path(arguments[0]).read_bytes(), arguments[1], Path(arguments[2]), arguments[3]
    try:
        told = asyncio.run(show(bundle.unpacked(content, name), out, browser))
    except Rejected as rejection:
        told = Told(reason=rejection.reason, detail=rejection.detail)
    (out / "told.json").write_text(told.model_dump_json())


async def show(banner: Bundle, out: Path, browser: str) -> Told:
    """Shows the banner until it stands still, and keeps what was seen in the folder `out`.

    Raises:
        Rejected: when it stops the browser, or shows nothing.
    """
    from playwright.async_api import Error

    watch = _Watch()
    async with _context(browser, banner.size or measuring.SCREEN) as context:
        try:
            return await _shown(context, banner, out, watch)
        except Error as error:
            if watch.crashed or "crash" in str(error).lower():
                raise Rejected(Reason.TOO_COMPLEX, "the banner takes more memory than the browser has") from error
            raise


async def _shown(context: "BrowserContext", banner: Bundle, out: Path, watch: _Watch) -> Told:
    from playwright.async_api import TimeoutError as NotLoadedError

    page = await context.new_page()
    page.on("crash", lambda _: setattr(watch, "crashed", True))
    await context.add_init_script(_NOBODY)
    context.on("page", lambda popup: popup.close())
    await context.route("**/*", lambda route: _answer(route, banner, watch))
    await context.route_web_socket("**/*", lambda socket: watch.outside.setdefault(redacted(socket.url)))
    asking = _Asking(await _browsers_own(context))
    page.set_default_timeout(_ANSWER_S * 1000)
    await asking(page.goto(f"https://{_HOST}/{banner.page}", wait_until="commit"))
    with suppress(NotLoadedError):  # of a page that waits for what never comes, what is there is shown
        await page.wait_for_function("document.readyState === 'complete'", timeout=_LOADED_MS)
    size = banner.size or await measuring.size(page, asking)
    await asking(page.set_viewport_size({"width": size[0], "height": size[1]}))
    devtools = await asking(context.new_cdp_session(page))
    seconds = await _watched(page, devtools, watch, asking)
    click_tag = await asking(page.evaluate(_CLICK_TAG))
    last = base64.b64decode((await asking(devtools.send("Page.captureScreenshot", {"format": "png"})))["data"])
    (out / "last.png").write_bytes(last)
    moved = len(watch.frames) > 1
    if moved:
        _film(watch.frames, last, seconds, out / "film.mp4")
    return Told(
        width=size[0],
        height=size[1],
        click_tag=click_tag[:_MOST_CHARS] if click_tag else None,
        external_requests=list(watch.outside)[:_MOST_REQUESTS],
        seconds=round(seconds, 1),
        settled=seconds < LONGEST_S,
        moved=moved,
    )


@dataclass(frozen=True)
class _Asking:
    """Asks the page, which may never answer: Playwright waits for most answers without a limit.

    Attributes:
        browser: what the browser says of its processes, whatever its pages do.
    """

    browser: "CDPSession"

    async def __call__[Answer](self, question: Awaitable[Answer]) -> Answer:
        """The answer.

        Raises:
            Rejected: when the page computes instead of answering.
            TimeoutError: when it neither answers nor computes.
        """
        answer = asyncio.ensure_future(question)
        until, before = time.monotonic() + _ANSWER_S, None
        while not (await asyncio.wait({answer}, timeout=1))[0]:
            now = await self._processor_s()
            before = now if before is None else before
            if now - before > _BUSY_S:
                answer.cancel()
                raise Rejected(
                    Reason.TOO_COMPLEX, "the banner keeps the browser busy: its script does not come to an end"
                )
            if time.monotonic() > until:
                answer.cancel()
                raise TimeoutError(f"no answer in {_ANSWER_S:.0f} s")
        return answer.result()

    async def _processor_s(self) -> float:
        """Processor time of the busiest of the browser's processes that show a page, in seconds."""
        processes = (await self.browser.send("SystemInfo.getProcessInfo"))["processInfo"]
        return max((process["cpuTime"] for process in processes if process["type"] == "renderer"), default=0.0)


async def _browsers_own(context: "BrowserContext") -> "CDPSession":
    if context.browser is None:
        raise AssertionError("a context of a browser that was launched knows its browser")
    return await context.browser.new_browser_cdp_session()


@asynccontextmanager
async def _context(browser: str, size: Size) -> "AsyncIterator[BrowserContext]":
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=browser, args=[*ARGUMENTS], chromium_sandbox=False)
        yield await started.new_context(
            viewport={"width": size[0], "height": size[1]},
            service_workers="block",
            accept_downloads=False,
            bypass_csp=False,
            ignore_https_errors=False,
        )
        await started.close()


def _file_of(address: str) -> str | None:
    """The name in the zip that an address of the page's own asks for; None of all others, be they no addresses."""
    try:
        parts = urlsplit(address)
        return unquote(parts.path).lstrip("/") if parts.hostname == _HOST else None
    except ValueError:
        return None


async def _answer(route: "Route", banner: Bundle, watch: _Watch) -> None:
    """A file of the zip; anything else is written down, and fails as if there were no network."""
    name = _file_of(route.request.url)
    if name is None:
        watch.outside.setdefault(redacted(route.request.url))
        if route.request.is_navigation_request():
            await route.fulfill(status=204)  # the page stays as it is
        else:
            await route.abort("internetdisconnected")
    elif name in banner.files:
        await route.fulfill(body=banner.files[name], content_type=guess_type(name)[0] or "application/octet-stream")
    else:
        await route.fulfill(status=404, body="")


async def _watched(page: "Page", devtools: "CDPSession", watch: _Watch, asking: _Asking) -> float:
    """Looks at the page until it stands still; the seconds that took, of which the last ones were for seeing that."""

    async def seen(event: dict[str, Any]) -> None:
        watch.see(base64.b64decode(event["data"]))
        await devtools.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    watch.started = time.monotonic()
    devtools.on("Page.screencastFrame", seen)
    await asking(devtools.send("Page.startScreencast", {"format": "jpeg", "quality": 95}))
    while watch.unchanged_s < STILL_S and time.monotonic() - watch.started < LONGEST_S:
        await page.wait_for_timeout(100)
        await asking(page.evaluate("true"))
    await asking(devtools.send("Page.stopScreencast"))
    return min(time.monotonic() - watch.started, LONGEST_S)


def _film(frames: list[tuple[float, bytes]], last: bytes, seconds: float, path: Path) -> None:
    """The frames as a video, each for as long as it was shown, then the last one."""
    import av

    with Image.open(io.BytesIO(last)) as picture:
        width, height = picture.width + picture.width % 2, picture.height + picture.height % 2
    ends = [*(at for at, _ in frames[1:]), max(frames[-1][0], seconds - STILL_S) + 1.0]
    with av.open(str(path), "w") as container:
        options = {"crf": "16", "preset": "veryfast", "x264-params": x264.SAME_EACH_TIME}
        stream = container.add_stream("libx264", rate=_FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        shown = 0
        for (_, image), end in zip([*frames[:-1], (0.0, last)], ends, strict=True):
            frame = _frame(image, (width, height))
            while shown < end * _FPS:
                frame.pts, frame.time_base = shown, Fraction(1, _FPS)
                container.mux(stream.encode(frame))
                shown += 1
        container.mux(stream.encode())


def _frame(image: bytes, size: Size) -> Any:  # noqa: ANN401 - av is not imported at the top
    import av

    with Image.open(io.BytesIO(image)) as picture:
        canvas = Image.new("RGB", size, "white")
        canvas.paste(picture.convert("RGB"), (0, 0))
    return av.VideoFrame.from_image(canvas)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(sys.argv[1:])
