"""Pub/Sub on this machine: a small server that speaks the real gRPC API and delivers as the real service does.

store.py      topics, subscriptions and what waits to be delivered, in SQLite
api.py        the gRPC methods, for the unmodified Google clients
delivery.py   pushes to functions and writes to BigQuery, with deadlines, backoff, attempts and dead letters
filters.py    the filter language of subscriptions
rows.py       messages as table rows, as strictly as a BigQuery subscription takes them
serving.py    starts the server (or Google's emulator) and applies pipeline.yaml to it by the real clients
"""
