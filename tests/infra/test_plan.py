"""What Terraform would make, held against the code: read from an `apply` on stand-in providers, which touches nothing.

The rules that hold whatever the code does are in infra/tests; here is what only a look at both sides can tell.
"""

import importlib
import json
import re

import pytest
from pydantic_settings import BaseSettings

from shared import features, wiring
from shared.events import EVENTS, Event, FeaturesExtracted
from shared.tables.columns import columns_of
from shared.tables.growth import faults
from tests.infra.cloud import Cloud
from tests.infra.code import code_of

pytestmark = pytest.mark.timeout(900)

WIRED = wiring.load()
FUNCTIONS = sorted(WIRED.functions)
FEATURES = "shared.features:ImageFeatures"

# A project-wide right is only for what has no narrower home: running query jobs, calling models, writing logs.
PROJECT_ROLES = {"roles/bigquery.jobUser", "roles/aiplatform.user", "roles/logging.logWriter"}
# Or for what does not exist yet when it is granted, and then under a condition that makes it narrow.
CONDITIONAL_ROLES = {"roles/storage.objectViewer"}
NARROW_ROLES = PROJECT_ROLES | {
    "roles/artifactregistry.writer",
    "roles/bigquery.dataEditor",
    "roles/bigquery.dataViewer",
    "roles/bigquery.metadataViewer",
    "roles/iam.serviceAccountTokenCreator",
    "roles/pubsub.publisher",
    "roles/pubsub.subscriber",
    "roles/run.invoker",
    "roles/secretmanager.secretAccessor",
    "roles/storage.objectUser",
    "roles/storage.objectViewer",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_entry_points_exist(cloud: Cloud, name: str) -> None:
    entry_point = cloud.of("google_cloudfunctions2_function")[name]["build_config"][0]["entry_point"]

    assert code_of(name).entry_points() == {entry_point}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_events_are_rows_of_their_tables(cloud: Cloud, event: type[Event]) -> None:
    topic = cloud.of("google_pubsub_topic")[event.TOPIC]["id"]
    writers = [w for w in cloud.of("google_pubsub_subscription", "rows").values() if w["topic"] == topic]
    tables = [writer["bigquery_config"][0]["table"].rsplit(".", 1)[1] for writer in writers]
    model = features.features_event(features.load(FEATURES)) if event is FeaturesExtracted else event

    columns = [json.loads(cloud.of("google_bigquery_table")[table]["schema"]) for table in tables]

    # A table keeps the columns of models that were in use before.
    assert [fault for each in columns for fault in faults(columns_of(model), each, event.__name__)] == []
    assert len(columns) == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_publishes_what_it_may_and_may_publish_what_it_does(name: str) -> None:
    allowed = set(WIRED.functions[name].publishes)
    code = code_of(name)

    assert code.makes() <= allowed
    assert allowed - {"failures"} <= code.speaks_of()
    assert "failures" in allowed, "every stage may refuse a message (shared/stage.py)"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rights_are_those_that_the_clients_in_use_need(cloud: Cloud, name: str) -> None:
    member = cloud.of("google_service_account", "function")[name]["member"]
    rights = {(grant["on"], grant["role"]) for grant in cloud.grants() if grant["member"] == member}
    clients = code_of(name).clients()

    assert ("storage_client" in clients) == any(on == "google_storage_bucket_iam_member" for on, _ in rights)
    assert ("bigquery_client" in clients) == (("google_project_iam_member", "roles/bigquery.jobUser") in rights)
    assert ("bigquery_client" in clients) == (
        ("google_bigquery_table_iam_member", "roles/bigquery.dataViewer") in rights
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_buckets_that_the_code_names_are_granted(name: str) -> None:
    function = WIRED.functions[name]
    named = {bucket for bucket in WIRED.buckets if f"{bucket}_bucket" in code_of(name).names()}

    assert named <= {*function.reads, *function.writes}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tables_that_the_sql_names_are_granted(name: str) -> None:
    # The raw ads may be a table of the user's own: its name is a setting.
    set_by_name = {"raw_ads"} if "raw_ads_table" in _settings(name).model_fields else set()

    assert code_of(name).tables() | set_by_name == set(WIRED.functions[name].queries)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_settings_are_complete_and_known(cloud: Cloud, name: str) -> None:
    given = set(cloud.service(name)["environment_variables"]) - {"WORKERS", "THREADS", "OPENBLAS_NUM_THREADS"}
    fields = _settings(name).model_fields
    required = {field.upper() for field, info in fields.items() if info.is_required()}

    assert required <= given
    assert given <= {field.upper() for field in fields}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_settings_of_the_cloud_are_accepted(cloud: Cloud, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in cloud.service(name)["environment_variables"].items():
        monkeypatch.setenv(variable, value)

    assert _settings(name)().model_dump()["google_cloud_project"] == "test-project"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_many_threads_as_requests_at_a_time(cloud: Cloud, name: str) -> None:
    service = cloud.service(name)

    assert int(service["environment_variables"]["THREADS"]) == service["max_instance_request_concurrency"]
    assert service["environment_variables"]["OPENBLAS_NUM_THREADS"] == "1", "not as many again for each of them"


def test_pushes_reach_the_function_they_name(cloud: Cloud) -> None:
    topics = cloud.of("google_pubsub_topic")
    for key, wired in WIRED.push_subscriptions.items():
        push = cloud.of("google_pubsub_subscription", "push")[key]
        uri = cloud.service(wired.function)["uri"]

        assert push["topic"] == topics[wired.topic]["id"]
        assert push["push_config"][0]["push_endpoint"] == uri
        assert push["push_config"][0]["oidc_token"][0]["audience"] == uri
        assert push["ack_deadline_seconds"] >= cloud.service(wired.function)["timeout_seconds"]
        assert push["dead_letter_policy"][0]["dead_letter_topic"] == topics[str(wired.dead_letter)]["id"]


def test_every_grant_is_narrow(cloud: Cloud) -> None:
    grants = cloud.grants()

    assert {grant["role"] for grant in grants} <= NARROW_ROLES
    of_the_project = [grant for grant in grants if grant["on"].startswith("google_project")]
    assert {grant["role"] for grant in of_the_project if not grant["condition"]} <= PROJECT_ROLES
    assert {grant["role"] for grant in of_the_project if grant["condition"]} <= CONDITIONAL_ROLES
    of_the_dataset = {grant["role"] for grant in grants if "dataset_iam" in grant["on"]}
    assert of_the_dataset <= {"roles/bigquery.metadataViewer"}, "rights on rows are on tables"


def test_a_function_writes_the_tables_that_it_keeps_and_no_other(cloud: Cloud) -> None:
    members = {name: values["member"] for name, values in cloud.of("google_service_account", "function").items()}
    wanted = {(members[name], table) for name, wired in WIRED.functions.items() for table in wired.keeps}
    found = cloud.of("google_bigquery_table_iam_member", "keeper").values()

    assert {(each["member"], each["table_id"], each["role"]) for each in found} == {
        (member, table, "roles/bigquery.dataEditor") for member, table in wanted
    }
    assert wanted


def test_every_grant_is_to_one_service_account(cloud: Cloud) -> None:
    members = {grant["member"] for grant in cloud.grants()}

    assert [member for member in members if not member.startswith("serviceAccount:")] == []


def test_the_views_are_the_files_with_their_names_filled_in(cloud: Cloud) -> None:
    views = cloud.of("google_bigquery_table")
    made = {name: values["view"][0]["query"] for name, values in views.items() if values.get("view")}

    assert set(made) == set(WIRED.views)
    assert not [name for name, query in made.items() if "${" in query]


def test_metrics_count_log_lines_that_are_written(cloud: Cloud) -> None:
    filters = [metric["filter"] for metric in cloud.of("google_logging_metric").values()]
    sources = [*(wiring.ROOT / "shared").glob("*.py"), *(wiring.ROOT / "functions").rglob("*.py")]
    code = "\n".join(path.read_text() for path in sources)
    messages = {message for one in filters for message in re.findall(r'jsonPayload\.message="([^"]+)"', one)}
    fields = {field for one in filters for field in re.findall(r"jsonPayload\.(\w+)", one)} - {"message"}

    assert messages
    assert [message for message in messages if f'"{message}"' not in code] == []
    assert [field for field in fields if not re.search(rf'\b{field}=|"{field}"', code)] == []


def test_everything_that_takes_labels_has_them(cloud: Cloud) -> None:
    taking = ("labels", "user_labels")
    labelled = {
        resource["address"]: resource["values"][field]
        for resource in cloud.made
        for field in taking
        # A notification channel's `labels` hold its address; a dashboard's are in its JSON.
        if field in resource["values"]
        and (resource["type"], field) != ("google_monitoring_notification_channel", "labels")
    }

    assert [address for address, labels in labelled.items() if (labels or {}).get("app") != "creatives"] == []


def _settings(name: str) -> type[BaseSettings]:
    """The settings class of a function: the only one that its settings module, or main, defines."""
    folder = wiring.ROOT / "functions" / name
    module = importlib.import_module(f"functions.{name}.{'settings' if (folder / 'settings.py').exists() else 'main'}")
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module.__name__
    ]
    assert len(own) == 1
    return own[0]


def test_the_guide_names_variables_that_exist() -> None:
    guide = (wiring.ROOT / "docs" / "operations.md").read_text()
    declared = set(re.findall(r'variable "(\w+)"', (wiring.ROOT / "infra" / "variables.tf").read_text()))
    used = set(re.findall(r"(?m)^\s+(?:# infra/terraform.tfvars: )?(\w+)\s+= [\[{\"\d]", guide))

    assert {"daily_budget_usd", "secrets", "raw_ads"} <= used <= declared
