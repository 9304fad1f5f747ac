"""Random rows of every table: repeated, late, disordered, contradictory; and random parameters of every query.

Ids, names and times come from small pools, so that rows are about the same things and happen at the same moment.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from shared import wiring
from shared.reasons import Reason

type Row = dict[str, Any]

START = datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC)  # so that days change
CREATIVES = [f"{number:040x}" for number in range(1, 13)]
ADS = ["ad1", "ad2", "äd3", "ad 4", "5"]
SOURCES = [f"https://x.example/{number}" for number in range(1, 6)]
BATCHES = ["b1", "b2", "b3"]
MESSAGES = [f"m{number}" for number in range(1, 9)]
STAGES = [*wiring.load().functions]
HASHES = [0, 1, -7, 2**62 + 1, -(2**63)]
BLANKS = ["", " ", "\u00a0\u2003", "\t\n", "\x1c", "\u200b", "\x85", None]
AMOUNTS = [Decimal(text) for text in ("0", "0.000000001", "0.1", "0.333333333", "1.5", "12345.678901234")]

_POOLS: Mapping[str, list[Any]] = {
    "ad_id": ADS,
    "source": SOURCES,
    "batch_id": BATCHES,
    "match": ["new", "variant", "duplicate"],
    "method": ["content", "hash", "pixels", "override"],
    "action": ["split", "merge", "reset"],
    "stage": STAGES,
    "reason": sorted(Reason),
    "origin": ["upload", "batch", "raw_ads"],
    "mode": ["standard", "batch", "flex"],
    "hash_version": ["1", "2"],
    "dhash": HASHES,
    "frames": HASHES,
    "answer_uri": ["gs://r/a", "gs://r/b", None],
    **dict.fromkeys(("creative_id", "canonical_id", "family_id", "matched_id"), CREATIVES),
    **{
        name: [f"{name} 1", f"{name} 2"]
        for name in ("extractor", "model", "feature_model", "feature_version", "prompt_version")
    },
}


def tables(random: Random, columns: Mapping[str, list[Row]], most: int) -> dict[str, list[Row]]:
    """Up to `most` rows of each table; `columns` are those of its schema file."""
    made = {}
    for table, schema in columns.items():
        rows = [_drawn(random, table, schema, number) for number in range(random.randint(0, most))]
        again = [random.choice(rows) for _ in range(random.randint(0, most // 4))] if rows else []
        made[table] = rows + again
        random.shuffle(made[table])
    return made


def _drawn(random: Random, table: str, schema: list[Row], number: int) -> Row:
    special: Mapping[str, Callable[[Random, int], Row]] = {"dead_letters": _letter, "raw_ads": _raw_ad}
    if table in special:
        return special[table](random, number)
    row = {column["name"]: _value(random, column, number) for column in schema}
    if "kind" in row and row["creative_id"]:
        row["kind"] = kind_of(row["creative_id"])
    if table == "overrides":
        row["canonical_id"] = random.choice(CREATIVES) if row["action"] == "merge" else None
    return row


def kind_of(creative_id: str) -> str:
    """A creative is one or the other, whatever is told of it."""
    return "video" if int(creative_id, 16) % 3 == 0 else "image"


def _value(random: Random, column: Row, number: int) -> Any:
    name, kind, mode = column["name"], column["type"], column["mode"]
    if name == "event_id":
        return f"{random.choice(MESSAGES)}-{number}"
    if name == "schema_version":
        return 1
    if name == "occurred_at":
        return moment(random)
    if mode == "NULLABLE" and random.random() < 0.3:
        return None
    if mode == "REPEATED":
        return [_value(random, {**column, "mode": "REQUIRED"}, number) for _ in range(random.randint(0, 3))]
    if kind == "RECORD":
        return {each["name"]: _value(random, each, number) for each in column["fields"]}
    if name in _POOLS:
        return random.choice(_POOLS[name])
    return _BY_TYPE[kind](random)


def moment(random: Random) -> datetime:
    """One of few seconds, of which some have a fraction."""
    return START + timedelta(seconds=random.randint(0, 20), microseconds=random.choice([0, 0, 1, 999_999]))


_BY_TYPE: Mapping[str, Callable[[Random], Any]] = {
    "STRING": lambda random: random.choice(["a", "b", "é", ""]),
    "INTEGER": lambda random: random.choice([0, 1, 5, 900]),
    "FLOAT": lambda random: random.choice([0.1, 1.5, 3.25, 30.0]),
    "BOOLEAN": lambda random: random.random() < 0.5,
    "TIMESTAMP": moment,
    "NUMERIC": lambda random: random.choice(AMOUNTS),
}


def _raw_ad(random: Random, _number: int) -> Row:
    return {
        "ad_id": random.choice([*ADS, "", " ", "\u00a0", "x" * 1025]),
        "url": random.choice([*SOURCES, *BLANKS]),
        "video_url": random.choice([*SOURCES, *BLANKS]),
        "impressions": random.randint(0, 9),
        "spend_usd": random.choice(AMOUNTS),
        "created_at": moment(random),
    }


def _letter(random: Random, _number: int) -> Row:
    subscriptions = wiring.load().push_subscriptions.keys() | wiring.load().bigquery_subscriptions.keys()
    subscription = random.choice([*sorted(subscriptions), "fetch-batches", "intake"])
    source = "CloudPubSubDeadLetterSource"
    attributes = {
        f"{source}Subscription": subscription,
        f"{source}DeliveryCount": random.choice(["20", None]),
        "event_id": random.choice([None, random.choice(MESSAGES)]),
    }
    data = random.choice([_published, _notice, _event])(random)
    return {
        "subscription_name": "dead-letters-rows",
        "message_id": f"letter {random.randint(1, 25)}",
        "publish_time": moment(random),
        "attributes": json.dumps({name: value for name, value in attributes.items() if value is not None}),
        "data": random.choice([None, data, data, data]),
    }


def _published(random: Random) -> str:
    """What a user may have published as a batch: anything at all."""
    item = {"ad_id": random.choice(ADS), "url": random.choice(SOURCES)}
    items: list[Any] = [item, {"ad_id": random.choice(ADS)}, random.choice(SOURCES), 7, None, [], {"ad_id": {"x": 1}}]
    bodies = [item, items, {"batch_id": "b1", "items": items}, {"items": []}, {"items": None}, {"items": item}]
    rest = ["nonsense{", "", "null", "true", '"text"', "12345678901234567890123", '{"items": "x", "batch_id": [1]}']
    return random.choice([*(json.dumps(body) for body in bodies), *rest])


def _notice(random: Random) -> str:
    """Cloud Storage's notice of an upload."""
    notice: Row = {
        "bucket": "bucket",
        "name": random.choice(["fetched/a", "up/b.png", "c"]),
        "md5Hash": random.choice(["kAFQmDzST7DWlj99KOF/cg==", "!!", None]),
        "crc32c": "AAAAAA==",
        "timeCreated": moment(random).isoformat(),
        "metadata": random.choice([None, {"ad_id": ""}, {"ad_id": "adX"}, []]),
    }
    return json.dumps(notice)


