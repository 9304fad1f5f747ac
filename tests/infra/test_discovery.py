"""What Terraform would send is what Google's own descriptions of its APIs take: every planned resource, every field."""

import json
import re
from typing import Any

import pytest

from tests.infra.bodies import DESCRIBED, bodies
from tests.infra.cloud import Cloud

pytestmark = pytest.mark.timeout(900)

NO_BODY_OF_ITS_OWN = {"google_project_service", "google_storage_bucket_object", "time_sleep"}

MISTAKES = [
    ("google_cloudfunctions2_function", '"ALLOW_INTERNAL_ONLY"', '"INTERNAL_ONLY"'),
    ("google_cloudfunctions2_function", '"max_instance_count"', '"maximum_instances"'),
    ("google_cloudfunctions2_function", '"service_config": [{', '"service_config": [{"uri": "https://x", '),
    ("google_cloudfunctions2_function", r'"timeout_seconds": \d+', '"timeout_seconds": "540s"'),
    ("google_monitoring_alert_policy", '"COMPARISON_GT"', '"COMPARISON_GREATER"'),
    ("google_monitoring_alert_policy", '"ALIGN_RATE"', '"ALIGN_RATES"'),
    ("google_monitoring_alert_policy", '"WARNING"', '"WARN"'),
    ("google_monitoring_dashboard", "ALIGN_DELTA", "ALIGN_DELTAS"),
    ("google_monitoring_dashboard", "mosaicLayout", "mosaic"),
    ("google_monitoring_dashboard", "STACKED_AREA", "AREA"),
    ("google_logging_metric", '"DISTRIBUTION"', '"HISTOGRAM"'),
    ("google_logging_metric", '"metric_kind"', '"kind"'),
    ("google_pubsub_subscription", r'"ack_deadline_seconds": \d+', '"ack_deadline_seconds": "600s"'),
    ("google_pubsub_subscription", '"use_table_schema": true', '"use_table_schema": "true"'),
    ("google_pubsub_subscription", '"max_delivery_attempts"', '"max_attempts"'),
    ("google_bigquery_table", r'\\"TIMESTAMP\\"', 7),
    ("google_bigquery_table", '"use_legacy_sql": false', '"use_legacy_sql": "no"'),
    ("google_storage_bucket", '"enforced"', 1),
    ("google_cloud_scheduler_job", '"retry_count": 3', '"retry_count": "3"'),
    ("google_artifact_registry_repository", '"DOCKER"', '"IMAGES"'),
]


def test_every_body_is_one_that_its_api_takes(cloud: Cloud) -> None:
    made = list(bodies(cloud.planned))

    assert [fault for body in made for fault in body.faults()] == []
    assert {resource["type"] for resource in cloud.planned if "_iam_" not in resource["type"]} - NO_BODY_OF_ITS_OWN == (
        DESCRIBED - {"google_project_iam_member"}
    )
    assert len(made) > 100


@pytest.mark.parametrize(("kind", "right", "wrong"), MISTAKES)
def test_a_planted_mistake_is_noticed(cloud: Cloud, kind: str, right: str, wrong: str | int) -> None:
    resources = [resource for resource in cloud.planned if resource["type"] == kind]

    broken = _planted(resources, right, wrong)

    assert [fault for body in bodies(resources) for fault in body.faults()] == []
    assert [fault for body in bodies(broken) for fault in body.faults()] != []


def _planted(resources: list[dict[str, Any]], right: str, wrong: str | int) -> list[dict[str, Any]]:
    """The resources with a mistake in the text of their values, which must be there to be made."""
    text, times = re.subn(right if "\\" in right else re.escape(right), lambda _: str(wrong), json.dumps(resources))
    assert times
    broken: list[dict[str, Any]] = json.loads(text)
    return broken
