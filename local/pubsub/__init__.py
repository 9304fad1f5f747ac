"""Pub/Sub on this machine: a small server that speaks the real gRPC API and delivers as the real service does.

A message is in SQLite before its publisher hears of it, and leaves it when its last subscription has acknowledged it,
so that a killed server goes on where it was. Everything runs in one event loop; only commits and BigQuery have threads.

    api.py          the gRPC methods, for the unmodified Google clients
    definitions.py  what a subscription may say, with the service's limits and defaults
    filters.py      the filter language of subscriptions
    store.py        the file: topics, subscriptions, and what waits to be delivered
    broker.py       publishing and settling: acknowledged, tried again later, or given up to the dead letters
    queues.py       one subscription's turn: what may be delivered now, and what is being delivered
    pushing.py      deliveries to functions by HTTP
    writing.py      deliveries to BigQuery, in batches
    delivering.py   keeps every subscription delivering
    posting.py      the HTTP client of pushes
    pulling.py      deliveries to clients that ask for them
    tables.py       writes messages to a table; rows.py makes rows of them, as strictly as the real service
    bridge.py       the same writing as a push endpoint, for Google's emulator, which has no BigQuery subscriptions
    disorder.py     for tests: every message twice and out of order
    status.py       what is waiting, as a client reads it, and how to wait until nothing is; telling.py tells it
    serving.py      starts the server, or Google's emulator
    topology.py     applies pipeline.yaml to it by the real clients
"""
