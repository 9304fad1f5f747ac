"""What befell others who deployed the like, each as a rule that our own deployment keeps: named by its public number.

TPG is hashicorp/terraform-provider-google on GitHub, FT firebase/firebase-tools.
"""

import json
import re
from typing import Any

import pytest

from functions.import_ads.settings import ImportSettings
from shared import wiring
from shared.wiring import Delivery, Function
from tests.infra.cloud import NAME, Cloud, addresses

pytestmark = pytest.mark.timeout(900)

WAIT = "time_sleep.grants"
WIRED = wiring.load()
NEW_PROJECT_VCPU = 20
NEW_PROJECT_MEMORY_MIB = 40 * 1024


def test_tpg_20571_the_builder_reads_the_bucket_that_cloud_functions_copies_archives_to(cloud: Cloud) -> None:
    [builder] = {function["build_config"][0]["service_account"] for function in _functions(cloud)}
    account = cloud.one("google_service_account", "builder")
    number = cloud.read("google_project")["number"]

    grant = cloud.one("google_project_iam_member", "builder_sources")

    assert builder == account["id"]
    assert (grant["member"], grant["role"]) == (account["member"], "roles/storage.objectViewer")
    [condition] = grant["condition"]
    assert condition["expression"] == (
        f'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-{number}-europe-west1")'
    )


@pytest.mark.parametrize(
    ("made", "needs"),
    [
        ("google_pubsub_subscription.rows", "google_bigquery_table_iam_member.writer"),  # TPG #19085, #17397
        ("google_cloudfunctions2_function.this", "google_project_iam_member.builder_sources"),  # TPG #20571
        ("google_cloudfunctions2_function.this", "google_artifact_registry_repository_iam_member.builder"),  # FT #5244
        ("google_cloudfunctions2_function.this", "google_storage_bucket_iam_member.builder"),
        ("google_cloudfunctions2_function.this", "google_project_iam_member.builder_logs"),
        ("google_cloudfunctions2_function.this", "google_secret_manager_secret_iam_member.function"),
        ("google_storage_notification.this", "google_pubsub_topic_iam_member.notifier"),  # TPG #12990
        ("google_pubsub_subscription.push", "google_pubsub_topic_iam_member.dead_letters"),
        ("google_pubsub_subscription.push", "google_service_account_iam_member.pubsub_signs"),
    ],
)
def test_tpg_19085_a_wait_lies_between_a_grant_and_what_needs_it(cloud: Cloud, made: str, needs: str) -> None:
    assert WAIT in cloud.after(made)
    assert needs in cloud.after(WAIT)


def test_tpg_19085_nothing_but_the_wait_follows_a_grant_at_once(cloud: Cloud) -> None:
    followers = {after for after, before in cloud.edges if "_iam_" in before and "_iam_" not in after}

    assert followers == {WAIT, "time_sleep.keys"}, "the second waits for the grants of a key of one's own"


def test_tpg_17397_the_wait_is_long_enough_and_begins_again_when_a_grant_changes(cloud: Cloud) -> None:
    wait = cloud.one("time_sleep", "grants")
    made_after = {address for address in addresses(cloud.edges) if WAIT in cloud.after(address)}
    grants = {each for each in addresses(cloud.edges) if "_iam_" in each} - cloud.after("time_sleep.keys")
    awaited = grants & cloud.after(WAIT)

    assert int(wait["create_duration"].removesuffix("s")) >= 120  # "typically 2 minutes"
    assert len(wait["triggers"]) >= len(awaited) - 2  # some share a line
    assert grants - awaited - made_after == {
        # What a function needs once it works, which fails and is repeated until then.
        "google_bigquery_dataset_iam_member.keeper",
        "google_bigquery_table_iam_member.function",
        "google_bigquery_table_iam_member.keeper",
        "google_project_iam_member.model",
        "google_project_iam_member.query_jobs",
        "google_pubsub_topic_iam_member.function",
        "google_storage_bucket_iam_member.function",
    }


@pytest.mark.parametrize(("name", "function"), sorted(WIRED.functions.items()))
def test_ft_5867_a_function_fits_into_what_a_new_project_may_run(cloud: Cloud, name: str, function: Function) -> None:
    service = cloud.service(name)

    assert service["max_instance_count"] * int(service["available_cpu"]) <= NEW_PROJECT_VCPU
    assert service["max_instance_count"] * _mib(service["available_memory"]) <= NEW_PROJECT_MEMORY_MIB
    assert service["max_instance_count"] == function.max_instances


@pytest.mark.parametrize("name", sorted(WIRED.functions))
def test_cloud_run_gives_more_than_4_gib_only_with_2_cpu(cloud: Cloud, name: str) -> None:
    service = cloud.service(name)

    assert int(service["available_cpu"]) >= (2 if _mib(service["available_memory"]) > 4096 else 1)


def test_tpg_24650_the_dashboard_writes_no_zero_that_the_api_leaves_out(cloud: Cloud) -> None:
    layout = json.loads(cloud.of("google_monitoring_dashboard")["creatives"]["dashboard_json"])["mosaicLayout"]
    places = [(tile.get("xPos", 0), tile.get("yPos", 0)) for tile in layout["tiles"]]

    assert [tile for tile in layout["tiles"] if 0 in (tile.get("xPos"), tile.get("yPos"))] == []
    assert len(set(places)) == len(layout["tiles"]) > 5
    assert all(x + tile["width"] <= layout["columns"] for (x, _), tile in zip(places, layout["tiles"], strict=True))


