"""Random rows of every table: repeated, late, disordered, contradictory; and random parameters of every query.

Ids, names and times come from small pools, so that rows are about the same things and happen at the same moment. Each
dataset has ids of its own, so that many can be asked about at once: a statement takes its time by its length, not by
so few rows.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from shared import features, wiring
from shared.events import Kind
from shared.features import ImageFeatures
from shared.reasons import Reason

type Row = dict[str, Any]

START = datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC)  # so that days change
STAGES = [*wiring.load().functions]
HASHES = [0, 1, -7, 2**62 + 1, -(2**63)]
BLANKS = ["", " ", "\u00a0\u2003", "\t\n", "\x1c", "\u200b", "\x85", None]
NUMBERS = [7, -0.0, 1.0, 1e22, 1e-7, 2**53 + 1, -(2**63), 2**64, 12345678901234567890123, 123456.789]
AMOUNTS = [Decimal(text) for text in ("0", "0.000000001", "0.1", "0.333333333", "1.5", "12345.678901234")]

FEATURES = [*features.model_for(Kind.VIDEO, ImageFeatures).model_fields, "none"]
WORDS = [
    None, "", "null", "Acme", "photo", "red", "true", "false", "True", "de", "EUR", "3", "-3", "19.99", "1e3", "NaN",
    " 5", "0x1F", '"quoted', "{nonsense", '["red", "blue"]', '["red", null]', '["red", "mauve"]', "[]", "[1]",
    '{"start_s": "x"}', '{"red": 1}', "{}", '[{"brand": "Acme", "position": null}, {"brand": "b"}, 5]',
    '{"text": "Now", "start_s": 1.5}', '[{"start_s": 0, "end_s": 2.5, "text": "a"}]',
]  # fmt: skip
"""What people may say of a feature, fit or unfit."""

_POOLS: Mapping[str, list[Any]] = {
    "field": FEATURES,
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
    "dimensions": [1, 2, 3],
    "answer_uri": ["gs://r/a", "gs://r/b", None],
    **{
        name: [f"{name} 1", f"{name} 2"]
        for name in ("extractor", "model", "feature_model", "feature_version", "prompt_version")
    },
}


@dataclass(frozen=True)
class Drawer:
    """Draws rows of one dataset.

    Attributes:
        random: what it draws by.
        number: of the dataset; no other one has its ids.
    """

    random: Random
    number: int = 0

    @property
    def creatives(self) -> list[str]:
        """Ids of creatives."""
        return [f"{self.number * 1000 + each:040x}" for each in range(1, 13)]

    @property
    def ads(self) -> list[str]:
        """Ids of ads, of which users make what they like."""
        return [f"{name}{self._suffix}" for name in ("ad1", "ad2", "äd3", "ad 4", "5")]

    @property
    def sources(self) -> list[str]:
        """Addresses of creatives."""
        return [f"https://x.example/{each}{self._suffix}" for each in range(1, 6)]

    @property
    def batches(self) -> list[str]:
        """Ids of batches of ads."""
        return [f"b{each}{self._suffix}" for each in range(1, 4)]

    @property
    def messages(self) -> list[str]:
        """Ids of messages, by which events are named."""
        return [f"m{each}{self._suffix}" for each in range(1, 9)]

    @property
    def letters(self) -> list[str]:
        """Ids of dead letters."""
        return [f"letter {each}{self._suffix}" for each in range(1, 26)]

    @property
    def _suffix(self) -> str:
        return f"/{self.number}" if self.number else ""

    def pool(self, column: str) -> list[Any] | None:
        """What a column's values are drawn from; None where any will do."""
        own: Mapping[str, list[Any]] = {
            "ad_id": self.ads,
            "source": self.sources,
            "batch_id": self.batches,
            **dict.fromkeys(("creative_id", "canonical_id", "family_id", "matched_id"), self.creatives),
        }
        return own.get(column) or _POOLS.get(column)


