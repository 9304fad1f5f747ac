"""What only the cloud has: enabled APIs, deployed functions, who may do what, quota. A local run has its functions."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from google.api_core.exceptions import NotFound
from google.cloud import bigquery, pubsub_v1, storage

from creatives.deploy import quotas
from creatives.doctor import messages
from creatives.doctor.check import APPLY, FUNCTION_URL, Check, Deployment, fault, warning, well
from creatives.doctor.rest import Rest
from shared import wiring
from shared.wiring import Function

_ENABLED = "https://serviceusage.googleapis.com/v1/projects/{}/services:batchGet"
_INVOKERS = "https://run.googleapis.com/v2/projects/{}/locations/{}/services/{}:getIamPolicy"
_QUOTA = "https://serviceusage.googleapis.com/v1beta1/projects/{}/services/run.googleapis.com/consumerQuotaMetrics"


def needed_apis() -> list[str]:
    """The APIs that Terraform enables."""
    return [f"{name}.googleapis.com" for name in sorted(wiring.load().apis)]


def hyphened(function: str) -> str:
    """A function's name as the cloud takes it, which allows no underscores."""
    return function.replace("_", "-")


def account(deployment: Deployment, function: str) -> str:
    """The member that a function acts as."""
    named = deployment.named(hyphened(function))
    return f"serviceAccount:{named}@{deployment.project}.iam.gserviceaccount.com"


def invoker(deployment: Deployment, function: str) -> str:
    """The member that alone may call a function."""
    named = deployment.named(f"call-{hyphened(function)}")
    return f"serviceAccount:{named}@{deployment.project}.iam.gserviceaccount.com"


def apis(deployment: Deployment) -> Iterator[Check]:
    """Whether the APIs are enabled."""
    if deployment.rest is None:
        return
    wanted = needed_apis()
    names = [f"projects/{deployment.project}/services/{name}" for name in wanted]
    answer = deployment.rest.get(_ENABLED.format(deployment.project), names=names) or {}
    enabled = {each["name"].rsplit("/", 1)[1] for each in answer.get("services", []) if each["state"] == "ENABLED"}
    missing = [name for name in wanted if name not in enabled and name != "aiplatform.googleapis.com"]
    if missing:
        yield fault("APIs", f"not enabled: {', '.join(missing)}", f"`gcloud services enable {' '.join(missing)}`")
    else:
        yield well("APIs", "enabled")


def functions(deployment: Deployment) -> Iterator[Check]:
    """Each function: deployed, running as itself, closed to the internet."""
    for name in deployment.wired.functions:
        if deployment.rest is None:
            yield from _local_function(deployment, name)
        else:
            yield _deployed(deployment, name)


def _deployed(deployment: Deployment, name: str) -> Check:
    what = f"function {name}"
    found = described(deployment, name)
    if found is None:
        return fault(what, "is not deployed", APPLY)
    if found.get("state") != "ACTIVE":
        said = "; ".join(each.get("message", "") for each in found.get("stateMessages", []))
        return fault(what, f"is {found.get('state')}: {said}", "Read the build's log, mend it, then deploy again.")
    service = found["serviceConfig"]
    if f"serviceAccount:{service.get('serviceAccountEmail')}" != account(deployment, name):
        return fault(what, f"runs as {service.get('serviceAccountEmail')}", APPLY)
    if service.get("ingressSettings") != "ALLOW_INTERNAL_ONLY":
        return fault(what, "can be reached from the internet", APPLY)
    return well(what, "deployed")


def described(deployment: Deployment, name: str) -> dict[str, Any] | None:
    """What the cloud says of a function; None where it is not deployed, or for a local run."""
    if deployment.rest is None:
        return None
    return deployment.rest.get(
        FUNCTION_URL.format(deployment.project, deployment.region, deployment.named(hyphened(name)))
    )


def variables(deployment: Deployment) -> Mapping[str, str]:
    """The variables of the function that calls the model."""
    caller = next((name for name, f in deployment.wired.functions.items() if "GEMINI_API_KEY" in f.secrets), None)
    found = described(deployment, caller) if caller else None
    if found is None:
        return deployment.variables
    service = found["serviceConfig"]
    secrets = {each["key"]: "" for each in service.get("secretEnvironmentVariables", [])}
    return {**service.get("environmentVariables", {}), **secrets}


def _local_function(deployment: Deployment, name: str) -> Iterator[Check]:
    subscription = next((key for key, s in deployment.wired.push_subscriptions.items() if s.function == name), None)
    if subscription is None:
        return
    with pubsub_v1.SubscriberClient() as subscriber:
        path = subscriber.subscription_path(deployment.project, subscription)
        endpoint = urlsplit(subscriber.get_subscription(request={"subscription": path}).push_config.push_endpoint)
    with socket.socket() as probe:
        probe.settimeout(5)
        answers = probe.connect_ex((endpoint.hostname or "", endpoint.port or 0)) == 0
    if answers:
        yield well(f"function {name}", f"listens at {endpoint.netloc}")
    else:
        yield fault(f"function {name}", f"nobody listens at {endpoint.netloc}", "Start it again: `creatives up`.")


