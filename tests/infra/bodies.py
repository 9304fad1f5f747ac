"""What the provider sends to Google for a planned resource: its arguments in the shape of the API's body.

Arguments are named as the fields are, in snake case; a block that can be there once is a list of one in Terraform and
an object in the API. Where the two differ, a function says how. What only Terraform knows is left out.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests import discovery

type Json = Any
type Values = Mapping[str, Any]


@dataclass(frozen=True)
class Body:
    """A request's body.

    Attributes:
        address: of the resource that it is for.
        api: the document that describes it.
        schema: its name there.
        value: its fields.
    """

    address: str
    api: str
    schema: str
    value: Json

    def faults(self) -> list[str]:
        """What of it the API would not take."""
        return [f"{self.address}: {fault}" for fault in discovery.faults(self.api, self.schema, self.value)]


def bodies(resources: list[dict[str, Any]]) -> Iterator[Body]:
    """The bodies of all resources whose API is described."""
    for resource in resources:
        if resource["mode"] == "managed" and resource["type"] in _KINDS:
            api, schema, fields = _KINDS[resource["type"]]
            document = discovery.document(api)["schemas"]
            value = shaped(document, document[schema], _without_empty(fields(resource["values"])))
            yield Body(resource["address"], api, schema, value)


def shaped(document: Json, schema: Json, value: Json) -> Json:
    """The value with objects for lists of one where the API has an object, and texts for numbers that travel so."""
    schema = document[schema["$ref"]] if "$ref" in schema else schema
    kind = schema.get("type")
    if kind == "object" and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if kind == "object" and isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        return {name: shaped(document, known.get(_camel(name), others), each) for name, each in value.items()}
    if kind == "array" and isinstance(value, list):
        return [shaped(document, schema["items"], each) for each in value]
    if kind == "string" and schema.get("format") == "int64" and isinstance(value, int):
        return str(value)
    return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _without_empty(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: kept for name, each in value.items() if (kept := _without_empty(each)) not in (None, [], {}, "")}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


def only(*names: str) -> Callable[[Values], Json]:
    """These arguments, as they are."""
    return lambda values: {name: values.get(name) for name in names}


def _table(values: Values) -> Json:
    fields = {
        "schema": {"fields": json.loads(values.get("schema") or "[]")},
        "clustering": {"fields": values["clustering"]},
    }
    return fields | only("description", "labels", "time_partitioning", "view", "encryption_configuration")(values)


def _bucket(values: Values) -> Json:
    access = {
        "uniformBucketLevelAccess": {"enabled": values["uniform_bucket_level_access"]},
        "publicAccessPrevention": values["public_access_prevention"],
    }
    rules = {"rule": [{name: rule[name][0] for name in ("action", "condition")} for rule in values["lifecycle_rule"]]}
    same = only("name", "location", "labels", "soft_delete_policy", "encryption")(values)
    return same | {"iamConfiguration": access, "lifecycle": rules}


def _repository(values: Values) -> Json:
    policies = {each["id"]: each for each in values["cleanup_policies"]}
    same = only("format", "description", "labels", "kms_key_name")(values)
    return same | {"cleanupPolicies": policies}


_KINDS: Mapping[str, tuple[str, str, Callable[[Values], Json]]] = {
    "google_artifact_registry_repository": ("artifactregistry.v1", "Repository", _repository),
    "google_bigquery_dataset": (
        "bigquery.v2",
        "Dataset",
        only("location", "description", "labels", "default_encryption_configuration"),
    ),
    "google_bigquery_table": ("bigquery.v2", "Table", _table),
    "google_cloud_scheduler_job": (
        "cloudscheduler.v1",
        "Job",
        only("description", "schedule", "time_zone", "pubsub_target", "retry_config"),
    ),
    "google_cloudfunctions2_function": (
        "cloudfunctions.v2",
        "Function",
        only("description", "labels", "kms_key_name", "build_config", "service_config"),
    ),
    "google_logging_metric": (
        "logging.v2",
        "LogMetric",
        only("name", "description", "filter", "value_extractor", "label_extractors", "metric_descriptor"),
    ),
    "google_monitoring_alert_policy": (
        "monitoring.v3",
        "AlertPolicy",
        only("display_name", "combiner", "severity", "user_labels", "conditions", "documentation", "alert_strategy"),
    ),
    "google_monitoring_dashboard": ("monitoring.v1", "Dashboard", lambda values: json.loads(values["dashboard_json"])),
    "google_monitoring_notification_channel": (
        "monitoring.v3",
        "NotificationChannel",
        only("display_name", "type", "labels", "user_labels"),
    ),
    "google_project_iam_member": ("cloudresourcemanager.v1", "Binding", only("role", "condition")),
    "google_pubsub_subscription": (
        "pubsub.v1",
        "Subscription",
        only(
            *("name", "topic", "filter", "labels", "ack_deadline_seconds", "message_retention_duration"),
            *("push_config", "bigquery_config", "retry_policy", "dead_letter_policy", "expiration_policy"),
        ),
    ),
    "google_pubsub_topic": ("pubsub.v1", "Topic", only("name", "labels", "message_retention_duration", "kms_key_name")),
    "google_service_account": ("iam.v1", "ServiceAccount", only("display_name")),
    "google_storage_bucket": ("storage.v1", "Bucket", _bucket),
    "google_storage_notification": ("storage.v1", "Notification", only("topic", "payload_format", "event_types")),
}

DESCRIBED = frozenset(_KINDS)
