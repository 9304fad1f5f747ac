"""How often the offline extractor is right about a price whose digits are not one row of equal ones.

    python -m benchmarks.prices [--seed 1] [--ads 120] [--misses]

Cents set high or small, a price struck out, a footnote's mark, points, years, dates, telephone numbers, sizes: each is
set by a browser into a page of one of many sizes, in one of many typefaces. A wrong price is worse than none: `wrong`
is what matters, `null` where there is a price is what that costs. Of `plain`, prices of equal digits, nothing may be
lost.
"""

import argparse
import io
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from benchmarks.drawing import pages
from benchmarks.drawing.fonts import font_files
from functions.extract.extractors.offline import findings


@dataclass(frozen=True)
class Form:
    """A way to write a price, or what is none.

    Attributes:
        html: as a page has it.
        amount: what it costs; None where nothing is said of that.
    """

    html: str
    amount: float | None = None


RAISED = (
    Form("$49<sup>99</sup>", 49.99), Form("<sup>$</sup>49<sup>99</sup>", 49.99), Form("49<sup>99</sup> €", 49.99),
    Form("£4<sup>99</sup>", 4.99), Form("1.299<sup>95</sup> €", 1299.95), Form("€ 12<sup>50</sup>", 12.5),
    Form("19<sup>,99</sup> €", 19.99), Form("$1,299<sup>00</sup>", 1299), Form("49<sup>€99</sup>", 49.99),
    Form("0<sup>79</sup> €", 0.79), Form("49.<sup>99</sup> €", 49.99), Form("$3<sup><u>49</u></sup>", 3.49),
    Form("CHF 29<sup>90</sup>", 29.9), Form("R$ 89<sup>90</sup>", 89.9), Form("<sup>£</sup>12<sup>00</sup>", 12),
    Form("7<sup>95</sup> kr", 7.95), Form("$199<sup>99</sup>/mo", 199.99), Form("nur 5<sup>55</sup> €", 5.55),
    Form("<sup>$</sup>9<sup>88</sup>", 9.88), Form("Now $24<sup>50</sup>", 24.5), Form("299<sup>00</sup> zł", 299),
    Form("2<sup>49</sup>"), Form("<sup>€</sup>6<sup>66</sup>", 6.66), Form("$11<sup>11</sup>", 11.11),
    Form("£1<sup>50</sup> each", 1.5), Form("dès 8<sup>40</sup> €", 8.4), Form("$17<sub>75</sub>", 17.75),
)  # fmt: skip
ODD = (
    Form("<s>$99.99</s> <b>$49.99</b>", 49.99), Form("<s>199 €</s> 149 €", 149), Form("$10<sup>1</sup>", 10),
    Form("$10*", 10), Form("5.000 Punkte"), Form("2,500 points"), Form("Spring 2026"), Form("24.12.2026"),
    Form("Call 020 7946 0123"), Form("0800 123 45 67"), Form("50 ml"), Form("1.5 L"), Form("20％ off"),
    Form("2 for 5"), Form("Since 1899"), Form("10.–15. Mai"), Form("12/31/26"), Form("A4 2026"),
    Form("4,9 ★ (1.299)"), Form("50 m²"), Form("10<sup>2</sup> ideas"), Form("No. 1 in 2025"), Form("Size 38–44"),
    Form("7:30–22:00"), Form("1.200 kWh"), Form("89 €<sup>1</sup>", 89), Form("£25<sup>†</sup>", 25),
    Form("3<sup>rd</sup> floor"), Form("$49 <small>99 left</small>", 49), Form("<s>$89</s>"),
)  # fmt: skip
PLAIN = (
    Form("$49.99", 49.99), Form("49,99 €", 49.99), Form("£4.99", 4.99), Form("1.299,95 €", 1299.95),
    Form("$1,299", 1299), Form("€ 12.50", 12.5), Form("299 €", 299), Form("$5", 5), Form("£12", 12),
    Form("from £129", 129), Form("ab 89 €", 89), Form("1 299 kr", 1299), Form("R$ 89,90", 89.9),
    Form("249 €/mois", 249), Form("$4999", 4999), Form("$1680", 1680), Form("nur 19,95 €", 19.95),
    Form("CHF 29.90", 29.9), Form("$79", 79), Form("£6800", 6800),
)  # fmt: skip
_SETS = {"raised": RAISED, "odd": ODD, "plain": PLAIN}

_SIZES = (
    (300, 250),
    (728, 90),
    (336, 280),
    (300, 600),
    (970, 250),
    (1200, 628),
    (1080, 1080),
    (1080, 1920),
    (320, 100),
)
_WORDS = (("Running shoes, light as air", "Shop now"), ("Kaffee aus der Rösterei", "Jetzt kaufen"),
          ("Le fromage de nos montagnes", "Acheter"), ("Sillas para tu terraza", "Comprar"), ("", ""))  # fmt: skip
