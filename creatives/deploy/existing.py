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
        listed: the gcloud command that lists them, without project; `{region}` is filled in.
        address: by which Terraform takes one over.
        remove: the command that deletes one.
    """

    word: str
    field: str
    listed: tuple[str, ...]
    address: str
    remove: str


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
class Found:
    """Something that exists under a name that the plan gives.

    Attributes:
        resource: of the plan.
        name: which both have.
        ours: whether this deployment's labels are on it.
    """

    resource: Resource
    name: str
    ours: bool

    @property
    def kind(self) -> Kind:
        """What it is."""
        return KINDS[self.resource.type]


def found(plan: Plan, project: str, region: str) -> list[Found]:
    """What of the plan's new names the project has already. A list that cannot be had counts as empty."""
    wanted = [resource for resource in plan.made if resource.type in KINDS]
    there = {kind: _listed(KINDS[kind], project, region) for kind in sorted({each.type for each in wanted})}
    return list(_matches(wanted, there))


def _matches(wanted: Sequence[Resource], there: Mapping[str, Mapping[str, Labels]]) -> Iterator[Found]:
    for resource in wanted:
        name = str(resource.change.after.get(KINDS[resource.type].field))
        if name in there[resource.type]:
            own = _ours(resource.change.after)
            yield Found(resource, name, ours=bool(own) and own.items() <= there[resource.type][name].items())


def _ours(after: Mapping[str, Any]) -> Labels:
    """The labels that tell whose a resource is; none for a kind that takes no labels."""
    labels = after.get("labels") or {}
    return {name: labels[name] for name in ("app", "deployment", "managed-by") if name in labels}


def _listed(kind: Kind, project: str, region: str) -> dict[str, Labels]:
    """The names of what there is, each with its labels."""
    command = [part.format(region=region) for part in kind.listed]
    listed = programs.answer("gcloud", *command, f"--project={project}") or []
    return {_name(each): each.get("labels") or {} for each in listed}


def _name(each: Mapping[str, Any]) -> str:
    """The last part of a resource's name, in whichever way its API gives it."""
    reference = each.get("datasetReference") or {}
    full = reference.get("datasetId") or each.get("email") or each.get("name") or ""
    return str(full).rsplit("/", 1)[-1].split("@", 1)[0]


def problems(exists: Sequence[Found], project: str, region: str) -> Iterator[Problem]:
    """What is there and not this deployment's."""
    for each in exists:
        if not each.ours:
            remove = each.kind.remove.format(name=each.name, project=project, region=region)
            yield Problem(
                f"there is a {each.kind.word} {each.name} already, which is not this deployment's",
                f"Choose another prefix: make deploy … NAME=… (or, if nobody needs it: {remove})",
            )


def take_over(exists: Sequence[Found], project: str, region: str, adopt: Callable[[str, str], None]) -> int:
    """Lets `adopt` (of an address and an id) take over what is ours, and says how much that was."""
    ours = [each for each in exists if each.ours]
    for each in ours:
        programs.tell(f"{each.kind.word} {each.name} was left behind by an earlier try: it is taken over")
        adopt(each.resource.address, each.kind.address.format(name=each.name, project=project, region=region))
    return len(ours)


def left_behind(name: str, project: str, region: str) -> Iterator[str]:
    """Commands that delete what still carries the labels of deployment `name`."""
    for kind in KINDS.values():
        for each, labels in _listed(kind, project, region).items():
            if labels.get("app") == "creatives" and labels.get("deployment") == name:
                yield kind.remove.format(name=each, project=project, region=region)
