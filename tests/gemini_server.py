"""A small server that speaks Gemini's REST protocol, keeps its own ledger, and misbehaves on order.

Faults are 429, 500, 503, 400, 401, 404, hang, page, garbled, broken, cut_off, wrong_enum, nonsense, blocked_prompt,
safety, recitation, max_tokens, empty; and, paid for all the same, torn (the connection breaks off inside the reply),
silent (before its first byte), late (the reply does not come in time).

The Developer API (`models`, `files`, `batches`) and Vertex AI (`projects/…`), for the real client. They are two wires:
what Google's own description of Vertex AI does not have is refused there, and flex goes by a header there. Point
GOOGLE_GEMINI_BASE_URL at it. What is accepted, counted and answered is in `gemini_model.py`. As a process:

    python -m tests.gemini_server --port 8199 --faults 429=0.1,503=0.1,hang=0.1

`GET /ledger` says what was paid for; `POST /orders` takes faults for the next calls, e.g. `["429", "safety"]`.
"""

import argparse
import json
import random
import re
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from tests import gemini_embeddings, gemini_model
from tests.gemini_embeddings import Embedding
from tests.gemini_model import BATCH, DEVELOPER, Asked, Checker, Json, Paid, RefusedError, Service, Tokens

_STATUS = {
    "429": "RESOURCE_EXHAUSTED",
    "500": "INTERNAL",
    "503": "UNAVAILABLE",
    "400": "INVALID_ARGUMENT",
    "401": "UNAUTHENTICATED",
    "404": "NOT_FOUND",
}


class HungError(Exception):
    """The connection is dropped: in the middle of a reply, or without a word."""

    def __init__(self, fault: str, said: bytes = b"") -> None:
        super().__init__(fault)
        self.said = said


