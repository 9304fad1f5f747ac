"""Words are looked for by one rule, on the page and in the terminal: what each finds in what ads say is the same."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from google.cloud import storage
from hypothesis import example, given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route

from creatives.agents import asking, glossary
from creatives.agents.asking import Row
from creatives.agents.words import terms
from creatives.operations.tables import Tables
from creatives.report import data
from creatives.report import page as pages
from tests.bigquery import PROJECT, Dataset
from tests.cases import first_of
from tests.creatives.operations.conftest import fill
from tests.infra.views.rows import World

SAID = {
    "beds": "Bettwäsche für große Betten",
    "slug": "moebel-sale fuer Bueros",
    "office": "Möbel fürs Büro",
    "maison": "Maison Orélie, œuvres d’été",
    "voucher": "Gutschein über 20\u00a0% – nur 24,99\u202f€",
    "dollars": "Only $1,249.50",
    "bike": "Vélo 1\u202f299 € | E-Bike",
    "swiss": "Jetzt ab CHF 1'299.–",
    "phone": "iPhone 15 128 GB, 5G",
    "less": "-25 % on 50\u201360%, 24/7",
    "order": "Order now and save",
    "now": "Now you can order",
    "places": "Złoty, İstanbul, Đà Nẵng, ΚΑΦΕΣ",
    "three": "3 for 2 on T-shirts",
    "two": "2 of 3 people",
    "car": "VW: 2,026 cars, H&M",
    "orion": "Orion Credit Card",
    "coat": "A fur coat",
    "chinese": "大促销 全场五折",
    "quoted": 'So "good": it\\s\tback\\slash',
    "size": "Banner 300×250",
    "velo": "Vélo pliant. Livraison gratuite partout",
    "divano": "Divano rosso, consegna gratuita",
    "webinar": "Free webinar on yoga",
    "sofa": "Sofas in red, Versand gratis",
    "roots": "Karotten vom Hof",
    "decimal": "Tasso 3,5 % – 0,299",
    "lottery": "Lotto 3 7 11 19 23 31 38 42 45 49",
}

QUERIES = [
    "rotes Sofa", "bleu", "grünes", "gruen", "free delivery", "spedizione gratuita", "frais de port offerts",
    "bettwasche", "BETTWAESCHE", "grosse", "Bettwa\u0308sche", "für große", "fur coat", "möbel", "moebel",
    "Möbel Büro", "maison orelie", "oeuvres", "ete", "d'été", "d’ete", "20 %", "20%", "24.99", "24,99 €", "24", "99",
    "ueber", "1249", "1,249", "1 249", "1.249", "1,249.50", "2,49", "1299", "1 299", "1.299 €", "1'299", "1’299",
    "299", "15 128", "128 15", "1512", "128 gb", "5g", "-25 %", "-25%", "−25 %", "25", "50-60%", "50–60", "50", "24/7",
    "e-bike", "e bike", "ebike", "t-shirt", "T shirts", "tshirt", '"order now"', "“Order now” save", '"order', "order",
    "the order", "the", "zloty", "istanbul", "da nang", "καφες", "3 for 2", "2 for 3", "2 of 3", "vw", "v", "w", "car",
    "cars", "2026", "h&m", "h & m", "促销", "五折", "good", '"so good"', "slash", "back\\slash", "300x250", "300×250",
    "3,5 %", "3.5", "0.299", "shirts, cars", "shirts/cars", "sale!", "(sale)", "sale for", "on", "%", "€", "$1249.50",
    "€1", "25 people", "3 7 11 19 23 31 38 42 45 49", "3 7 11 19 23 31 38 42 45 48",
    "webinars", "orders", "red divanos", '"webinars"', "lottos", "credit cards", "press", "e-bikes",
]  # fmt: skip


FOUND = [
    ("webinars", {"webinar"}),
    ('"webinars"', set()),
    ("e-bikes", {"bike"}),
    ("orders", set()),
    ("bettwasche", {"beds"}), ("BETTWAESCHE", {"beds"}), ("Möbel", {"slug", "office"}), ("moebel", {"slug", "office"}),
    ("fur coat", {"coat"}), ("maison orelie", {"maison"}), ("20%", {"voucher"}), ("-25 %", {"less"}),
    ("1299", {"bike", "swiss"}), ("15 128", {"phone"}), ("iphone 128", {"phone"}), ("1512", set()),
    ("24", {"voucher", "less"}), ("e bike", {"bike"}), ("T Shirt", {"three"}), ("3 for 2", {"three"}),
    ("2 of 3", {"two"}), ("car", {"car"}), ("or", {"maison", "now", "order", "orion"}), ("card", {"orion"}),
    ("300x250", {"size"}), ("order the", {"order", "now"}), ('"order now"', {"order"}), ("促销", {"chinese"}),
    ("3.5%", {"decimal"}), ("zloty", {"places"}), ("free shipping", {"velo", "divano", "sofa"}),
    ("Kostenloser Versand", {"velo", "divano", "sofa"}), ("envio gratis", {"velo", "divano", "sofa"}),
    ("free webinar", {"webinar"}), ('"free shipping"', set()), ("rotes Sofa", {"sofa"}), ("divano rouge", {"divano"}),
    ("rojo", {"divano", "sofa"}), ("karotte", {"roots"}), ("groesse", {"size"}), ("copy.png", {"bike"}),
    ("q3", {"beds"}), ("until", {"beds"}), ("linen", {"beds"}), ("3 7 11 19 23 31 38 42 45 49", {"lottery"}),
    ("3 7 11 19 23 31 38 42 45 48", set()),
]  # fmt: skip

PIECES = [
    *"abcäöüßéĐłœ0123456789", " ", " ", ".", ",", "'", "-", "%", "€", "/", '"', "(", "the", "für", "rot", " free ",
    "shipping", "1.299", " 000", "sale", "促", "\u00a0", "\u2013", "\u00ad", "A\u0308", "\ufb01", "½", "ΣΣ", "И",
]  # fmt: skip


def drawn(seed: int, *, how_many: int, longest: int) -> list[str]:
    """Texts of all that may be written in several ways."""
    chance = random.Random(seed)
    return ["".join(chance.choices(PIECES, k=chance.randint(1, longest))) for _ in range(how_many)]


@dataclass(frozen=True)
class Both:
    """The page and the terminal of one dataset."""

    page: Page
    tables: Tables

    def by_page(self, queries: Sequence[str]) -> list[set[str]]:
        found = self.page.evaluate(
            """(queries) => queries.map((query) => {
                const { found } = matching(report, plainState("gallery", { query }));
                return found.map((index) => report.creatives[index].creative_id); })""",
            list(queries),
        )
        return [set(each) for each in found]

    def by_terminal(self, queries: Sequence[str]) -> list[set[str]]:
        return [{row["creative_id"] for row in self._having(query)} for query in queries]

    def _having(self, query: str) -> list[Row]:
        looked_for = terms(query)
        rows = asking.with_words(self.tables.within(Path(asking.__file__).parent), looked_for, 10**6)
        return [row for row in rows if row["n_words"] == len(looked_for)]


@pytest.fixture(scope="module")
def both(
    browser: Browser, module_dataset: Dataset, gcs: storage.Client, tmp_path_factory: pytest.TempPathFactory
) -> Both:
    w = World()
    texts = {**SAID, **{f"drawn {nth}": text for nth, text in enumerate(drawn(1, how_many=60, longest=14))}}
    rows = [
        *(row for name in texts for row in (w.upload(name, name), *w.analysed(name)[:-1])),
        *(w.answer(name, features={"text": text}) for name, text in texts.items()),
        w.upload("Größe 7.png", "size"),
        w.sighting("of the web", "beds", source="https://example.com/Bed%20linen.jpg?x=4711"),
        *(w.label("beds", text, kind=kind) for text, kind in (("q3 2026", "tag"), ("Runs until May", "note"))),
        w.upload("the copy.png", "copy"),
        *w.copied("copy", "bike"),
    ]
    tables = fill(module_dataset, rows)
    read = data.read(module_dataset.client, PROJECT, module_dataset.name, gcs, cache=tmp_path_factory.mktemp("cache"))
    page = browser.new_page()
    page.route("**/*", _asset)
    page.goto("https://page.invalid/none.html")
    page.evaluate(
        """async ([data, names]) => {
            const [{ prepare, matching }, { plainState }] = [await import("/report.js"), await import("/state.js")];
            Object.assign(window, { matching, plainState, names, report: prepare(data) }); }""",
        [json.loads(pages.as_json(read)), glossary.names()],
    )
    return Both(page, tables)


def _asset(route: Route) -> None:
    file = Path(pages.__file__).parent / "assets" / Path(urlsplit(route.request.url).path).name
    route.fulfill(body=file.read_text() if file.exists() else "", content_type=guess_type(file.name)[0] or "text/html")


@pytest.mark.parametrize("part", first_of(range(5)))
def test_the_page_and_the_terminal_find_the_same(both: Both, part: int) -> None:
    queries = QUERIES[part::5]

    by_page, by_terminal = both.by_page(queries), both.by_terminal(queries)

    assert dict(zip(queries, by_page, strict=True)) == dict(zip(queries, by_terminal, strict=True))
    assert len({frozenset(each) for each in by_page}) > len(queries) / 2


@pytest.mark.parametrize(("query", "found"), FOUND)
def test_words_are_found_however_they_are_written(both: Both, query: str, found: set[str]) -> None:
    (ids,) = both.by_page([query])

    assert {name for name in SAID if World().creative(name) in ids} == found


def test_whatever_is_looked_for_is_looked_for_alike(both: Both) -> None:
    queries = [each for each in drawn(2, how_many=12, longest=4) if terms(each)]

    by_page, by_terminal = both.by_page(queries), both.by_terminal(queries)

    assert dict(zip(queries, by_page, strict=True)) == dict(zip(queries, by_terminal, strict=True))


@given(
    st.lists(
        st.text(st.sampled_from("".join(PIECES) + "\u0001\n\\“”") | st.characters(max_codepoint=0x4FF), max_size=12)
    )
)
def test_whatever_is_typed_is_read_alike(both: Both, queries: list[str]) -> None:
    told = both.page.evaluate(
        """async (queries) => {
            const { termsOf } = await import("/folding.js");
            return queries.map((query) => termsOf(query).map(({ text, isPattern }) => [text, isPattern])); }""",
        queries,
    )

    assert told == [[[term.text, term.is_pattern] for term in terms(query)] for query in queries]


@given(st.lists(st.text(st.sampled_from(" ABeéíñs_9ß-'") | st.characters(max_codepoint=0x4FF), max_size=8), max_size=5))
@example([max(glossary.names(), key=lambda name: len(name.split()))])
@example(["Une MOTO d’occasion", "two dogs, een hond", "Fußbälle und Schuhe", "sartenes", "x" * 90])
def test_things_are_named_alike_by_a_report_in_a_file_and_in_the_terminal(both: Both, words: list[str]) -> None:
    some = [*words, " ".join(words), f"{next(iter(words), '')} winter boots {' '.join(words)} perros"]
    told = both.page.evaluate(
        """async (texts) => {
            const { numbersOf } = await import("/naming.js");
            return texts.map((text) => numbersOf(window.names, text)); }""",
        some,
    )

    assert told == [glossary.numbers(text) for text in some]
