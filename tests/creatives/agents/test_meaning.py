"""Creatives by what they mean: in another language than the ad's, and only what is new is computed."""

import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from creatives.agents import directions, glossary, meaning
from creatives.agents.asking import NotKnownError, Questions
from creatives.agents.meaning import ALIKE, Features, Vectors, asked, current, meant, said, subject
from creatives.agents.pictures import NoPictureError, Picture
from creatives.operations.tables import Tables
from shared.media import images
from shared.media.sandbox import InFile
from tests import fonts, pictures, videos
from tests.bigquery import Dataset
from tests.cases import some_of
from tests.creatives.operations.conftest import fill
from tests.infra.views.rows import World

pytestmark = pytest.mark.slow

ADS = {
    "shoes": {"text": "New running shoes. Free delivery", "product_type": "shoes"},
    "bank": {"text": "Eröffnen Sie jetzt ein kostenloses Girokonto", "product_type": "current account"},
    "beach": {"text": "Vacances à la mer dès 399 €", "product_type": "travel"},
    "dog": {"text": "La comida que tu perro adora", "product_type": "pet food"},
    "phone": {"text": "Il nuovo smartphone con fotocamera da 200 megapixel", "product_type": "electronics"},
}


def id_of(name: str) -> str:
    return World().creative(name)


@pytest.fixture(scope="module")
def filled(module_dataset: Dataset) -> Tables:
    w = World()
    return fill(
        module_dataset,
        [
            *(row for name in ADS for row in (w.sighting(name, name), *w.analysed(name)[:-1])),
            *(w.answer(name, features=features) for name, features in ADS.items()),
            w.sighting("copy", "copy"),
            *w.copied("copy", "dog"),
        ],
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("meanings") / "of.creatives.npz"


@pytest.fixture
def questions(filled: Tables, kept: Path) -> Questions:
    return Questions(lambda: nullcontext(filled), lambda tables: current(tables, kept))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sneakers for jogging", "shoes"),
        ("open a bank account", "bank"),
        ("Urlaub am Strand", "beach"),
        ("nourriture pour chien", "dog"),
        ("teléfono móvil con buena cámara", "phone"),
        ("smartphone", "phone"),
    ],
)
def test_the_first_means_what_is_asked_for_in_whatever_language(questions: Questions, asked: str, found: str) -> None:
    assert questions.find(asked)["creatives"][0]["creative_id"] == id_of(found)


def drawn(text: str, call: str, offer: str | None = None) -> dict[str, object]:
    """What the offline extractor tells of an ad."""
    scenes = [{"start_s": 0.0, "end_s": 4.0, "text": text, "description": None}]
    return {
        "text": text, "promotion_text": offer, "call_to_action": call, "language": "en", "currency": "EUR",
        "dominant_colors": ["green", "turquoise", "brown"], "hook": {"text": text, "description": None},
        "scenes": scenes, "pace": "medium",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "first"),
    [("dog food", 0), ("Hundefutter", 0), ("chaussures de course", 1), ("zapatillas de running", 1),
     ("summer dresses", 2), ("vestiti estivi", 2), ("RED WINE", 3), ("washing powder", 5)],
)  # fmt: skip
def test_few_words_of_an_ad_are_not_drowned_by_colours_codes_calls_and_capitals(words: str, first: int) -> None:
    rows = meant(
        [
            drawn("Croquettes pour chien Acheter", "Acheter"),
            drawn("RUNNING SHOES UP TO 40% OFF Shop now", "Shop now", "UP TO 40% OFF"),
            drawn("SOMMERKLEIDER -30 % auf alles Zum Shop", "Zum Shop", "-30 % auf alles"),
            drawn("Vino tinto de Rioja Pedir", "Pedir"),
            drawn("Pizza delivery only $9", "Order now"),
            drawn("DETERGENTE ECOLÓGICO PARA LA ROPA", "Comprar"),
        ]
    )

    likeness = rows @ asked(words)

    assert int(np.argmax(likeness)) == first
    assert likeness[first] >= ALIKE


