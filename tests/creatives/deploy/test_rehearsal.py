"""`make deploy` and `make destroy`, rehearsed: at each step in turn it fails as for others, and says what to do.

The messages are those that the real programs print: of public reports where one is named, else of the programs' own
texts. TPG is hashicorp/terraform-provider-google, FT firebase/firebase-tools.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from creatives.deploy.deployment import TRIES
from creatives.deploy.existing import KINDS
from creatives.deploy.prerequisites import LEADS_ELSEWHERE
from shared.wiring import ROOT
from tests.cases import first_of
from tests.creatives.deploy.gcloud import faults, gcloud_commands
from tests.creatives.deploy.rehearsal import (
    NEW,
    OURS,
    PLACE,
    PROJECT,
    REGION,
    Failure,
    Stage,
    function,
    plan,
    planned,
    quotas,
)

pytestmark = pytest.mark.slow

PERMISSION = (
    "ERROR: (gcloud.services.enable) PERMISSION_DENIED: Permission denied to enable service [run.googleapis.com]"
)
NO_SUBSCRIPTION = """\u2577
\u2502 Error: Error creating Subscription: googleapi: Error 403: The caller
\u2502 does not have permission
\u2502
\u2502   with google_pubsub_subscription.rows["ads-rows"],
\u2502   on subscriptions.tf line 46, in resource "google_pubsub_subscription" "rows":
\u2575"""  # TPG #19085
NO_BUILD = """\u2577
\u2502 Error: Error waiting to create function: Error waiting for Creating function: Error code 3, message: Build failed
\u2502 with status: FAILURE and message: failed to download archive
\u2502 gs://gcf-v2-sources-123-europe-west1/hash/function-source.zip: Access to bucket
\u2502 gcf-v2-sources-123-europe-west1 denied. You must grant Storage Object Viewer permission to
\u2502 creatives-builder@my-project.iam.gserviceaccount.com.
\u2575"""  # TPG #20571
NO_METADATA = """\u2577
\u2502 Error: Error creating function: googleapi: Error 403: Unable to retrieve the repository metadata for
\u2502 projects/my-project/locations/europe-west1/repositories/gcf-artifacts. Ensure that the Cloud Functions service
\u2502 account has 'artifactregistry.repositories.list' permissions.
\u2575"""  # FT #5244
NO_API = """\u2577
\u2502 Error: Error creating Topic: googleapi: Error 403: Cloud Pub/Sub API has not been used in project 123
\u2502 before or it is disabled. If you enabled this API recently, wait a few minutes for the action to propagate to our
\u2502 systems and retry.
\u2575"""  # TPG #8214
NO_AGENT = """\u2577
\u2502 Error: Error applying IAM policy: googleapi: Error 400: Service account
\u2502 service-123@gcp-sa-pubsub.iam.gserviceaccount.com does not exist., badRequest
\u2575"""
NO_NOTIFICATION = """\u2577
\u2502 Error: Error creating notification config for bucket: googleapi: Error 403: The service account
\u2502 'service-123@gs-project-accounts.iam.gserviceaccount.com' does not have permission to publish messages
\u2575"""  # TPG #12990
QUOTA = """\u2577
\u2502 Error: Error creating function: googleapi: Error 400: Could not create Cloud Run service creatives-probe.
\u2502 Quota violated: CpuAllocPerProjectRegion requested: 60000 allowed: 20000
\u2575"""  # googlecodelabs/feedback #1856
BUILD_REGION = """\u2577
\u2502 Error: Error waiting to create function: Error code 9, message: Build failed: FAILED_PRECONDITION: due to quota
\u2502 restrictions, cannot run builds in this region. Please contact support
\u2575"""  # google-github-actions/deploy-cloudrun #480
POLICY = """\u2577
\u2502 Error: googleapi: Error 412: Request violates constraint 'constraints/gcp.restrictNonCmekServices'
\u2575"""
LOCKED = """\u2577
\u2502 Error: Error acquiring the state lock
\u2502
\u2502 Error message: writing "gs://my-project-creatives-terraform-state/creatives/default.tflock" failed:
\u2502 googleapi: Error 412
\u2502 Lock Info:
\u2502   ID:        1732600000000000
\u2575"""
PROTECTED = """\u2577
\u2502 Error: cannot destroy table projects/my-project/datasets/creatives/tables/ads without setting
\u2502 deletion_protection=false and running `terraform apply`
\u2575"""
TAKEN = """\u2577
\u2502 Error: Error creating Topic: googleapi: Error 409: Resource already exists in the project
\u2502 (resource=creatives-ads).
\u2575"""
EXPIRED = """\u2577
\u2502 Error: Failed to get existing workspaces: querying Cloud Storage failed: Get "https://storage.googleapis.com/":
\u2502 oauth2: "invalid_grant" "reauth related error (invalid_rapt)"
\u2575"""
NO_REGISTRY = """\u2577
\u2502 Error: Failed to query available provider packages
\u2502
\u2502 Could not retrieve the list of available versions for provider hashicorp/google: could not connect to
\u2502 registry.terraform.io: dial tcp: lookup registry.terraform.io: no such host
\u2575"""
BUCKET_TAKEN = "ERROR: (gcloud.storage.buckets.create) HTTPError 409: The requested bucket name is not available."
UNKNOWN = "Error: something that nobody has seen before"

FRESH = (NO_SUBSCRIPTION, NO_BUILD, NO_METADATA, NO_API, NO_AGENT, NO_NOTIFICATION)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage.set_up(tmp_path_factory.mktemp("rehearsal"))


@pytest.fixture(autouse=True)
def _a_shell_that_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of other tests in this process may run yet."""
    for name in LEADS_ELSEWHERE:
        monkeypatch.delenv(name, raising=False)


