"""What a subscription may say: the service's limits and defaults, and the options that this server has.

An option that the real service has and this one lacks is refused by name, never ignored.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from google.protobuf import field_mask_pb2
from google.pubsub_v1.types import pubsub

from local.pubsub import filters
from local.pubsub.status import Kind

type Definition = Any  # google.pubsub.v1.Subscription; its class is made at run time

DEFAULT_WINDOW = 32
WINDOW_LABEL = "window"
"""A label of a subscription that says how many pushes may be under way at the same time."""

# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
_DEFAULT_ACK_DEADLINE_S = 10
_DEFAULT_ATTEMPTS = 5
_DEFAULT_RETENTION_S = 7 * 24 * 3600
# Without a retry policy a push is tried again between these, a pull at once.
_PUSH_BACKOFF_S = (0.1, 60.0)

_NAME = re.compile(r"projects/[^/]+/(?:topics|subscriptions)/(?!goog)[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}\Z")
_TABLE = re.compile(r"(?P<project>[^.:]+)[.:](?P<dataset>\w+)\.(?P<table>[\w$-]+)\Z")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_IMMUTABLE = {"name", "topic", "filter", "enable_message_ordering"}
_MISSING = (
    "cloud_storage_config",
    "bigtable_config",
    "enable_message_ordering",
    "enable_exactly_once_delivery",
    "retain_acked_messages",
    "message_transforms",
)


class InvalidDefinitionError(ValueError):
    """The definition is refused; the text says why."""


class UnsupportedOptionError(ValueError):
    """The definition asks for an option that this server does not have."""


@dataclass(frozen=True)
class Subscription:
    """A subscription's definition, checked, its defaults filled in.

    Attributes:
        proto: the definition as the API shows it.
        accepts: whether a message with these attributes passes the filter.
        window: pushes that may be under way at the same time.
        min_backoff_s: seconds before a delivery that failed once is tried again; doubled by each further failure.
        max_backoff_s: upper limit of that.
        dead_letter: the topic that takes what was given up; None to try for ever.
        max_attempts: attempts before a message is given up.
    """

    proto: Definition
    name: str
    topic: str
    kind: Kind
    accepts: filters.Predicate
    window: int
    ack_deadline_s: int
    min_backoff_s: float
    max_backoff_s: float
    dead_letter: str | None
    max_attempts: int
    retention_s: float


def read(proto: Definition) -> Subscription:
    """The subscription that `proto` (google.pubsub.v1.Subscription) defines.

    Raises:
        InvalidDefinitionError: when the real service would refuse it.
        UnsupportedOptionError: when it asks for something that is not here.
    """
    _refuse_missing(proto)
    require_name(proto.name)
    kind = _kind(proto)
    least, most = _backoff(proto, kind)
    try:
        accepts = filters.parse(proto.filter)
    except filters.FilterError as error:
        raise InvalidDefinitionError(str(error)) from error
    return Subscription(
        proto=proto,
        name=proto.name,
        topic=proto.topic,
        kind=kind,
        accepts=accepts,
        window=_window(proto),
        ack_deadline_s=_within(proto.ack_deadline_seconds or _DEFAULT_ACK_DEADLINE_S, 10, 600, "ack_deadline_seconds"),
        min_backoff_s=least,
        max_backoff_s=most,
        dead_letter=proto.dead_letter_policy.dead_letter_topic or None,
        max_attempts=_within(
            proto.dead_letter_policy.max_delivery_attempts or _DEFAULT_ATTEMPTS, 5, 100, "max_delivery_attempts"
        ),
        retention_s=_seconds(proto, "message_retention_duration") or _DEFAULT_RETENTION_S,
    )


def updated(known: Definition, wanted: Definition, mask: field_mask_pb2.FieldMask) -> Definition:
    """A copy of `known` that has the fields in `mask` from `wanted`.

    Raises:
        InvalidDefinitionError: when the mask names nothing, something unknown, or a field that never changes.
    """
    if not mask.paths:
        raise InvalidDefinitionError("The update_mask in the UpdateSubscriptionRequest must be set.")
    fixed = sorted({path.split(".")[0] for path in mask.paths} & _IMMUTABLE)
    if fixed:
        raise InvalidDefinitionError(f"{fixed[0]} of a subscription cannot be changed.")
    if not mask.IsValidForDescriptor(known.DESCRIPTOR):
        raise InvalidDefinitionError(f"The update_mask names unknown fields: {', '.join(mask.paths)}")
    copy = type(known)()
    copy.CopyFrom(known)
    mask.MergeMessage(wanted, copy, replace_message_field=True, replace_repeated_field=True)
    return copy


def with_push_config(known: Definition, push_config: Any) -> Definition:  # noqa: ANN401 - a run-time class
    """A copy of `known` that is pushed as `push_config` says; an empty one makes it a pull subscription."""
    copy = type(known)()
    copy.CopyFrom(known)
    copy.push_config.CopyFrom(push_config)
    return copy


def require_name(name: str) -> None:
    """Checks the name of a topic or subscription.

    Raises:
        InvalidDefinitionError: when it is not one.
    """
    if not _NAME.match(name):
        raise InvalidDefinitionError(f"Invalid resource name given (name={name}).")


def table_id(text: str) -> str:
    """A BigQuery table as project.dataset.table, from either way to write it.

    Raises:
        InvalidDefinitionError: when it is neither.
    """
    match = _TABLE.match(text)
    if not match:
        raise InvalidDefinitionError(f"Invalid BigQuery table: {text!r} (expected project.dataset.table).")
    return f"{match['project']}.{match['dataset']}.{match['table']}"


def _refuse_missing(proto: Definition) -> None:
    present = {field.name for field, _ in proto.ListFields()}
    missing = [name for name in _MISSING if name in present]
    missing += [f"push_config.{name}" for name in ("oidc_token", "no_wrapper") if proto.push_config.HasField(name)]
    missing += ["bigquery_config.use_topic_schema"] if proto.bigquery_config.use_topic_schema else []
    if missing:
        raise UnsupportedOptionError(f"The local Pub/Sub server does not have {missing[0]}.")


def _kind(proto: Definition) -> Kind:
    if proto.bigquery_config.table:
        if proto.push_config.push_endpoint:
            raise InvalidDefinitionError("A subscription has a push_config or a bigquery_config, not both.")
        table_id(proto.bigquery_config.table)
        return Kind.BIGQUERY
    if proto.push_config.push_endpoint:
        _require_endpoint(proto.push_config.push_endpoint)
        return Kind.PUSH
    return Kind.PULL


def _require_endpoint(url: str) -> None:
    """Pushes never leave the machine."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "http" and parts.hostname in _LOOPBACK and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise InvalidDefinitionError(f"Invalid push endpoint {url!r}: expected http:// and an address of this machine.")


