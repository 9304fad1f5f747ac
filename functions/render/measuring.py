"""How large a banner is of which nothing says so: as large as what it lays out, or a phone's screen where it fills any.

Banners of ad servers say their size (`ad.size`); playables and pages for phones often do not, since they fill the
screen. They are sold as 320 x 480, and lying as 480 x 320 (IAB's "mobile interstitial", Google's playables).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from functions.render.bundle import SIDES, Size
from shared.reasons import Reason, Rejected

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from playwright.async_api import Page

SCREEN: Size = (320, 480)

_LARGER: Size = (1000, 700)  # where it is laid out otherwise than on the phone, it has no size of its own
_MOST_SCREENS = 4  # of a page that goes on below the screen: nobody scrolls an ad further, and pictures have bounds
_WIDEST = 1000
_MARGIN = 24  # pixels: a page that fills the screen and has the margin that browsers give it scrolls by 8 or 16

# Boxes without what an element around them hides; words that flow, or that can be seen now, outside the largest box
# (those that come in later, by an animation, stand off the screen); whether something is painted behind all of them.
_LAID_OUT = """(screen) => {
    const style = (element) => getComputedStyle(element);
    const within = (box, element) => {
        let { left, top, right, bottom } = box;
        for (let each = element; each && each !== document.body; each = each.parentElement) {
            if (style(each).overflow === 'visible') continue;
            const around = each.getBoundingClientRect();
            [left, top] = [Math.max(left, around.left), Math.max(top, around.top)];
            [right, bottom] = [Math.min(right, around.right), Math.min(bottom, around.bottom)];
        }
        left += scrollX; right += scrollX; top += scrollY; bottom += scrollY;
        return { left, top, right, bottom, area: Math.max(0, right - left) * Math.max(0, bottom - top) };
    };
    const isShown = (element) => style(element).visibility === 'visible' && !element.closest('script, style, noscript');
    const elements = [...(document.body?.querySelectorAll('*') ?? [])].filter(isShown);
    const boxes = elements.map((each) => within(each.getBoundingClientRect(), each.parentElement));
    const largest = boxes.reduce((most, each) => (each.area > most.area ? each : most), { area: 0 });
    const words = [];
    const texts = document.createTreeWalker(document.body ?? document, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !parent || !isShown(parent)) continue;
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const box = within(range.getBoundingClientRect(), parent);
        if (box.area) words.push({ ...box, flows: flows(parent) });
    }
    function flows(element) {
        for (let each = element; each && each !== document.body; each = each.parentElement)
            if (['absolute', 'fixed'].includes(style(each).position) || style(each).transform !== 'none') return false;
        return true;
    }
    const isOutside = ({ left, top, right, bottom, flows }) => {
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        if (!flows && (x < 0 || y < 0 || x > screen[0] || y > screen[1])) return false;
        return x < largest.left || x > largest.right || y < largest.top || y > largest.bottom;
    };
    const isPainted = (element) => {
        const { backgroundImage, backgroundColor } = style(element);
        return backgroundImage !== 'none' || !/^transparent$|, 0\\)$/.test(backgroundColor);
    };
    const all = [...boxes.filter((each) => each.area), ...words];
    const sides = [largest.right - largest.left, largest.bottom - largest.top].map(Math.round);
    return {
        largest: largest.area ? sides : null,
        has_words_outside: words.some((each) => !largest.area || isOutside(each)),
        is_painted: [document.documentElement, document.body].some((each) => each && isPainted(each)),
        bottom: Math.ceil(all.reduce((most, each) => Math.max(most, each.bottom), 0)),
        scrolled: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
        lies: document.querySelector('meta[name="ad.orientation" i]')?.content.trim().toLowerCase() === 'landscape',
    };
}"""
_NO_MARGIN = "() => { document.body.style.margin = 0; }"


class Asking(Protocol):
    """Asks the page, which may never answer."""

    async def __call__[Answer](self, question: "Awaitable[Answer]") -> Answer:
        """The answer."""
        ...


@dataclass(frozen=True)
class LaidOut:
    """What a page lays out in a window.

    Attributes:
        largest: the size of its largest element; None where none is seen.
        has_words_outside: whether words stand outside that.
        is_painted: whether the page has a background.
        bottom: where the lowest of its elements and words ends.
        scrolled: how wide and high it is with what is out of sight.
        lies: whether it says that it is shown on a phone that lies.
    """

    largest: Size | None
    has_words_outside: bool
    is_painted: bool
    bottom: int
    scrolled: Size
    lies: bool

    @classmethod
    async def of(cls, page: "Page", asking: Asking, window: Size) -> Self:
        """What it lays out in a window of this size."""
        await asking(page.set_viewport_size({"width": window[0], "height": window[1]}))
        told = await asking(page.evaluate(_LAID_OUT, list(SCREEN)))
        largest = told.pop("largest")
        return cls(
            largest and (largest[0], largest[1]), scrolled=(told["scrolled"][0], told.pop("scrolled")[1]), **told
        )


async def size(page: "Page", asking: Asking) -> Size:
    """How large the page's banner is.

    Raises:
        Rejected: when nothing is seen, or something larger than pictures are.
    """
    on_phone = await LaidOut.of(page, asking, SCREEN)
    screen = SCREEN[::-1] if on_phone.lies else SCREEN
    own = own_size(on_phone, await LaidOut.of(page, asking, _LARGER))
    if own:
        await asking(page.evaluate(_NO_MARGIN))  # what is laid out at the edge would stand beyond it
        return own
    on_screen = await LaidOut.of(page, asking, screen)
    width = max(screen[0], min(on_screen.scrolled[0], _WIDEST))
    if width <= screen[0] + _MARGIN:
        width = screen[0]
    else:
        on_screen = await LaidOut.of(page, asking, (width, screen[1]))
    return width, height_of(on_screen, screen[1])


def own_size(on_phone: LaidOut, larger: LaidOut) -> Size | None:
    """The size that it has in any window; None of a page that is laid out as the window is, or says more around it."""
    one, other = on_phone.largest, larger.largest
    if not one or not other or on_phone.has_words_outside or larger.has_words_outside:
        return None
    is_same = abs(one[0] - other[0]) <= 1 and abs(one[1] - other[1]) <= 1
    if is_same and max(one) > SIDES.stop - 1:
        raise Rejected(Reason.BROKEN_BANNER, f"the page is {one[0]} x {one[1]} pixels large")
    return one if is_same and min(one) >= 1 else None


def height_of(on_screen: LaidOut, screen: int) -> int:
    """How much of it is seen: all of the screen where that is painted, else what there is; not endless pages.

    Raises:
        Rejected: when there is nothing.
    """
    height = max(screen, on_screen.scrolled[1]) if on_screen.is_painted else on_screen.bottom
    if screen < height <= screen + _MARGIN:
        return screen
    if height < 1:
        raise Rejected(Reason.BROKEN_BANNER, 'the page shows nothing: does it lack its <meta name="ad.size" …>?')
    return min(height, _MOST_SCREENS * screen)
