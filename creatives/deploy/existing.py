"""What the project has already under the names that a plan would give: found before it is applied.

What an earlier try of this very deployment made, and could not note any more, is taken over (a function whose creation
failed stays in the cloud: hashicorp/terraform-provider-google #13535, #15540). What is somebody else's is left alone,
and the deployment refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creatives.deploy import programs
from creatives.deploy.plan import Plan, Resource
from creatives.deploy.prerequisites import Problem

type Labels = Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """A kind of resource whose names are one's own in a project, or in the world.

    Attributes:
        word: what people call it.
        field: the argument that holds its name.
        listed: the gcloud command that lists them, without project; `{region}` and `{dataset}` are filled in.
        address: by which Terraform takes one over.
        remove: the command that deletes one.
        otherwise: how another name is chosen.
    """

    word: str
    field: str
    listed: tuple[str, ...]
    address: str
    remove: str
    otherwise: str = "Choose another prefix: make deploy … NAME=…"


KINDS: Mapping[str, Kind] = {
    "google_cloudfunctions2_function": Kind(
        "function",
        "name",
        ("functions", "list", "--v2", "--regions={region}"),
        "projects/{project}/locations/{region}/functions/{name}",
        "gcloud functions delete {name} --region={region} --project={project}",
    ),
    "google_pubsub_topic": Kind(
        "topic",
        "name",
        ("pubsub", "topics", "list"),
        "projects/{project}/topics/{name}",
        "gcloud pubsub topics delete {name} --project={project}",
    ),
    "google_pubsub_subscription": Kind(
        "subscription",
        "name",
        ("pubsub", "subscriptions", "list"),
        "projects/{project}/subscriptions/{name}",
        "gcloud pubsub subscriptions delete {name} --project={project}",
    ),
    "google_storage_bucket": Kind(
        "bucket",
        "name",
        ("storage", "buckets", "list"),
        "{project}/{name}",
        "gcloud storage rm --recursive gs://{name}",
    ),
    "google_bigquery_dataset": Kind(
        "dataset",
        "dataset_id",
        ("alpha", "bq", "datasets", "list"),
        "projects/{project}/datasets/{name}",
        "bq rm -r -d {project}:{name}",
    ),
    "google_bigquery_table": Kind(
        "table",
        "table_id",
        ("alpha", "bq", "tables", "list", "--dataset={dataset}"),
        "projects/{project}/datasets/{dataset}/tables/{name}",
        "bq rm -t {project}:{dataset}.{name}",
        "Choose another dataset: existing = { dataset = … } in infra/terraform.tfvars",
    ),
    "google_logging_metric": Kind(
        "metric",
        "name",
        ("logging", "metrics", "list"),
        "{project} {name}",
        "gcloud logging metrics delete {name} --project={project}",
    ),
    "google_artifact_registry_repository": Kind(
        "repository",
        "repository_id",
        ("artifacts", "repositories", "list", "--location={region}"),
        "projects/{project}/locations/{region}/repositories/{name}",
        "gcloud artifacts repositories delete {name} --location={region} --project={project}",
    ),
    "google_service_account": Kind(
        "service account",
        "account_id",
        ("iam", "service-accounts", "list"),
        "projects/{project}/serviceAccounts/{name}@{project}.iam.gserviceaccount.com",
        "gcloud iam service-accounts delete {name}@{project}.iam.gserviceaccount.com --project={project}",
    ),
    "google_cloud_scheduler_job": Kind(
        "schedule",
        "name",
        ("scheduler", "jobs", "list", "--location={region}"),
        "projects/{project}/locations/{region}/jobs/{name}",
        "gcloud scheduler jobs delete {name} --location={region} --project={project}",
    ),
}


@dataclass(frozen=True)
class Place:
    """Where names are looked for.

    Attributes:
        project: the project's id.
        region: of the functions.
        dataset: which tables are in; None where it is not known.
    """

    project: str
    region: str
    dataset: str | None = None

    def fill(self, text: str, name: str = "") -> str:
        """The text with this place, and the name of something in it, filled in."""
        return text.format(name=name, project=self.project, region=self.region, dataset=self.dataset)


@dataclass(frozen=True)
class Found:
    """Something that exists under a name that the plan gives.

    Attributes:
        resource: of the plan.
        name: which both have.
        ours: whether this deployment's labels are on it.
        place: where it is.
    """

    resource: Resource
    name: str
    ours: bool
    place: Place

    @property
    def kind(self) -> Kind:
        """What it is."""
        return KINDS[self.resource.type]


def found(plan: Plan, project: str, region: str) -> list[Found]:
    """What of the plan's new names the project has already; that a list cannot be had is said."""
    wanted = [resource for resource in plan.made if resource.type in KINDS]
    datasets = [each.change.after.get("dataset_id") for each in wanted if each.type == "google_bigquery_table"]
    place = Place(project, region, next(filter(None, datasets), None))
    kinds = {resource.type for resource in wanted}
    there = {kind: _listed(KINDS[kind], place) for kind in sorted(kinds - {"google_bigquery_table"})}
    if place.dataset and _has_dataset(place.dataset, plan, there):
        there["google_bigquery_table"] = _listed(KINDS["google_bigquery_table"], place)
    return list(_matches(wanted, there, place))