class GeminiServer:
    """The server. Use it as a context manager; it listens on a free port unless given one.

    Attributes:
        ledger: every call that was answered and is paid for.
        accepted: every request that was in order, faults included.
        refused: the messages of those that were not.
        embeddings: every request for a vector that was in order.
        refuses_embedding: says of such a one why it is refused all the same; None where it is not.
        outcomes: how often each fault happened.
        orders: faults for the next calls, first come first served.
        model_orders: the same for the next who ask what a model is.
        misbehave: asked for a fault when there are no orders.
        answer: makes the answer of a request: anything that JSON holds, or its text.
        refuses: says of a request why it is refused as a bad one; None where it is not.
        sends: what goes over the wire in the place of a reply that is in order.
        paid_for: called with a request once it is paid for, before its answer is sent.
        retry_after: seconds to wait, said with every 429 and 503; None says nothing.
        hang_s: how long a hanging call keeps its connection.
        processing: how often an uploaded file says that it is not ready.
        uploads: how many files were uploaded.
        upload_s: how long it takes a file's bytes in.
        batches_wait: whether batches stay pending.
        refuses_batch: says of a batch's requests why it is refused as a bad one when it is sent; None where it is not.
        ends_batch: says of a batch's requests how it ends without any answer: its state, and an error code (none: 0).
    """

    def __init__(self, port: int = 0) -> None:
        self.ledger: list[Paid] = []
        self.accepted: list[Asked] = []
        self.refused: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.orders: deque[str] = deque()
        self.model_orders: deque[str] = deque()
        self.embeddings: list[Embedding] = []
        self.refuses_embedding: Callable[[Embedding], str | None] = lambda _: None
        self.misbehave: Callable[[], str | None] = lambda: None
        self.answer: Callable[[Asked], Any] = gemini_model.answer
        self.refuses: Callable[[Asked], str | None] = lambda _: None
        self.sends: Callable[[Json], Json | bytes] = lambda reply: reply
        self.paid_for: Callable[[Asked], object] = lambda _: None
        self.retry_after: int | None = None
        self.hang_s = 30.0
        self.processing = 0
        self.uploads = 0
        self.upload_s = 0.0
        self.batches_wait = False
        self.refuses_batch: Callable[[list[Json]], str | None] = lambda _: None
        self.ends_batch: Callable[[list[Json]], tuple[str, int] | None] = lambda _: None
        self.checker = Checker()
        self.files: dict[str, Json] = {}
        self.batches: dict[str, Json] = {}
        self._hung: set[str] = set()
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.gemini = self

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def spent_usd(self) -> Decimal:
        """What the ledger adds up to."""
        with self.lock:
            return sum((paid.usd for paid in self.ledger), Decimal(0))

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def serve_forever(self) -> None:
        """Serves until the process ends."""
        self._http.serve_forever()

    def order(self, *kinds: str) -> None:
        """Orders these faults for the next calls."""
        self.orders.extend(kinds)

    def generate(self, model: str, body: Json, service: Service = DEVELOPER) -> Json:
        """Answers one call, or does with it what was ordered."""
        asked = self.checker.read(model, service, body)
        if why := self.refuses(asked):
            raise gemini_model.invalid(why)
        with self.lock:
            self.accepted.append(asked)
            fault = self.orders.popleft() if self.orders else self._at_random(asked)
            self.outcomes[fault or "answered"] += 1
        if fault and fault in _STATUS:
            raise RefusedError(int(fault), _STATUS[fault], "as ordered")
        if fault == "page":
            return {"raw": b"<!DOCTYPE html><title>Sign in to this network</title>"}
        if fault and fault in ("hang", "garbled"):
            self.stopping.wait(self.hang_s if fault == "hang" else 0)
            raise HungError(fault, b'{"candidates": [{"content": {"par' if fault == "garbled" else b"")
        reply = self._reply(asked, fault or "")
        self.paid_for(asked)
        if fault in ("torn", "silent", "late"):
            self.stopping.wait(self.hang_s if fault == "late" else 0)
            raise HungError(fault, json.dumps(reply).encode()[:100] if fault == "torn" else b"")
        return reply

    def embed(self, model: str, body: Json, service: Service) -> Json:
        """Answers one call for a vector, or does with it what was ordered."""
        asked = gemini_embeddings.read(model, service, body)
        with self.lock:
            self.embeddings.append(asked)
            fault = self.orders.popleft() if self.orders else None
            self.outcomes[fault or "answered"] += 1
        if fault and fault in _STATUS:
            raise RefusedError(int(fault), _STATUS[fault], "as ordered")
        if why := self.refuses_embedding(asked):
            raise gemini_model.invalid(why)
        reply = gemini_embeddings.reply(asked, gemini_embeddings.vector(asked))
        content = b"".join(seen.content for seen in asked.seen)
        with self.lock:
            self.ledger.append(Paid(model, "standard", asked.tokens, gemini_model.digest(content)))
        if fault in ("torn", "silent"):
            raise HungError(fault, json.dumps(reply).encode()[:100] if fault == "torn" else b"")
        return reply

    def _at_random(self, asked: Asked) -> str | None:
        """What `misbehave` says; but nobody loses two replies about one picture by chance: that has its own tests."""
        fault = self.misbehave()
        picture = gemini_model.digest(b"".join(seen.content for seen in asked.seen))
        if fault == "hang" and picture in self._hung:
            return None
        self._hung |= {picture} if fault == "hang" else set()
        return fault

    def _reply(self, asked: Asked, fault: str) -> Json:
        if fault == "blocked_prompt":
            tokens = gemini_model.count(asked, "")
            return self._paid(asked, tokens, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
        text, finish = self._said(asked, fault)
        tokens = gemini_model.count(asked, text)
        if fault == "empty":
            return self._paid(asked, tokens, {})
        if fault == "broken":
            return {"raw": json.dumps(self._paid(asked, tokens, {})).encode()[:-40]}
        candidate: Json = {"finishReason": finish, "index": 0}
        if finish not in ("SAFETY", "RECITATION"):
            candidate["content"] = {"role": "model", "parts": [{"text": text}]}
        return self._paid(asked, tokens, {"candidates": [candidate]})

    def _said(self, asked: Asked, fault: str) -> tuple[str, str]:
        if fault in ("safety", "empty", "recitation"):
            return "", "RECITATION" if fault == "recitation" else "SAFETY"
        if fault == "nonsense":
            return "no_such_value: I would rather not.", "STOP"
        given = self.answer(asked)
        if fault == "wrong_enum":
            given = _with_a_wrong_enum(given, asked.schema)
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        too_long = not isinstance(given, str) and len(text) > asked.output_limit * 4
        if fault == "max_tokens" or too_long:
            return text[: len(text) // 2], "MAX_TOKENS"
        return (text[: len(text) // 2] if fault == "cut_off" else text), "STOP"

    def _paid(self, asked: Asked, tokens: Tokens, reply: Json) -> Json:
        content = b"".join(seen.content for seen in asked.seen)
        with self.lock:
            mode = asked.service.billed(asked.body)
            self.ledger.append(Paid(asked.model, mode, tokens, gemini_model.digest(content)))
        usage = tokens.usage() | asked.service.traffic(asked.body)
        return reply | {"usageMetadata": usage, "modelVersion": asked.model, "responseId": "r"}


def _with_a_wrong_enum(given: Json, schema: Json) -> Json:
    name = next(name for name, sub in schema["properties"].items() if "enum" in sub)
    return {**given, name: "no_such_value"}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    gemini: GeminiServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of clients that were killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


_PROJECT = r"(?:/v1(?:beta1)?/projects/[^/]+/locations/(?P<location>[^/]+)/publishers/google|(?:/upload)?/v1(?:beta)?)"
_MODEL = _PROJECT + r"/models/(?P<model>[^/:]+)"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a reply is written in two parts: the second waited 40 ms for a word on the first
    server: _Http

    ROUTES = (
        ("POST", re.compile(_MODEL + ":generateContent$"), "generate_content"),
        ("GET", re.compile(_MODEL + "$"), "get_model"),
        ("GET", re.compile(r"/v1(?:beta1)?/publishers/google/models/(?P<model>[^/:]+)$"), "get_model"),
        ("POST", re.compile(_MODEL + ":(?:embedContent|batchEmbedContents)$"), "embed_content"),
        ("POST", re.compile(_MODEL + ":batchGenerateContent$"), "create_batch"),
        ("GET", re.compile(r"/v1(?:beta)?/batches$"), "list_batches"),
        ("GET", re.compile(r"/v1(?:beta)?/(?P<name>batches/[^/:]+)$"), "get_batch"),
        ("POST", re.compile(r"/upload/v1(?:beta)?/files$"), "start_upload"),
        ("POST", re.compile(r"/uploads/(?P<name>[^/]+)$"), "finish_upload"),
        ("GET", re.compile(r"/v1(?:beta)?/files/(?P<name>[^/]+)$"), "get_file"),
        ("DELETE", re.compile(r"/v1(?:beta)?/files/(?P<name>[^/]+)$"), "delete_file"),
        ("GET", re.compile(r"/ledger$"), "ledger"),
        ("POST", re.compile(r"/orders$"), "orders"),
    )

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def do_DELETE(self) -> None:
        self._route()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _route(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        try:
            for method, pattern, name in self.ROUTES:
                if method == self.command and (found := pattern.match(path)):
                    self._authenticate(path)
                    self._send(200, *getattr(self, name)(body, **found.groupdict()))
                    return
            raise RefusedError(404, "NOT_FOUND", f"{self.command} {path}")
        except RefusedError as error:
            self._refuse(error)
        except HungError as hung:
            self.close_connection = True
            if hung.said:
                self._write(200, hung.said, {"Content-Length": str(len(hung.said) + 1000)})

    def _authenticate(self, path: str) -> None:
        if path.startswith(("/ledger", "/orders", "/uploads/")):
            return
        if "/projects/" in path or "/publishers/" in path:
            if not self.headers.get("Authorization", "").startswith("Bearer "):
                raise RefusedError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        elif not self.headers.get("x-goog-api-key"):
            raise RefusedError(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
        elif self.headers["x-goog-api-key"] == "wrong":
            raise gemini_model.invalid("API key not valid. Please pass a valid API_KEY.")

    def _refuse(self, error: RefusedError) -> None:
        if error.message != "as ordered":
            self.server.gemini.refused.append(error.message)
        pause = self.server.gemini.retry_after if error.code in (429, 503) else None
        self._send(error.code, error.body(), {"Retry-After": str(pause)} if pause is not None else {})

    def _send(self, code: int, reply: Json | bytes, headers: dict[str, str] | None = None) -> None:
        content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self._write(code, content, headers or {})

    def _write(self, code: int, content: bytes, headers: dict[str, str]) -> None:
        with suppress(ConnectionError):
            self.send_response(code)
            for name, value in (
                {"Content-Type": "application/json", "Content-Length": str(len(content))} | headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    def generate_content(self, body: bytes, model: str, location: str | None) -> tuple[Json | bytes]:
        service = Service(location, self.headers.get("X-Vertex-AI-LLM-Shared-Request-Type", ""))
        reply = self.server.gemini.generate(model, json.loads(body), service)
        return (reply.get("raw") or self.server.gemini.sends(reply),)

    def embed_content(self, body: bytes, model: str, location: str | None) -> tuple[Json | bytes]:
        one_content = self.path.partition("?")[0].endswith(":embedContent")
        if one_content != (location is not None):
            raise RefusedError(404, "NOT_FOUND", "our client asks each service by its own method")
        reply = self.server.gemini.embed(model, json.loads(body), Service(location))
        return (self.server.gemini.sends(reply),)

    def get_model(self, _body: bytes, model: str, location: str | None = None) -> tuple[Json]:
        if self.server.gemini.model_orders:
            fault = self.server.gemini.model_orders.popleft()
            raise RefusedError(int(fault), _STATUS[fault], "as ordered")
        if model not in gemini_model.PRICES | gemini_model.EMBEDDING_PRICES:
            raise RefusedError(404, "NOT_FOUND", f"models/{model} is not found")
        return ({"name": f"models/{model}"},)

    def create_batch(self, body: bytes, model: str, location: str | None) -> tuple[Json]:
        """Takes a batch; it is worked on when somebody asks after it."""
        if location:
            raise RefusedError(404, "NOT_FOUND", "batches are not inline there")
        gemini = self.server.gemini
        batch = json.loads(body)["batch"]
        if why := gemini.refuses_batch(batch["inputConfig"]["requests"]["requests"]):
            raise gemini_model.invalid(why)
        with gemini.lock:
            name = f"batches/b{len(gemini.batches)}"
            metadata = {"displayName": batch["displayName"], "model": f"models/{model}", "state": "BATCH_STATE_PENDING"}
            gemini.batches[name] = {"name": name, "metadata": metadata, "requests": batch["inputConfig"]["requests"]}
        return (_shown(gemini.batches[name]),)

    def list_batches(self, _body: bytes) -> tuple[Json]:
        return ({"operations": [_shown(batch) for batch in self.server.gemini.batches.values()]},)

    def get_batch(self, _body: bytes, name: str) -> tuple[Json]:
        gemini = self.server.gemini
        if name not in gemini.batches:
            raise RefusedError(404, "NOT_FOUND", name)
        batch = gemini.batches[name]
        if batch["metadata"]["state"] == "BATCH_STATE_PENDING" and not gemini.batches_wait:
            self._work(batch)
        return (_shown(batch),)

    def _work(self, batch: Json) -> None:
        if ends := self.server.gemini.ends_batch(batch["requests"]["requests"]):
            batch["metadata"]["state"], code = ends
            batch |= {"error": {"code": code, "message": "as ordered"}} if code else {}
            return
        model = batch["metadata"]["model"].removeprefix("models/")
        responses = [self._worked(model, item) for item in batch["requests"]["requests"]]
        batch["metadata"] |= {
            "state": "BATCH_STATE_SUCCEEDED",
            "output": {"inlinedResponses": {"inlinedResponses": responses}},
        }

    def _worked(self, model: str, item: Json) -> Json:
        request = {name: value for name, value in item["request"].items() if name != "model"}
        try:
            reply: Json = {"response": self.server.gemini.generate(model, request, BATCH)}
        except RefusedError as error:
            reply = {
                "error": {"code": 8 if error.code == 429 else 3 if error.code == 400 else 13, "message": error.message}
            }
        return reply | ({"metadata": item["metadata"]} if "metadata" in item else {})

    def start_upload(self, body: bytes) -> tuple[Json, dict[str, str]]:
        file = json.loads(body)["file"]
        name = file.get("name", "files/unnamed").removeprefix("files/")
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", name):
            raise gemini_model.invalid(f"file name {name}")
        gemini = self.server.gemini
        if "state" in gemini.files.get(name, {}):
            raise RefusedError(409, "ALREADY_EXISTS", f"Requested entity already exists: {name}")
        mime_type = self.headers["X-Goog-Upload-Header-Content-Type"]
        gemini.files[name] = {
            "name": f"files/{name}",
            "mimeType": mime_type,
            "uri": f"{gemini.url}/v1beta/files/{name}",
        }
        gemini.checker.files[name] = (b"", mime_type)
        gemini.uploads += 1
        return {}, {"X-Goog-Upload-URL": f"{gemini.url}/uploads/{name}", "X-Goog-Upload-Status": "active"}

    def finish_upload(self, body: bytes, name: str) -> tuple[Json, dict[str, str]]:
        gemini = self.server.gemini
        gemini.stopping.wait(gemini.upload_s)
        received, mime_type = gemini.checker.files[name]
        gemini.checker.files[name] = (received + body, mime_type)
        if "finalize" not in self.headers["X-Goog-Upload-Command"]:
            return {}, {"X-Goog-Upload-Status": "active"}
        gemini.files[name] |= {"state": "PROCESSING", "sizeBytes": str(len(received + body))}
        return {"file": gemini.files[name]}, {"X-Goog-Upload-Status": "final"}

    def get_file(self, _body: bytes, name: str) -> tuple[Json]:
        gemini = self.server.gemini
        if "state" not in gemini.files.get(name, {}):  # an upload that broke off is no file
            raise RefusedError(403, "PERMISSION_DENIED", f"You do not have permission to access the File {name}")
        if gemini.processing:
            gemini.processing -= 1
        else:
            gemini.files[name]["state"] = "ACTIVE"
        return (gemini.files[name],)

    def delete_file(self, _body: bytes, name: str) -> tuple[Json]:
        self.server.gemini.files.pop(name, None)
        self.server.gemini.checker.files.pop(name, None)
        return ({},)

    def ledger(self, _body: bytes) -> tuple[Json]:
        gemini = self.server.gemini
        lines = [{"model": paid.model, "mode": paid.mode, "usd": str(paid.usd)} for paid in gemini.ledger]
        return ({"usd": str(gemini.spent_usd), "calls": lines, "outcomes": gemini.outcomes, "refused": gemini.refused},)

    def orders(self, body: bytes) -> tuple[Json]:
        self.server.gemini.order(*json.loads(body))
        return ({},)


def _shown(batch: Json) -> Json:
    shown = {name: batch[name] for name in ("name", "metadata", "error") if name in batch}
    return shown | {"done": batch["metadata"]["state"] != "BATCH_STATE_PENDING"}


def faults_at_random(shares: dict[str, float], seed: int = 0) -> Callable[[], str | None]:
    """A `misbehave` that makes each fault happen to its share of the calls."""
    draw = random.Random(seed)

    def misbehave() -> str | None:
        kinds = draw.choices([*shares, ""], [*shares.values(), 1 - sum(shares.values())])
        return kinds[0] or None

    return misbehave


def main() -> None:
    """Runs the server as a process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8199)
    parser.add_argument("--faults", default="", help="shares of faults, e.g. 429=0.1,hang=0.05")
    parser.add_argument("--hang-s", type=float, default=30.0)
    options = parser.parse_args()
    server = GeminiServer(options.port)
    server.hang_s = options.hang_s
    shares = dict(pair.split("=") for pair in options.faults.split(",") if pair)
    server.misbehave = faults_at_random({kind: float(share) for kind, share in shares.items()})
    print(f"listening on {server.url}", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
