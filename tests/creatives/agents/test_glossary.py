"""What a text names is known in whatever language, and nothing is named by chance."""

import csv
from pathlib import Path

import pytest

from creatives.agents import glossary
from creatives.agents.glossary import named, numbers, of_kind


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Servicio de mudanzas en toda España", "moving company"),
        ("Cerrajero 24 horas", "locksmith"),
        ("Cuna convertible con colchón", "baby cot"),
        ("BESTATTUNGEN mit Würde", "pompes funèbres"),
        ("Der neue Transporter mit drei Sitzen", "delivery van"),
        ("Batería de sartén y CACEROLA", "frying pan"),
        ("Sartenes de hierro", "frying pan"),
        ("Vans for rent", "delivery van"),
        ("Two bikes for one", "bicycle"),
        ("Kites", "Lenkdrachen"),
    ],
)
def test_what_is_named_otherwise_is_the_same_thing(said: str, asked: str) -> None:
    assert set(named(said)) & set(named(asked))


@pytest.mark.parametrize(
    "words", ["", "  ", "the pain of four", "don't watch", "nur 25 % ab 9 €", "che mes", "🙂", "xqzzv 8841 ~~~"]
)
def test_what_names_nothing_names_nothing(words: str) -> None:
    assert named(words) == ()


def test_a_longer_name_is_not_taken_apart_and_nothing_is_named_twice() -> None:
    (insured,) = named("Car insurance, car insurance!")

    assert "Autoversicherung" not in insured[0]
    assert "car insurance" in insured[0]


def test_each_thing_has_names_in_three_languages_at_least_and_no_name_twice() -> None:
    with Path(glossary.__file__).with_name("glossary.csv").open(encoding="utf-8", newline="") as opened:
        languages, *rows = csv.reader(opened)

    assert languages == ["en", "de", "fr", "es", "it"]
    for row in rows:
        assert len(row) == len(languages)
        assert sum(map(bool, row)) >= 3, row
        for cell in filter(None, row):
            names = cell.lower().split("/")
            assert all(name == name.strip() != "" for name in names), row
            assert len(set(names)) == len(names), row


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("vacances", "Ferienwohnung in Tirol"),
        ("holidays", "Urlaub auf Kreta"),
        ("travel", "Crociera nel Mediterraneo"),
        ("shoes", "SNEAKER"),
        ("Schuhe", "botas de montaña"),
        ("insurance", "Kfz-Versicherung"),
        ("remise", "Summer sale"),
        ("drinks", "vin rouge"),
    ],
)
def test_what_is_one_of_a_kind_is_meant_with_it(asked: str, said: str) -> None:
    (kind,) = numbers(asked)

    assert of_kind(kind) & set(numbers(said))


@pytest.mark.parametrize(
    ("asked", "said"), [("sandals", "winter boots"), ("car insurance", "insurance"), ("discount", "house for sale")]
)
def test_what_is_no_such_thing_is_not_meant(asked: str, said: str) -> None:
    (thing,) = numbers(asked)

    assert not of_kind(thing) & set(numbers(said))


def test_kinds_are_of_things_that_have_names() -> None:
    first = {next(filter(None, row)).split("/")[0] for row in rows_of("glossary.csv")}

    for kind, things in rows_of("kinds.csv"):
        assert {kind, *things.split("/")} <= first, kind
        assert kind not in things.split("/"), kind


def rows_of(table: str) -> list[list[str]]:
    """What stands in a table beside the glossary, without its heading."""
    with Path(glossary.__file__).with_name(table).open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))[1:]