def test_what_imports_may_bill_and_what_each_stage_bills_a_day_stands_in_the_dashboard(cloud: Cloud) -> None:
    layout = json.loads(cloud.of("google_monitoring_dashboard")["creatives"]["dashboard_json"])["mosaicLayout"]
    shown = json.dumps(layout)
    metric = cloud.of("google_logging_metric")["billed_usd"]["name"]
    prometheus = metric.replace("/", "_").replace("-", "_")

    assert f"{ImportSettings.model_fields['import_max_bytes_billed'].default / 2**30:.2f} GiB" in shown
    assert f"sum by (stage) (increase(logging_googleapis_com:user_{prometheus}_sum{{" in shown


@pytest.mark.parametrize(("name", "wired"), sorted(WIRED.subscriptions.items()))
def test_pub_sub_gives_up_after_a_night_and_not_before(cloud: Cloud, name: str, wired: Delivery) -> None:
    made = cloud.of("google_pubsub_subscription", "push") | cloud.of("google_pubsub_subscription", "rows")
    subscription = made[name]
    policies: list[dict[str, Any]] = subscription["dead_letter_policy"]

    assert len(policies) == (wired.dead_letter is not None)
    for policy in policies:
        pauses = _pauses(subscription["retry_policy"][0], policy["max_delivery_attempts"])
        assert 12 * 3600 <= sum(pauses) <= int(subscription["message_retention_duration"].removesuffix("s")) / 2
        assert policy["max_delivery_attempts"] <= 100, "Pub/Sub takes 5 to 100"


def test_a_push_that_a_busy_function_refuses_has_attempts_to_spare(cloud: Cloud) -> None:
    # One instance answers 429 to what goes beyond its concurrency: at full retention of backoff that is one in 10 min.
    pushes = cloud.of("google_pubsub_subscription", "push")
    single = {
        key for key, wired in WIRED.push_subscriptions.items() if WIRED.functions[wired.function].max_instances == 1
    }

    attempts = {key: pushes[key]["dead_letter_policy"][0]["max_delivery_attempts"] for key in single}

    assert {"dedup", "dedup-corrections"} <= attempts.keys()
    assert set(attempts.values()) == {100}


def test_a_push_is_not_repeated_while_it_is_worked_on(cloud: Cloud) -> None:
    for key, push in cloud.of("google_pubsub_subscription", "push").items():
        timeout = cloud.service(WIRED.push_subscriptions[key].function)["timeout_seconds"]

        assert timeout <= push["ack_deadline_seconds"] <= 600, "600 s is the most that Pub/Sub waits"


def test_a_function_that_is_made_anew_gets_its_invoker_again_and_no_other_does(cloud: Cloud) -> None:
    invokers = {address for address in cloud.anew if address.startswith("google_cloud_run_v2_service_iam_member")}

    assert cloud.anew['google_cloudfunctions2_function.this["hash"]'] == ["delete", "create"]
    assert invokers == {'google_cloud_run_v2_service_iam_member.invoker["hash"]'}


def test_a_second_plan_changes_nothing_of_what_a_first_made(cloud: Cloud) -> None:
    # Beside the function that is made anew, and what hangs on it.
    changed = {address.split("[")[0] for address in cloud.anew}

    assert changed <= {
        "google_cloudfunctions2_function.this",
        "google_cloud_run_v2_service_iam_member.invoker",
        "google_pubsub_subscription.push",
        "google_pubsub_subscription_iam_member.dead_letters",
        "google_pubsub_topic_iam_member.notifier",  # the stand-in invents its account at every reading
    }


def test_providers_are_locked_to_what_was_tested() -> None:
    lock = (wiring.ROOT / "infra" / ".terraform.lock.hcl").read_text()
    wanted = dict(re.findall(r'(\w+) = \{\s+source  = "hashicorp/\w+"\s+version = "([^"]+)"', _file("versions.tf")))
    locked = dict(re.findall(r'hashicorp/(\w+)" \{\s+version     = "[^"]+"\s+constraints = "([^"]+)"', lock))

    assert locked == wanted
    assert "lock.hcl" not in _file(".gitignore")
    assert all(len(re.findall("zh:[0-9a-f]{64}", block)) >= 10 for block in lock.split("provider ")[1:])


NAMED_WITHIN = {
    # In a dataset, in a bucket, or no thing of its own.
    *("google_bigquery_table", "google_project_service", "google_storage_bucket_object", "google_storage_notification"),
    "time_sleep",
}


def test_agent_starter_pack_196_every_name_begins_with_the_deployments(cloud: Cloud) -> None:
    names = {
        resource["address"]: _name(resource["values"])
        for resource in cloud.made
        if resource["type"] not in NAMED_WITHIN and "_iam_" not in resource["type"]
    }

    assert len(names) > 60
    assert {address: name for address, name in names.items() if not _begins(name)} == {}


def _name(values: dict[str, Any]) -> str:
    """The name that a resource is known by; a dashboard's stands in its JSON."""
    layout = json.loads(values.get("dashboard_json") or "{}")
    fields = ("account_id", "repository_id", "dataset_id", "name", "display_name")
    if "displayName" in layout:
        return str(layout["displayName"])
    return next(str(values[field]) for field in fields if values.get(field) and "offline:" not in str(values[field]))


def _begins(name: str) -> bool:
    return name.removeprefix("test-project-").replace("_", "-").startswith(NAME)


def _functions(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.of("google_cloudfunctions2_function").values())


def _mib(memory: str) -> int:
    return int(memory.removesuffix("Mi"))


def _pauses(retry: dict[str, str], attempts: int) -> list[float]:
    """The seconds between attempts: each twice the one before, within the policy's limits."""
    least, most = (float(retry[field].removesuffix("s")) for field in ("minimum_backoff", "maximum_backoff"))
    return [min(least * 2**n, most) for n in range(attempts - 1)]


def _file(name: str) -> str:
    return (wiring.ROOT / "infra" / name).read_text()