def test_a_deployment_prepares_plans_and_applies_in_this_order(stage: Stage) -> None:
    stage.play(Failure("gcloud storage buckets describe", "ERROR: not found: 404"))

    told = stage.make("deploy", YES="1")

    steps = [
        *("services enable", "identity create --service=pubsub", "identity create --service=cloudfunctions"),
        *("identity create --service=aiplatform", "storage service-agent", "buckets create", "buckets update"),
        *("terraform init", "terraform plan", "terraform show", "services quota list", "terraform apply"),
    ]
    assert [step for call in told.calls for step in steps if step in call] == steps
    assert told.code == 0
    backend = (stage.checkout / "infra" / "backend.tf").read_text()
    assert 'bucket = "my-project-creatives-terraform-state"' in backend
    assert 'prefix = "creatives"' in backend


@pytest.mark.long
def test_a_deployment_whose_views_cannot_be_described_says_how_to_later(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(answers={"terraform output -raw dataset": "my-project.creatives"})
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in ("HOME", "CLOUDSDK_CONFIG"):  # nobody is logged in
        monkeypatch.setenv(name, str(tmp_path))

    told = stage.make("deploy", YES="1")

    assert told.code == 0
    assert "deploy: all is deployed, but not all columns of views are described in BigQuery: Your default" in told.text
    assert "deploy again: python -m creatives.deploy.descriptions my-project.creatives\n" in told.text
    assert "Traceback" not in told.text


@pytest.mark.long
def test_a_second_deployment_leaves_the_state_bucket_alone(stage: Stage) -> None:
    stage.play()

    told = stage.make("deploy", YES="1")

    assert told.code == 0
    assert not told.ran("buckets create")


def test_nothing_is_applied_that_was_not_agreed_to(stage: Stage) -> None:
    stage.play()

    told = stage.make("deploy", said="no\n")
    agreed = stage.make("deploy", said="yes\n")

    assert "nothing was changed" in told.text
    assert not told.ran("terraform apply")
    assert agreed.ran("terraform apply")


LOOKED_AT = [
    ("gcloud auth application-default", "ERROR: Reauthentication required", "gcloud auth application-default login"),
    ("gcloud projects describe", "ERROR: The caller does not have permission", "gcloud projects list"),
]
MADE = [
    ("services enable", PERMISSION, "You may not do this in the project"),
    (
        "services enable",
        "ERROR: Billing must be enabled for activation of service 'run.googleapis.com'",
        "billing/linked",
    ),
    ("identity create --service=aiplatform", "ERROR: INTERNAL: internal error", "Whoever owns the project"),
    ("storage service-agent", "ERROR: (gcloud.storage) HTTPError 403: forbidden", "You may not do this"),
    ("buckets create", BUCKET_TAKEN, "Choose another prefix"),
    ("buckets update", "ERROR: unreachable", "Run the same command again"),
]
PLANNED = [
    ("terraform init", NO_REGISTRY, "There is no connection"),
    ("terraform init", EXPIRED, "gcloud auth application-default login"),
    ("terraform plan", LOCKED, "force-unlock ID"),
    ("terraform plan", UNKNOWN, "Its message is above"),
]
APPLIED = [
    ("terraform apply", QUOTA, "function_limits = { probe = { max_instances = 5 } }"),
    ("terraform apply", BUILD_REGION, "us-central1, us-west2, europe-west1"),
    ("terraform apply", POLICY, "kms_key, vpc_connector, worker_pool"),
    ("terraform apply", PROTECTED, "deletion_protection = false"),
    ("terraform apply", TAKEN, "NAME="),
    ("terraform apply", UNKNOWN, "Its message is above. What was done so far stays"),
]


@pytest.mark.parametrize(
    ("step", "message", "advice"),
    [*first_of(LOOKED_AT), *first_of(MADE), *first_of(PLANNED), *first_of(APPLIED)],
)
def test_a_step_that_fails_says_what_to_do(stage: Stage, step: str, message: str, advice: str) -> None:
    no_bucket = [Failure("gcloud storage buckets describe", "404")] if "buckets create" in step else []
    stage.play(Failure(step, message), *no_bucket)

    failed = stage.make("deploy", YES="1")

    assert failed.code != 0
    assert "not possible yet" in failed.text
    assert advice in failed.text
    assert "Traceback" not in failed.text
    assert failed.times("terraform apply") == (1 if "apply" in step else 0)


@pytest.mark.parametrize("step", first_of(["terraform apply", "services enable", "buckets update", "terraform init"]))
def test_the_same_command_goes_on_where_it_stopped(stage: Stage, step: str) -> None:
    stage.play(Failure(step, UNKNOWN))

    stopped = stage.make("deploy", YES="1")
    again = stage.make("deploy", YES="1")

    assert stopped.code != 0
    assert "run the same command again" in stopped.text or "Whoever owns" in stopped.text
    assert again.code == 0
    assert again.ran("terraform apply")


@pytest.mark.parametrize("message", first_of(FRESH), ids=lambda message: str(message).split("Error ")[-1][:30])
def test_what_passes_by_itself_is_tried_again_and_said(stage: Stage, message: str) -> None:
    stage.play(Failure("terraform apply", message, times=2))

    told = stage.make("deploy", YES="1")

    assert told.code == 0
    assert told.times("terraform apply") == 3
    assert "only minutes old" in told.text
    assert f"Try 2 of {TRIES}" in told.text


def test_what_does_not_pass_ends_within_a_limit(stage: Stage) -> None:
    stage.play(Failure("terraform apply", NO_BUILD, times=100))

    told = stage.make("deploy", YES="1")

    assert told.code != 0
    assert told.times("terraform apply") == TRIES
    assert "Wait for five minutes" in told.text


@pytest.mark.long
def test_a_fault_among_what_passes_is_not_tried_again(stage: Stage) -> None:
    stage.play(Failure("terraform apply", f"{NO_SUBSCRIPTION}\n{QUOTA}"))

    told = stage.make("deploy", YES="1")

    assert told.code != 0
    assert told.times("terraform apply") == 1
    assert "quota is smaller" in told.text


def test_a_function_that_a_failed_try_left_behind_is_taken_over(stage: Stage) -> None:
    left = json.dumps([{"name": f"projects/p/locations/{REGION}/functions/creatives-hash", "labels": OURS}])
    stage.play(answers={"gcloud functions list": left})

    told = stage.make("deploy", YES="1")

    assert told.code == 0  # TPG #13535, #15540: a 409 otherwise
    assert told.ran(
        "terraform import", 'google_cloudfunctions2_function.this["hash"]', f"/{REGION}/functions/creatives-hash"
    )
    assert told.times("terraform plan") == 2
    assert "taken over" in told.text


@pytest.mark.parametrize(
    ("listed", "answer", "what"),
    first_of(
        [
            ("gcloud pubsub topics list", '[{"name": "projects/p/topics/creatives-ads"}]', "topic creatives-ads"),
            (
                "gcloud pubsub topics list",
                '[{"name": "projects/p/topics/creatives-ads", "labels": {"app": "creatives", "deployment": "other"}}]',
                "topic creatives-ads",
            ),
            (
                "gcloud functions list",
                '[{"name": "projects/p/locations/l/functions/creatives-hash"}]',
                "function creatives-hash",
            ),
            (
                "gcloud storage buckets list",
                '[{"name": "my-project-creatives-results"}]',
                "bucket my-project-creatives-results",
            ),
            (
                "gcloud alpha bq datasets list",
                '[{"datasetReference": {"datasetId": "creatives", "projectId": "my-project"}}]',
                "dataset creatives",
            ),
            (
                "gcloud iam service-accounts list",
                '[{"email": "creatives-hash@my-project.iam.gserviceaccount.com"}]',
                "service account creatives-hash",
            ),
            (
                "gcloud alpha bq tables list --dataset=marketing",
                '[{"tableReference": {"tableId": "ads", "datasetId": "marketing"}, "labels": {"app": "another"}}]',
                "table ads",
            ),
            ("gcloud logging metrics list", '[{"name": "creatives/refused"}]', "metric creatives/refused"),
        ]
    ),
)
def test_what_others_have_under_our_names_is_found_before_anything_is_applied(
    stage: Stage, listed: str, answer: str, what: str
) -> None:
    wanted = plan(
        *NEW,
        planned("google_storage_bucket", "results", {"name": "my-project-creatives-results", "labels": OURS}),
        planned("google_bigquery_dataset", "creatives", {"dataset_id": "creatives", "labels": OURS}),
        planned("google_service_account", "hash", {"account_id": "creatives-hash"}),
        planned("google_bigquery_table", "ads", {"table_id": "ads", "dataset_id": "marketing", "labels": OURS}),
        planned("google_logging_metric", "refused", {"name": "creatives/refused"}),
    )
    stage.play(answers={listed: answer, "terraform show": wanted})

    told = stage.make("deploy", YES="1")

    assert f"there is a {what} already, which is not this deployment's" in told.text
    assert "NAME=" in told.text or "existing = { dataset" in told.text
    assert not told.ran("terraform apply")
    assert not told.ran("terraform import")


@pytest.mark.long
def test_tables_are_looked_for_where_there_can_be_any(stage: Stage) -> None:
    table = planned("google_bigquery_table", "ads", {"table_id": "ads", "dataset_id": "creatives", "labels": OURS})
    dataset = planned("google_bigquery_dataset", "creatives", {"dataset_id": "creatives", "labels": OURS})
    left = json.dumps([{"tableReference": {"tableId": "ads"}, "labels": OURS}])
    answers = {"terraform show": plan(table, dataset), "gcloud alpha bq tables": left}
    stage.play(answers=answers)

    new = stage.make("deploy", YES="1")
    stage.play(
        answers=answers
        | {
            "gcloud alpha bq datasets": json.dumps(
                [{"id": "x", "datasetReference": {"datasetId": "creatives"}, "labels": OURS}]
            )
        }
    )
    after_a_failure = stage.make("deploy", YES="1")

    assert new.code == after_a_failure.code == 0
    assert not new.ran("bq tables list")
    assert after_a_failure.ran("terraform import", "projects/my-project/datasets/creatives/tables/ads")


@pytest.mark.parametrize(
    ("existing", "call", "what"),
    first_of(
        [
            ({"buckets": {"creatives": "our-own"}}, "gcloud storage buckets describe gs://our-own", "bucket our-own"),
            (
                {"dataset": "marketing", "buckets": {}},
                "gcloud alpha bq datasets describe marketing",
                "dataset marketing",
            ),
        ]
    ),
)
def test_what_is_named_as_existing_has_to_exist(stage: Stage, existing: object, call: str, what: str) -> None:
    answers = {"terraform show": plan(*NEW, existing=existing), "gcloud alpha bq datasets describe": '{"id": "p:d"}'}
    stage.play(Failure(call, "ERROR: 404"), answers=answers)

    told = stage.make("deploy", YES="1")
    once_it_does = stage.make("deploy", YES="1")

    assert f"there is no {what}, or you may not see it" in told.text
    assert "`existing` in infra/terraform.tfvars" in told.text
    assert not told.ran("terraform apply")
    assert once_it_does.code == 0


@pytest.mark.parametrize(
    ("call", "said"),
    first_of(
        [
            ("gcloud pubsub topics list", "it is not known which topics there are"),
            ("gcloud alpha services quota", "quotas are not looked at"),
        ]
    ),
)
def test_what_cannot_be_looked_at_is_said(stage: Stage, call: str, said: str) -> None:
    stage.play(Failure(call, "ERROR: (gcloud.alpha) You do not currently have this command group installed."))

    told = stage.make("deploy", YES="1")

    assert told.code == 0
    assert said in told.text


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "why"),
    first_of(
        [("shared.features_of_cars:Cars", "run `make schemas`"), ("shared.features_of_cars:Ships", "no attribute")]
    ),
)
def test_a_feature_model_that_the_tables_lack_columns_for_is_not_deployed(stage: Stage, model: str, why: str) -> None:
    stage.play(answers={"terraform show": plan(*NEW, features=model)})
    (stage.checkout / "shared" / "features_of_cars.py").write_text(
        "from pydantic import BaseModel, Field\n\n\nclass Cars(BaseModel):\n    'A car.'\n\n"
        "    doors: int = Field(description='How many doors it has.')\n"
    )

    told = stage.make("deploy", YES="1")
    stage.play(answers={"terraform show": plan(*NEW, features="shared.features:ImageFeatures")})
    the_usual = stage.make("deploy", YES="1")

    assert f"features = '{model}' cannot be deployed" in told.text
    assert why in told.text
    assert f"FEATURES={model} make schemas" in told.text
    assert not told.ran("terraform apply")
    assert "Traceback" not in told.text
    assert the_usual.code == 0