def permissions(deployment: Deployment) -> Iterator[Check]:
    """Whether each function may do what pipeline.yaml says."""
    if deployment.rest is None:
        return
    for name, function in deployment.wired.functions.items():
        lacking = [*_lacking(deployment, name, function)]
        if lacking:
            yield fault(f"rights of {name}", f"may not: {', '.join(lacking)}", APPLY)
        else:
            yield well(f"rights of {name}")


def _lacking(deployment: Deployment, name: str, function: Function) -> Iterator[str]:
    member = account(deployment, name)
    for bucket in sorted({*function.reads, *function.writes}):
        role = "roles/storage.objectUser" if bucket in function.writes else "roles/storage.objectViewer"
        if not _granted(_bucket_bindings(deployment.storage, deployment.bucket_name(bucket)), member, role):
            yield f"{'write' if bucket in function.writes else 'read'} the bucket {bucket}"
    for topic in function.publishes:
        path = deployment.topic_path(topic)
        if not messages.granted(deployment.publisher, path, member, "roles/pubsub.publisher"):
            yield f"publish to {topic}"
    for table in function.queries:
        if table == "raw_ads":
            continue  # may be a table of the user's own, of whose rights we may know nothing
        full_name = f"{deployment.project}.{deployment.settings.dataset}.{table}"
        if not _granted(_table_bindings(deployment.bigquery, full_name), member, "roles/bigquery.dataViewer"):
            yield f"read the table {table}"
    for table in function.keeps:
        full_name = f"{deployment.project}.{deployment.settings.dataset}.{table}"
        if not _granted(_table_bindings(deployment.bigquery, full_name), member, "roles/bigquery.dataEditor"):
            yield f"write the table {table}"


# On what is missing nobody has a right: the checks of buckets and tables say that it is missing, and how it comes back.


def _bucket_bindings(client: storage.Client, name: str) -> list[Mapping[str, Any]]:
    try:
        return list(client.bucket(name).get_iam_policy(requested_policy_version=3).bindings)
    except NotFound:
        return []


def _table_bindings(client: bigquery.Client, name: str) -> list[Mapping[str, Any]]:
    try:
        return list(client.get_iam_policy(name).bindings)
    except NotFound:
        return []


def _granted(bindings: list[Mapping[str, Any]], member: str, role: str) -> bool:
    return any(each["role"] == role and member in each["members"] for each in bindings)


def callers(deployment: Deployment) -> Iterator[Check]:
    """Whether each function is called by its invoker, and by nobody else."""
    if deployment.rest is None:
        return
    for name in deployment.wired.functions:
        yield _callers(deployment, deployment.rest, name)


def _callers(deployment: Deployment, rest: Rest, name: str) -> Check:
    what = f"callers of {name}"
    policy = rest.get(_INVOKERS.format(deployment.project, deployment.region, deployment.named(hyphened(name)))) or {}
    bindings = [each for each in policy.get("bindings", []) if each["role"] == "roles/run.invoker"]
    members = {member for each in bindings for member in each["members"]}
    wanted = invoker(deployment, name)
    if members & {"allUsers", "allAuthenticatedUsers"}:
        return fault(what, "everybody may call it", f"`gcloud run services remove-iam-policy-binding …`, then: {APPLY}")
    if wanted not in members:
        return fault(what, "Pub/Sub's pushes are refused: its invoker may not call it", APPLY)
    if members != {wanted}:
        others = ", ".join(sorted(members - {wanted}))
        return warning(what, f"{others} may call it too", "Take the right away, unless you gave it on purpose.")
    return well(what, "its invoker alone")


def quota(deployment: Deployment) -> Iterator[Check]:
    """Whether the instances that pipeline.yaml allows fit into the region's quota: each function's, and all at once."""
    if deployment.rest is None:
        return
    needs = {name: f.max_instances * f.cpu for name, f in deployment.wired.functions.items()}
    needed = sum(needs.values())
    answer = deployment.rest.get(_QUOTA.format(deployment.project), view="FULL") or {}
    limit = quotas.limit(answer.get("metrics", []), quotas.PROCESSORS, str(deployment.region))
    if limit is None:
        yield well("quota", f"up to {needed} vCPU are used at once; the limit of this region is not told")
        return
    allowed, largest = limit / 1000, max(needs, key=lambda name: needs[name])
    more = "Ask for more under IAM & Admin > Quotas (Cloud Run Admin API, CPU allocation)"
    if allowed < needs[largest]:
        found = f"{largest} may use {needs[largest]} vCPU, {allowed:.0f} are allowed: a deployment is refused"
        yield fault("quota", found, f"{more}, or lower max_instances in function_limits.")
    elif allowed < needed:
        found = f"up to {needed} vCPU are used at once, {allowed:.0f} are allowed: it is slower"
        yield warning("quota", found, f"{more}, or lower max_instances.")
    else:
        yield well("quota", f"up to {needed} of {allowed:.0f} vCPU are used at once")
