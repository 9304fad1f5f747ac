"""What Terraform would send is what Google's own descriptions of its APIs take: every planned resource, every field."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from creatives.deploy.terraform import Terraform
from shared import wiring
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

PLACE = "projects/other-project-1/locations/us-east4"
VARIED = [
    {
        "project": "other-project-1",
        "region": "us-east4",
        "name": "a1",
        "kms_key": "projects/keys/locations/us-east4/keyRings/ring/cryptoKeys/key",
        "vpc_connector": f"{PLACE}/connectors/private",
        "vpc_egress": "ALL_TRAFFIC",
        "worker_pool": f"{PLACE}/workerPools/private",
        "existing": {"dataset": "marketing", "buckets": {"creatives": "our.own_creatives-1"}},
        "secrets": ["GEMINI_API_KEY", "OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"],
        "labels": {"team": "growth", "nothing": ""},
        "alert_emails": ["one@example.com", "two@example.org"],
        "alerts": {"dead_letters_per_hour": 3, "oldest_message_s": 61, "error_share": 0.999},
        "daily_budget_usd": 0.5,
        "function_limits": {"extract": {"memory_mib": 8192, "cpu": 2, "min_instances": 1, "max_instances": 3}},
        "function_env": {"extract": {"EXTRACTION_MODE": "batch"}, "fetch": {"FETCH_PROXY": "http://proxy:3128"}},
        "creatives_delete_after_days": 8,
        "answers_nearline_after_days": 1,
        "answers_delete_after_days": 8,
        "keep_days": {"waits": 8, "lifts": None},
        "soft_delete_days": 90,
        "raw_ads": {
            "table": "other-project-2.shop.ads",
            "id_column": "key",
            "url_columns": ["a", "b"],
            "filter": "TRUE",
        },
        "schedules_paused": True,
        "features": "shared.features:ImageFeatures",
        "bigquery_location": "EU",
        "bucket_location": "EU",
        "gemini_location": "eu",
        "gemini_model": "gemini-3.8-flash",
        "embedding_model": "gemini-embedding-2",
    },
    {
        "project": "a23456789-123456789-123456789z",
        "region": "southamerica-east1",
        "name": "a-very-long-1x",
        "dataset": "Data_1",
        "dashboard": False,
        "deletion_protection": False,
        "daily_budget_usd": None,
        "answers_nearline_after_days": None,
        "alert_emails": ["one@example.com"],
        "alerts_left_out": ["errors", "budget-reached"],
    },
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


@pytest.mark.long
@pytest.mark.parametrize("chosen", VARIED, ids=lambda chosen: str(chosen["name"]))
def test_every_body_is_one_that_its_api_takes_whatever_is_chosen(
    terraform: Terraform, chosen: dict[str, Any], tmp_path: Path
) -> None:
    settings = tmp_path / "chosen.tfvars.json"
    settings.write_text(json.dumps(chosen))

    terraform.run("plan", f"-var-file={settings}", f"-out={tmp_path / 'plan'}", "-no-color")
    planned = terraform.planned(str(tmp_path / "plan"))

    assert [fault for body in bodies(planned) for fault in body.faults()] == []
    accounts = [each["values"]["account_id"] for each in planned if each["type"] == "google_service_account"]
    assert all(6 <= len(account) <= 30 for account in accounts)


def test_every_setting_is_chosen_otherwise_than_by_default_once() -> None:
    declared = set(re.findall(r'variable "(\w+)"', (wiring.ROOT / "infra" / "variables.tf").read_text()))

    assert declared == {name for chosen in VARIED for name in chosen}


def _planted(resources: list[dict[str, Any]], right: str, wrong: str | int) -> list[dict[str, Any]]:
    """The resources with a mistake in the text of their values, which must be there to be made."""
    text, times = re.subn(right if "\\" in right else re.escape(right), lambda _: str(wrong), json.dumps(resources))
    assert times
    broken: list[dict[str, Any]] = json.loads(text)
    return broken
