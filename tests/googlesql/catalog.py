"""What the product's statements are analyzed against: BigQuery's language, and our tables and views by name."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as features
from zetasql.wasi._pb2.zetasql.public import type_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2 as nodes

from local import dataset
from shared import wiring
from tests import kept
from tests.googlesql import transfers
from tests.googlesql.engine import Engine, told, versions
from tests.googlesql.statements import declared

PROJECT, DATASET = "my-project", "creatives"

MOST_KEPT = 4
"""Columns of all tables and views, 80 kB: one for each state of the files that somebody works on."""

_FEATURES = Path(__file__).with_name("bigquery_features.txt")

_KINDS = {
    "INTEGER": "INT64",
    "FLOAT": "DOUBLE",
    "FLOAT64": "DOUBLE",
    "BOOLEAN": "BOOL",
}
"""The analyzer's names of types, where BigQuery's API or SQL has another."""

METADATA: Mapping[str, Mapping[str, str]] = {
    "INFORMATION_SCHEMA.PARTITIONS": {
        "table_name": "STRING",
        "partition_id": "STRING",
        "total_rows": "INT64",
        "total_logical_bytes": "INT64",
        "last_modified_time": "TIMESTAMP",
    },
}
"""What BigQuery tells of tables, as far as it is asked:
https://docs.cloud.google.com/bigquery/docs/information-schema-partitions.
"""

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_PATH = re.compile(r"`([^`\s]+\.[^`\s]+)`")

type Columns = list[tuple[str, type_pb2.TypeProto]]


def language() -> options_pb2.LanguageOptionsProto:
    """BigQuery's."""
    return options_pb2.LanguageOptionsProto(
        product_mode=features.PRODUCT_EXTERNAL,
        name_resolution_mode=features.NAME_RESOLUTION_DEFAULT,
        enabled_language_features=_features(),
        supported_statement_kinds=[
            nodes.RESOLVED_QUERY_STMT,
            nodes.RESOLVED_INSERT_STMT,
            nodes.RESOLVED_MERGE_STMT,
            nodes.RESOLVED_DELETE_STMT,
            nodes.RESOLVED_UPDATE_STMT,
        ],
        reserved_keywords=["QUALIFY"],
    )


@cache
def _features() -> list[int]:
    lines = _FEATURES.read_text().splitlines()
    return [features.LanguageFeature.Value(f"FEATURE_{line}") for line in lines if not line.startswith("#")]


def parameters(sql: str) -> dict[str, type_pb2.TypeProto]:
    """The types of a statement's parameters, as its heading declares them: `-- @ids ARRAY<STRING>, @most INT64`."""
    return {name: named_type(kind) for name, kind in declared(sql).items()}


def named_type(text: str) -> type_pb2.TypeProto:
    """The type that GoogleSQL writes so."""
    if text.startswith("ARRAY<"):
        return _array(named_type(text[len("ARRAY<") : -1]))
    if text.startswith("STRUCT<"):
        fields = [field.split() for field in text[len("STRUCT<") : -1].split(",")]
        return _struct({name: named_type(kind) for name, kind in fields})
    return type_pb2.TypeProto(type_kind=type_pb2.TypeKind.Value(f"TYPE_{_KINDS.get(text, text)}"))


def column_type(column: Mapping[str, Any]) -> type_pb2.TypeProto:
    """The type of a column of a schema file."""
    if column["type"] == "RECORD":
        one = _struct({each["name"]: column_type(each) for each in column["fields"]})
    else:
        one = named_type(column["type"])
    return _array(one) if column.get("mode") == "REPEATED" else one


def by_path(columns: Columns, within: str = "") -> Iterator[str]:
    """The columns of a table, and the fields of its records, each by its path."""
    for name, kind in columns:
        yield f"{within}{name}"
        one = kind.array_type.element_type if kind.HasField("array_type") else kind
        yield from by_path([(each.field_name, each.field_type) for each in one.struct_type.field], f"{within}{name}.")


