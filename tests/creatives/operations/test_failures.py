"""What is said of ads that failed: why, where, and what to do; and nothing that only the pipeline may know."""

from typing import Any

import pytest

from creatives.operations import failures
from creatives.operations.commands import _line
from creatives.operations.failures import CORRECT, Choice, Failed
from creatives.operations.tables import Tables
from shared.reasons import SENTENCES, Reason
from tests.bigquery import Dataset
from tests.creatives.operations.conftest import fill
from tests.infra.views.rows import World, moment


def failed(**fields: Any) -> Failed:
    values = {"ad_id": "ad 7", "source": "https://x.test/a.png", "stage": "fetch", "reason": "not_found", "detail": "d"}
    return Failed.model_validate({**values, "failed_at": moment(0), **fields})


def test_an_ad_has_the_failure_that_holds(tables: Tables, dataset: Dataset) -> None:
    w = World()
    fill(
        dataset,
        [
            w.ad("x"),
            w.failed_ad("x", Reason.ACCESS_DENIED, at=7),
            w.failed_ad("x", at=8),
            w.sighting("y", "a"),
            w.image("a"),
            w.failed_creative("a", "hash", at=9, uri="gs://c/a"),
            w.sighting("z", "b"),
            *w.analysed("b"),
        ],
    )

    found = failures.read(tables, Choice())

    assert [(each.ad_id, each.reason, each.failed_at, each.uri) for each in found] == [
        (w.ad_id("y"), "broken_image", moment(9), "gs://c/a"),
        (w.ad_id("x"), "not_found", moment(8), None),
    ]
    assert [each.sentence for each in found] == [SENTENCES[Reason.BROKEN_IMAGE], SENTENCES[Reason.NOT_FOUND]]


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({}, "mend the cause, then: creatives replay --id 'ad 7'"),
        ({"reason": "gave_up", "message_id": "m1"}, "mend the cause, then: creatives replay --id m1"),
        ({"reason": "broken_image"}, CORRECT),
        ({"stage": "import_ads", "reason": "malformed_ad", "ad_id": None}, CORRECT),
    ],
)
def test_each_failure_says_what_to_do(fields: dict[str, Any], advice: str) -> None:
    assert failed(**fields).advice == advice


def test_a_failure_names_its_file_once() -> None:
    line = _line(failed(uri="gs://c/empty.png", detail="gs://c/empty.png has no bytes"))

    assert line.count("gs://c/empty.png") == 1
    assert "| has no bytes |" in line


def test_a_failure_is_one_line_that_does_nothing_to_the_terminal() -> None:
    line = _line(failed(ad_id="a\n\x1b[2Jb\u202egnp", detail="x\r\ny\x9b31m", uri="gs://c/\u2028name"))

    assert len(line.splitlines()) == 1
    assert line.isprintable()


def test_secrets_of_addresses_are_not_shown() -> None:
    url = "https://user:pass@x.test/a.png?X-Goog-Signature=secret"

    shown = failed(ad_id=url, source=url).shown()

    assert not {"pass", "secret"} & {word for word in ("pass", "secret") if word in shown.model_dump_json()}
    assert shown.source == "https://x.test/a.png?X-Goog-Signature=…"
