"""The diagram in README.md is what infra/pipeline.yaml says."""

import re

import pytest

from generate import diagram
from shared import wiring
from shared.wiring import Schedule


def test_the_readme_has_the_diagram_of_the_pipeline() -> None:
    assert diagram.PART.difference(diagram.drawn(wiring.load())) == "", "run `python -m generate.diagram`"


def test_everything_that_is_wired_is_drawn_but_dead_letters() -> None:
    wired = wiring.load()

    words = set(re.findall(r"[\w-]+", diagram.drawn(wired)))

    assert wired.functions.keys() <= words
    assert wired.schedules.keys() <= words
    assert wired.topics.keys() - words == {"dead-letters"}
    assert wired.tables.keys() - words == {"dead_letters"}
    assert {"creatives", "ads_enriched", "duplicates", "costs", "pipeline_status"} <= words


def test_a_change_of_the_wiring_is_a_change_of_the_diagram() -> None:
    wired = wiring.load()
    rewired = wired.model_copy(
        update={
            "schedules": {**wired.schedules, "nightly": Schedule(topic="resume-ticks", cron="0 3 * * *", message="{}")}
        }
    )

    assert "0 3 * * *" in diagram.drawn(rewired)
    assert diagram.drawn(rewired) != diagram.drawn(wired)


@pytest.mark.parametrize(
    ("function", "receiver", "topic"),
    [("intake", "hash", "images"), ("probe", "dedup", "fingerprints"), ("dedup", "extract", "extractions")],
)
def test_an_arrow_carries_its_topic(function: str, receiver: str, topic: str) -> None:
    assert re.search(rf'{function} -- "[^"]*\b{topic}\b[^"]*" --> {receiver}\n', diagram.drawn(wiring.load()))
