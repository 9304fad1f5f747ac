"""The wiring: what pipeline.yaml says hangs together, and breaking it anywhere is refused."""

import copy
import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from shared import events, wiring

RAW: dict[str, Any] = yaml.safe_load(wiring.PIPELINE_FILE.read_text())


def load_changed(tmp_path: Path, *keys: str, value: object) -> wiring.Pipeline:
    """The pipeline with one value changed."""
    changed = copy.deepcopy(RAW)
    part = changed
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    file = tmp_path / "pipeline.yaml"
    file.write_text(yaml.safe_dump(changed))
    return wiring.load(file)


@pytest.mark.parametrize("name", wiring.load().functions)
def test_every_function_has_its_entry_point(name: str) -> None:
    wired = wiring.load().functions[name]

    module = importlib.import_module(f"functions.{name}.main")

    assert callable(getattr(module, wired.entry_point))


def test_entry_points_are_unique_since_functions_framework_registers_by_name() -> None:
    names = [function.entry_point for function in wiring.load().functions.values()]

    assert len(set(names)) == len(names)


def test_every_folder_of_functions_is_wired() -> None:
    folders = {main.parent.name for main in (wiring.ROOT / "functions").glob("*/main.py")}

    assert folders == set(wiring.load().functions)


def test_every_event_topic_has_a_table_of_its_rows() -> None:
    wired = wiring.load()
    with_rows = {subscription.topic for subscription in wired.bigquery_subscriptions.values()}

    with_events = {name for name, topic in wired.topics.items() if topic.event}

    assert with_events <= with_rows
    assert {topic.event for topic in wired.topics.values() if topic.event} == {e.__name__ for e in events.EVENTS}


def test_every_subscription_has_a_dead_letter_but_the_one_of_the_dead_letters() -> None:
    wired = wiring.load()
    subscriptions = {**wired.push_subscriptions, **wired.bigquery_subscriptions}

    without = [name for name, subscription in subscriptions.items() if not subscription.dead_letter]

    assert [subscriptions[name].topic for name in without] == ["dead-letters"]


@pytest.mark.parametrize("view", wiring.load().views)
def test_every_view_has_its_file(view: str) -> None:
    assert (wiring.ROOT / "infra" / "views" / f"{view}.sql").is_file()


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("push_subscriptions", "hash", "topic"), "pictures", "no such topic.*pictures"),
        (("push_subscriptions", "hash", "function"), "hasch", "no such function.*hasch"),
        (("bigquery_subscriptions", "ads-rows", "table"), "adverts", "no such table.*adverts"),
        (("functions", "hash", "publishes"), ["prints"], "no such topic.*prints"),
        (("functions", "hash", "reads"), ["attic"], "no such bucket.*attic"),
        (("functions", "hash", "timeout_s"), 590, "hash: ack deadline 120 s < function timeout 590 s"),
        (("buckets", "creatives", "notify"), "nowhere", "no such topic.*nowhere"),
        (("push_subscriptions", "hash", "max_attempts"), 4, "max_attempts"),
        (("push_subscriptions", "hash", "retries"), 4, "retries"),
    ],
)
def test_wiring_that_does_not_hang_together_is_refused(
    tmp_path: Path, keys: tuple[str, ...], value: object, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        load_changed(tmp_path, *keys, value=value)


@pytest.mark.parametrize(
    ("keys", "least", "most"),
    [
        (("push_subscriptions", "fetch-ads", "min_backoff_s"), 0, 600),
        (("push_subscriptions", "fetch-ads", "max_backoff_s"), 0, 600),
        (("push_subscriptions", "fetch-ads", "max_attempts"), 5, 100),
        (("push_subscriptions", "fetch-ads", "ack_deadline_s"), 10, 600),
        (("functions", "fetch", "timeout_s"), 1, 600),
    ],
)
def test_what_pubsub_and_functions_allow_is_allowed_and_no_more(
    tmp_path: Path, keys: tuple[str, ...], least: int, most: int
) -> None:
    refused = []
    for value in (least - 1, least, most, most + 1):
        (tmp_path / f"{value}").mkdir()
        try:
            load_changed(tmp_path / f"{value}", *keys, value=value)
        except ValidationError as error:
            refused += [value for each in error.errors() if each["loc"][-1:] == keys[-1:]]

    assert refused == [least - 1, most + 1]


@pytest.mark.parametrize(
    ("part", "unsaid"),
    [
        (wiring.Function, {"min_instances": 0, "keeps": [], "secrets": []}),
        (wiring.BigQuerySubscription, {"raw": False}),
        (wiring.Schedule, {"cloud_only": False}),
        (wiring.Table, {"partition": None, "keep_days": None, "clustering": [], "key": [], "written_by": None}),
    ],
)
def test_what_the_wiring_does_not_say_has_one_meaning(part: type[BaseModel], unsaid: dict[str, object]) -> None:
    assert {name: part.model_fields[name].get_default() for name in unsaid} == unsaid


def test_the_wiring_cannot_be_changed_once_it_is_read() -> None:
    (name, *_) = RAW["functions"]

    with pytest.raises(ValidationError, match="frozen"):
        setattr(wiring.load().functions[name], "memory_mib", 1)  # noqa: B010 - no type lets it
