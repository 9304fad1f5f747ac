"""A small server that speaks OpenAI's chat completions, with a ledger, misbehaving on order.

At `/openai/deployments/<name>` as Azure does, and at `/v1` as vLLM, Ollama and LiteLLM do, which ask for no key.
"""

import base64
import io
import json
import re
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image

type Json = dict[str, Any]

DEPLOYMENT = "ads"
MODELS = ("qwen3-vl:8b", "gpt-4.1-mini")

_KEYWORDS = {
    "type",
    "description",
    "enum",
    "const",
    "items",
    "properties",
    "required",
    "anyOf",
    "$ref",
    "$defs",
    "additionalProperties",
}
_BODY = {"messages", "model", "response_format", "max_tokens", "max_completion_tokens", "stream", "n"}


class HungError(Exception):
    """The connection is dropped: in the middle of a reply, or without a word."""

    def __init__(self, fault: str, said: bytes) -> None:
        super().__init__(fault)
        self.said = said


class AzureServer:
    """The server, as a context manager.

    Attributes:
        asked: how many requests came in.
        accepted: requests that were in order.
        ledger: prompt and completion tokens of each reply.
        orders: faults of the next calls: 429, 500, 401, 400, content_filter, length, wrong_enum, nonsense, refusal,
            garbled; and, paid for all the same, torn (the connection breaks off inside the reply), silent (before its
            first byte), late (the reply does not come in time), 504 (a gateway no longer waits for it).
        sizes: of the pictures that were sent.
        says: makes the answer's text of a request, where something else than nulls is wanted.
        refuses: whether every request is refused as a bad one.
        sends: what goes over the wire in the place of a reply that is in order.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.accepted: list[Json] = []
        self.ledger: list[tuple[int, int]] = []
        self.orders: deque[str] = deque()
        self.sizes: list[tuple[int, int]] = []
        self.says: Callable[[Json], str] | None = None
        self.refuses = False
        self.sends: Callable[[Json], Json | bytes] = lambda reply: reply
        self.stopping = threading.Event()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.azure = self

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, deployment: str, body: Json) -> tuple[int, Json | bytes]:
        """Status and body of a reply."""
        self.asked += 1
        fault = self.orders.popleft() if self.orders else ""
        if fault == "garbled":
            raise HungError(fault, b'{"choices": [{"mess')
        if fault.isdecimal() and fault != "504":
            return int(fault), _error(fault, "as ordered")
        if fault == "content_filter":
            return 400, _error("content_filter", "The response was filtered due to the prompt.")
        if self.refuses:
            return 400, _error("invalid_request_error", "Invalid parameter.")
        if wrong := self._wrong(body):
            return 400, _error("invalid_request_error", wrong)
        self.accepted.append(body)
        reply = self.sends(self._completion(deployment, body, fault))
        if fault in ("torn", "silent", "late"):
            self.stopping.wait(30 if fault == "late" else 0)
            raise HungError(fault, json.dumps(reply).encode()[:100] if fault == "torn" else b"")
        return (504, _error("504", "upstream timed out")) if fault == "504" else (200, reply)

    def _wrong(self, body: Json) -> str | None:
        if unknown := set(body) - _BODY:
            return f"Unrecognized request argument supplied: {unknown}"
        schema = body["response_format"]["json_schema"]
        if not schema["strict"]:
            return "not strict"
        return next(_unsupported(schema["schema"]), None) or self._look(body["messages"][1])

    def _look(self, message: Json) -> str | None:
        for part in message["content"]:
            if part["type"] == "text":
                continue
            encoded = part["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
            with Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=["JPEG"]) as image:
                self.sizes.append(image.size)
        return None

    def _completion(self, deployment: str, body: Json, fault: str) -> Json:
        schema = body["response_format"]["json_schema"]["schema"]
        given = dict.fromkeys(schema["properties"])
        if fault == "wrong_enum":
            given["mood"] = "no_such_value"
        text = "I would rather not." if fault == "nonsense" else json.dumps(given)
        message: Json = {"role": "assistant", "content": self.says(body) if self.says else text, "refusal": None}
        if fault == "refusal":
            message |= {"content": None, "refusal": "I cannot help with that."}
        self.ledger.append((1000, 200))
        return {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": deployment,
            "choices": [{"index": 0, "message": message, "finish_reason": "length" if fault == "length" else "stop"}],
            "usage": {
                "prompt_tokens": 1000,
                "completion_tokens": 200,
                "total_tokens": 1200,
                "prompt_tokens_details": {"cached_tokens": 100},
                "completion_tokens_details": {"reasoning_tokens": 50},
            },
        }


def _unsupported(schema: Json) -> Any:
    """What strict structured output refuses in a schema."""
    if unknown := set(schema) - _KEYWORDS:
        yield f"Invalid schema: {unknown} is not permitted."
    if "properties" in schema:
        if schema.get("additionalProperties") is not False:
            yield "Invalid schema: 'additionalProperties' is required to be false."
        if set(schema.get("required", ())) != set(schema["properties"]):
            yield "Invalid schema: 'required' must include every key in properties."
    subs = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    for sub in [*subs, *([schema["items"]] if "items" in schema else [])]:
        yield from _unsupported(sub)


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message, "type": "error", "param": None}}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    azure: AzureServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as in gemini_server.py
    server: _Http

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        else:
            self._send(404, _error("404", f"Resource not found: {self.path}"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = re.fullmatch(r"/openai/deployments/([^/]+)/chat/completions\?api-version=[\d-]+", self.path)
        own = self.path == "/v1/chat/completions"
        if not own and not (found and found[1] == DEPLOYMENT):
            self._send(404, _error("DeploymentNotFound", f"Resource not found: {self.path}"))
        elif not own and self.headers.get("api-key", "wrong") == "wrong":
            self._send(401, _error("401", "Access denied due to missing subscription key."))
        elif own and body.get("model") not in MODELS:
            self._send(404, _error("NotFoundError", f"The model `{body.get('model')}` does not exist."))
        elif not body.get("messages"):
            self._send(400, _error("invalid_request_error", "[] is too short - 'messages'"))
        else:
            try:
                self._send(*self.server.azure.answer(body.get("model") or DEPLOYMENT, body))
            except HungError as hung:
                self.close_connection = True
                if hung.said:
                    self._send(200, hung.said, more=1000)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _send(self, code: int, reply: Json | bytes, more: int = 0) -> None:
        """Sends a reply, of which `more` bytes are promised and do not come."""
        content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        with suppress(ConnectionError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content) + more))
            self.end_headers()
            self.wfile.write(content)