def _event(random: Random) -> str:
    event = {
        "event_id": f"{random.choice(MESSAGES)}-{random.randint(1, 9)}",
        "ad_id": random.choice([*ADS, None]),
        "source": random.choice([*SOURCES, None]),
        "creative_id": random.choice([*CREATIVES, None]),
        "batch_id": random.choice([*BATCHES, None]),
        "kind": random.choice(["image", "video", None]),
        "stage": random.choice([*STAGES, None]),
        "occurred_at": random.choice([moment(random).isoformat(), None, "rubbish"]),
    }
    return json.dumps(event)


def parameter(random: Random, name: str, kind: str) -> Any:
    """A value for a query's parameter; lists are often empty, what may be null often is."""
    if name == "waiting":
        return [_waiting(random, kind) for _ in range(random.randint(1, 4))]
    if kind == "ARRAY<STRING>":
        return sorted({_text(random, name) for _ in range(random.choice([0, 0, 1, 8]))})
    values: Mapping[str, Callable[[], Any]] = {
        "STRING": lambda: _text(random, name),
        "INT64": lambda: 70 if name == "radius" else 10_000,
        "FLOAT64": lambda: random.choice([0.5, 50.0]),
        "BOOL": lambda: random.random() < 0.5,
        "DATE": lambda: random.choice([date(2026, 11, 20), date(2026, 11, 21)]),
        "TIMESTAMP": lambda: random.choice([None, moment(random)]) if name != "since" else START,
    }
    return values[kind]()


def _text(random: Random, name: str) -> str:
    pool = _POOLS.get(name) or {
        "creative_ids": CREATIVES,
        "ad_ids": ADS,
        "batch_ids": BATCHES,
        "message_ids": [f"letter {number}" for number in range(1, 26)],
        "reasons": [*sorted(Reason)[:5], "gave_up"],
        "stages": STAGES,
        "sources": SOURCES,
        "ids": [*CREATIVES, *ADS, *BATCHES],
        "kind": ["image", "video"],
    }.get(name, ["a"])
    return str(random.choice([value for value in pool if value]))


def _waiting(random: Random, kind: str) -> Row:
    fields: Mapping[str, Any] = {
        "creative_id": random.choice(CREATIVES),
        "frames": ",".join(str(random.choice(HASHES)) for _ in range(random.randint(1, 9))),
        "dhash": random.choice(HASHES),
        "aspect": random.choice([0.1, 1.5]),
        "pixels_sha": random.choice([None, *CREATIVES]),
    }
    return {name: value for name, value in fields.items() if f"{name} " in kind}