_GROUNDS = (("#ffffff", "#111111"), ("#c1121f", "#ffffff"), ("#fff3b0", "#9b2226"), ("#14213d", "#fca311"),
            ("linear-gradient(120deg, #f8f9fa, #a8dadc)", "#1d3557"), ("#2d6a4f", "#ffffff"))  # fmt: skip
_PAGE = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: drawn; src: url("{font}"); }}
* {{ margin: 0; box-sizing: border-box; }}
body {{ width: {width}px; height: {height}px; overflow: hidden; background: {ground}; color: {ink}; padding: 8px;
  font: {size}px/1.2 drawn; display: flex; flex-direction: {direction}; gap: .5em; justify-content: center;
  align-items: center; text-align: center; }}
div {{ flex: 0 1 auto; }}
.price {{ font-size: {times}em; white-space: nowrap; letter-spacing: {spacing}em; {plate} }}
sup {{ font-size: {raised}em; vertical-align: {align}; margin-left: {apart}em; line-height: 1; }}
sub {{ font-size: {raised}em; vertical-align: baseline; margin-left: {apart}em; }}
small {{ font-size: .5em; }} .call {{ padding: .2em .6em; border: 2px solid; border-radius: 4px; font-size: .8em; }}
</style><body><div>{headline}</div><div class="price">{price}</div><div class="call">{call}</div>"""


def main() -> None:
    """Draws, extracts, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ads", type=int, default=120, help="of each kind")
    parser.add_argument("--misses", type=Path, help="a folder for what is wrong or null")
    arguments = parser.parse_args()
    for kind, forms in _SETS.items():
        verdicts = Counter(_judged(*drawn, arguments.misses) for drawn in draw(forms, arguments.ads, arguments.seed))
        print(f"{kind:8}" + "".join(f"{verdict:>8}{verdicts[verdict]:>5}" for verdict in ("right", "null", "wrong")))


def draw(forms: tuple[Form, ...], count: int, seed: int) -> Iterator[tuple[Form, bytes, str]]:
    """So many ads: the form, a JPEG or PNG, and a name."""
    with pages.a_page() as page, tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            choice = random.Random(f"{seed}-{number}")
            form = forms[number % len(forms)]
            yield form, _drawn(page, Path(folder), form, choice), f"{seed}-{number}"


def _drawn(page: Page, folder: Path, form: Form, choice: random.Random) -> bytes:
    width, height = choice.choice(_SIZES)
    ground, ink = choice.choice(_GROUNDS)
    headline, call = choice.choice(_WORDS)
    flat = width > 2 * height
    plain = ground if ground.startswith("#") else "white"
    page.set_viewport_size({"width": width, "height": height})
    (folder / "ad.html").write_text(
        _PAGE.format(
            font=Path(choice.choice([each for each in font_files() if Path(each).is_absolute()])).as_uri(),
            width=width, height=height, ground=ground, ink=ink,
            size=height * 0.22 if flat else min(width, height) * 0.09,
            direction="row" if flat else "column", times=choice.choice((1.0, 1.6, 2.4, 3.2)),
            spacing=choice.choice((0, 0, 0.02, -0.03)), raised=choice.choice((0.4, 0.5, 0.58, 0.65)),
            align=choice.choice(("super", "text-top", "0.55em", "0.9em")), apart=choice.choice((0, 0.03, 0.1)),
            headline=headline, price=form.html, call=call,
            plate=choice.choice(("", "", f"background: {ink}; color: {plain}; padding: .05em .3em")),
        ),
        "utf-8",
    )  # fmt: skip
    page.goto((folder / "ad.html").as_uri())
    page.evaluate(pages.FIT)
    if choice.random() < 0.4:
        return page.screenshot(type="png")
    return page.screenshot(type="jpeg", quality=choice.choice((70, 80, 90)))


def _judged(form: Form, content: bytes, name: str, misses: Path | None) -> str:
    with Image.open(io.BytesIO(content)) as picture:
        found = findings.of_image(picture.convert("RGB"))
    price = found.get("price")
    is_right = (None if price is None else float(price)) == form.amount
    said = "right" if is_right else "null" if price is None else "wrong"
    if misses and said != "right":
        misses.mkdir(parents=True, exist_ok=True)
        (misses / f"{said}-{name}.png").write_bytes(content)
        print(f"{said:6}{name:8}{form.html!r} {price} {found.get('price_text')!r} in {found.get('text')!r}")
    return said


if __name__ == "__main__":
    main()