def tables(random: Random, columns: Mapping[str, list[Row]], most: int, datasets: int = 1) -> dict[str, list[Row]]:
    """Up to `most` rows of each table for each of so many datasets; `columns` are those of its schema file."""
    made: dict[str, list[Row]] = {table: [] for table in columns}
    for drawer in [Drawer(random, number) for number in range(datasets)]:
        for table, schema in columns.items():
            rows = [_drawn(drawer, table, schema, number) for number in range(random.randint(0, most))]
            again = [random.choice(rows) for _ in range(random.randint(0, most // 4))] if rows else []
            made[table] += rows + again
    made["raw_ads"] = list(_of_one_row_each(made.get("raw_ads", [])))
    for rows in made.values():
        random.shuffle(rows)
    return made


def _of_one_row_each(raw_ads: list[Row]) -> Iterator[Row]:
    """The raw ads, but one ad with one address has one row, perhaps repeated: nothing tells two of them apart, so that
    either may be the duplicate of the other.
    """
    known: dict[tuple[str, str], Row] = {}
    for row in raw_ads:
        earlier = next((known[link] for link in _links(row) if link in known), row)
        known |= dict.fromkeys(_links(earlier), earlier)
        yield earlier


def _links(raw_ad: Row) -> list[tuple[str, str]]:
    return [(raw_ad["ad_id"], raw_ad[column]) for column in ("url", "video_url") if raw_ad[column]]


def _drawn(drawer: Drawer, table: str, schema: list[Row], number: int) -> Row:
    random = drawer.random
    special: Mapping[str, Callable[[Drawer, int], Row]] = {"dead_letters": _letter, "raw_ads": _raw_ad}
    if table in special:
        return special[table](drawer, number)
    row = {column["name"]: _value(drawer, column, number) for column in schema}
    if "kind" in row and row.get("creative_id"):
        row["kind"] = kind_of(row["creative_id"])
    if table == "overrides":
        row["canonical_id"] = random.choice(drawer.creatives) if row["action"] == "merge" else None
    if table == "corrections":
        row |= {"action": random.choice(["correct", "correct", "reset", None]), "value": random.choice(WORDS)}
    if table == "labels":
        row |= {"kind": random.choice(["tag", "note"]), "action": random.choice(["add", "add", "remove", None])}
    return row


def kind_of(creative_id: str) -> str:
    """A creative is one or the other, whatever is told of it."""
    return "video" if int(creative_id, 16) % 3 == 0 else "image"


def _value(drawer: Drawer, column: Row, number: int) -> Any:
    random = drawer.random
    name, kind, mode = column["name"], column["type"], column["mode"]
    if name == "event_id":
        return f"{random.choice(drawer.messages)}-{number}"
    if name == "schema_version":
        return 1
    if name == "occurred_at":
        return moment(random)
    if mode == "NULLABLE" and random.random() < 0.3:
        return None
    if mode == "REPEATED":
        return [_value(drawer, {**column, "mode": "REQUIRED"}, number) for _ in range(random.randint(0, 3))]
    if kind == "RECORD":
        return {each["name"]: _value(drawer, each, number) for each in column["fields"]}
    if pool := drawer.pool(name):
        return random.choice(pool)
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
    "DATE": lambda random: random.choice([date(2026, 11, 20), date(2026, 11, 21)]),
    "NUMERIC": lambda random: random.choice(AMOUNTS),
}


def _raw_ad(drawer: Drawer, _number: int) -> Row:
    random = drawer.random
    return {
        "ad_id": random.choice([*drawer.ads, "", " ", "\u00a0", "x" * 1025]),
        "url": random.choice([*drawer.sources, *BLANKS]),
        "video_url": random.choice([*drawer.sources, *BLANKS]),
        "impressions": random.randint(0, 9),
        "spend_usd": random.choice(AMOUNTS),
        "created_at": moment(random),
    }


def _letter(drawer: Drawer, _number: int) -> Row:
    random = drawer.random
    subscriptions = wiring.load().push_subscriptions.keys() | wiring.load().bigquery_subscriptions.keys()
    subscription = random.choice([*sorted(subscriptions), "fetch-batches", "intake"])
    source = "CloudPubSubDeadLetterSource"
    attributes = {
        f"{source}Subscription": subscription,
        f"{source}DeliveryCount": random.choice(["20", None]),
        "event_id": random.choice([None, random.choice(drawer.messages)]),
    }
    data = random.choice([_published, _notice, _event])(drawer)
    return {
        "subscription_name": "dead-letters-rows",
        "message_id": random.choice(drawer.letters),
        "publish_time": moment(random),
        "attributes": json.dumps({name: value for name, value in attributes.items() if value is not None}),
        "data": random.choice([None, data, data, data]),
    }


def _published(drawer: Drawer) -> str:
    """What a user may have published as a batch: anything at all."""
    random = drawer.random
    item = {"ad_id": random.choice(drawer.ads), "url": random.choice(drawer.sources)}
    source = random.choice(drawer.sources)
    items: list[Any] = [
        item,
        {"ad_id": random.choice(drawer.ads)},
        source,
        random.choice(NUMBERS),
        None,
        [],
        {"ad_id": {"x": 1}},
    ]
    items.append({"ad_id": random.choice(NUMBERS), "url": random.choice(NUMBERS)})
    batch = {"batch_id": random.choice([drawer.batches[0], random.choice(NUMBERS)]), "items": items}
    bodies = [item, items, batch, {"items": []}, {"items": None}, {"items": item}]
    rest = [
        "nonsense{",
        "",
        "null",
        "true",
        '"text"',
        str(random.choice(NUMBERS)),
        "1E+02",
        "1e400",
        '{"items": "x", "batch_id": [1]}',
    ]
    return random.choice([*(json.dumps(body) for body in bodies), *rest])


def _notice(drawer: Drawer) -> str:
    """Cloud Storage's notice of an upload."""
    random = drawer.random
    notice: Row = {
        "bucket": "bucket",
        "name": random.choice(["fetched/a", "up/b.png", "c"]),
        "md5Hash": random.choice(["kAFQmDzST7DWlj99KOF/cg==", "!!", None]),
        "crc32c": "AAAAAA==",
        "timeCreated": moment(random).isoformat(),
        "metadata": random.choice([None, {"ad_id": ""}, {"ad_id": "adX"}, []]),
    }
    return json.dumps(notice)


def _event(drawer: Drawer) -> str:
    random = drawer.random
    event = {
        "event_id": f"{random.choice(drawer.messages)}-{random.randint(1, 9)}",
        "ad_id": random.choice([*drawer.ads, None]),
        "source": random.choice([*drawer.sources, None]),
        "creative_id": random.choice([*drawer.creatives, None]),
        "batch_id": random.choice([*drawer.batches, None]),
        "kind": random.choice(["image", "video", None]),
        "stage": random.choice([*STAGES, None]),
        "occurred_at": random.choice([moment(random).isoformat(), None, "rubbish"]),
    }
    return json.dumps(event)


def parameter(random: Random, name: str, kind: str, datasets: int = 1) -> Any:
    """A value for a parameter of a query of so many datasets; lists are often empty, what may be null often is."""
    drawers = [Drawer(random, number) for number in range(datasets)]
    if name == "waiting":
        return [_waiting(random.choice(drawers), kind) for _ in range(random.randint(1, 4))]
    if kind == "ARRAY<STRING>":
        return sorted({_text(random.choice(drawers), name) for _ in range(random.choice([0, 0, 1, 8]))})
    values: Mapping[str, Callable[[], Any]] = {
        "STRING": lambda: _text(random.choice(drawers), name),
        "INT64": lambda: {"radius": 70, "anchors": 4, "dimensions": 2, "least": 1}.get(name, 10_000),
        "ARRAY<INT64>": lambda: [random.choice([0, -1, 2**63 - 1, random.getrandbits(40)]) for _ in range(3)],
        "ARRAY<FLOAT64>": lambda: [random.choice([0.1, 1.5, 3.25, 30.0]) for _ in range(2)],
        "FLOAT64": lambda: random.choice([0.5, 50.0]),
        "BOOL": lambda: random.random() < 0.5,
        "DATE": lambda: random.choice([date(2026, 11, 20), date(2026, 11, 21)]),
        "TIMESTAMP": lambda: random.choice([None, moment(random)]) if name != "since" else START,
    }
    return values[kind]()


def _text(drawer: Drawer, name: str) -> str:
    random = drawer.random
    pool = drawer.pool(name) or {
        "creative_ids": drawer.creatives,
        "ad_ids": drawer.ads,
        "batch_ids": drawer.batches,
        "message_ids": drawer.letters,
        "reasons": [*sorted(Reason)[:5], "gave_up"],
        "stages": STAGES,
        "sources": drawer.sources,
        "ids": [*drawer.creatives, *drawer.ads, *drawer.batches],
        "kind": ["image", "video"],
    }.get(name, ["a"])
    return str(random.choice([value for value in pool if value]))


def _waiting(drawer: Drawer, kind: str) -> Row:
    random = drawer.random
    fields: Mapping[str, Any] = {
        "creative_id": random.choice(drawer.creatives),
        "frames": ",".join(str(random.choice(HASHES)) for _ in range(random.randint(1, 9))),
        "dhash": random.choice(HASHES),
        "aspect": random.choice([0.1, 1.5]),
        "pixels_sha": random.choice([None, *drawer.creatives]),
    }
    return {name: value for name, value in fields.items() if f"{name} " in kind}
