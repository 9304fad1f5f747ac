"""Runs the server until it is told to stop.

    python -m local.pubsub --port 8085 --data DIR --socket FILE [--status-port 8086] [--bigquery URL --project X]

It listens on this machine only, prints one line when it does, and stops cleanly at SIGTERM and SIGINT.
"""

import argparse
import asyncio
import signal
import sqlite3
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import grpc
from google.protobuf.message import DecodeError

from local import access, doors, ending
from local.pubsub import api, tables, telling
from local.pubsub.broker import Broker
from local.pubsub.delivering import Deliveries
from local.pubsub.disorder import Disorder
from local.pubsub.store import Store

_GRACE_S = 1.0


def main() -> None:
    """Parses the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m local.pubsub", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--status-port", type=int, help="where GET /status tells what is waiting")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps what waits")
    parser.add_argument("--socket", type=Path, required=True, help="where it listens, behind the port's door")
    parser.add_argument("--bigquery", metavar="URL", help="where BigQuery subscriptions write; without it they wait")
    parser.add_argument("--project", default="local", help="project of the BigQuery client")
    parser.add_argument(
        "--disorder",
        type=Disorder.parse,
        metavar="SEED[:duplicates=1,delay=0.5]",
        help="deliver messages twice and out of order",
    )
    asyncio.run(serve(parser.parse_args()))
    ending.end(0)


async def serve(options: argparse.Namespace) -> None:
    """Serves until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    store, broker = _opened(options.data / "pubsub" / "queues.sqlite", options.disorder)
    deliveries = Deliveries(broker, _table_writer(options.project, options.bigquery) if options.bigquery else None)
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", api.RECEIVE_LIMIT_BYTES)])
    server.add_generic_rpc_handlers(tuple(api.handlers(broker, deliveries)))
    server.add_insecure_port(f"unix:{options.socket}")
    told = await telling.serve(broker, options.status_port) if options.status_port else None
    await deliveries.start()
    await server.start()
    door = await doors.serve_grpc(options.port, options.socket)
    _say(f"Pub/Sub listens on {access.HOST}:{options.port}")
    await stopped.wait()
    door.close()
    await server.stop(_GRACE_S)
    if told:
        told.close()
    await deliveries.stop()
    await store.close()


def _opened(file: Path, disorder: Disorder | None) -> tuple[Store, Broker]:
    """What waits, and its broker; ends the process with a sentence where the file is none of ours."""
    try:
        store = Store(file)
        return store, Broker(store, disorder)
    except sqlite3.OperationalError as error:
        sys.exit(f"{file} cannot be used: {error}. Look at its permissions and its disk")
    except (sqlite3.DatabaseError, DecodeError) as error:
        sys.exit(
            f"{file} is damaged: {error}. Keep the data folder aside and run the command with another, by --data; or "
            "delete the file: what is in the bucket is taken up again, URLs that waited have to be published again"
        )


def _table_writer(project: str, endpoint: str) -> Callable[[], tables.TableWriter]:
    """Makes the writer of rows at its first use, once."""
    return cache(lambda: tables.TableWriter(tables.connect(project, endpoint)))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