@pytest.mark.long
def test_a_taxonomy_is_deployed_once_tables_views_and_dictionary_follow_it(stage: Stage) -> None:
    stage.play(answers={"terraform show": plan(*NEW, features="shoes.yaml")})
    file, dictionary = stage.checkout / "infra" / "shoes.yaml", stage.checkout / "docs" / "data.md"
    dictionary.parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / "docs" / "data.md", dictionary)
    asked = "fields:\n  - {name: heel, type: choice, values: [flat, high], description: The height of its heel.}\n"

    file.write_text(asked.replace("choice", "enum"))
    faulty = stage.make("deploy", YES="1")
    file.write_text(asked)
    stale = stage.make("deploy", YES="1")
    for module in ("generate.schemas", "generate.dictionary"):
        env = {**os.environ, "FEATURES": "infra/shoes.yaml"}
        subprocess.run([sys.executable, "-m", module], cwd=stage.checkout, env=env, check=True)
    stage.play(answers={"terraform show": plan(*NEW, features="shoes.yaml")})
    deployed = stage.make("deploy", YES="1")

    assert "creatives taxonomy check infra/shoes.yaml" in faulty.text
    assert "shoes.yaml:2: " in faulty.text
    assert "FEATURES=infra/shoes.yaml make schemas" in stale.text
    assert not stale.ran("terraform apply")
    assert deployed.code == 0
    assert deployed.ran("terraform apply")
    assert "| `features.heel` | string | The height of its heel. |" in dictionary.read_text()
    views = (stage.checkout / "infra" / "views" / "current_corrections.sql").read_text()
    assert "WHEN 'heel' THEN COALESCE(value, '') = '' OR (value IN ('flat', 'high'))" in views


