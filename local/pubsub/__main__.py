"""Runs the server until it is told to stop.

    python -m local.pubsub --port 8085 --status-port 8086 --data DIR [--bigquery http://127.0.0.1:9050 --project X]

`GET /status` on the status port says, as JSON, what every subscription has waiting.
"""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from local.pubsub.api import MAX_MESSAGE_BYTES, Api
from local.pubsub.delivery import Delivering
from local.pubsub.store import Disorder, Store


def main() -> None:
    """Parses the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m local.pubsub", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--status-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--project", default="local")
    parser.add_argument("--bigquery", help="endpoint that BigQuery subscriptions write to")
    parser.add_argument("--disorder", metavar="SEED", help="deliver every message twice and out of order")
    asyncio.run(serve(parser.parse_args()))


async def serve(options: argparse.Namespace) -> None:
    """Serves the API and the status until SIGTERM or SIGINT."""
    disorder = Disorder(options.disorder) if options.disorder else None
    store = Store(options.data / "pubsub" / "messages.sqlite", disorder=disorder)
    delivering = Delivering(store, _bigquery(options.project, options.bigquery))
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 2 * MAX_MESSAGE_BYTES)])
    server.add_generic_rpc_handlers(Api(store, delivering).handlers())
    server.add_insecure_port(f"127.0.0.1:{options.port}")
    status = await asyncio.start_server(
        lambda reader, writer: _answer_status(store, reader, writer), "127.0.0.1", options.status_port
    )
    await server.start()
    sys.stdout.write(f"Pub/Sub listens on 127.0.0.1:{options.port}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.stop(1)
    await delivering.stop()
    status.close()
    store.close()


async def _answer_status(store: Store, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers any one request with the status; the path is not looked at."""
    try:
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        waiting = {name.rsplit("/", 1)[-1]: asdict(each) for name, each in store.waiting().items()}
        body = json.dumps({"subscriptions": waiting}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return  # whoever asked has gone
    finally:
        writer.close()


def _bigquery(project: str, endpoint: str | None) -> bigquery.Client | None:
    if not endpoint:
        return None
    return bigquery.Client(
        project=project, credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint}
    )


if __name__ == "__main__":
    main()