def of(features: Mapping[str, Features]) -> Vectors:
    """The vectors of ads, called by these names."""
    return Vectors.of(list(features), [""] * len(features), list(features.values()))


LISTED: dict[str, Features] = {
    "kreta": {"text": "Urlaub auf Kreta, 7 Nächte ab 499 €"},
    "corse": {"text": "Vacances en Corse"},
    "greece": {"text": "Holidays in Greece from $599"},
    "sneaker": {"text": "SNEAKER SALE 40% OFF Shop now", "promotion_text": "SALE 40% OFF", "discount_percent": 40.0},
    "piel": {"text": "Zapatos de piel"},
    "percent": {"text": "Matratzen -30 %", "promotion_text": "-30 %", "discount_percent": 30.0},
    "off": {"text": "$20 off bikes", "promotion_text": "$20 off"},
    "remise": {"text": "Remise de 20 €", "promotion_text": "Remise de 20 €"},
    "saldi": {"text": "Saldi: divani", "promotion_text": "Saldi"},
    "hotel": {"text": "Berlin hotel Book now", "call_to_action": "Book now"},
}
HOLIDAYS, SHOES = {"kreta", "corse", "greece"}, {"sneaker", "piel"}
CHEAPER = {"sneaker", "percent", "off", "remise", "saldi"}


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        *((words, HOLIDAYS) for words in ("holiday", "vacances", "Urlaub", "vacaciones")),
        ("travel", {*HOLIDAYS, "hotel"}),
        *((words, SHOES) for words in ("shoes", "Schuhe", "scarpe")),
        *((words, CHEAPER) for words in ("discount", "Rabatt", "remise", "sconto")),
    ],
)
def test_all_that_name_a_thing_or_one_of_its_kind_are_listed_in_whatever_language(words: str, meant: set[str]) -> None:
    found = {name for name, _ in of(LISTED).by_words(words, len(LISTED))}

    assert meant <= found
    assert len(found - meant) <= 2


def test_what_names_both_of_two_things_comes_before_what_names_one() -> None:
    assert of(LISTED).by_words("shoes on sale", len(LISTED))[0][0] == "sneaker"


def test_what_people_are_called_to_is_nothing_that_is_sold() -> None:
    things = of({"hotel": LISTED["hotel"]}).things

    assert set(glossary.numbers("book")).isdisjoint(things.flat)
    assert set(glossary.numbers("hotel")) < set(things.flat)


@pytest.mark.parametrize(
    ("words", "first", "usual"),
    [
        ("home loan", "Mutui per la prima casa al 2,5%", "Leasing de coches. Jetzt sichern"),
        ("Tierversicherung", "Pet insurance that pays the vet directly", "Fahrradversicherung. Jetzt sichern"),
    ],
)
def test_what_is_near_to_whatever_is_asked_comes_later(
    words: str, first: str, usual: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "_NAMED_SHARE", 0.0)  # all of these are named
    features = [{"text": usual}, {"text": first}]
    vectors = of({"usual": features[0], "meant": features[1]})

    (nearest, _), *_ = vectors.nearest(asked(words), 2)

    assert nearest == "usual"
    assert vectors.by_words(words, 2)[0][0] == "meant"


