"""Creatives by the vectors that `embed` has made: the question is put to their model, and copies fill no results."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials
from typer.testing import CliRunner

from creatives.agents import stored
from creatives.agents.embedded import Embedded
from creatives.cli import app
from creatives.operations.tables import Tables
from shared.events import Embedding
from shared.models import gemini
from shared.models.settings import GeminiSettings
from shared.reasons import Reason
from tests import gemini_embeddings, pictures
from tests.bigquery import PROJECT, Dataset
from tests.creatives.operations.conftest import fill
from tests.gemini_model import DEVELOPER
from tests.gemini_server import GeminiServer
from tests.infra.views.rows import World, moment

MODEL, DIMENSIONS = "gemini-embedding-2", 128
SHOWN = {"dog": "a dog runs on the beach", "car": "a red car in the hills", "copy": "a dog runs on the beach"}
BUCKETS = {f"{part}_bucket": "not-used" for part in ("creatives", "results", "staging")}


def vector(words: str) -> list[float]:
    asked = gemini_embeddings.Embedding(MODEL, DEVELOPER, (), (f"title: none | text: {words}",), DIMENSIONS)
    return gemini_embeddings.vector(asked)


def embedded(name: str, at: float = 9, **fields: object) -> Embedding:
    given = {
        "event_id": f"e-{name}",
        "occurred_at": moment(at),
        "creative_id": World().creative(name),
        "kind": "image",
        "model": MODEL,
        "dimensions": DIMENSIONS,
        "answered_at": moment(7),
        "vector": vector(SHOWN[name]),
    }
    return Embedding.model_validate(given | fields)


@pytest.fixture(scope="module")
def filled(module_dataset: Dataset) -> Tables:
    """Creatives whose features say nothing of what their vectors are of; the copy was given one before it was known."""
    w = World()
    other = [0.5] * DIMENSIONS
    return fill(
        module_dataset,
        [
            *(row for name in ("dog", "car", "odd") for row in (w.sighting(name, name), *w.analysed(name))),
            w.sighting("copy", "copy"),
            *w.copied("copy", "dog"),
            *map(embedded, SHOWN),
            embedded("car", 8, vector=other[:64], dimensions=64),
            embedded("car", 8, vector=other, model="of-before"),
            embedded("dog", vector=[], reason=Reason.INVALID_ANSWER).model_copy(
                update={"creative_id": w.creative("odd")}
            ),
        ],
    )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", running.url)
        monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", running.url)
        monkeypatch.setenv("GEMINI_API_KEY", "key")
        yield running


def find(filled: Tables, *asked: str, data: Path, expect: int = 0) -> list[str | None]:
    """The names of what is found."""
    place = ["--project", PROJECT, "--dataset", filled.name.rpartition(".")[2], "--data", str(data), "--json"]
    ended = CliRunner().invoke(app, ["find", *asked, *place])
    assert ended.exit_code == expect, ended.output
    return [World().name(json.loads(line)["creative_id"]) for line in ended.stdout.splitlines()]


def test_the_question_is_put_to_the_model_of_the_vectors(filled: Tables, server: GeminiServer, tmp_path: Path) -> None:
    assert find(filled, "dog beach", data=tmp_path) == ["dog", "car"]
    assert find(filled, "red hills", "--most", "1", data=tmp_path) == ["car"]

    assert {asked.texts for asked in server.embeddings} == {
        ("task: search result | query: dog beach",),
        ("task: search result | query: red hills",),
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["dog", "copy"])
def test_what_is_like_a_creative_is_told_without_itself_or_its_copies(
    filled: Tables, server: GeminiServer, tmp_path: Path, name: str
) -> None:
    assert find(filled, "--like", World().creative(name), data=tmp_path) == ["car"]
    assert server.embeddings == []


def test_a_creative_is_shown_with_the_ads_that_use_it(filled: Tables, tmp_path: Path) -> None:
    place = ["--project", PROJECT, "--dataset", filled.name.rpartition(".")[2], "--data", str(tmp_path)]
    dog, copy = World().creative("dog"), World().creative("copy")

    shown = CliRunner().invoke(app, ["show", f"{dog[:12]}…", *place])
    of_copy = CliRunner().invoke(app, ["show", copy, *place])
    as_json = CliRunner().invoke(app, ["show", dog, "--json", *place])
    wrong = [CliRunner().invoke(app, ["show", named, *place]) for named in ("f" * 40, "red shoes")]

    assert shown.stdout.startswith(f"{dog}  analysed, image, ")
    assert "2 ads:\n" in shown.stdout
    assert f"a copy of {dog}" in of_copy.stdout
    assert (told := json.loads(as_json.stdout))["n_ads"] == 2
    assert told["creative_id"] == dog
    assert all(ended.exit_code == 2 and "find" in ended.stderr and not ended.stdout for ended in wrong)


@pytest.mark.parametrize(("name", "found"), [("dog", ["car"]), ("copy", ["car"]), ("car", ["dog"]), ("odd", [])])
def test_what_is_like_a_creative_is_told_by_one_statement_that_asks_nobody(
    filled: Tables, server: GeminiServer, name: str, found: list[str]
) -> None:
    near = stored.like(filled, World().creative(name), 5)

    assert [World().name(one) for one, _ in near] == found
    assert server.embeddings == []


def test_a_picture_of_ones_own_is_shown_to_the_model_and_its_price_is_told(
    filled: Tables, server: GeminiServer, tmp_path: Path
) -> None:
    file = tmp_path / "mine.png"
    file.write_bytes(pictures.encode(pictures.draw(300, 200), "PNG"))
    place = ["--project", PROJECT, "--dataset", filled.name.rpartition(".")[2], "--data", str(tmp_path / "data")]

    ended = CliRunner().invoke(app, ["find", "--like", str(file), *place])

    assert ended.exit_code == 0, ended.output
    assert len(ended.stdout.splitlines()) == 2
    assert f"shown to {MODEL}, for $0.00012" in " ".join(ended.stderr.split())
    (asked,) = server.embeddings
    assert (asked.texts, len(asked.seen)) == ((), 1)


def test_a_creative_without_a_vector_is_told_to_be_unknown(
    filled: Tables, server: GeminiServer, tmp_path: Path
) -> None:
    assert find(filled, "--like", World().creative("odd"), data=tmp_path, expect=2) == []


def test_vertex_ai_is_asked_by_its_own_wire(filled: Tables, server: GeminiServer) -> None:
    settings = GeminiSettings.load(google_cloud_project=PROJECT, google_genai_use_vertexai=True, **BUCKETS)
    with gemini.client(settings, Credentials(token="token")) as client:
        near = Embedded(filled, client, MODEL, DIMENSIONS).by_words("a dog runs on the beach", 5)

    assert [World().name(one) for one, _ in near] == ["dog", "car"]
    assert near[0][1] == pytest.approx(1)


def test_a_model_that_does_not_answer_is_told(filled: Tables, server: GeminiServer, tmp_path: Path) -> None:
    server.order("401")

    place = ["--project", PROJECT, "--dataset", filled.name.rpartition(".")[2], "--data", str(tmp_path)]
    ended = CliRunner().invoke(app, ["find", "dog", *place])

    assert ended.exit_code == 2
    assert f"{MODEL}, which made the vectors, does not answer: 401" in " ".join(ended.stderr.split())


def test_without_a_key_the_words_of_the_features_serve(
    filled: Tables, server: GeminiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")

    assert "car" in find(filled, "text of car", data=tmp_path)
    assert server.embeddings == []
    assert [file.name for file in tmp_path.iterdir()] == ["meanings"]


@pytest.mark.parametrize(("words", "told"), [("writing on automobiles", True), ("dog", False)])
def test_where_nothing_has_the_words_it_is_told_what_was_looked_through(
    filled: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, told: bool
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    place = ["--project", PROJECT, "--dataset", filled.name.rpartition(".")[2], "--data", str(tmp_path)]

    ended = CliRunner().invoke(app, ["find", words, *place])

    assert ended.stdout
    assert ("not what it shows" in " ".join(ended.stderr.split())) == told
