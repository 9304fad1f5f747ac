"""Topics and subscriptions: all there, joined as pipeline.yaml says, giving up into a dead letter that lands."""

from collections.abc import Iterator
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1 import publisher, subscriber
from google.pubsub_v1.types import Subscription

from creatives.doctor.check import APPLY, Check, Deployment, fault, well
from shared.wiring import BigQuerySubscription, Delivery, PushSubscription


def topics(deployment: Deployment) -> Iterator[Check]:
    """Whether every topic is there."""
    listed = deployment.publisher.list_topics(request={"project": f"projects/{deployment.project}"})
    found = {topic.name.rsplit("/", 1)[1] for topic in listed}
    missing = sorted(name for name in deployment.wired.topics if deployment.named(name) not in found)
    if missing:
        yield fault("topics", f"missing: {', '.join(missing)}", APPLY)
    else:
        yield well("topics", f"all {len(deployment.wired.topics)}")


def subscriptions(deployment: Deployment) -> Iterator[Check]:
    """Each subscription, against what pipeline.yaml says of it."""
    wired: dict[str, Delivery] = {**deployment.wired.push_subscriptions, **deployment.wired.bigquery_subscriptions}
    with pubsub_v1.SubscriberClient() as client:
        for name, wanted in wired.items():
            path = client.subscription_path(deployment.project, deployment.named(name))
            try:
                found = client.get_subscription(request={"subscription": path})
            except NotFound:
                yield fault(f"subscription {name}", f"missing: {wanted.topic} goes nowhere", APPLY)
                continue
            yield _compared(name, wanted, found, deployment)


def _compared(name: str, wanted: Delivery, found: Subscription, deployment: Deployment) -> Check:
    what = f"subscription {name}"
    if found.state == Subscription.State.RESOURCE_ERROR:
        return fault(what, "cannot write or push at all", "See the checks of its table or function below.")
    differing = [text for text in _differences(wanted, found, deployment) if text]
    if differing:
        return fault(what, "; ".join(differing), APPLY)
    return well(what)


def _differences(wanted: Delivery, found: Subscription, deployment: Deployment) -> Iterator[str]:
    yield _differs("takes", deployment.named(wanted.topic), _last(found.topic))
    dead_letter = _last(found.dead_letter_policy.dead_letter_topic) if found.dead_letter_policy else None
    wanted_letter = deployment.named(wanted.dead_letter) if wanted.dead_letter else None
    yield _differs("gives up into", wanted_letter, dead_letter or None)
    if wanted.dead_letter and found.dead_letter_policy:
        yield _differs("attempts", wanted.max_attempts, found.dead_letter_policy.max_delivery_attempts)
    if not found.retry_policy:
        yield "is retried at once, without a pause"
    if isinstance(wanted, PushSubscription):
        yield from _push_differences(wanted, found, deployment)
    if isinstance(wanted, BigQuerySubscription):
        table = f"{deployment.project}.{deployment.settings.dataset}.{wanted.table}"
        yield _differs("writes to", table, found.bigquery_config.table.replace(":", "."))


def _push_differences(wanted: PushSubscription, found: Subscription, deployment: Deployment) -> Iterator[str]:
    yield _differs("waits for seconds", wanted.ack_deadline_s, found.ack_deadline_seconds)
    yield _differs("filter", wanted.filter or "", found.filter)
    if not found.push_config.push_endpoint:
        yield "calls no function"
    elif not deployment.is_local and not found.push_config.oidc_token.service_account_email:
        yield "calls its function without a token, which is refused"


def _differs(what: str, wanted: Any, found: Any) -> str:  # noqa: ANN401 - any two values that can be compared
    return "" if wanted == found else f"{what} {found}, should be {wanted}"


def _last(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def dead_lettering(deployment: Deployment) -> Iterator[Check]:
    """Whether Pub/Sub itself may give messages up: without, they are tried for ever and nobody is told."""
    if deployment.rest is None:
        return
    number = (deployment.rest.get(_PROJECT.format(deployment.project)) or {}).get("projectNumber")
    agent = f"serviceAccount:service-{number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    given_up = {s.dead_letter for s in _all(deployment) if s.dead_letter}
    for topic in sorted(given_up):
        path = deployment.topic_path(topic)
        if not granted(deployment.publisher, path, agent, "roles/pubsub.publisher"):
            yield fault(f"dead letters on {topic}", f"{agent} may not publish to it", APPLY)
        elif not list(deployment.publisher.list_topic_subscriptions(request={"topic": path})):
            yield fault(f"dead letters on {topic}", "nobody takes them: they are lost", APPLY)
        else:
            yield well(f"dead letters on {topic}", "kept")
    yield from _agent_may_subscribe(deployment, agent)


_PROJECT = "https://cloudresourcemanager.googleapis.com/v1/projects/{}"


def _agent_may_subscribe(deployment: Deployment, agent: str) -> Iterator[Check]:
    names = {**deployment.wired.push_subscriptions, **deployment.wired.bigquery_subscriptions}
    refused = []
    with pubsub_v1.SubscriberClient() as client:
        for name, wired in names.items():
            if wired.dead_letter:
                path = client.subscription_path(deployment.project, deployment.named(name))
                refused += [] if granted(client, path, agent, "roles/pubsub.subscriber") else [name]
    if refused:
        yield fault("giving up", f"Pub/Sub may not take messages off {', '.join(refused)}", APPLY)
    else:
        yield well("giving up", "allowed on every subscription")


def granted(client: publisher.Client | subscriber.Client, path: str, member: str, role: str) -> bool:
    """Whether the member has the role on a topic or subscription; on one that is missing nobody has."""
    try:
        policy = client.get_iam_policy(request={"resource": path})
    except NotFound:
        return False
    return any(binding.role == role and member in binding.members for binding in policy.bindings)


def _all(deployment: Deployment) -> list[Delivery]:
    return [*deployment.wired.push_subscriptions.values(), *deployment.wired.bigquery_subscriptions.values()]