def filled(sql: str, **more: str) -> str:
    """The statement, its identifiers filled in as Terraform and the product do."""
    own = {
        "raw_ads_dataset": f"{PROJECT}.{DATASET}",
        "ads_filter": "occurred_at >= TIMESTAMP '2026-11-02 00:00:00+00'",
        "of": f"{PROJECT}.{DATASET}",
        "part": "CAST(raw.created_at AS DATE)",
        "kept_filter": "(kept.part >= DATE '2026-11-02' AND kept.part < DATE '2026-11-03')",
    }
    identifiers = {**dataset.identifiers(PROJECT, DATASET), **own, **transfers.PLACES, **more}
    if "${of_raw_ads}" in sql:  # a statement within another (functions/settle/asking.py)
        inner = wiring.ROOT / "functions" / "settle" / "of_raw_ads.sql"
        identifiers["of_raw_ads"] = filled(inner.read_text(), **more)
    if "${beside}" in sql:  # likewise (functions/import_ads/rawads.py)
        inner = wiring.ROOT / "functions" / "import_ads" / "beside.sql"
        identifiers["beside"] = filled(inner.read_text(), **more)
    return _PLACEHOLDER.sub(lambda found: identifiers[found[1]], sql)


@dataclass
class Catalog:
    """The tables of a dataset, and then its views, each known by its bare name and by its path."""

    engine: Engine
    tables: dict[str, Columns] = field(default_factory=dict)
    _registered: int | None = None

    def analyze(self, sql: str) -> service.AnalyzeResponse:
        """Resolves one statement, whose parameters its heading declares.

        Raises:
            GoogleSqlError: what BigQuery would say.
        """
        asked = service.AnalyzeRequest(sql_statement=taken_apart(sql), options=self.options(sql))

        def ask() -> service.AnalyzeResponse:
            asked.registered_catalog_id = self._registered_id()
            return self.engine.call("Analyze", asked, service.AnalyzeResponse)

        return told(ask, service.AnalyzeResponse, self.named_in(sql).as_proto(), asked)

    def _registered_id(self) -> int:
        """The engine's own number of this catalog."""
        if self._registered is None:
            request = service.RegisterCatalogRequest(simple_catalog=self.as_proto())
            self._registered = self.engine.call("RegisterCatalog", request, service.RegisterResponse).registered_id
        return self._registered

    def add_view(self, name: str, sql: str) -> None:
        """Resolves a view, which statements may read from then on."""
        query = self.named_in(sql).analyze(sql).resolved_statement.resolved_query_stmt_node
        self.tables[name] = [(each.name, each.column.type) for each in query.output_column_list]
        self._registered = None

    def named_in(self, sql: str) -> "Catalog":
        """The tables that a statement may read: for one alone all of them are dear to hand over."""
        words = set(re.findall(r"\w+", sql))
        named = {name: columns for name, columns in self.tables.items() if words.issuperset(re.findall(r"\w+", name))}
        return Catalog(self.engine, named)

    def options(self, sql: str) -> options_pb2.AnalyzerOptionsProto:
        """How the statement is to be read."""
        made = options_pb2.AnalyzerOptionsProto(
            language_options=language(),
            error_message_mode=features.ERROR_MESSAGE_ONE_LINE,
            parameter_mode=features.PARAMETER_NAMED,
            prune_unused_columns=True,
            default_timezone="UTC",  # BigQuery's; the analyzer's own is that of Los Angeles
        )
        for name, kind in parameters(sql).items():
            made.query_parameters.add(name=name, type=kind)
        return made

    def as_proto(self) -> simple_catalog_pb2.SimpleCatalogProto:
        """The tables as the analyzer takes them."""
        made = simple_catalog_pb2.SimpleCatalogProto(name="bigquery")
        made.builtin_function_options.language_options.CopyFrom(language())
        for name, columns in self.tables.items():
            for path in ([name], [DATASET, name], [PROJECT, DATASET, name]):
                _add(made, ".".join(path).split("."), columns)
        return made


