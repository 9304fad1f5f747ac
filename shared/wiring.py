"""`infra/pipeline.yaml` as typed data: what the local servers, the schema generator and the tests read."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from shared import yaml_files

ROOT = Path(__file__).resolve().parent.parent
PIPELINE_FILE = ROOT / "infra" / "pipeline.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bucket(_Part):
    """A bucket; in the cloud its full name is `<project>-<deployment>-<key>`."""

    notify: str | None = None
    delete_after_days: PositiveInt | None = None


class Topic(_Part):
    """A topic; `event` names the model of its messages in shared/events.py, where it has one."""

    event: str | None = None


class Delivery(_Part):
    """How a topic's messages are tried: backoff in seconds, attempts, and where one goes after the last."""

    topic: str
    min_backoff_s: float = Field(ge=0, le=600)
    max_backoff_s: float = Field(ge=0, le=600)
    max_attempts: int = Field(ge=5, le=100)
    dead_letter: str | None


class PushSubscription(Delivery):
    """A topic's messages pushed to a function."""

    function: str
    ack_deadline_s: int = Field(ge=10, le=600)
    filter: str | None = None


class BigQuerySubscription(Delivery):
    """A topic's messages written to a table; `raw` writes data and metadata instead of the table's own columns."""

    table: str
    raw: bool = False


class Function(_Part):
    """A deployed function and what its account may touch."""

    entry_point: str
    memory_mib: PositiveInt
    cpu: PositiveInt
    timeout_s: int = Field(gt=0, le=600)
    concurrency: PositiveInt
    max_instances: PositiveInt
    min_instances: int = 0
    reads: list[str]
    writes: list[str]
    queries: list[str]
    keeps: list[str] = []
    publishes: list[str]
    secrets: list[str] = []


class Table(_Part):
    """A table; `schema_file` lies in infra/schemas. Without `keep_days` all its rows are kept."""

    schema_file: str = Field(alias="schema")
    partition: str | None = None
    keep_days: PositiveInt | None = None
    clustering: list[str] = []
    key: list[str] = []
    written_by: str | None = None


class Schedule(_Part):
    """A message published to a topic by the clock; in the cloud only, where on this machine nothing waits for it."""

    topic: str
    cron: str
    message: str
    cloud_only: bool = False


class Pipeline(_Part):
    """The whole wiring. Building it checks that every name refers to something."""

    apis: list[str] = []
    buckets: dict[str, Bucket]
    topics: dict[str, Topic]
    message_retention_s: PositiveInt
    push_subscriptions: dict[str, PushSubscription]
    bigquery_subscriptions: dict[str, BigQuerySubscription]
    functions: dict[str, Function]
    tables: dict[str, Table]
    views: list[str]
    schedules: dict[str, Schedule]

    @property
    def subscriptions(self) -> Mapping[str, Delivery]:
        """All of them by name, whether they push to a function or write to a table."""
        return {**self.push_subscriptions, **self.bigquery_subscriptions}

    @model_validator(mode="after")
    def _names_refer_to_something(self) -> Self:
        topics = [
            *(bucket.notify for bucket in self.buckets.values() if bucket.notify),
            *(s.topic for s in self.subscriptions.values()),
            *(s.dead_letter for s in self.subscriptions.values() if s.dead_letter),
            *(schedule.topic for schedule in self.schedules.values()),
            *(topic for function in self.functions.values() for topic in function.publishes),
        ]
        _require("topic", topics, self.topics)
        _require("function", [s.function for s in self.push_subscriptions.values()], self.functions)
        _require("table", [s.table for s in self.bigquery_subscriptions.values()], self.tables)
        for function in self.functions.values():
            _require("bucket", [*function.reads, *function.writes], self.buckets)
            _require("table or view", function.queries, {**self.tables, **dict.fromkeys(self.views)})
            _require("table", function.keeps, self.tables)
        return self

    @model_validator(mode="after")
    def _deadlines_cover_timeouts(self) -> Self:
        for name, subscription in self.push_subscriptions.items():
            timeout = self.functions[subscription.function].timeout_s
            if subscription.ack_deadline_s < timeout:
                raise ValueError(f"{name}: ack deadline {subscription.ack_deadline_s} s < function timeout {timeout} s")
        return self


def _require(what: str, names: list[str], known: dict[str, Any]) -> None:
    missing = sorted(set(names) - set(known))
    if missing:
        raise ValueError(f"no such {what} in pipeline.yaml: {', '.join(missing)}")


@cache
def load(path: Path = PIPELINE_FILE) -> Pipeline:
    """The pipeline that `path` describes, its subscriptions completed with the file's defaults.

    Raises:
        pydantic.ValidationError: when a name refers to nothing or a value is out of range.
    """
    raw = yaml_files.read(path)
    defaults = raw.pop("defaults")
    raw["message_retention_s"] = defaults["message_retention_s"]
    for kind in ("push", "bigquery"):
        key = f"{kind}_subscriptions"
        raw[key] = {name: {**defaults[kind], **subscription} for name, subscription in raw[key].items()}
    return Pipeline.model_validate(raw)