@pytest.mark.parametrize("goal", first_of(["deploy", "destroy"]))
def test_ctrl_c_leaves_terraform_the_time_to_note_what_it_has_made(stage: Stage, goal: str) -> None:
    stage.play()
    pipes = stage.hold("terraform apply" if goal == "deploy" else "terraform destroy")

    process = stage.begin(goal, YES="1")
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{PROJECT}\n")
    process.stdin.flush()
    (pipes / "begun").read_text()
    os.killpg(process.pid, signal.SIGINT)
    seen = next(line for line in process.stdout if "waiting until terraform has ended" in line)
    (pipes / "go").write_text("go\n")
    text, _ = process.communicate()

    assert seen
    assert "the state is written" in text
    assert "run the same command again: it goes on" in text
    assert process.returncode != 0


@pytest.mark.parametrize(
    ("given", "found"),
    first_of(
        [
            (quotas(milli_processors=10_000), "probe: 10 instances x 2 vCPU, 10 are allowed"),
            (quotas(memory=10 * 2**30), "probe: 10 instances x 2048 MiB, 10240 are allowed"),
            (quotas(milli_processors=1000), "probe: 10 instances x 2 vCPU, 1 are allowed"),
            (quotas().replace(', "defaultLimit"', ', "x"').replace('"effectiveLimit": "20000", ', ""), "0 are allowed"),
        ]
    ),
)
def test_a_quota_that_is_too_small_is_told_before_anything_is_applied(stage: Stage, given: str, found: str) -> None:
    wanted = plan(function("probe", instances=10, cpu=2, memory="2048Mi"))
    stage.play(answers={"terraform show": wanted, "gcloud alpha services quota": given})

    told = stage.make("deploy", YES="1")

    assert found in told.text
    assert "function_limits" in told.text
    assert not told.ran("terraform apply")


