"""What a check is, and the deployment that is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import requests
from google.cloud import bigquery, pubsub_v1, storage

from creatives.doctor.rest import Rest
from shared import clients, wiring
from shared.settings import Settings, cloud_name, emulator_host
from shared.wiring import Pipeline


class Status(StrEnum):
    """What a check found: all is well, something will go wrong, or something is wrong."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: the thing, e.g. `subscription hash`.
        status: whether it is well.
        found: what it is like; for a fault, what is wrong.
        advice: what to do; empty when all is well.
    """

    what: str
    status: Status
    found: str
    advice: str = ""


def well(what: str, found: str = "as it should be") -> Check:
    """A check that found nothing wrong."""
    return Check(what, Status.OK, found)


def warning(what: str, found: str, advice: str) -> Check:
    """A check that found what will or may go wrong."""
    return Check(what, Status.WARNING, found, advice)


def fault(what: str, found: str, advice: str) -> Check:
    """A check that found what is wrong."""
    return Check(what, Status.FAULT, found, advice)


FUNCTION_URL = "https://cloudfunctions.googleapis.com/v2/projects/{}/locations/{}/functions/{}"
APPLY = "Deploy again: `make deploy PROJECT=… REGION=…` (it changes only what differs)."


@dataclass(frozen=True)
class Deployment:
    """What is looked at: names, and how Google is asked about them.

    Attributes:
        settings: project, dataset, buckets, and the name that all others begin with.
        region: where the functions run; None for a local run, which has no region.
        wired: what should be there.
        variables: the variables that the functions were given, as far as they are known from outside.
        rest: how the APIs without a client of ours are asked; None for a local run.
    """

    settings: Settings
    region: str | None = None
    wired: Pipeline = field(default_factory=wiring.load)
    variables: Mapping[str, str] = field(default_factory=dict)
    rest: Rest | None = None

    @property
    def project(self) -> str:
        """The project's id."""
        return self.settings.google_cloud_project

    @property
    def is_local(self) -> bool:
        """Whether this is a pipeline on this machine."""
        return self.rest is None

    @property
    def storage(self) -> storage.Client:
        """The Cloud Storage client."""
        return clients.storage_client(self.project)

    @property
    def bigquery(self) -> bigquery.Client:
        """The BigQuery client."""
        return clients.bigquery_client(self.project)

    @property
    def publisher(self) -> pubsub_v1.PublisherClient:
        """The Pub/Sub publisher."""
        return clients.publisher_client()

    def bucket_name(self, name: str) -> str:
        """The full name of a bucket of pipeline.yaml."""
        return str(getattr(self.settings, f"{name}_bucket", f"{self.project}-{self.named(name)}"))

    def named(self, name: str) -> str:
        """What something of pipeline.yaml is called here."""
        return cloud_name(name, self.settings.deployment)

    def topic_path(self, topic: str) -> str:
        """The full name of a topic of pipeline.yaml."""
        return clients.topic_path(self.project, topic, self.settings.deployment)


def cloud(
    project: str,
    region: str,
    *,
    name: str = "creatives",
    dataset: str | None = None,
    session: requests.Session | None = None,
) -> Deployment:
    """A deployment in the cloud: names as Terraform gives them, unless its functions were told of others.

    Raises:
        google.auth.exceptions.DefaultCredentialsError: when nobody is signed in.
    """
    rest = Rest(session or _signed_in())
    given = {f"{bucket}_bucket": f"{project}-{name}-{bucket}" for bucket in wiring.load().buckets}
    given |= {"google_cloud_project": project, "dataset": name.replace("-", "_"), "deployment": name}
    given |= _told(rest, project, region, name) | ({"dataset": dataset} if dataset else {})
    return Deployment(Settings.model_validate(given), region, rest=rest)


def _told(rest: Rest, project: str, region: str, name: str) -> dict[str, str]:
    """What a function was told of dataset and buckets; nothing where none is deployed or it cannot be asked."""
    try:
        found = rest.get(FUNCTION_URL.format(project, region, f"{name}-intake")) or {}
    except requests.RequestException:
        return {}  # the checks say so, with what to do
    variables = found.get("serviceConfig", {}).get("environmentVariables", {})
    names = ("DATASET", *(f"{bucket.upper()}_BUCKET" for bucket in wiring.load().buckets))
    return {each.lower(): variables[each] for each in names if each in variables}


def local(variables: Mapping[str, str]) -> Deployment:
    """The pipeline on this machine that `variables` reach (see local/running.py); they must be set already."""
    settings = Settings.model_validate({name.lower(): value for name, value in variables.items()})
    if not emulator_host("PUBSUB"):
        raise ValueError("the local pipeline's variables are not set in this process")
    return Deployment(settings, variables=variables)


def _signed_in() -> requests.Session:
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(credentials)
