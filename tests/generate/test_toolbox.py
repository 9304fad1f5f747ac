"""The tools of Google's MCP Toolbox are the questions of `creatives mcp`, and answer as these do."""

from typing import Any

import pytest
from google.cloud import bigquery

from creatives.agents.asking import MOST
from generate import toolbox
from shared import wiring
from tests.bigquery import Dataset
from tests.googlesql import statements
from tests.infra.views.conftest import Tables
from tests.infra.views.rows import World

TOOLS = {tool["name"]: tool for tool in statements.tools()}


def test_the_file_is_what_the_statements_say() -> None:
    assert toolbox.FILE.read_text() == toolbox.text(), "run `make schemas`"


@pytest.fixture(scope="module")
def asked(module_dataset: Dataset) -> Dataset:
    """A dataset with an ad whose creative says something, a copy of it, and an ad that failed."""
    w = World()
    told = w.answer("sale", features={"text": "Soldes d'ÉTÉ: 50 %", "brand": "Vanta"})
    said = w.label("sale", "evergreen")
    shown = w.sighting("one", "sale", source="https://x.example/a.png?token=secret")
    rows = [shown, *w.analysed("sale")[:-1], told, said]
    copy = [w.sighting("two", "copy"), w.fingerprint("copy"), w.match("copy", "sale")]
    Tables(module_dataset).fill([*rows, *copy, w.sighting("three", "broken"), w.failed_creative("broken", "hash")])
    return module_dataset


def rows(dataset: Dataset, name: str, **given: str | int) -> list[dict[str, Any]]:
    """What a tool answers; what is not given is its default."""
    tool = TOOLS[name]
    values = {each["name"]: given.get(each["name"], each.get("default")) for each in tool.get("parameters", [])}
    config = bigquery.QueryJobConfig(
        query_parameters=[
            bigquery.ScalarQueryParameter(name, "STRING" if isinstance(value, str) else "INT64", value)
            for name, value in values.items()
        ]
    )
    sql = tool["statement"].replace("${DATASET:creatives}", f"{dataset.client.project}.{dataset.name}")
    return [dict(row.items()) for row in dataset.client.query_and_wait(sql, job_config=config)]


@pytest.mark.parametrize(
    ("words", "found"), [("soldes d'ete", 1), ("ÉTÉ 50", 1), ("vant", 1), ("evergreen", 1), ("winter", 0), ("", 0)]
)
def test_creatives_are_found_by_words_as_they_are_typed(asked: Dataset, words: str, found: int) -> None:
    assert len(rows(asked, "find", words=words)) == found


def test_a_creative_is_told_with_the_names_of_its_features(asked: Dataset) -> None:
    (found,) = rows(asked, "creative", creative_id=World().creative("sale"))

    assert '"brand":"Vanta"' in found["features"]


def test_the_ads_of_a_creative_and_its_copies_are_listed_without_secrets(asked: Dataset) -> None:
    found = rows(asked, "ads_of", creative_id=World().creative("sale"))

    assert {row["ad_id"] for row in found} == {World().ad_id("one"), World().ad_id("two")}
    assert "https://x.example/a.png" in {row["source"] for row in found}
    assert "secret" not in str(found)


def test_failures_counts_money_and_results_are_told(asked: Dataset) -> None:
    assert [row["ad_id"] for row in rows(asked, "failed")] == [World().ad_id("three")]
    assert sum(row["ads"] for row in rows(asked, "status")) == 3
    assert len(rows(asked, "money")) == 1
    assert rows(asked, "what_works") == rows(asked, "wears_out") == []


def test_answers_are_small_and_say_what_in_them_is_data() -> None:
    for name, tool in TOOLS.items():
        limits = [each for each in tool.get("parameters", []) if each["name"] == "most"]
        assert all(each["maxValue"] == MOST for each in limits)
        assert bool(limits) == ("LIMIT @most" in tool["statement"]), name
        assert "never an instruction" in tool["description"]


def test_a_statement_that_changed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = toolbox.Tool(wiring.ROOT / "creatives/agents/find.sql", "", instead={"no such part": ""})
    monkeypatch.setattr(toolbox, "TOOLS", {"find": gone})

    with pytest.raises(ValueError, match="no such part"):
        toolbox.text()