def _has_dataset(dataset: str, plan: Plan, there: Mapping[str, Mapping[str, Labels]]) -> bool:
    """Whether there can be tables already: not in a dataset that is still to be made."""
    made = {str(each.change.after.get("dataset_id")) for each in plan.made if each.type == "google_bigquery_dataset"}
    return dataset not in made or dataset in there["google_bigquery_dataset"]


def _matches(wanted: Sequence[Resource], there: Mapping[str, Mapping[str, Labels]], place: Place) -> Iterator[Found]:
    for resource in wanted:
        name = str(resource.change.after.get(KINDS[resource.type].field))
        labels = there.get(resource.type, {}).get(name)
        if labels is not None:
            own = _ours(resource.change.after)
            yield Found(resource, name, bool(own) and own.items() <= labels.items(), place)


def _ours(after: Mapping[str, Any]) -> Labels:
    """The labels that tell whose a resource is; none for a kind that takes no labels."""
    labels = after.get("labels") or {}
    return {name: labels[name] for name in ("app", "deployment", "managed-by") if name in labels}


def _listed(kind: Kind, place: Place) -> dict[str, Labels]:
    """The names of what there is, each with its labels."""
    command = ["gcloud", *(place.fill(part) for part in kind.listed), f"--project={place.project}"]
    listed = programs.answer(*command)
    if listed is None:
        programs.tell(f"deploy: it is not known which {kind.word}s there are: `{' '.join(command)}` fails")
    return {_name(each): each.get("labels") or {} for each in listed or []}


def _name(each: Mapping[str, Any]) -> str:
    """A resource's own name, in whichever way its API gives it."""
    dataset, table = each.get("datasetReference") or {}, each.get("tableReference") or {}
    full = str(table.get("tableId") or dataset.get("datasetId") or each.get("email") or each.get("name") or "")
    return (full.rsplit("/", 1)[-1] if full.startswith("projects/") else full).split("@", 1)[0]


def problems(exists: Sequence[Found]) -> Iterator[Problem]:
    """What is there and not this deployment's."""
    for each in exists:
        if not each.ours:
            remove = each.place.fill(each.kind.remove, each.name)
            yield Problem(
                f"there is a {each.kind.word} {each.name} already, which is not this deployment's",
                f"{each.kind.otherwise} (or, if nobody needs it: {remove})",
            )


def missing(plan: Plan, project: str) -> Iterator[Problem]:
    """What was named as existing and cannot be found."""
    for bucket in plan.existing_buckets:
        if not programs.succeeds("gcloud", "storage", "buckets", "describe", f"gs://{bucket}", f"--project={project}"):
            yield _not_there(f"bucket {bucket}", f"gcloud storage buckets list --project={project}")
    dataset = plan.existing_dataset
    if dataset and not programs.answer(
        "gcloud", "alpha", "bq", "datasets", "describe", dataset, f"--project={project}"
    ):
        yield _not_there(f"dataset {dataset}", f"gcloud alpha bq datasets list --project={project}")


def _not_there(what: str, listed: str) -> Problem:
    return Problem(
        f"there is no {what}, or you may not see it",
        f"`existing` in infra/terraform.tfvars names it: {listed} shows those that there are.",
    )


def take_over(exists: Sequence[Found], adopt: Callable[[str, str], None]) -> int:
    """Lets `adopt` (of an address and an id) take over what is ours, and says how much that was."""
    ours = [each for each in exists if each.ours]
    for each in ours:
        programs.tell(f"{each.kind.word} {each.name} was left behind by an earlier try: it is taken over")
        adopt(each.resource.address, each.place.fill(each.kind.address, each.name))
    return len(ours)


def left_behind(name: str, project: str, region: str) -> Iterator[str]:
    """Commands that delete what still carries the labels of deployment `name`."""
    place = Place(project, region)
    for kind in KINDS.values():
        if kind.word == "table":
            continue  # which dataset they would be in is not known any more
        for each, labels in _listed(kind, place).items():
            if labels.get("app") == "creatives" and labels.get("deployment") == name:
                yield place.fill(kind.remove, each)