def _backoff(proto: Definition, kind: Kind) -> tuple[float, float]:
    if not proto.HasField("retry_policy"):
        return _PUSH_BACKOFF_S if kind is Kind.PUSH else (0.0, 0.0)
    policy = proto.retry_policy
    least = _seconds(policy, "minimum_backoff") if policy.HasField("minimum_backoff") else 10.0
    most = _seconds(policy, "maximum_backoff") if policy.HasField("maximum_backoff") else 600.0
    if not 0 <= least <= most <= 600:
        raise InvalidDefinitionError("Backoff: 0 s <= minimum_backoff <= maximum_backoff <= 600 s does not hold.")
    return least, most


def _window(proto: Definition) -> int:
    text = proto.labels.get(WINDOW_LABEL, str(DEFAULT_WINDOW))
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise InvalidDefinitionError(f"Label {WINDOW_LABEL}={text!r} is not a number of pushes (1 to 9999).")
    return int(text)


def _within(value: int, least: int, most: int, name: str) -> int:
    if not least <= value <= most:
        raise InvalidDefinitionError(f"{name}={value} is not within {least} and {most}.")
    return value


def _seconds(proto: Any, field: str) -> float:  # noqa: ANN401 - a run-time class
    duration = getattr(proto, field)
    return float(duration.seconds + duration.nanos / 1e9)


SubscriptionProto: Any = pubsub.Subscription.pb()
"""The protobuf class of a subscription's definition."""