def taken_apart(sql: str) -> str:
    """The statement with a pair of backticks around each name of a path, as BigQuery reads one around them all."""
    return _PATH.sub(lambda found: ".".join(f"`{name}`" for name in found[1].split(".")), sql)


def by_last_names(sql: str) -> str:
    """The statement with the last name of each path in backticks instead: BigQuery knows the table by it, too."""
    return _PATH.sub(lambda found: f"`{found[1].rpartition('.')[2]}`", sql)


def _add(catalog: simple_catalog_pb2.SimpleCatalogProto, path: list[str], columns: Columns) -> None:
    for name in path[:-1]:
        catalog = next((each for each in catalog.catalog if each.name == name), None) or catalog.catalog.add(name=name)
    table = catalog.table.add(name=path[-1], full_name=path[-1], name_in_catalog=path[-1])
    for column, kind in columns:
        table.column.add(name=column, type=kind)


def of_tables(engine: Engine) -> Catalog:
    """The tables of infra/pipeline.yaml."""
    wired = wiring.load()
    schemas = {
        name: json.loads((dataset.SCHEMAS / table.schema_file).read_text()) for name, table in wired.tables.items()
    }
    columns = {name: [(each["name"], column_type(each)) for each in schema] for name, schema in schemas.items()}
    ours = Catalog(engine, columns)
    for name, kinds in {**transfers.TABLES, **METADATA}.items():
        ours.tables[name] = [(column, named_type(kind)) for column, kind in kinds.items()]
    return ours


def _columns(schema_file: str) -> Columns:
    schema = json.loads((dataset.SCHEMAS / schema_file).read_text())
    return [(column["name"], column_type(column)) for column in schema]


def view_text(name: str) -> str:
    """A view of infra/views."""
    return filled((dataset.VIEWS / f"{name}.sql").read_text())


def of_everything(engine: Engine) -> Catalog:
    """The tables and the views, each of which is resolved on the way, unless that was done before (tests/kept.py).

    Raises:
        GoogleSqlError: what BigQuery would say of a view.
    """
    catalog = of_tables(engine)
    texts = {name: view_text(name) for name in wiring.load().views}
    columns = kept.made_once("views", _digest(catalog, texts), lambda: _resolved(catalog, texts), most=MOST_KEPT)
    found = simple_catalog_pb2.SimpleCatalogProto.FromString(columns.read_bytes())
    views = {table.name: [(column.name, column.type) for column in table.column] for table in found.table}
    return Catalog(engine, catalog.tables | views)


def _resolved(tables: Catalog, views: Mapping[str, str]) -> bytes:
    """The columns of the tables and of views on them, each after those that it reads."""
    catalog = Catalog(tables.engine, dict(tables.tables))
    for name, text in views.items():
        catalog.add_view(name, text)
    return bytes(catalog.as_proto().SerializeToString())


def _digest(tables: Catalog, views: Mapping[str, str]) -> str:
    """Of the tables, the views, and what resolves them."""
    found = hashlib.sha256(f"{versions()}\0{json.dumps(views)}\0{Path(__file__).read_text()}".encode())
    found.update(tables.as_proto().SerializeToString(deterministic=True))
    return found.hexdigest()


def _array(element: type_pb2.TypeProto) -> type_pb2.TypeProto:
    return type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY, array_type=type_pb2.ArrayTypeProto(element_type=element))


def _struct(fields: Mapping[str, type_pb2.TypeProto]) -> type_pb2.TypeProto:
    made = type_pb2.TypeProto(type_kind=type_pb2.TYPE_STRUCT)
    for name, kind in fields.items():
        made.struct_type.field.add(field_name=name, field_type=kind)
    return made
