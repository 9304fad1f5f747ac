"""Buckets, topics, subscriptions and tables with their rights, served to the real Google clients over the wire.

Speaks what the doctor asks of a deployment's rights and nothing else: Cloud Storage's buckets.get, getIamPolicy and
notificationConfigs.list, BigQuery's tables.getIamPolicy, Pub/Sub's GetIamPolicy and ListTopicSubscriptions. All else is
not found, or UNIMPLEMENTED. Not for messages, objects or rows: local/pubsub and the other servers have those.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import pytest
from google.iam.v1 import iam_policy_pb2, policy_pb2  # type: ignore[import-untyped]
from google.pubsub_v1.types import ListTopicSubscriptionsRequest, ListTopicSubscriptionsResponse

from shared.wiring import Pipeline, load
from tests.creatives.doctor.google_apis import PROJECT
from tests.e2e.restartable import own_clients

PROJECT_NUMBER = "123456789012"
AGENT = f"serviceAccount:service-{PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"

type Json = dict[str, Any]


@dataclass
class Resources:
    """What there is.

    Attributes:
        buckets: by key of pipeline.yaml, as buckets.get answers.
        notifications: by bucket, as notificationConfigs.list answers.
        rights: by `buckets/…`, `topics/…`, `subscriptions/…` or `tables/…`: who has which role, as (role, member).
        takers: by topic, its subscriptions.
    """

    buckets: dict[str, Json] = field(default_factory=dict)
    notifications: dict[str, list[Json]] = field(default_factory=dict)
    rights: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    takers: dict[str, list[str]] = field(default_factory=dict)

    def take_away(self, resource: str, role: str, member: str) -> None:
        """Removes one right, which must be there."""
        self.rights[resource].remove((role, member))

    def delete(self, resource: str) -> None:
        """Removes a resource with its rights."""
        del self.rights[resource]
        kind, name = resource.split("/")
        if kind == "buckets":
            del self.buckets[name]

    def bindings(self, resource: str) -> list[Json] | None:
        """The bindings of a policy, one per role; None for what does not exist."""
        granted = self.rights.get(resource)
        if granted is None:
            return None
        roles = sorted({role for role, _ in granted})
        return [{"role": each, "members": [member for role, member in granted if role == each]} for each in roles]


def function_account(name: str) -> str:
    """The member that infra/functions.tf makes for a function."""
    return f"serviceAccount:creatives-{name.replace('_', '-')}@{PROJECT}.iam.gserviceaccount.com"


def healthy() -> Resources:
    """Everything that pipeline.yaml says, granted as Terraform grants it."""
    wired = load()
    made = Resources(
        buckets={name: bucket(name) for name in wired.buckets},
        notifications={name: [notification(b.notify)] for name, b in wired.buckets.items() if b.notify},
        takers={name: [key for key, s in wired.subscriptions.items() if s.topic == name] for name in wired.topics},
    )
    made.rights = {each: set() for each in _named(wired)}
    for resource, role, member in [*_of_functions(wired), *_of_the_agent(wired)]:
        made.rights[resource].add((role, member))
    return made


def bucket(name: str, *, prevention: str = "enforced", uniform: bool = True) -> Json:
    """A bucket as buckets.get answers."""
    access = {"publicAccessPrevention": prevention, "uniformBucketLevelAccess": {"enabled": uniform}}
    return {"kind": "storage#bucket", "name": f"{PROJECT}-creatives-{name}", "iamConfiguration": access}


def notification(topic: str, *events: str, form: str = "JSON_API_V1", **more: str) -> Json:
    """A notification as notificationConfigs.list answers."""
    path = f"//pubsub.googleapis.com/projects/{PROJECT}/topics/creatives-{topic}"
    return {"id": "1", "topic": path, "payload_format": form, "event_types": list(events or ["OBJECT_FINALIZE"])} | more


def _named(wired: Pipeline) -> list[str]:
    kinds: dict[str, Iterable[str]] = {
        "buckets": wired.buckets,
        "topics": wired.topics,
        "subscriptions": wired.subscriptions,
        "tables": [*wired.tables, *wired.views],
    }
    return [f"{kind}/{name}" for kind, names in kinds.items() for name in names]


def _of_functions(wired: Pipeline) -> Iterator[tuple[str, str, str]]:
    for name, function in wired.functions.items():
        member = function_account(name)
        for each in {*function.reads, *function.writes}:
            role = "roles/storage.objectUser" if each in function.writes else "roles/storage.objectViewer"
            yield f"buckets/{each}", role, member
        for each in function.publishes:
            yield f"topics/{each}", "roles/pubsub.publisher", member
        for each in function.queries:
            yield f"tables/{each}", "roles/bigquery.dataViewer", member
        for each in function.keeps:
            yield f"tables/{each}", "roles/bigquery.dataEditor", member


def _of_the_agent(wired: Pipeline) -> Iterator[tuple[str, str, str]]:
    for name, subscription in wired.subscriptions.items():
        if subscription.dead_letter:
            yield f"topics/{subscription.dead_letter}", "roles/pubsub.publisher", AGENT
            yield f"subscriptions/{name}", "roles/pubsub.subscriber", AGENT


@contextmanager
def served(resources: Resources) -> Iterator[None]:
    """Google's clients that are made in the block ask `resources`, and none of them outlives it."""
    with _http(resources) as http, _grpc(resources) as rpc, pytest.MonkeyPatch.context() as patch, own_clients():
        patch.setenv("STORAGE_EMULATOR_HOST", http)
        patch.setenv("BIGQUERY_EMULATOR_HOST", http)
        patch.setenv("PUBSUB_EMULATOR_HOST", rpc)
        yield


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave as one: as two, each answer waits 40 ms for the first to be acknowledged

    def __init__(self, resources: Resources, *connection: Any) -> None:
        self.resources = resources
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._answer(_stored(self.resources, self.path.split("?")[0]))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(_table_policy(self.resources, self.path.split("?")[0]))

    def _answer(self, found: Json | None) -> None:
        body = json.dumps({"error": {"code": 404, "message": "Not found"}} if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what was asked shows in what the checks found."""


def _stored(resources: Resources, path: str) -> Json | None:
    asked = re.fullmatch(rf"/storage/v1/b/{PROJECT}-creatives-([a-z]+)(/iam|/notificationConfigs)?", path)
    if asked is None or asked[1] not in resources.buckets:
        return None
    if asked[2] == "/iam":
        return {"kind": "storage#policy", "version": 1, "bindings": resources.bindings(f"buckets/{asked[1]}")}
    if asked[2] == "/notificationConfigs":
        return {"kind": "storage#notifications", "items": resources.notifications.get(asked[1], [])}
    return resources.buckets[asked[1]]


def _table_policy(resources: Resources, path: str) -> Json | None:
    tables = rf"/bigquery/v2/projects/{PROJECT}/datasets/creatives/tables"
    asked = re.fullmatch(rf"{tables}/([a-z_]+):getIamPolicy", path)
    bindings = resources.bindings(f"tables/{asked[1]}") if asked else None
    # a table on which nobody was granted anything has a policy without the field
    return None if bindings is None else {"version": 1, "etag": "ACAB"} | ({"bindings": bindings} if bindings else {})


@contextmanager
def _http(resources: Resources) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, resources)) as server:
        server.daemon_threads = True
        threading.Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def _grpc(resources: Resources) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers((_policies(resources), _publisher(resources)))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()


def _policies(resources: Resources) -> grpc.GenericRpcHandler:
    def get(request: Any, context: grpc.ServicerContext) -> Any:
        bindings = resources.bindings(request.resource.removeprefix(f"projects/{PROJECT}/").replace("/creatives-", "/"))
        if bindings is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={request.resource}).")
        return policy_pb2.Policy(version=1, bindings=[policy_pb2.Binding(**each) for each in bindings or []])

    method = grpc.unary_unary_rpc_method_handler(
        get,
        request_deserializer=iam_policy_pb2.GetIamPolicyRequest.FromString,
        response_serializer=policy_pb2.Policy.SerializeToString,
    )
    return grpc.method_handlers_generic_handler("google.iam.v1.IAMPolicy", {"GetIamPolicy": method})


def _publisher(resources: Resources) -> grpc.GenericRpcHandler:
    def takers(request: Any, context: grpc.ServicerContext) -> Any:
        names = resources.takers[request.topic.removeprefix(f"projects/{PROJECT}/topics/creatives-")]
        paths = [f"projects/{PROJECT}/subscriptions/creatives-{name}" for name in names]
        return ListTopicSubscriptionsResponse.pb()(subscriptions=paths)

    method = grpc.unary_unary_rpc_method_handler(
        takers,
        request_deserializer=ListTopicSubscriptionsRequest.pb().FromString,
        response_serializer=ListTopicSubscriptionsResponse.pb().SerializeToString,
    )
    return grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", {"ListTopicSubscriptions": method})