@pytest.mark.parametrize(
    ("words", "first", "crowded"),
    [
        (
            "pet grooming salon",
            "Fluffy Again by Five. Bath, trim and nail clip for your dog, book online.",
            "Tondeuse à barbe. Offre limitée",
        ),
        (
            "Armbanduhr",
            "Il tuo tempo, al polso. Cronografi automatici svizzeri, garanzia cinque anni.",
            "Calendario dell'avvento. Acquista ora",
        ),
    ],
)
def test_what_is_near_to_much_that_may_be_asked_for_comes_later(
    words: str, first: str, crowded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = of({"crowded": {"text": crowded}, "meant": {"text": first}})
    (found, _), *_ = vectors.by_words(words, 2)
    monkeypatch.setattr(meaning, "_CROWDED_SHARE", 0.0)

    (without, _), *_ = vectors.by_words(words, 2)

    assert found == "meant"
    assert without == "crowded"


def test_where_nothing_is_stated_nothing_is_near() -> None:
    crowding = of({"silent": {"text": ""}, "one": {"text": "Bread"}}).crowding

    assert (crowding[0] == 1).all()
    assert crowding[1, 0] < crowding[1, 1] == 1


@pytest.mark.parametrize("words", ["eine Probefahrt buchen", "réserver un essai", "prenota un giro di prova"])
def test_a_creative_is_found_by_what_it_calls_people_to(words: str) -> None:
    car = drawn("VANTA One The new electric SUV Lease from €299 / month Book a test drive", "Book a test drive")
    coffee, wine = drawn("Fresh roasted coffee Order now", "Order now"), drawn("Vino tinto de Rioja", "")
    vectors = of({"coffee": coffee, "wine": wine, "car": car})

    assert [name for name, _ in vectors.by_words(words, 1)] == ["car"]
    assert not vectors.statements[1, 2:].any()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("sacs en cuir", "bags"),
        ("aprender a hacer ramen", "cooking"),
        ("alquiler de patinetes", "scooters"),
        ("casa galleggiante", "boat"),
    ],
)
def test_a_creative_is_found_by_one_thing_that_it_says_among_others(words: str, first: str) -> None:
    said = {
        "bags": "Made to last a lifetime. Each of our handbags is stitched in Florence. Free delivery from €80",
        "cooking": "Friday night, sorted. Learn to make ramen with a chef from Osaka. Book your seat, 12 places only",
        "scooters": "Skip the queue. Unlock, ride and park our e-scooters all over town. First ride free",
        "boat": "Wake up on the water. Our houseboats sleep six and need no licence. From £890 a week",
    }

    assert of({name: {"text": text} for name, text in said.items()}).by_words(words, 1)[0][0] == first


@given(st.text(st.sampled_from("ab .,\n•|9"), max_size=120), st.sampled_from(["", "Shop now"]))
def test_nothing_that_is_stated_is_left_out_and_six_statements_are_the_most(text: str, call: str) -> None:
    told = meaning.statements({"text": text, "call_to_action": call})

    assert len(told) <= 6
    assert set(re.findall("[ab]+", text)) <= set(re.findall("[ab]+", " ".join(told)))
    assert not call or call in told


def test_of_two_ads_that_state_the_same_the_one_that_is_about_it_comes_first() -> None:
    ads = {"pun": "Ski boots. Your dog will love the taste", "shop": "Ski boots. Ready for the snow in the mountains"}

    found = of({name: {"text": text} for name, text in ads.items()}).by_words("Skiausrüstung", 2)

    assert [name for name, _ in found] == ["shop", "pun"]


def test_what_states_one_thing_alone_is_as_like_as_that_is() -> None:
    alone = of({"alone": {"text": "Dog food"}})
    crowding = alone.crowding[0, 0]

    ((_, likeness),) = alone.by_words("Hundefutter", 1)

    question = directions.along(asked("Hundefutter")) - 0.75 * directions.along(meaning.usual())
    expected = alone.statements[0, 0] @ question - 0.75 * (crowding - 0.29) + 0.2
    assert likeness == pytest.approx(min(float(expected), 1.0), abs=0.001)


def test_along_the_directions_that_are_kept_names_are_as_like_as_they_were() -> None:
    names = [thing[0][0] for thing in glossary.all_things()[::20]]
    whole = meaning.encoder().encode(names)
    kept = directions.along(whole)

    assert kept.shape == (len(names), 192)
    assert float(np.abs(kept @ kept.T - whole @ whole.T).mean()) < 0.02