@pytest.mark.long
def test_a_region_in_which_new_projects_may_not_build_is_told_before_anything_is_made(stage: Stage) -> None:
    elsewhere = {"gcloud alpha services quota": quotas(region="europe-west3")}
    stage.play(answers=elsewhere)

    refused = stage.make("deploy", YES="1", REGION="europe-west3")
    insisted = stage.make("deploy", YES="1", REGION="europe-west3", ANY_REGION="1")
    stage.play(answers=elsewhere | {"gcloud builds list": '[{"id": "1"}]'})
    has_built = stage.make("deploy", YES="1", REGION="europe-west3")

    assert "ANY_REGION=1" in refused.text
    assert not refused.ran("buckets create")
    assert not refused.ran("terraform init")
    assert (insisted.code, has_built.code) == (0, 0)


@pytest.mark.parametrize("what", first_of(["region", "dataset", "bigquery_location"]))
def test_a_deployment_does_not_move_unless_that_is_said(stage: Stage, what: str) -> None:
    here = PLACE | {what: "elsewhere"}
    stage.play(answers={"terraform show": plan(*NEW, before=here, after=PLACE | {"bigquery_location": REGION})})

    told = stage.make("deploy", YES="1")
    said = stage.make("deploy", YES="1", MOVE="1")

    assert f"this deployment would move: {what} elsewhere becomes" in told.text
    assert not told.ran("terraform apply")
    assert said.ran("terraform apply")


