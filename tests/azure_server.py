"""A small server that speaks the chat completions protocol of Azure OpenAI, with a ledger, misbehaving on order."""

import base64
import io
import json
import re
import threading
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image

type Json = dict[str, Any]

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


class AzureServer:
    """The server, as a context manager.

    Attributes:
        accepted: requests that were in order.
        ledger: prompt and completion tokens of each reply.
        orders: faults of the next calls: 429, 500, 401, 400, content_filter, length, wrong_enum, refusal.
        sizes: of the pictures that were sent.
    """

    def __init__(self) -> None:
        self.accepted: list[Json] = []
        self.ledger: list[tuple[int, int]] = []
        self.orders: deque[str] = deque()
        self.sizes: list[tuple[int, int]] = []
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
        self._http.shutdown()
        self._http.server_close()

    def answer(self, deployment: str, body: Json) -> tuple[int, Json]:
        """Status and body of a reply."""
        fault = self.orders.popleft() if self.orders else ""
        if fault.isdecimal():
            return int(fault), _error(fault, "as ordered")
        if fault == "content_filter":
            return 400, _error("content_filter", "The response was filtered due to the prompt.")
        if wrong := self._wrong(body):
            return 400, _error("invalid_request_error", wrong)
        self.accepted.append(body)
        return 200, self._completion(deployment, body, fault)

    def _wrong(self, body: Json) -> str | None:
        if unknown := set(body) - _BODY:
            return f"Unrecognized request argument supplied: {unknown}"
        schema = body["response_format"]["json_schema"]
        if not schema["strict"]:
            return "not strict"
        return next(_unsupported(schema["schema"]), None) or self._look(body["messages"][1])

    def _look(self, message: Json) -> str | None:
        (part,) = message["content"]
        encoded = part["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
        with Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=["JPEG"]) as image:
            self.sizes.append(image.size)
        return None

    def _completion(self, deployment: str, body: Json, fault: str) -> Json:
        schema = body["response_format"]["json_schema"]["schema"]
        given = dict.fromkeys(schema["properties"])
        if fault == "wrong_enum":
            given["mood"] = "no_such_value"
        message: Json = {"role": "assistant", "content": json.dumps(given), "refusal": None}
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
    server: _Http

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = re.fullmatch(r"/openai/deployments/([^/]+)/chat/completions\?api-version=[\d-]+", self.path)
        if not found:
            self._send(404, _error("404", f"Resource not found: {self.path}"))
        elif not self.headers.get("api-key"):
            self._send(401, _error("401", "Access denied due to missing subscription key."))
        else:
            self._send(*self.server.azure.answer(found[1], body))

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _send(self, code: int, reply: Json) -> None:
        content = json.dumps(reply).encode()
        with suppress(ConnectionError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