def test_the_things_that_are_kept_are_those_of_the_glossary() -> None:
    things = glossary.all_things()
    some = [0, len(things) // 2, len(things) - 1]

    made = directions.along(np.array([meaning.thing(things[at]) for at in some]))

    assert directions.things().shape == (len(things), 192)
    np.testing.assert_allclose(directions.things()[some], made, atol=0.001)


def test_a_creative_that_says_nothing_is_like_nothing() -> None:
    rows = meant([{"has_text": False, "dominant_colors": ["white"]}, None, {"language": "en", "text": " "}])

    assert not rows.any()


def test_an_offer_is_found_by_what_it_offers_also_where_nothing_else_is_said() -> None:
    offer = drawn("Livraison offerte", "", "Livraison offerte")

    assert subject(offer) == "Livraison offerte"
    assert (meant([offer]) @ asked("kostenloser Versand"))[0] >= ALIKE


def test_vectors_that_were_made_otherwise_are_made_anew(
    filled: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, made = tmp_path / "of.npz", list[int]()
    monkeypatch.setattr(meaning, "_MADE", "1")
    current(filled, file)
    monkeypatch.undo()

    current(filled, file, lambda done, _: made.append(done))

    assert made == [len(ADS)]


def test_those_with_all_the_words_come_first_and_each_comes_once(questions: Questions) -> None:
    rows = questions.find("delivery free", most=5)["creatives"]

    assert rows[0]["creative_id"] == id_of("shoes")
    assert len({row["creative_id"] for row in rows}) == len(rows)


def test_what_means_nothing_of_it_is_not_found(questions: Questions) -> None:
    assert questions.find("xqzzv 8841 ~~~")["creatives"] == []


def test_more_like_one_is_never_itself_and_counts_copies(questions: Questions) -> None:
    alike = questions.like(id_of("shoes"))["creatives"]

    assert id_of("shoes") not in {row["creative_id"] for row in alike}
    assert all(row["likeness"] >= ALIKE for row in alike)
    with pytest.raises(NotKnownError, match="no creative with the id"):
        questions.like("f" * 40)


def test_what_creatives_mean_is_kept_for_their_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "meanings" / "of.creatives.npz"

    Vectors.of_none().keep(file)

    assert [each.stat().st_mode & 0o077 for each in (file.parent, file)] == [0, 0]


def test_only_new_answers_are_computed_and_a_damaged_file_is_made_anew(filled: Tables, tmp_path: Path) -> None:
    file, made = tmp_path / "of.npz", list[int]()
    first = current(filled, file, lambda done, _: made.append(done))
    again = current(filled, file, lambda done, _: made.append(done))
    versions = np.where(first.ids == id_of("dog"), "another", first.versions)
    one_changed = replace(first, versions=versions)
    one_changed.keep(file)
    mended = current(filled, file, lambda done, _: made.append(done))
    file.write_bytes(file.read_bytes()[:99])
    anew = current(filled, file, lambda done, _: made.append(done))

    assert made == [5, 1, 5]
    for each in (again, mended, anew):
        assert set(each.ids.tolist()) == {id_of(name) for name in ADS}
        for name in ADS:
            wanted, found = first.row_of(id_of(name)), each.row_of(id_of(name))
            assert wanted is not None
            assert found is not None
            assert float(wanted @ found) == pytest.approx(1, abs=0.01)


def test_what_is_near_is_what_all_together_say_is_near() -> None:
    random = np.random.default_rng(1)
    rows = random.normal(size=(500, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[7:12] = rows[3] + 0.02 * rows[7:12]
    things = np.full((500, 12), -1, np.int16)
    statements = np.zeros((500, 6, 192), np.float32)
    ids, crowding = np.array([f"{n}" for n in range(500)]), np.zeros((500, 6), np.float32)
    vectors = Vectors(ids, np.zeros(500, "U40"), rows, statements, crowding, things)

    assert {one for one, _ in vectors.nearest(rows[3], 6)} == {"3", "7", "8", "9", "10", "11"}


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=6))
def test_features_of_any_kind_are_said_in_few_words(features: dict[str, object]) -> None:
    assert len(said(features)) <= 600
    assert len(subject(features)) <= 600


def test_a_picture_that_nobody_has_seen_is_looked_for_by_what_is_read_in_it(
    questions: Questions, tmp_path: Path
) -> None:
    file = tmp_path / "mine.png"
    picture = Image.new("RGB", (800, 400), "white")
    words = "New sneakers for runners\nFree delivery"
    ImageDraw.Draw(picture).text((40, 120), words, "black", fonts.bold(56))
    picture.save(file)

    found = questions.like_picture(Picture(file))["creatives"]

    assert found[0]["creative_id"] == id_of("shoes")


@pytest.mark.parametrize("known", ["dog", "copy"])
def test_a_picture_that_is_known_comes_first_itself_and_is_not_read(
    questions: Questions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    monkeypatch.setattr(Picture, "content_id", id_of(known))

    found = questions.like_picture(Picture(tmp_path / "not read"))["creatives"]

    assert (found[0]["creative_id"], found[0]["likeness"]) == (id_of("dog"), 1.0)


def test_what_looks_like_a_picture_without_words_is_found_by_its_hash(module_dataset: Dataset, tmp_path: Path) -> None:
    w, file = World(), tmp_path / "small.jpg"
    drawn = pictures.draw(600, 400, seed=3)
    file.write_bytes(pictures.encode(drawn, "PNG"))
    seen = Picture(file).measured()
    file.write_bytes(pictures.encode(drawn.resize((300, 200)), "JPEG"))
    hashes = {"near": (seen.dhash or 0) ^ 0b101, "far": ~(seen.dhash or 0), "old": seen.dhash, "copied": seen.dhash}
    tables = fill(
        module_dataset,
        [
            w.sighting("near", "near"),
            *(row for name in ("near", "far", "old") for row in (w.match(name), *w.analysed(name)[3:])),
            w.match("copied", "near"),
            *(
                w.fingerprint(name, dhash=dhash, hash_version="1" if name == "old" else seen.hash_version)
                for name, dhash in hashes.items()
            ),
        ],
    )
    told: list[str] = []

    found = Questions(lambda: nullcontext(tables), lambda of: current(of, tmp_path / "kept")).like_picture(
        Picture(file, told.append)
    )["creatives"]

    assert found[0]["creative_id"] == id_of("near")  # the copy counts as what it is a copy of
    assert found[0]["likeness"] > 0.95
    assert {id_of("far"), id_of("old")}.isdisjoint(row["creative_id"] for row in found)
    assert told == ["read in it: no words"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"words", "a text file, and no picture"),
        ("id,url\n1,https://example.com/a.png\n".encode("utf-16"), "a text file, and no picture"),
        (b"PK\x03\x04" + bytes(40), "a zip archive, and no picture"),
        (b"%PDF-1.7\n", "a PDF document, and no picture"),
        (b"", "empty, and no picture"),
        (pictures.encode(Image.new("RGB", (80, 80)), "PNG"), "nothing is like"),
    ],
)
def test_a_file_that_nothing_can_be_found_by_is_told(
    questions: Questions, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "it"
    file.write_bytes(content)

    with pytest.raises(NoPictureError, match=told):
        questions.like_picture(Picture(file))


def test_what_is_no_picture_is_told_before_anything_is_made(tmp_path: Path) -> None:
    for named in (tmp_path, tmp_path / "gone"):
        with pytest.raises(NoPictureError, match="cannot be read"):
            Questions(lambda: pytest.fail("asked"), lambda _: pytest.fail("made")).like_picture(Picture(named))


def test_of_a_large_film_no_more_is_read_than_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, read = tmp_path / "master.mp4", 0
    file.write_bytes(videos.encode(videos.moving_square(20, seed=5)) + b"\0\0\0\0free" * 8)
    with file.open("ab") as more:
        more.truncate(100 * 2**20)
    plain = InFile.read_range

    def counted(self: InFile, offset: int, size: int, /) -> bytes:
        nonlocal read
        content = plain(self, offset, size)
        read += len(content)
        return content

    monkeypatch.setattr(InFile, "read_range", counted)

    assert Picture(file).measured_film().frames
    assert read < 8 * 2**20


@pytest.mark.long
def test_what_looks_like_a_film_is_found_by_its_frames(module_dataset: Dataset, tmp_path: Path) -> None:
    w, file = World(number=7), tmp_path / "spot.mp4"
    file.write_bytes(videos.encode(videos.moving_square(3, seed=5)))
    seen = Picture(file).measured_film()
    file.write_bytes(videos.encode(videos.moving_square(3, width=480, height=270, seed=5)))
    hashes = {"near": seen.frames, "far": [~frame for frame in seen.frames]}
    tables = fill(
        module_dataset,
        [
            *(row for name in hashes for row in (w.sighting(name, name), w.match(name), *w.analysed(name)[3:])),
            *(
                w.fingerprint(name, kind="video", dhash=None, frames=frames, hash_version=seen.hash_version)
                for name, frames in hashes.items()
            ),
        ],
    )

    found = Questions(lambda: nullcontext(tables), lambda of: current(of, tmp_path / "kept")).like_picture(
        Picture(file)
    )["creatives"]

    assert (found[0]["creative_id"], found[0]["likeness"]) == (w.creative("near"), 1.0)
    assert w.creative("far") not in {row["creative_id"] for row in found}
    assert Picture(file).jpeg().startswith(b"\xff\xd8")


@pytest.mark.long
@pytest.mark.parametrize(
    "asked",
    some_of(
        ["a still of its second card", "the banner itself, smaller", "a card that is not its own"],
        in_the_gate=["a still of its second card"],
    ),
)
def test_an_animated_banner_is_found_by_itself_and_by_each_card(
    module_dataset: Dataset, tmp_path: Path, asked: str
) -> None:
    w, file = World(number=["a still", "the ban", "a card "].index(asked[:7]) + 20), tmp_path / "asked"
    cards = [pictures.draw(600, 400, seed=seed) for seed in (3, 4, 5)]
    file.write_bytes(_animated(cards))
    seen = Picture(file).measured()
    small = [card.resize((300, 200)) for card in (*cards, pictures.draw(600, 400, seed=6))]
    still = small[3] if asked.startswith("a card") else small[1]
    file.write_bytes(_animated(small[:3]) if asked.startswith("the banner") else pictures.encode(still, "JPEG"))
    tables = fill(
        module_dataset,
        [
            *(w.sighting("banner", "banner"), w.match("banner"), *w.analysed("banner")[3:]),
            w.fingerprint("banner", dhash=None, frames=seen.frames, hash_version=seen.hash_version),
        ],
    )

    found = Questions(lambda: nullcontext(tables), lambda of: current(of, tmp_path / "kept"))

    if asked.startswith("a card"):
        with pytest.raises(NoPictureError):
            found.like_picture(Picture(file))
    else:
        alike = {row["creative_id"]: row["likeness"] for row in found.like_picture(Picture(file))["creatives"]}
        assert alike[w.creative("banner")] == 1.0


@pytest.mark.long
def test_a_film_is_found_with_the_stills_that_it_shows_its_end_card_among_them(
    module_dataset: Dataset, tmp_path: Path
) -> None:
    w, file = World(number=31), tmp_path / "spot.gif"
    cards = [pictures.draw(600, 400, seed=seed) for seed in (13, 14, 15)]
    stills = {"the end": cards[2], "another": pictures.draw(600, 400, seed=16)}
    hashes = dict[str, int | None]()
    for name, still in stills.items():
        file.write_bytes(pictures.encode(still, "PNG"))
        hashes[name] = Picture(file).measured().dhash
    tables = fill(
        module_dataset,
        [
            *(row for name in stills for row in (w.sighting(name, name), w.match(name), *w.analysed(name)[3:])),
            *(w.fingerprint(name, dhash=dhash, hash_version=images.HASH_VERSION) for name, dhash in hashes.items()),
        ],
    )
    spots = {
        "animated": _animated([card.resize((300, 200)) for card in cards]),
        "film": videos.encode([np.asarray(card) for card in cards for _ in range(25)]),
    }

    for content in spots.values():
        file.write_bytes(content)
        found = Questions(lambda: nullcontext(tables), lambda of: current(of, tmp_path / "kept")).like_picture(
            Picture(file)
        )["creatives"]

        assert found[0]["creative_id"] == w.creative("the end")
        assert w.creative("another") not in {row["creative_id"] for row in found}


def _animated(cards: list[Image.Image]) -> bytes:
    return pictures.encode(cards[0], "GIF", save_all=True, append_images=cards[1:], duration=1000)