def test_a_table_is_not_made_anew_unless_that_is_said(stage: Stage) -> None:
    anew = planned("google_bigquery_table", "features", {"table_id": "features"}, "delete", "create")
    view = planned(
        "google_bigquery_table", "costs", {"table_id": "costs", "view": [{"query": "q"}]}, "delete", "create"
    )
    stage.play(answers={"terraform show": plan(view, anew, before=PLACE)})

    told = stage.make("deploy", YES="1")
    stage.play(answers={"terraform show": plan(view, before=PLACE)})
    only_a_view = stage.make("deploy", YES="1")

    assert 'data would be lost: google_bigquery_table.this["features"]\n' in told.text
    assert not told.ran("terraform apply")
    assert only_a_view.code == 0


def test_two_deployments_of_a_project_have_a_state_each(stage: Stage) -> None:
    stage.play()

    told = stage.make("deploy", YES="1", NAME="ads-dev")

    assert told.ran("buckets describe", "gs://my-project-ads-dev-terraform-state")
    assert told.ran("terraform plan", "-var=name=ads-dev")
    assert 'prefix = "ads-dev"' in (stage.checkout / "infra" / "backend.tf").read_text()


@pytest.mark.parametrize(
    ("answers", "found"),
    first_of(
        [
            ({"terraform version": '{"terraform_version": "1.5.7"}'}, "terraform 1.5.7 is too old"),
            ({"gcloud projects describe": '{"lifecycleState": "DELETE_REQUESTED"}'}, "my-project is being deleted"),
            ({"gcloud billing projects": '{"billingEnabled": false}'}, "my-project has no billing account"),
            ({"terraform show": "no JSON at all"}, "Terraform's plan cannot be read"),
        ]
    ),
)
def test_what_is_not_as_it_must_be_is_said(stage: Stage, answers: dict[str, str], found: str) -> None:
    stage.play(answers=answers)

    told = stage.make("deploy", YES="1")

    assert found in told.text
    assert not told.ran("terraform apply")


@pytest.mark.parametrize(
    ("tool", "goal"), first_of([("gcloud", "deploy"), ("terraform", "deploy"), ("gcloud", "destroy")])
)
def test_a_missing_program_is_named_with_where_to_get_it(stage: Stage, tool: str, goal: str) -> None:
    stage.play(without=tool)

    told = stage.make(goal, said=f"{PROJECT}\n")

    assert f"{tool} is not installed\n    https://" in told.text


@pytest.mark.parametrize("goal", first_of(["deploy", "destroy"]))
def test_a_shell_that_leads_to_the_local_pipeline_deploys_nothing(
    stage: Stage, goal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play()
    for name in LEADS_ELSEWHERE:
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    told = stage.make(goal, said=f"{PROJECT}\n")

    assert [f"unset {name}," in told.text for name in LEADS_ELSEWHERE] == [True] * len(LEADS_ELSEWHERE)
    assert told.calls in ([], ["terraform version -json"])


@pytest.mark.parametrize(
    "given", first_of([{"PROJECT": ""}, {"REGION": ""}, {"NAME": "Ads"}, {"NAME": "a-name-too-long"}, {"NAME": "a--b"}])
)
def test_a_target_that_is_none_is_said_before_anything_is_asked(stage: Stage, given: dict[str, str]) -> None:
    stage.play()

    told = stage.make("deploy", **given)

    assert "not possible yet" in told.text
    assert told.calls == []


def test_stale_requirements_are_not_deployed(stage: Stage) -> None:
    stage.play()
    pinned = stage.checkout / "functions" / "hash" / "requirements.txt"
    right = pinned.read_text()
    pinned.write_text(right + "another==1.0\n")

    told = stage.make("deploy", YES="1")
    pinned.write_text(right)

    assert "make requirements" in told.text
    assert not told.ran("services enable")


def test_destroying_lifts_the_protection_of_what_was_made_and_makes_nothing(stage: Stage) -> None:
    stage.play()

    told = stage.make("destroy", said=f"{PROJECT}\n")

    assert told.code == 0
    apply, destroy = (call for call in told.calls if "-auto-approve" in call)
    assert apply.endswith('-var=deletion_protection=false -auto-approve -target=google_bigquery_table.this["ads"]')
    assert destroy.startswith("terraform destroy")
    assert "-var=deletion_protection=false" in destroy
    makes = ("enable", "create", "update", "service-agent", "plan", "import")
    assert [call for call in told.calls if any(f" {word}" in call for word in makes)] == []


@pytest.mark.parametrize(
    ("step", "message"),
    first_of([("terraform apply", NO_BUILD), ("terraform apply", QUOTA), ("terraform state list", "No state")]),
)
def test_destroying_a_deployment_that_was_half_made_reaches_destroy(stage: Stage, step: str, message: str) -> None:
    stage.play(Failure(step, message))

    told = stage.make("destroy", said=f"{PROJECT}\n")

    assert told.ran("terraform destroy")
    assert told.code == 0


@pytest.mark.parametrize(
    ("step", "message", "advice"),
    first_of(
        [
            *LOOKED_AT,
            ("buckets describe", "ERROR: 404", "Check PROJECT and NAME"),
            ("terraform init", EXPIRED, "gcloud auth application-default login"),
            ("terraform destroy", LOCKED, "force-unlock ID"),
            ("terraform destroy", PROTECTED, "has to be lifted first: mend what is told above"),
            ("terraform destroy", UNKNOWN, "Its message is above"),
        ]
    ),
)
def test_a_step_of_destroying_that_fails_says_what_to_do_and_the_same_command_goes_on(
    stage: Stage, step: str, message: str, advice: str
) -> None:
    stage.play(Failure(step, message))

    failed = stage.make("destroy", said=f"{PROJECT}\n")
    again = stage.make("destroy", said=f"{PROJECT}\n")

    assert failed.code != 0
    assert advice in failed.text
    assert "Traceback" not in failed.text
    assert again.code == 0
    assert again.ran("terraform destroy")


def test_what_a_failed_try_left_outside_of_the_state_is_named_with_how_to_delete_it(stage: Stage) -> None:
    left = json.dumps([{"name": f"projects/p/locations/{REGION}/functions/creatives-hash", "labels": OURS}])
    stage.play(answers={"gcloud functions list": left})

    told = stage.make("destroy", said=f"{PROJECT}\n")

    assert told.ran("terraform destroy")
    assert f"gcloud functions delete creatives-hash --region={REGION} --project={PROJECT}" in told.text


def test_nothing_is_destroyed_without_the_projects_id(stage: Stage) -> None:
    stage.play()

    told = stage.make("destroy", said="yes\n")

    assert "nothing was destroyed" in told.text
    assert told.calls == []


def test_the_commands_are_ones_that_gcloud_knows(stage: Stage) -> None:
    every_kind = [planned(kind, "x", {"name": "x"}) for kind in KINDS]
    stage.play(Failure("gcloud storage buckets describe", "404"), answers={"terraform show": plan(*every_kind)})

    calls = stage.make("deploy", YES="1", REGION="europe-west3").calls
    calls += stage.make("deploy", YES="1").calls + stage.make("destroy", said=f"{PROJECT}\n").calls
    gcloud = {call for call in calls if call.startswith("gcloud ")}

    assert len(gcloud) > 15
    assert [fault for call in sorted(gcloud) for fault in faults(call, gcloud_commands())] == []


def test_a_command_that_gcloud_does_not_know_is_noticed() -> None:
    known = gcloud_commands()

    assert [*faults("gcloud beta services quota list", known)] == [
        "gcloud beta services quota list: no quota in services"
    ]
    assert [*faults("gcloud builds list --location=x", known)] == ["gcloud builds list --location=x: no --location"]
    assert [*faults("gcloud pubsub topics list --project=p --format=json --quiet", known)] == []
